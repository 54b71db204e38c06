"""Public witnesses: whole-number systems that agree with what is published, two values for each hidden cell.

They are found from the equations of ``public`` alone, by linear programs, without a seed: the same public file gives the
same systems whatever the hidden counts are. Everybody could have found them, so they tell nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import highspy
import numpy as np

from avbrott.tabular.near import Near
from avbrott.tabular.program import Floats, Program, among, made_whole
from avbrott.tabular.public import Equations, Ints, Mask

REACH = 10
"""How far up a cell may go in one program: without a bound a sum that is hidden could grow for ever."""
LARGEST, SMALLEST = 2000, 900
"""About how many cells a program sees: fewer from one on that was hard, but no fewer than these."""
HARD = 1.2
"""A program that needs more steps of the simplex method a cell is stopped, as too hard."""
AGAIN = 1.5
"""How many cells the programs of one system see together, as a multiple of those that there are."""
SYSTEMS = 60
MOST = 200_000
"""Where more cells are hidden no system is looked for: one program would see them all to find the first, and not end."""
IDLE = 3
"""After so many systems that serve nobody the search ends: a bound, and no clock, or two runs could differ."""
ALONE = 20
"""So many cells that have one value then are tried one by one."""
MENDED = 2
"""How far from its fractions a program's values are made whole; the first system's, as far as need be."""
BESIDE = 0.01
"""What it costs to move a cell that has two values already, up or down by lot, beside the 1 of one that has not."""

Progress = Callable[[int, int], None]


def find_systems(equations: Equations, near: Near, progress: Progress | None = None) -> Ints:
    """Systems, a row each with the value of every hidden cell; none where not even the first is found, or looked for.

    The first, and others in which cells that have the same value in all before have another one.
    """
    size = equations.matrix.shape[1]
    none = np.zeros((0, size), np.int64)
    if not size or size > MOST:
        return none
    first = _first(equations)
    if first is None or not equations.hold(first[:, None])[0]:
        return none
    return _Search(equations, near, first).run(progress or (lambda _done, _of: None))


def two_values(systems: Ints) -> Mask:
    """By hidden cell, whether two of ``systems`` differ there."""
    if not len(systems):
        return np.zeros(systems.shape[1], np.bool_)
    differ: Mask = systems.min(axis=0) != systems.max(axis=0)
    return differ


def _first(equations: Equations) -> Ints | None:
    """One system: what a program finds, branched on near its fractions."""
    size = equations.matrix.shape[1]
    values = Program(equations, equations.least.astype(np.float64), np.full(size, highspy.kHighsInf)).solve(np.ones(size))
    return None if values is None else made_whole(equations, values, size)


class _Search:
    """Systems that differ, until every cell has two values or no more are found."""

    def __init__(self, equations: Equations, near: Near, first: Ints) -> None:
        self._equations = equations
        self._near = near
        self._lots = np.random.Generator(np.random.Philox(1))
        self._systems = [first]
        self._low, self._high = first.copy(), first.copy()
        self._largest = LARGEST

    def run(self, progress: Progress) -> Ints:
        """Another system made from one that there is, again and again; those that serve some cell."""
        size, idle = len(self._low), 0
        while self._left and idle < IDLE and len(self._systems) < SYSTEMS:
            progress(size - self._left, size)
            start = self._systems[int(self._lots.integers(len(self._systems)))]
            idle = 0 if self._take(self._other(start.copy())) else idle + 1
        for cell in np.flatnonzero(self._low == self._high)[:ALONE].tolist():
            self._serve(cell)
        progress(size - self._left, size)
        return np.vstack(self._systems)

    @property
    def _left(self) -> int:
        return int((self._low == self._high).sum())

    def _take(self, system: Ints) -> bool:
        """Keep a system where it serves some cell."""
        low, high = np.minimum(self._low, system), np.maximum(self._high, system)
        if int((low == high).sum()) == self._left or not self._equations.hold(system[:, None])[0]:
            return False
        self._systems.append(system)
        self._low, self._high = low, high
        return True

    def _serve(self, cell: int) -> None:
        """Move one cell, if it has one value still, whatever else moves with it."""
        for way in (-1.0, 1.0):
            if self._low[cell] != self._high[cell]:
                return
            system = self._systems[0].copy()
            inside = self._near.around(cell, self._largest, self._lots)
            self._move(system, inside, np.where(inside == cell, way, 0.0))
            self._take(system)

    def _other(self, system: Ints) -> Ints:
        """``system`` moved in one part after the other, each around a cell that has one value still."""
        seen, left = np.zeros(len(system), np.bool_), AGAIN * len(system)
        for cell in self._lots.permutation(np.flatnonzero(self._low == self._high)).tolist():
            if left <= 0:
                break
            if seen[cell] or system[cell] != self._low[cell]:
                continue
            inside = self._near.around(cell, self._largest, self._lots)
            seen[inside] = True
            left -= len(inside)
            self._move(system, inside, self._wishes(system[inside], inside))
        return system

    def _move(self, system: Ints, inside: Ints, wishes: Floats) -> None:
        """Move cells of ``inside`` by one program, with what each step up costs."""
        seen, low, high = among(self._equations, inside, system, REACH)
        program = Program(seen, low, high)
        program.option("presolve", "off")
        if len(inside) > SMALLEST:
            program.option("simplex_iteration_limit", round(HARD * len(inside)))
        values = program.solve(wishes)
        if values is None:
            self._largest = max(SMALLEST, min(self._largest, len(inside) // 2))
        whole = None if values is None else made_whole(seen, values, MENDED)
        if whole is not None:
            system[inside] = whole

    def _wishes(self, now: Ints, inside: Ints) -> Floats:
        """By cell what a step up costs. One that has one value still, and that value, goes up where it cannot go down.

        One that another part has moved already goes on that way.
        """
        lots = self._lots.random((2, len(inside)))
        value = self._low[inside]
        upwards = np.where(now == value, (lots[0] < 0.5) | (value == self._equations.least[inside]), now > value)
        way = np.where(upwards, -1.0, 1.0)
        costs: Floats = np.where(value == self._high[inside], way * (0.5 + lots[1]), 2 * BESIDE * (lots[1] - 0.5))
        return costs
