"""The search where persons counted may be the attacker: whoever is alone in a cell has it as a fact besides what all know.

After everybody has been served before an attacker who knows what all know, items are served before each insider too: at
first before many of them at once, their facts left alone, then before smaller lots, then item by item, at last pair by pair.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from avbrott.disclosure.aim import View
from avbrott.disclosure.care import NEAR
from avbrott.disclosure.hide import Hiding
from avbrott.disclosure.insider_bounds import Bounds
from avbrott.disclosure.insiders import Insiders
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.pairs import Pairs
from avbrott.disclosure.part import ROUNDS, Part, wish_for
from avbrott.disclosure.witness import Difference, distinct, stacked

LOTS = ((1.0, 2), (1.0, 3), (2.0, 4), (3.0, 4), (3.0, 4), (5.0, 6), (5.0, 6), (8.0, 8), (11.0, 8), (16.0, 8))
"""What it is worth to serve an item, by sweep, and in how many lots insiders are dealt: the fewer sit still at once, the
less is hidden."""


class HidingFromInsiders(Hiding):
    """A search that goes on with ``run_before`` when ``run`` is done."""

    _until = 0.3
    _pairs: Pairs | None = None
    _own: Ints

    def run_before(self, insiders: Insiders) -> list[int]:
        """Serve every item before each of ``insiders``; the items that nothing can serve."""
        self._own = self.witnesses.used()
        self.hidden = self._away.copy()
        self.hidden[stacked(self.used(), self._system.size).indices] = True
        self._pairs = pairs = Pairs(insiders, self.witnesses, self._own)
        every = np.arange(len(self.witnesses.found))
        for number in [*self._own, *np.setdiff1d(every, self._own)]:
            if self.hidden[self.witnesses.found[number][0]].all():
                pairs.take(int(number))
        pairs.ease(Bounds(self._system, self._rules, insiders))
        for gain, number in LOTS:
            dealt = self._lots.permutation(len(insiders)) % number
            for lot in range(number):
                still = pairs.facts(np.flatnonzero(dealt == lot))
                self._sweep_before(self._before(pairs, dealt[pairs.insider] == lot), still, gain)
        sizes = NEAR[1:]
        for item in np.unique(pairs.item[pairs.short]).tolist():
            of = pairs.item == item
            self._serve(item, self._before(pairs, of), pairs.facts(pairs.insider[of & pairs.short]), sizes)
        for pair in np.flatnonzero(pairs.short).tolist():
            of = np.arange(len(pairs.item)) == pair
            still = pairs.facts(pairs.insider[[pair]])
            self._serve(int(pairs.item[pair]), self._before(pairs, of), still, (*sizes, self._system.size))
        failed: list[int] = np.unique(pairs.item[pairs.short]).tolist()
        return failed

    def used(self) -> list[Difference]:
        """The differences that are needed for what was served."""
        if self._pairs is None:
            return super().used()
        own = [self.witnesses.found[number] for number in np.union1d(self._own, self._pairs.used())]
        return distinct([*own, *self._others])

    def _before(self, pairs: Pairs, among: Mask) -> View:
        """What is short in the pairs ``among``."""
        return partial(pairs.aim, among)

    def _sweep_before(self, view: View, still: Mask, gain: float) -> None:
        """Go through the items that are short in ``view``, part by part, and leave the variables ``still`` where they are."""
        seen = np.zeros(len(self._rules.items), np.bool_)
        short = view().short
        for item in self._lots.permutation(np.flatnonzero(short)).tolist():
            if seen[item] or not short[item]:
                continue
            part = self._open(int(self._about[item]), self._largest)
            seen[part.items] = True
            seen[item] = True
            self._together(part, view, still, gain)
            short = view().short
            if self._pairs is not None:
                self._report(self._until + (1 - self._until) * float((~self._pairs.short).mean()))

    def _together(self, part: Part, view: View, still: Mask, gain: float) -> None:
        """Serve the items of a part many at a time: some that may hide more, the others by what is hidden anyway."""
        program, effort, there = part.program(), self._effort(part, gain), part.still(still)
        items = self._rules.items.at(part.items, part.at)
        idle, aim = 0, view()
        while idle < effort.idle:
            wish = wish_for(items, part.at, aim.at(part.items), effort, program.size, self._lots)
            if wish is None:
                return
            before, steps = aim.left, program.iterations
            found = program.together(*self._price(part), wish, ROUNDS, there)
            if found is not None:
                self._take(*self._whole(part, found))
            if program.iterations - steps > effort.hard:
                self._too_hard(part)
                return
            aim = view()
            idle = idle + 1 if before == aim.left else 0

    def _take(self, where: Ints, delta: Ints) -> None:
        before = len(self.witnesses.found)
        super()._take(where, delta)
        if self._pairs is not None:
            for number in range(before, len(self.witnesses.found)):
                self._pairs.take(number)
