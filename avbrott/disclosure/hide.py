"""The search: which further cells are hidden so that every unsafe item has its witnesses. What is unsafe is ``rules``'.

Elimination gives a first pattern. Programs over parts of the system then look for differences that serve many items at once,
within what is hidden and, for a rising price, beyond it. What is left is served item by item, at last in the whole system.
What no witness moves is shown again.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from avbrott.disclosure.eliminate import first_pattern
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.parts import Parts
from avbrott.disclosure.program import Floats, Program, Wish
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.span import span_of
from avbrott.disclosure.system import System
from avbrott.disclosure.witness import Difference, Witnesses, distinct, stacked

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
        self._largest = LARGEST
        self._away = rules.hidden | kept_hidden | ~system.published
        self.hidden = self._away
        self.used: list[Difference] = []
        """The differences that prove what was served so far."""
        self._face(rules)

    def _face(self, rules: Rules) -> None:
        """Search against this attacker from now on."""
        items = rules.items
        self._rules = rules
        self._low, self._high = _goals(rules)
        self._reach = 4 * int(np.maximum(self._high - items.value, items.value - items.bottom).max(initial=0)) + 40
        self._about = np.where((items.minus >= 0) & rules.fixed[items.plus], items.minus, items.plus)
        self.witnesses = Witnesses(self._system, rules)

    def run(self, earlier: list[Ints]) -> list[int]:
        """Serve every item; the items that nothing can serve. ``earlier`` are differences of the release before."""
        rules = self._rules
        for delta in earlier:
            self._take(delta)
        if not rules.fixed.any():
            start = first_pattern(self._system, self._span, rules.items, away=self.hidden, cost=self._cost, lots=self._lots)
            self._cost = np.where(start & ~self.hidden, START * self._cost, self._cost)
        failed = self._serve_all()
        self.used = self.witnesses.used()
        return failed

    def against(self, rules: Rules) -> list[int]:
        """Serve the items of an attacker who knows what everybody does and more; the items that nothing can serve.

        What serves them already comes first, then whatever was found before, then programs of its own.
        """
        other = copy(self)
        other._face(rules)  # noqa: SLF001
        proof = stacked(self.used, self._system.size)
        other.witnesses.learn(proof)
        if other.witnesses.short.any():
            other.witnesses.learn(stacked(self.witnesses.found, self._system.size))
        learnt = len(other.witnesses.found)
        other.hidden = self._away.copy()
        other.hidden[proof.indices] = True
        other.hidden[stacked(other.witnesses.used(), self._system.size).indices] = True
        failed = other._serve_all()  # noqa: SLF001
        self.witnesses.found += other.witnesses.found[learnt:]
        self.used = distinct([*self.used, *other.witnesses.used()])
        return failed

    def _serve_all(self) -> list[int]:
        """Serve the items that are short, many at once and then one by one; those that nothing can serve."""
        for gain in GAINS:
            self._sweep(gain)
        failed = [item for item in np.flatnonzero(self.witnesses.short).tolist() if not self._serve(item)]
        return [item for item in failed if self.witnesses.short[item]]

    def _sweep(self, gain: float) -> None:
        """Go through the items that are short, part by part."""
        seen = np.zeros(len(self._rules.items), np.bool_)
        for item in self._lots.permutation(np.flatnonzero(self.witnesses.short)).tolist():
            if seen[item] or not self.witnesses.short[item]:
                continue
            part = self._open(int(self._about[item]), self._largest)
            seen[part.items] = True
            seen[item] = True
            self._together(part, gain)
            if self._progress is not None:
                self._progress(int((~self.witnesses.short).sum()), len(self._rules.items))

    def _open(self, variable: int, largest: int) -> _Open:
        inside = self._parts.around(variable, largest, self._lots)
        return self._opened(inside[~self._rules.fixed[inside]])

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

    def _together(self, part: _Open, gain: float) -> None:
        """Serve the items of a part many at a time: some that may hide more, the others by what is hidden anyway."""
        idle = 0
        while idle < IDLE:
            short = self.witnesses.short
            before = int(short.sum())
            wish = self._wish(part, gain)
            if wish is None:
                return
            steps = part.program.iterations
            found = part.program.together(*self._price(part), wish, ROUNDS)
            if found is not None:
                self._take(self._whole(part, found))
            if part.program.iterations - steps > HARD and len(part.inside) > SMALLEST:
                self._largest = max(SMALLEST, min(self._largest, len(part.inside)) // 2)
                return
            idle = idle + 1 if before == int(self.witnesses.short.sum()) else 0

    def _wish(self, part: _Open, gain: float) -> Wish | None:
        """What to ask for: how far each item that is short should move, the direction by lot where both would serve."""
        items, witnesses = self._rules.items, self.witnesses
        short = np.flatnonzero(witnesses.short[part.items])
        if not len(short):
            return None
        at = part.items[short]
        up = np.where(witnesses.high[at] < self._high[at], self._high[at] - items.value[at], 0)
        down = np.where(witnesses.low[at] > self._low[at], self._low[at] - items.value[at], 0)
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
            high, low = int(self._high[item]) - value, int(self._low[item]) - value
            if high > 0 and witnesses.high[item] - value < high:
                self._move(part, at, high, self._reach)
            if low < 0 and witnesses.low[item] - value > low and witnesses.short[item]:
                self._move(part, at, -self._reach, low)
            for step in (-1, 1, 2, 3, -2, 4):
                if not witnesses.short[item]:
                    return True
                if value + step >= floor:
                    self._move(part, at, step, step)
        return not bool(witnesses.short[item])

    def _move(self, part: _Open, at: int, least: int, most: int) -> None:
        found = part.program.move(*self._price(part), at, least, most)
        if found is not None:
            self._take(self._whole(part, found))

    def _take(self, delta: Ints) -> None:
        if self.witnesses.add(delta):
            self.hidden |= delta != 0


def _goals(rules: Rules) -> tuple[Ints, Ints]:
    """By item the low and the high value that together keep the promise."""
    items = rules.items
    low = np.minimum(np.maximum(items.floor, items.top - items.span), items.bottom)
    return low, np.maximum(items.top, low + items.span)
