"""The search: which further cells are hidden so that every unsafe item has its witnesses. What is unsafe is ``rules``'.

Elimination gives a first pattern. Programs over parts of the system then look for differences that serve many items at once,
within what is hidden and, for a rising price, beyond it. What is left is served item by item, at last in the whole system.
What no witness moves is shown again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from avbrott.disclosure.eliminate import first_pattern
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.part import FREE, Effort, Part, Task
from avbrott.disclosure.parts import Parts
from avbrott.disclosure.program import Floats, Program
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.span import span_of
from avbrott.disclosure.system import System
from avbrott.disclosure.witness import Witnesses
from avbrott.disclosure.work import Work, working


@dataclass(frozen=True, slots=True)
class _Care:
    """How much a part is worked on."""

    asked: tuple[int, float]
    """For how many items a program is asked at the sweep's gain: at least, and of those in its part."""
    idle: int
    """After how many programs that served nobody a part is left."""
    gains: tuple[float, ...]
    """What it is worth to serve an item, by sweep: cheap ones are served first, and what is hidden for them serves others."""


WHOLE = _Care((15, 0.035), 3, (2, 3, 5, 8, 11, 16, 24, 40, 80, 300, 1000, 1000))
PARTS = _Care((40, 0.1), 2, (3, 5, 8, 12, 20, 80, 300, 1000, 1000, 1000))
"""A system that is one part, and one that is many."""
START = 0.15
"""What a cell of the first pattern costs beside others of its kind. Where much is known beforehand, it is of no help."""
ONE = 3000
"""Up to so many variables a system is one part."""
LARGEST = 2000
"""About how many variables a part of a larger one has."""
HARD = 2000
"""Steps of the simplex method in a program from which on parts are made smaller."""
SMALLEST = 250
NEAR = (300, 1500)
"""The parts that an item alone is served in, before the whole system."""
AT_ONCE = 4
"""How many parts are worked on at once, each without what the others find; a number, so that every machine ends alike."""
APART = 8000
"""Variables from which on parts are worked on by processes of their own: these take a second to start."""

Progress = Callable[[int, int], None]


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
        self._largest, self._care = (ONE, WHOLE) if system.size <= ONE else (LARGEST, PARTS)
        items = rules.items
        self._low, self._high = _goals(rules)
        self._reach = 4 * int((self._high - items.value).max(initial=0)) + 40
        self._about = np.where((items.minus >= 0) & rules.fixed[items.plus], items.minus, items.plus)
        self.witnesses = Witnesses(system.relations, system.truth - rules.floor, rules.fixed, items)
        self.hidden = rules.hidden | kept_hidden | ~system.published

    def run(self, earlier: list[Ints]) -> list[int]:
        """Serve every item; the items that nothing can serve. ``earlier`` are differences of the release before."""
        rules = self._rules
        for delta in earlier:
            self._take(delta)
        if not rules.fixed.any():
            start = first_pattern(self._system, self._span, rules.items, away=self.hidden, cost=self._cost, lots=self._lots)
            self._cost = np.where(start & ~self.hidden, START * self._cost, self._cost)
        with working(self._system.size >= APART) as work:
            for gain in self._care.gains:
                self._sweep(gain, work)
        failed = [item for item in np.flatnonzero(self.witnesses.short).tolist() if not self._serve(item)]
        return [item for item in failed if self.witnesses.short[item]]

    def _sweep(self, gain: float, work: Work) -> None:
        """Go through the items that are short, some parts at a time."""
        seen = np.zeros(len(self._rules.items), np.bool_)
        waiting = deque(self._lots.permutation(np.flatnonzero(self.witnesses.short)).tolist())
        while waiting:
            parts: list[Part] = []
            while waiting and len(parts) < AT_ONCE:
                item = waiting.popleft()
                if seen[item] or not self.witnesses.short[item]:
                    continue
                parts.append(self._open(int(self._about[item]), self._largest))
                seen[parts[-1].items] = True
                seen[item] = True
            tasks = [self._task(part, gain) for part in parts]
            for part, served in zip(parts, work(tasks), strict=True):
                for difference in served.differences:
                    self._take(self._whole(part, difference))
                if served.hard and len(part.inside) > SMALLEST:
                    self._largest = max(SMALLEST, min(self._largest, len(part.inside) // 2))
            if self._progress is not None:
                self._progress(int((~self.witnesses.short).sum()), len(self._rules.items))

    def _task(self, part: Part, gain: float) -> Task:
        """What another process needs to serve a part."""
        items = self._rules.items.at(part.items, part.at)
        cost, free = self._price(part)
        least, share = self._care.asked
        effort = Effort(gain, max(least, round(share * len(part.items))), self._care.idle, HARD)
        reached = self.witnesses.reached.at(part.items)
        low, high = self._low[part.items], self._high[part.items]
        lot = int(self._lots.integers(2**62))
        return Task(part, items, reached, low, high, cost, free, effort, lot)

    def _open(self, variable: int, largest: int) -> Part:
        inside = self._parts.around(variable, largest, self._lots)
        return self._opened(inside)

    def _opened(self, inside: Ints) -> Part:
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
        return Part(inside, within, at, relations, room, self._reach)

    def _price(self, part: Part) -> tuple[Floats, Floats]:
        """By variable of the program, what hiding it costs, and what a step costs of one that is hidden anyway."""
        none = np.zeros(len(part.room) - len(part.inside))
        cost = np.concatenate([self._cost[part.inside], none])
        free = np.where(self.hidden[part.inside], FREE * self._cost[part.inside], 0.0)
        return cost, np.concatenate([free, none])

    def _whole(self, part: Part, found: Ints) -> Ints:
        delta = np.zeros(self._system.size, np.int64)
        delta[part.inside] = found[: len(part.inside)]
        return delta

    def _serve(self, item: int) -> bool:
        """Serve one item, in larger and larger parts: as far as it must go, then by the steps that are still missing."""
        items, witnesses = self._rules.items, self.witnesses
        value, floor = int(items.value[item]), int(items.floor[item])
        for largest in (*NEAR, self._system.size):
            if not witnesses.short[item]:
                return True
            everything = largest == self._system.size
            part = (
                self._opened(np.flatnonzero(~self._rules.fixed))
                if everything
                else self._open(int(self._about[item]), largest)
            )
            if item not in part.items:
                return False
            at = int(part.at[np.searchsorted(part.items, item)])
            program = part.program()
            high, low = int(self._high[item]) - value, int(self._low[item]) - value
            if high > 0 and witnesses.reached.high[item] - value < high:
                self._move(part, program, at, high, self._reach)
            if low < 0 and witnesses.reached.low[item] - value > low and witnesses.short[item]:
                self._move(part, program, at, -self._reach, low)
            for step in (-1, 1, 2, 3, -2, 4):
                if not witnesses.short[item]:
                    return True
                if value + step >= floor:
                    self._move(part, program, at, step, step)
        return not bool(witnesses.short[item])

    def _move(self, part: Part, program: Program, at: int, least: int, most: int) -> None:
        found = program.move(*self._price(part), at, least, most)
        if found is not None:
            self._take(self._whole(part, found))

    def _take(self, delta: Ints) -> None:
        if self.witnesses.add(delta):
            self.hidden |= delta != 0


def _goals(rules: Rules) -> tuple[Ints, Ints]:
    """By item the low and the high value that together keep the promise."""
    items = rules.items
    low = np.minimum(np.maximum(items.floor, items.top - items.span), items.value)
    return low, np.maximum(items.top, low + items.span)
