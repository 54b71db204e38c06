"""Public witnesses: whole-number systems that agree with what is published, two values for each hidden cell.

They are found from the equations of ``public`` alone, by linear programs, without a seed: the same public file gives the
same systems whatever the hidden counts are. Everybody could have found them, so they tell nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from avbrott.tabular.near import Near
from avbrott.tabular.public import Equations, Ints, Mask

Floats = npt.NDArray[np.float64]

REACH = 10
"""How far from the first system others go: far enough to be told apart, near enough to stay whole."""
PROGRAMS = 12
"""At most so many programs for all cells at once: a bound, and no clock, or two runs could differ."""
BREADTHS = (2, 4, 10)
"""How many codes on either side a program for one cell sees; more where fewer do not do."""
WIDE = 20
"""So many times, for cells that nothing near serves, a program sees the whole table again."""
BUDGET = 60_000
"""How many cells the programs for one cell each may see together."""
SYSTEMS = 60
PRICE = 0.05
NODES = 2_000
FRACTION = 1e-6
PRIMAL_SIMPLEX = 4

Progress = Callable[[int, int], None]


def find_systems(equations: Equations, near: Near, progress: Progress | None = None) -> Ints:
    """Systems, a row each with the value of every hidden cell; none where even the first cannot be found whole.

    The first, and for every cell that can have another value within the work allowed, one where it differs.
    """
    size = equations.matrix.shape[1]
    none = np.zeros((0, size), np.int64)
    if not size:
        return none
    first = _first(equations)
    if first is None or not equations.hold(first[:, None])[0]:
        return none
    search = _Search(equations, near, first)
    search.run(progress or (lambda _done, _of: None))
    return np.vstack([first[None, :], *search.found])


def two_values(systems: Ints) -> Mask:
    """By hidden cell, whether two of ``systems`` differ there."""
    if not len(systems):
        return np.zeros(systems.shape[1], np.bool_)
    differ: Mask = systems.min(axis=0) != systems.max(axis=0)
    return differ


class Program:
    """HiGHS on the equations, each variable between ``low`` and ``high``."""

    def __init__(self, equations: Equations, low: Floats, high: Floats) -> None:
        # The class below highspy's own: that one prints its banner on standard output before it can be told not to.
        self._highs: Any = highspy._core._Highs()  # noqa: SLF001  as said above
        for option, value in (("output_flag", False), ("threads", 1), ("random_seed", 1), ("mip_max_nodes", NODES)):
            self._highs.setOptionValue(option, value)
        matrix = sparse.csc_array(equations.matrix.astype(np.float64))
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = matrix.shape
        self._size = matrix.shape[1]
        self._columns = np.arange(self._size, dtype=np.int32)
        lp.col_cost_ = np.zeros(self._size)
        lp.col_lower_, lp.col_upper_ = low, high
        right = equations.right.astype(np.float64)
        lp.row_lower_, lp.row_upper_ = np.where(equations.whole, right, -highspy.kHighsInf), right
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data
        self._highs.passModel(lp)

    def option(self, name: str, value: object) -> None:
        self._highs.setOptionValue(name, value)

    def solve(self, cost: Floats) -> Floats | None:
        """The values that cost least; None where there are none."""
        self._highs.changeColsCost(self._size, self._columns, cost)
        self._highs.run()
        return self._values(highspy.HighsModelStatus.kOptimal)

    def whole(self) -> Floats | None:
        """Any whole values."""
        kinds = np.full(self._size, highspy.HighsVarType.kInteger.value, np.uint8)
        self._highs.changeColsIntegrality(self._size, self._columns, kinds)
        return self.solve(np.zeros(self._size))

    def _values(self, wanted: Any) -> Floats | None:
        if self._highs.getModelStatus() != wanted:
            return None
        return np.array(self._highs.getSolution().col_value)


def _first(equations: Equations) -> Ints | None:
    """One system: what a program finds, branched on where it has a fraction."""
    size = equations.matrix.shape[1]
    program = Program(equations, equations.least.astype(np.float64), np.full(size, highspy.kHighsInf))
    values = program.solve(np.ones(size))
    if values is not None and np.abs(values - np.rint(values)).max() > FRACTION:
        values = program.whole()
    return None if values is None else np.rint(values).astype(np.int64)


class _Search:
    """Systems that differ from the first one, until every cell has two values or no more are found."""

    def __init__(self, equations: Equations, near: Near, first: Ints) -> None:
        self._equations = equations
        self._near = near
        self._first = first
        self._slack = equations.right - np.asarray(equations.matrix @ first)
        self._columns = sparse.csc_array(equations.matrix)
        self.found: list[Ints] = []
        self._short = np.ones(len(first), np.bool_)
        self._lots = np.random.Generator(np.random.Philox(1))

    def run(self, progress: Progress) -> None:
        """Many cells at once first, in the whole table; then one after the other, each near by."""
        size = len(self._first)
        everything = np.arange(size)
        program = self._program(everything)
        for _ in range(PROGRAMS):
            before = int(self._short.sum())
            progress(size - before, size)
            if not before:
                return
            steps = self._steps(program, everything, np.where(self._short, self._signs(size), 0.0))
            self._take(steps)
            if (before - int(self._short.sum())) * 4 < before:
                break
        for breadth in BREADTHS:
            left = BUDGET
            for cell in np.flatnonzero(self._short):
                if self._short[cell] and left > 0:
                    progress(size - int(self._short.sum()), size)
                    inside = self._near.around(int(cell), breadth)
                    left -= len(inside)
                    self._serve(int(cell), self._program(inside), inside)
        for cell in np.flatnonzero(self._short)[:WIDE]:
            self._serve(int(cell), program, everything)

    def _serve(self, cell: int, program: Program, inside: Ints) -> None:
        own = int(np.searchsorted(inside, cell))
        for sign in (1.0, -1.0):
            wish = np.where(self._short[inside], 0.2 * self._signs(len(inside)), 0.0)
            wish[own] = sign * 5
            steps = self._steps(program, inside, wish)
            if steps[cell]:
                self._take(steps)
                return

    def _signs(self, size: int) -> Floats:
        signs: Floats = np.where(self._lots.random(size) < 0.5, 1.0, -1.0) * (1 + self._lots.random(size))
        return signs

    def _program(self, inside: Ints) -> Program:
        """Steps up and down of the cells ``inside``; the others stay."""
        columns = self._columns[:, inside]
        rows = np.unique(columns.indices)
        matrix = sparse.csr_array(sparse.csr_array(columns)[rows])
        both = sparse.csr_array(sparse.hstack([matrix, -matrix]))
        down = np.minimum(self._first[inside] - self._equations.least[inside], REACH).astype(np.float64)
        steps = Equations(both, self._slack[rows], self._equations.whole[rows], np.zeros(2 * len(inside), np.int64))
        high = np.concatenate([np.full(len(inside), float(REACH)), down])
        program = Program(steps, np.zeros(2 * len(inside)), high)
        program.option("presolve", "off")
        program.option("simplex_strategy", PRIMAL_SIMPLEX)
        return program

    def _steps(self, program: Program, inside: Ints, wish: Floats) -> Ints:
        """Whole steps of every cell; each step has a small price, so that there are few that serve nobody."""
        steps = np.zeros(len(self._first), np.int64)
        values = program.solve(np.concatenate([PRICE - wish, PRICE + wish]))
        if values is not None:
            steps[inside] = self._whole(inside, values[: len(inside)] - values[len(inside) :])
        return steps

    def _take(self, steps: Ints) -> None:
        """Add ``steps`` to a system where they share no equation with what differs there already, else to a new one."""
        served = self._short & (steps != 0)
        if not served.any() or not self._equations.hold((self._first + steps)[:, None])[0]:
            return
        moved = self._rows(steps)
        for number, system in enumerate(self.found):
            if np.intersect1d(self._rows(system - self._first), moved).size == 0:
                self.found[number] = system + steps
                self._short &= ~served
                return
        if len(self.found) < SYSTEMS:
            self.found.append(self._first + steps)
            self._short &= ~served

    def _rows(self, steps: Ints) -> Ints:
        rows: Ints = np.unique(self._columns[:, np.flatnonzero(steps)].indices)
        return rows

    def _whole(self, inside: Ints, steps: Floats) -> Ints:
        """The steps that are whole, or are so twice or three times: parts that share no equation stand by themselves."""
        at = np.flatnonzero(np.abs(steps) > FRACTION)
        kept = np.zeros(len(steps), np.int64)
        if not len(at):
            return kept
        links = abs(sparse.csr_array(self._columns[:, inside[at]]))
        number, part = connected_components(links.T @ links, directed=False)
        left = np.ones(number, np.bool_)
        for times in (1, 2, 3):
            many = times * steps[at]
            whole = np.rint(many).astype(np.int64)
            off = (np.abs(many - whole) > FRACTION) | (self._first[inside[at]] + whole < self._equations.least[inside[at]])
            bad = np.zeros(number, np.bool_)
            np.logical_or.at(bad, part, off)
            use = (left & ~bad)[part]
            kept[at[use]] = whole[use]
            left &= bad
        return kept
