"""The search: which further cells are hidden so that every unsafe item has its witnesses. What is unsafe is ``rules``'.

Items are taken in the order of their codes; an item that earlier witnesses already serve costs nothing. For another, the
cheapest difference near it is looked for, then farther away, at last in the whole system; what it moves is hidden.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from avbrott.disclosure.blocks import Blocks
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.near import Near
from avbrott.disclosure.program import Floats, Problem, Solver
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.system import System
from avbrott.disclosure.witness import Witnesses

FREE = 1e-3
"""What a cell costs that is hidden anyway: not nothing, so that differences stay small."""

GAIN = 3.0
"""What the wishes of all other items are worth together, for each step: they use what is hidden or nearly free."""
TOGETHER = 18
"""How many items one program serves at any cost. More is faster, and hides more from about 24 on."""
TOGETHER_GAIN = 10.0
TOGETHER_IDLE = 3
"""After how many programs that served nobody items are taken one by one."""

REACHES: tuple[tuple[int, bool, bool], ...] = ((2, False, False), (3, False, False), (3, True, True))

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
        self._progress = progress
        self._columns = system.relations.tocsc()
        self._solver = Solver()
        # Sums that are facts: their parts can only move against each other.
        sums = system.relations.tocoo()
        self._still = np.zeros(system.relations.shape[0], np.bool_)
        self._still[sums.row[(sums.data < 0) & rules.fixed[sums.col]]] = True
        self._near = Near(system, rules)
        self._blocks = Blocks(system)
        self.witnesses = Witnesses(system, rules)
        self._low, self._high = _goals(rules)
        self._lots = lots
        self.hidden = rules.hidden | kept_hidden
        self.hidden |= ~system.published

    def run(self, earlier: list[Ints]) -> list[int]:
        """Serve every item; the items that nothing can serve. ``earlier`` are differences of the release before."""
        for delta in earlier:
            self._take(delta)
        items = self._rules.items
        order = np.lexsort((np.arange(len(items)), -self._cost[items.plus], self._blocks.label[items.plus]))
        block, failed = -1, []
        for done, item in enumerate(order):
            if self._progress is not None:
                self._progress(done, len(order))
            own = int(self._blocks.label[items.plus[item]])
            if own != block:
                self._together(own)
                block = own
            if not self.witnesses.short[item]:
                continue
            if not self._serve(int(item)):
                failed.append(int(item))
        return [item for item in failed if self.witnesses.short[item]]

    def _together(self, block: int) -> None:
        """Serve the items of a block many at a time: a few that may hide more, the others by what is hidden anyway."""
        around = self._blocks.around(block)
        inside = np.flatnonzero(~self._rules.fixed & around)
        idle = 0
        while idle < TOGETHER_IDLE:
            before = int(self.witnesses.short.sum())
            wish = self._wishes(block)
            wished = np.flatnonzero(wish)
            if not len(wished):
                return
            gain = np.full(self._system.size, GAIN / len(wished))
            gain[self._lots.permutation(wished)[:TOGETHER]] = TOGETHER_GAIN
            price = np.where(self.hidden, FREE, 1.0) * self._cost
            problem = self._problem(inside, price[inside], wish[inside], gain=gain[inside])
            found = self._solver.solve(problem, branch=False)
            if found is not None:
                delta = np.zeros(self._system.size, np.int64)
                delta[inside] = found
                self._take(delta)
            idle = idle + 1 if before == int(self.witnesses.short.sum()) else 0

    def _wishes(self, block: int | None = None) -> Ints:
        """By variable how far a movement would serve an item that is short; the direction by lot where both would.

        With ``block`` only wishes that need not fight: one upwards among the parts of a sum that stands still.
        """
        items, witnesses = self._rules.items, self.witnesses
        up = np.where(witnesses.high < self._high, self._high - items.value, 0)
        down = np.where(witnesses.low > self._low, self._low - items.value, 0)
        lot = self._lots.random(len(items)) < 0.5
        goal = np.where((up != 0) & ((down == 0) | lot), up, down)
        goal = np.where(witnesses.short & (goal == 0), 1, goal)
        single = witnesses.short & ((items.minus < 0) | self._rules.fixed[items.plus])
        variable = np.where(items.minus < 0, items.plus, items.minus)
        goal = np.where(items.minus < 0, goal, -goal)
        wish = np.zeros(self._system.size, np.int64)
        if block is None:
            wish[variable[single]] = goal[single]
            return wish
        taken = np.zeros(self._system.relations.shape[0], np.bool_)
        chosen = np.flatnonzero(single & (self._blocks.label[items.plus] == block))
        for item in self._lots.permutation(chosen):
            v = int(variable[item])
            if wish[v]:
                continue
            if goal[item] > 0:
                sums = self._columns.indices[self._columns.indptr[v] : self._columns.indptr[v + 1]]
                sums = sums[self._still[sums]]
                if taken[sums].any():
                    continue
                taken[sums] = True
            wish[v] = goal[item]
        return wish

    def _serve(self, item: int) -> bool:
        items, witnesses = self._rules.items, self.witnesses
        value, floor = int(items.value[item]), int(items.floor[item])
        for goal in (int(self._high[item]) - value, int(self._low[item]) - value):
            reached = witnesses.high[item] - value >= goal if goal > 0 else witnesses.low[item] - value <= goal
            if goal and not reached:
                self._move(item, goal, exact=False)
        for everywhere in (False, True):
            for step in (-1, 1, 2, 3, -2, 4):
                if not witnesses.short[item]:
                    return True
                if value + step >= floor:
                    self._move(item, step, exact=True, everywhere=everywhere)
        return not bool(witnesses.short[item])

    def _move(self, item: int, amount: int, *, exact: bool, everywhere: bool = True) -> bool:
        items = self._rules.items
        plus, minus = int(items.plus[item]), int(items.minus[item])
        about = [plus] if minus < 0 else [minus, plus] if not self._rules.fixed[plus] else [minus]
        price = np.where(self.hidden, FREE * self._cost, self._cost)
        wish = self._wishes()
        wish[about] = 0
        for breadth, wide, slots in REACHES:
            inside = self._near.around(about, price, breadth, wide=wide, windowed=slots)
            if self._attempt(item, amount, inside, price, wish, exact=exact):
                return True
        return everywhere and self._attempt(item, amount, np.flatnonzero(~self._rules.fixed), price, wish, exact=exact)

    def _attempt(self, item: int, amount: int, inside: Ints, price: Floats, wish: Ints, *, exact: bool) -> bool:
        items = self._rules.items
        target = [
            (int(np.searchsorted(inside, variable)), sign)
            for variable, sign in ((int(items.plus[item]), 1), (int(items.minus[item]), -1))
            if variable >= 0 and not self._rules.fixed[variable]
        ]
        wish = wish[inside]
        gain = np.full(len(inside), GAIN / max(1, int((wish != 0).sum())))
        problem = self._problem(inside, price[inside], wish, gain=gain, target=tuple(target), amount=amount, exact=exact)
        found = self._solver.solve(problem)
        if found is None:
            return False
        delta = np.zeros(self._system.size, np.int64)
        delta[inside] = found
        return self._take(delta)

    def _problem(
        self,
        inside: Ints,
        cost: Floats,
        wish: Ints,
        *,
        gain: Floats,
        target: tuple[tuple[int, int], ...] = (),
        amount: int = 0,
        exact: bool = False,
    ) -> Problem:
        """The relations of the variables ``inside``; those left with one variable hold it still."""
        starts, length = self._columns.indptr[inside], np.diff(self._columns.indptr)[inside]
        columns = np.repeat(np.arange(len(inside)), length)
        offset = np.arange(len(columns)) - np.repeat(np.cumsum(length) - length, length)
        at = np.repeat(starts, length) + offset
        _, rows = np.unique(self._columns.indices[at], return_inverse=True)
        return Problem(
            rows=rows.astype(np.int64),
            columns=columns,
            values=self._columns.data[at],
            room=np.maximum(self._system.truth[inside] - self._rules.floor[inside], 0),
            cost=cost,
            wish=wish,
            gain=gain,
            target=target,
            amount=amount,
            exact=exact,
        )

    def _take(self, delta: Ints) -> bool:
        if not self.witnesses.add(delta):
            return False
        self.hidden |= delta != 0
        return True


def _goals(rules: Rules) -> tuple[Ints, Ints]:
    """By item the low and the high value that together keep the promise."""
    items = rules.items
    low = np.minimum(np.maximum(items.floor, items.top - items.span), items.value)
    return low, np.maximum(items.top, low + items.span)
