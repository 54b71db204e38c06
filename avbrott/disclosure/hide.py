"""The search: which further cells are hidden so that every unsafe item has its witnesses. What is unsafe is ``rules``'.

Programs over parts of the system look for differences that serve many items at once, within what is hidden and, for a
rising price, beyond it. What is left is served item by item, at last in the whole system.
What no witness moves is shown again. Then all is searched again within what is hidden, where less may do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import replace
from functools import partial

import numpy as np
from scipy import sparse

from avbrott.disclosure.aim import Aim, Goals, View
from avbrott.disclosure.care import (
    AGAIN,
    APART,
    HARDLY,
    LARGE,
    LATELY,
    NEAR,
    ONE,
    SMALLEST,
    Care,
    cares_of,
    widening,
)
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.part import FREE, Effort, Part, Served, Task, opened
from avbrott.disclosure.parts import Parts
from avbrott.disclosure.program import Floats, Program
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.span import span_of
from avbrott.disclosure.spared import Spared
from avbrott.disclosure.system import System
from avbrott.disclosure.tied import Tied
from avbrott.disclosure.witness import Difference, Witnesses, distinct, stacked
from avbrott.disclosure.work import Work, working

Progress = Callable[[int, int], None]


class Hiding:
    """One search over one system."""

    _until = 1.0
    """The share of the work that is done when everybody is served; for who watches."""

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
        self._cost = cost
        self._lots = lots
        self._progress = progress
        self._columns = system.relations[span_of(system.relations)].tocsc()
        self._spared = Spared.drawn(system, rules.items.rule, lots)
        self._dull = self._spared.at_first
        """Variables that no part holds now."""
        self._parts = Parts(system, rules.fixed | self._dull)
        windows = any(axis.windows for axis in system.lattice.axes)
        self._cares = cares_of(system.size, system.size - int(self._dull.sum()), windows)
        self._begin(self._cares.first)
        self._round = 0
        self._away = rules.hidden | kept_hidden | ~system.published
        self.hidden = self._away.copy()
        self._others: list[Difference] = []
        """The differences that attackers who know more than everybody need."""
        self._face(rules)

    def _report(self, share: float) -> None:
        if self._progress is not None:
            self._progress(round(share * 1000), 1000)

    def _begin(self, care: Care) -> None:
        self._care, self._largest = care, care.largest

    def _face(self, rules: Rules) -> None:
        """Search against this attacker from now on."""
        items = rules.items
        self._rules = rules
        self._goals = Goals.of(items.floor, items.top, items.span, items.bottom)
        farthest = np.maximum(self._goals.high - items.value, items.value - items.bottom)
        self._reach = 4 * int(farthest.max(initial=0)) + 40
        self._about = np.where((items.minus >= 0) & rules.fixed[items.plus], items.minus, items.plus)
        room = self._system.truth - rules.floor
        self.witnesses = Witnesses(self._system.relations, room, rules.fixed, items)
        self._cut_out: dict[bytes, Part] = {}

    def run(self, earlier: list[Difference]) -> list[int]:
        """Serve every item; the items that nothing can serve. ``earlier`` are differences of the release before."""
        for difference in earlier:
            self._take(*difference)
        with self._working() as self._work:
            failed = self._serve_all()
            for _ in range(0 if failed else self._cares.times):
                self._again(earlier)
        return failed

    def _working(self) -> AbstractContextManager[Work]:
        return working(self._care.at_once, self._system.size >= APART)

    def _again(self, earlier: list[Difference]) -> None:
        """Search again with what is shown left as it is; kept where less is hidden."""
        hidden = self._needed()
        self._round += 1
        other = copy(self)
        served = stacked(self.witnesses.needed(), self._system.size)
        fewer = other._within(hidden, earlier, served)  # noqa: SLF001  it is this search once more
        if fewer is not None and self._cost[fewer].sum() < self._cost[hidden].sum():
            self.witnesses, self.hidden = other.witnesses, fewer
            self.witnesses.release(self._rules.fixed)

    def _within(self, hidden: Mask, earlier: list[Difference], served: sparse.csr_array) -> Mask | None:
        """Search anew where nothing but ``hidden`` moves; what of it is needed, None where an item is not served.

        In a large system what small parts do not serve is left to the differences that have ``served`` it before.
        """
        self._begin(self._cares.again)
        self._face(replace(self._rules, fixed=self._rules.fixed | ~hidden))
        self._leave_out(self._spared.at_first)
        self.hidden = self._away.copy()
        for difference in earlier:
            self._take(*difference)
        return None if self._serve_all(served) else self._needed()

    def _needed(self) -> Mask:
        """What is hidden whatever is found, and what the witnesses in use move."""
        hidden = self._away.copy()
        hidden[stacked(self.witnesses.needed(), self._system.size).indices] = True
        return hidden

    def against(self, rules: Rules, tied: Tied | None = None) -> list[int]:
        """Serve the items of an attacker who knows what everybody does and more, after ``run``; those that nothing can serve.

        What serves them already comes first, then whatever was found before, then programs of its own. ``tied`` is the
        system to the attacker, where that is another one; ``rules`` are then of it.
        """
        other = copy(self)
        hidden = self._away.copy()
        proof = stacked(self.used(), self._system.size)
        hidden[proof.indices] = True
        if tied is not None:
            other._as_one(tied, hidden)  # noqa: SLF001  it is this search, before another attacker
        other._face(rules)  # noqa: SLF001  the same
        for pool in (proof, stacked(self.witnesses.found, self._system.size)):
            if other.witnesses.short.any():
                other.witnesses.learn(pool if tied is None else tied.folded(pool))
        learnt = len(other.witnesses.found)
        other.hidden = hidden if tied is None else ~tied.highest(~hidden)
        other.hidden[stacked(other.witnesses.needed(), self._system.size).indices] = True
        with self._working() as other._work:  # noqa: SLF001  the same
            failed = other._serve_all()  # noqa: SLF001  the same
        found, needed = other.witnesses.found[learnt:], other.witnesses.needed()
        if tied is not None:
            found, needed = ([tied.unfolded(one) for one in differences] for differences in (found, needed))
        self.witnesses.found += found
        self._others = distinct([*self._others, *needed])
        return failed

    def _as_one(self, tied: Tied, hidden: Mask) -> None:
        """Search where some variables are one: hiding one of them is hiding those that are not ``hidden`` yet."""
        every, open_ = (np.bincount(tied.leader, cost, self._system.size) for cost in (self._cost, self._cost * ~hidden))
        self._system = tied.system
        self._cost = np.where(open_ > 0, open_, every)
        self._columns = self._system.relations[span_of(self._system.relations)].tocsc()
        self._spared, self._dull = self._spared.of(tied), ~tied.highest(~self._dull)
        self._parts = Parts(self._system, self._rules.fixed | self._dull)

    def _serve_all(self, pool: sparse.csr_array | None = None) -> list[int]:
        """Serve the items that are short, many at once and then one by one; those that nothing can serve.

        Of a large system, what parts near an item do not serve is left to the differences ``pool``, where there are any.
        """
        for gain in self._care.gains:
            served = self._sweep(gain)
        while served > AGAIN:
            served = self._sweep(self._care.gains[-1])
        if self.witnesses.short.any():
            self._leave_out(self._spared.always)
        nobody = np.zeros(self._system.size, np.bool_)
        sizes = widening(self._system.size)
        if pool is not None and self._system.size >= LARGE:
            sizes = NEAR
        for size in sizes:
            for item in np.flatnonzero(self.witnesses.short).tolist():
                self._serve(item, self._anybody, nobody, (size,))
        if pool is not None:
            self.witnesses.learn(pool)
        return np.flatnonzero(self.witnesses.short).tolist()

    def _leave_out(self, dull: Mask) -> None:
        """From now on no part holds ``dull``."""
        self._dull = dull
        self._parts = Parts(self._system, self._rules.fixed | dull)

    def used(self) -> list[Difference]:
        """The differences that are needed for what was served."""
        return distinct([*self.witnesses.needed(), *self._others])

    def _anybody(self) -> Aim:
        """What is short before an attacker who knows what everybody knows."""
        return self._goals.aim(self._rules.items.value, self.witnesses.shown, self.witnesses.short)

    def _sweep(self, gain: float) -> float:
        """Go through the items that are short, and tell the share of them that was served.

        Some parts are under way at a time, each opened without what those before it that are under way will find.
        """
        short = self.witnesses.short
        waiting = deque(self._lots.permutation(np.flatnonzero(short)).tolist())
        seen = np.zeros(len(short), np.bool_)
        left = before = int(short.sum())
        under_way: deque[tuple[Part, Callable[[], Served]]] = deque()
        last: deque[tuple[int, int]] = deque(maxlen=LATELY)
        while len(last) < LATELY or sum(gained for gained, _ in last) > HARDLY * sum(asked for _, asked in last):
            while waiting and len(under_way) < self._care.at_once:
                item = waiting.popleft()
                if not seen[item] and short[item]:
                    part = self._open(int(self._about[item]), self._largest)
                    seen[part.items] = seen[item] = True
                    under_way.append((part, self._work(self._task(part, gain))))
            if not under_way:
                break
            part, end = under_way.popleft()
            served = end()
            for difference in served.differences:
                self._take(*self._whole(part, difference))
            if served.hard:
                self._too_hard(part)
            asked = int(short[part.items].sum())
            short[part.items] = self.witnesses.short_of(part.items)
            gained = asked - int(short[part.items].sum())
            left -= gained
            last.append((gained, asked))
            self._report(self._until * (self._round + 1 - left / len(short)) / (1 + self._cares.times))
        return (before - left) / max(1, before)

    def _task(self, part: Part, gain: float) -> Task:
        """What another process needs to serve a part."""
        items = self._rules.items.at(part.items, part.at)
        # What moves as one has the highest floor of them all.
        floor = np.maximum(items.floor, items.value - part.room[part.at])
        goals = Goals.of(floor, items.top, items.span, items.bottom)
        shown = self.witnesses.shown.of(part.items)
        lot = int(self._lots.integers(2**62))
        return Task(part, items, shown, goals, *self._price(part), self._effort(part, gain), lot)

    def _effort(self, part: Part, gain: float) -> Effort:
        least, share = self._care.asked
        return Effort(gain, max(least, round(share * len(part.items))), self._care.idle, self._care.hard)

    def _too_hard(self, part: Part) -> None:
        """From now on parts are smaller than this one."""
        if len(part.inside) > SMALLEST:
            self._largest = max(SMALLEST, min(self._largest, len(part.inside) // 2))

    def _open(self, variable: int, largest: int) -> Part:
        inside = self._parts.around(variable, largest, self._lots)
        return self._opened(inside[~(self._rules.fixed[inside] | self._dull[inside])])

    def _opened(self, inside: Ints) -> Part:
        """A part, which a small system has few of: each sweep comes back to it."""
        name = inside.tobytes()
        part = self._cut_out.get(name) or opened(
            self._columns, inside, self._rules, self.witnesses.moving, self._system.truth, self._reach
        )
        if self._system.size <= ONE:
            self._cut_out[name] = part
        return part

    def _price(self, part: Part) -> tuple[Floats, Floats]:
        """By column of the program, what hiding it costs, and what a step costs where all of it is hidden anyway."""
        cost = self._cost[part.inside]
        new, all_of = part.summed(np.where(self.hidden[part.inside], 0.0, cost)), part.summed(cost)
        return np.where(new > 0, new, all_of), np.where(new > 0, 0.0, FREE * all_of)

    def _whole(self, part: Part, found: Ints) -> Difference:
        """The difference that moves the columns of a part as far as ``found`` says."""
        delta = np.where(part.column >= 0, found[part.column], 0)
        moves = np.flatnonzero(delta)
        return part.inside[moves], delta[moves]

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
                continue
            move = partial(
                self._move, part, part.program(), int(part.at[np.searchsorted(part.items, item)]), part.still(still)
            )
            if aim.up[item]:
                move(int(aim.up[item]), self._reach)
                aim = view()
            if aim.down[item] and aim.short[item]:
                move(-self._reach, int(aim.down[item]))
            for step in (-1, 1, 2, 3, -2, 4):
                if not view().short[item]:
                    return
                if value + step >= floor:
                    move(step, step)
            if view().short[item]:
                # Where it cannot go down, the values must reach as far upwards.
                move(int(self._rules.items.span[item]), self._reach)

    def _move(self, part: Part, program: Program, at: int, still: Mask, least: int, most: int) -> None:
        found = program.move(*self._price(part), at, least, most, still)
        if found is not None:
            self._take(*self._whole(part, found))

    def _take(self, where: Ints, delta: Ints) -> None:
        if self.witnesses.add(where, delta):
            self.hidden[where] = True
