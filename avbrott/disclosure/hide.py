"""The search: which further cells are hidden so that every unsafe item has its witnesses. What is unsafe is ``rules``'.

Elimination gives a first pattern. Programs over parts of the system then look for differences that serve many items at once,
within what is hidden and, for a rising price, beyond it. What is left is served item by item, at last in the whole system.
What no witness moves is shown again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import sparse

from avbrott.disclosure.aim import Aim, Goals, View
from avbrott.disclosure.eliminate import first_pattern
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.part import FREE, Effort, Part, Task
from avbrott.disclosure.parts import Parts
from avbrott.disclosure.program import Floats, Program
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.span import span_of
from avbrott.disclosure.system import System
from avbrott.disclosure.witness import Difference, Witnesses, distinct, stacked
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
    largest: int
    """About how many variables a part has."""
    hard: int
    """Steps of the simplex method in a program from which on parts are made smaller."""
    at_once: int
    """How many parts are worked on at once, each without what the others find; a number, so that every machine ends alike."""


MUCH = _Care((15, 0.035), 3, (2, 3, 5, 8, 11, 16, 24, 40, 80, 300, 1000, 1000), 4500, 6000, 1)
"""For a system that is one part, or has windows: in smaller parts, or several at once, more would be hidden of it."""
LITTLE = _Care((40, 0.1), 2, (3, 5, 8, 12, 20, 80, 300, 1000, 1000, 1000), 2000, 2000, 4)
"""For any other that is larger than ``ONE``."""
START = 0.15
"""What a cell of the first pattern costs beside others of its kind. Where much is known beforehand, it is of no help."""
ONE = 3000
"""Up to so many variables a system is one part."""
SMALLEST = 250
NEAR = (300, 1500)
"""The parts that an item alone is served in, before the whole system."""
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
        self._cost = cost
        self._lots = lots
        self._progress = progress
        self._span = span_of(system.relations)
        self._columns = system.relations[self._span.rows].tocsc()
        self._parts = Parts(system, rules.fixed)
        windows = any(axis.windows for axis in system.lattice.axes)
        self._care = MUCH if windows or system.size <= ONE else LITTLE
        self._largest = self._care.largest
        self._away = rules.hidden | kept_hidden | ~system.published
        self.hidden = self._away.copy()
        self._others: list[Difference] = []
        """The differences that attackers who know more than everybody need."""
        self._face(rules)

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

    def run(self, earlier: list[Ints]) -> list[int]:
        """Serve every item; the items that nothing can serve. ``earlier`` are differences of the release before."""
        rules = self._rules
        for delta in earlier:
            self._take(delta)
        if not rules.fixed.any():
            start = first_pattern(self._system, self._span, rules.items, away=self.hidden, cost=self._cost, lots=self._lots)
            self._cost = np.where(start & ~self.hidden, START * self._cost, self._cost)
        return self._serve_all()

    def against(self, rules: Rules) -> list[int]:
        """Serve the items of an attacker who knows what everybody does and more, after ``run``; those that nothing can serve.

        What serves them already comes first, then whatever was found before, then programs of its own.
        """
        other = copy(self)
        other._face(rules)  # noqa: SLF001  it is this search, before another attacker
        proof = stacked(self.used(), self._system.size)
        other.witnesses.learn(proof)
        if other.witnesses.short.any():
            other.witnesses.learn(stacked(self.witnesses.found, self._system.size))
        learnt = len(other.witnesses.found)
        other.hidden = self._away.copy()
        other.hidden[proof.indices] = True
        other.hidden[stacked(other.witnesses.needed(), self._system.size).indices] = True
        failed = other._serve_all()  # noqa: SLF001  the same
        self.witnesses.found += other.witnesses.found[learnt:]
        self._others = distinct([*self._others, *other.witnesses.needed()])
        return failed

    def _serve_all(self) -> list[int]:
        """Serve the items that are short, many at once and then one by one; those that nothing can serve."""
        with working(self._care.at_once > 1 and self._system.size >= APART) as work:
            for gain in self._care.gains:
                self._sweep(gain, work)
        nobody = np.zeros(self._system.size, np.bool_)
        for item in np.flatnonzero(self.witnesses.short).tolist():
            self._serve(item, self._anybody, nobody, (*NEAR, self._system.size))
        return np.flatnonzero(self.witnesses.short).tolist()

    def used(self) -> list[Difference]:
        """The differences that are needed for what was served."""
        return distinct([*self.witnesses.needed(), *self._others])

    def _anybody(self) -> Aim:
        """What is short before an attacker who knows what everybody knows."""
        return self._goals.aim(self._rules.items.value, self.witnesses.shown, self.witnesses.short)

    def _sweep(self, gain: float, work: Work) -> None:
        """Go through the items that are short, some parts at a time."""
        seen = np.zeros(len(self._rules.items), np.bool_)
        waiting = deque(self._lots.permutation(np.flatnonzero(self.witnesses.short)).tolist())
        while waiting:
            parts: list[Part] = []
            while waiting and len(parts) < self._care.at_once:
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
                if served.hard:
                    self._too_hard(part)
            if self._progress is not None:
                self._progress(int((~self.witnesses.short).sum()), len(self._rules.items))

    def _task(self, part: Part, gain: float) -> Task:
        """What another process needs to serve a part."""
        items = self._rules.items.at(part.items, part.at)
        shown, goals = self.witnesses.shown.of(part.items), self._goals.at(part.items)
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
        return self._opened(inside[~self._rules.fixed[inside]])

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

    def _move(self, part: Part, program: Program, at: int, still: Mask, least: int, most: int) -> None:
        found = program.move(*self._price(part), at, least, most, still)
        if found is not None:
            self._take(self._whole(part, found))

    def _take(self, delta: Ints) -> None:
        if self.witnesses.add(delta):
            self.hidden |= delta != 0
