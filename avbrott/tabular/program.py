"""Linear programs over what is public: values of the hidden cells that solve its equations. No secret, no search.

Not the engine's programs (``disclosure.program``), which move a truth that a reader does not have.
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from avbrott.tabular.public import Equations, Ints

Floats = npt.NDArray[np.float64]

FRACTION = 1e-6
NODES = 2_000
PRIMAL_SIMPLEX = 4


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

    def stop_after(self, seconds: float) -> None:
        """Give the programs that follow so much time together: HiGHS counts all that one object has run."""
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + seconds)

    def solve(self, cost: Floats) -> Floats | None:
        """The values that cost least; None where there are none, or time has run out."""
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


def made_whole(equations: Equations, values: Floats, steps: int) -> Ints | None:
    """Whole values that solve ``equations``, other than ``values`` only near its fractions; None where none are found.

    Near is what shares an equation with one, then what shares one with that: so far at most ``steps`` times.
    """
    whole = np.rint(values).astype(np.int64)
    free = np.abs(values - whole) > FRACTION
    if not free.any():
        return whole
    rows, columns = sparse.csr_array(equations.matrix), sparse.csc_array(equations.matrix)
    for _ in range(steps):
        touched = np.unique(columns[:, np.flatnonzero(free)].indices)
        before = int(free.sum())
        free[np.unique(rows[touched].indices)] = True
        found = Program(*among(equations, np.flatnonzero(free), whole)).whole()
        if found is not None:
            whole[free] = np.rint(found).astype(np.int64)
            return whole
        if int(free.sum()) == before:
            break
    return None


def among(equations: Equations, inside: Ints, values: Ints, reach: int | None = None) -> tuple[Equations, Floats, Floats]:
    """What a program needs to see of ``inside`` where the others stay at ``values``: equations, least and highest values.

    None may go higher than ``reach`` above its value; None: no bound.
    """
    others = values.copy()
    others[inside] = 0
    columns = sparse.csc_array(equations.matrix)[:, inside]
    rows = np.unique(columns.indices)
    matrix = sparse.csr_array(sparse.csr_array(columns)[rows])
    right = equations.right[rows] - np.asarray(sparse.csr_array(equations.matrix)[rows] @ others)
    seen = Equations(matrix, right, equations.whole[rows], equations.least[inside])
    high = np.full(len(inside), highspy.kHighsInf) if reach is None else (values[inside] + reach).astype(np.float64)
    return seen, seen.least.astype(np.float64), high
