"""The search: which further cells are hidden so that every unsafe item has its witnesses. What is unsafe is ``rules``'.

Elimination gives a first pattern. Programs over parts of the system then look for differences that serve many items at once,
within what is hidden and, for a rising price, beyond it. What is left is served item by item, at last in the whole system.
What no witness moves is shown again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import sparse

from avbrott.disclosure.aim import Aim, Goals, View
from avbrott.disclosure.bounds import Bounds
from avbrott.disclosure.eliminate import first_pattern
from avbrott.disclosure.insiders import Insiders
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.pairs import Pairs
from avbrott.disclosure.parts import Parts
from avbrott.disclosure.program import Floats, Program, Wish
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.span import span_of
from avbrott.disclosure.system import System
from avbrott.disclosure.witness import Witnesses

FREE = 1e-3
"""What a cell costs that is hidden anyway: not nothing, so that differences stay small."""
GAINS = (2.0, 3.0, 5.0, 8.0, 11.0, 16.0, 24.0, 40.0, 80.0)
"""What it is worth to serve an item, by sweep: cheap ones are served first, and what is hidden for them serves others."""
BESIDE = 0.1
"""What it is worth to serve an item that is not among those asked for: it uses what is hidden, and hides nothing."""
TOGETHER = (15, 0.035)
"""How many items a program is asked for at the sweep's gain: at least, and of those in its part."""
IDLE = 3
"""After how many programs that served nobody a part is left."""
START = 0.15
"""What a cell of the first pattern costs beside others of its kind. Where much is known beforehand, it is of no help."""
BEFORE_INSIDERS = ((1.0, 2), (1.0, 3), (2.0, 4), (3.0, 4), (3.0, 4), (5.0, 6), (5.0, 6), (8.0, 8), (11.0, 8), (16.0, 8))
"""The same while insiders are served, and in how many lots they are dealt: the fewer sit still at once, the less is hidden."""
ROUNDS = 2
LARGEST = 4500
"""About how many variables a part has."""
HARD = 6000
"""Steps of the simplex method in a program from which on parts are made smaller."""
SMALLEST = 250
NEAR = (300, 1500)
"""The parts that an item alone is served in, before the whole system."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Open:
    """A part that is being worked on."""

    inside: Ints
    """Its variables; after them, in its program, come items that are one variable less another."""
    items: Ints
    at: Ints
    """Where each of its items stands in the program."""
    program: Program

    def places(self, still: Mask) -> Mask:
        """Which variables of its program are among the variables ``still``."""
        found = np.zeros(self.program.size, np.bool_)
        found[: len(self.inside)] = still[self.inside]
        return found


class Hiding:
    """One search over one system."""

    def __init__(
        self,
        system: System,
        rules: Rules,
        cost: Floats,
        kept_hidden: Mask,
        lots: np.random.Generator,
        progress: Progress | None,
    ) -> None:
        self._system = system
        self._rules = rules
        self._cost = cost
        self._lots = lots
        self._progress = progress
        self._span = span_of(system.relations)
        self._columns = system.relations[self._span.rows].tocsc()
        self._parts = Parts(system, rules.fixed)
        self._largest = LARGEST
        items = rules.items
        self._goals = Goals.of(items.value, items.floor, items.top, items.span)
        self._reach = 4 * int((self._goals.high - items.value).max(initial=0)) + 40
        self._about = np.where((items.minus >= 0) & rules.fixed[items.plus], items.minus, items.plus)
        self.witnesses = Witnesses(system, rules)
        self._away = rules.hidden | kept_hidden | ~system.published
        self.hidden = self._away.copy()
        self._own = np.zeros(0, np.int64)
        self._pairs: Pairs | None = None

    def run(self, earlier: list[Ints]) -> list[int]:
        """Serve every item; the items that nothing can serve. ``earlier`` are differences of the release before."""
        rules = self._rules
        for delta in earlier:
            self._take(delta)
        if not rules.fixed.any():
            start = first_pattern(self._system, self._span, rules.items, away=self.hidden, cost=self._cost, lots=self._lots)
            self._cost = np.where(start & ~self.hidden, START * self._cost, self._cost)
        nobody = np.zeros(self._system.size, np.bool_)
        for gain in GAINS:
            self._sweep(self._anybody, nobody, gain)
        sizes = (*NEAR, self._system.size)
        for item in np.flatnonzero(self.witnesses.short).tolist():
            self._serve(item, self._anybody, nobody, sizes)
        self._own = self.witnesses.used()
        return np.flatnonzero(self.witnesses.short).tolist()

    def run_before(self, insiders: Insiders) -> list[int]:
        """Serve every item before each of ``insiders`` too, after ``run``; the items that nothing can serve.

        At first before half of them at once, their facts left alone, then before smaller lots, then item by item before all
        of those before whom it is short, at last pair by pair.
        """
        proof = self.witnesses.matrix(self._own)
        self.hidden = self._away.copy()
        self.hidden[proof.indices] = True
        self._pairs = pairs = Pairs(insiders, self.witnesses, self._own)
        every = np.arange(len(self.witnesses.found))
        for number in [*self._own, *np.setdiff1d(every, self._own)]:
            if self.hidden[self.witnesses.found[number][0]].all():
                pairs.take(int(number))
        pairs.ease(Bounds(self._system, self._rules, insiders))
        for gain, number in BEFORE_INSIDERS:
            dealt = self._lots.permutation(len(insiders)) % number
            for lot in range(number):
                self._sweep(self._before(dealt[pairs.insider] == lot), pairs.facts(np.flatnonzero(dealt == lot)), gain)
        sizes = NEAR[1:]
        for item in np.unique(pairs.item[pairs.short]).tolist():
            of = pairs.item == item
            self._serve(item, self._before(of), pairs.facts(pairs.insider[of & pairs.short]), sizes)
        for pair in np.flatnonzero(pairs.short).tolist():
            of = np.arange(len(pairs.item)) == pair
            still = pairs.facts(pairs.insider[[pair]])
            self._serve(int(pairs.item[pair]), self._before(of), still, (*sizes, self._system.size))
        failed: list[int] = np.unique(pairs.item[pairs.short]).tolist()
        return failed

    def used(self) -> Ints:
        """The witnesses that are needed for what was served."""
        return self._own if self._pairs is None else np.union1d(self._own, self._pairs.used())

    def _before(self, pairs: Mask) -> View:
        """What is short in ``pairs``."""
        assert self._pairs is not None
        return partial(self._pairs.aim, pairs)

    def _anybody(self) -> Aim:
        """What is short before an attacker who knows what everybody knows."""
        seen, value = self.witnesses, self._rules.items.value
        short = seen.short
        return Aim(short, self._goals.up(value, seen.high), self._goals.down(value, seen.low), int(short.sum()))

    def _sweep(self, view: View, still: Mask, gain: float) -> None:
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
            if self._progress is not None:
                self._progress(int((~short).sum()), len(self._rules.items))

    def _open(self, variable: int, largest: int) -> _Open:
        inside = self._parts.around(variable, largest, self._lots)
        return self._opened(inside)

    def _opened(self, inside: Ints) -> _Open:
        """The program of a part: its relations, and a variable more for each item that is one variable less another."""
        rules, items = self._rules, self._rules.items
        place = np.full(self._system.size + 1, -1, np.int64)
        place[inside] = np.arange(len(inside))
        plus, minus = place[items.plus], np.where(items.minus >= 0, place[items.minus], -1)
        within = np.flatnonzero((plus >= 0) | (minus >= 0))
        two = within[items.minus[within] >= 0]
        at = plus[within]
        at[items.minus[within] >= 0] = len(inside) + np.arange(len(two))
        relations = self._columns[:, inside].tocsr()
        relations = relations[np.diff(relations.indptr) > 0]
        room = self._system.truth[inside] - rules.floor[inside]
        if len(two):
            number = np.arange(len(two))
            entries = [(number, len(inside) + number, np.full(len(two), -1, np.int64))]
            for column, sign in ((plus[two], 1), (minus[two], -1)):
                there = column >= 0
                entries.append((number[there], column[there], np.full(int(there.sum()), sign, np.int64)))
            rows, columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
            told = sparse.csr_array((values, (rows, columns)), shape=(len(two), len(inside) + len(two)))
            none = sparse.csr_array((relations.shape[0], len(two)), dtype=np.int64)
            relations = sparse.vstack([sparse.hstack([relations, none]), told]).tocsr()
            room = np.concatenate([room, items.value[two] - items.floor[two]])
        return _Open(inside, within, at, Program(relations, room, self._reach))

    def _together(self, part: _Open, view: View, still: Mask, gain: float) -> None:
        """Serve the items of a part many at a time: some that may hide more, the others by what is hidden anyway."""
        idle = 0
        aim = view()
        while idle < IDLE:
            before = aim.left
            wish = self._wish(part, aim, gain)
            if wish is None:
                return
            steps = part.program.iterations
            found = part.program.together(*self._price(part), wish, ROUNDS, part.places(still))
            if found is not None:
                self._take(self._whole(part, found))
            if part.program.iterations - steps > HARD and len(part.inside) > SMALLEST:
                self._largest = max(SMALLEST, min(self._largest, len(part.inside)) // 2)
                return
            aim = view()
            idle = idle + 1 if before == aim.left else 0

    def _wish(self, part: _Open, aim: Aim, gain: float) -> Wish | None:
        """What to ask for: how far each item that is short should move, the direction by lot where both would serve."""
        items = self._rules.items
        short = np.flatnonzero(aim.short[part.items])
        if not len(short):
            return None
        at = part.items[short]
        up, down = aim.up[at], aim.down[at]
        lot = self._lots.random(len(at)) < 0.5
        goal = np.where((up != 0) & ((down == 0) | lot), up, down)
        goal = np.where(goal == 0, np.where(items.value[at] > items.floor[at], np.where(lot, 1, -1), 1), goal)
        amount, worth = np.zeros(part.program.size, np.int64), np.zeros(part.program.size)
        amount[part.at[short]] = goal
        worth[part.at[short]] = BESIDE
        asked = part.at[self._lots.permutation(short)[: max(TOGETHER[0], round(TOGETHER[1] * len(part.items)))]]
        worth[asked] = gain * (0.75 + 0.5 * self._lots.random(len(asked)))
        return Wish(amount, worth)

    def _price(self, part: _Open) -> tuple[Floats, Floats]:
        """By variable of the program, what hiding it costs, and what a step costs of one that is hidden anyway."""
        none = np.zeros(part.program.size - len(part.inside))
        cost = np.concatenate([self._cost[part.inside], none])
        free = np.where(self.hidden[part.inside], FREE * self._cost[part.inside], 0.0)
        return cost, np.concatenate([free, none])

    def _whole(self, part: _Open, found: Ints) -> Ints:
        delta = np.zeros(self._system.size, np.int64)
        delta[part.inside] = found[: len(part.inside)]
        return delta

    def _serve(self, item: int, view: View, still: Mask, sizes: tuple[int, ...]) -> None:
        """Serve one item, in parts of these ``sizes``: as far as it must go, then by the steps that are still missing."""
        value, floor = int(self._rules.items.value[item]), int(self._rules.items.floor[item])
        for largest in sizes:
            aim = view()
            if not aim.short[item]:
                return
            everything = largest == self._system.size
            part = (
                self._opened(np.flatnonzero(~self._rules.fixed))
                if everything
                else self._open(int(self._about[item]), largest)
            )
            if item not in part.items:
                return
            at = int(part.at[np.searchsorted(part.items, item)])
            there = part.places(still)
            if aim.up[item]:
                self._move(part, at, int(aim.up[item]), self._reach, there)
                aim = view()
            if aim.down[item] and aim.short[item]:
                self._move(part, at, -self._reach, int(aim.down[item]), there)
            for step in (-1, 1, 2, 3, -2, 4):
                if not view().short[item]:
                    return
                if value + step >= floor:
                    self._move(part, at, step, step, there)

    def _move(self, part: _Open, at: int, least: int, most: int, still: Mask) -> None:
        found = part.program.move(*self._price(part), at, least, most, still)
        if found is not None:
            self._take(self._whole(part, found))

    def _take(self, delta: Ints) -> None:
        before = len(self.witnesses.found)
        if self.witnesses.add(delta):
            self.hidden |= delta != 0
        if self._pairs is not None:
            for number in range(before, len(self.witnesses.found)):
                self._pairs.take(number)
