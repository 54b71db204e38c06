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

from avbrott.tabular.public import Equations, Ints, Mask

Floats = npt.NDArray[np.float64]

REACH = 10
"""How far from the first system others go: far enough to be told apart, near enough to stay whole."""
PROGRAMS = 50
"""A bound, so that the work ends on any table; not a clock, or two runs could differ."""
FEW = 4
"""How many cells a program serves at least, where there are so many."""
PRICE = 0.05
NODES = 2_000
FRACTION = 1e-6
PRIMAL_SIMPLEX = 4

Progress = Callable[[int, int], None]


def find_systems(equations: Equations, progress: Progress | None = None) -> Ints:
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
    search = _Search(equations, first)
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
        self._highs: Any = highspy._core._Highs()  # noqa: SLF001
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
    program = Program(equations, np.full(size, float(equations.least)), np.full(size, highspy.kHighsInf))
    values = program.solve(np.ones(size))
    if values is not None and np.abs(values - np.rint(values)).max() > FRACTION:
        values = program.whole()
    return None if values is None else np.rint(values).astype(np.int64)


class _Search:
    """Systems that differ from the first one, until every cell has two values or no more are found."""

    def __init__(self, equations: Equations, first: Ints) -> None:
        self._equations = equations
        self._first = first
        self.found: list[Ints] = []
        self._short = np.ones(len(first), np.bool_)
        # Steps up and steps down, each at a small price, so that a system differs only where that serves a cell.
        down = np.minimum(first - equations.least, REACH).astype(np.float64)
        both = sparse.csr_array(sparse.hstack([equations.matrix, -equations.matrix]))
        left = equations.right - np.asarray(equations.matrix @ first)
        steps = Equations(both, left, equations.whole, 0)
        self._program = Program(steps, np.zeros(2 * len(first)), np.concatenate([np.full(len(first), float(REACH)), down]))
        self._program.option("presolve", "off")
        self._program.option("simplex_strategy", PRIMAL_SIMPLEX)
        self._lots = np.random.Generator(np.random.Philox(1))

    def run(self, progress: Progress) -> None:
        size = len(self._first)
        together = size
        for _ in range(PROGRAMS):
            short = np.flatnonzero(self._short)
            progress(size - len(short), size)
            if not len(short):
                return
            chosen = np.sort(self._lots.permutation(short)[:together])
            sign = np.where(self._lots.random(len(chosen)) < 0.5, 1.0, -1.0) * (1 + self._lots.random(len(chosen)))
            wish = np.zeros(size)
            wish[chosen] = sign
            if self._try(wish) * 4 < len(chosen):
                together = max(FEW, len(chosen) // 4)

    def _try(self, wish: Floats) -> int:
        values = self._program.solve(np.concatenate([PRICE - wish, PRICE + wish]))
        if values is None:
            return 0
        size = len(self._first)
        system = self._first + self._kept(values[:size] - values[size:])
        served = self._short & (system != self._first)
        if not served.any() or not self._equations.hold(system[:, None])[0]:
            return 0
        self.found.append(system)
        self._short &= ~served
        return int(served.sum())

    def _kept(self, steps: Floats) -> Ints:
        """The steps that are whole, or are so twice or three times: parts that share no equation stand by themselves."""
        moved = np.flatnonzero(np.abs(steps) > FRACTION)
        kept = np.zeros(len(steps), np.int64)
        inside = sparse.csr_array(self._equations.matrix[:, moved])
        links = abs(inside)
        number, part = connected_components(links.T @ links, directed=False)
        open_ = np.ones(number, np.bool_)
        for times in (1, 2, 3):
            many = times * steps[moved]
            whole = np.rint(many).astype(np.int64)
            off = (np.abs(many - whole) > FRACTION) | (self._first[moved] + whole < self._equations.least)
            bad = np.zeros(number, np.bool_)
            np.logical_or.at(bad, part, off)
            use = (open_ & ~bad)[part]
            kept[moved[use]] = whole[use]
            open_ &= bad
        return kept
