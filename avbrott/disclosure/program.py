"""One linear program: the cheapest whole-number difference that moves an item. The only module that calls HiGHS.

A program sees some variables; every other stays as it is. What comes back is rounded and must be verified by the caller
in whole numbers; a fraction is branched on here, within the same variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from avbrott.disclosure.lattice import Ints

Floats = npt.NDArray[np.float64]

ROUNDS = 2
"""Programs price the flow through a cell, not its hiding: how often prices are set anew from the last solution."""
IDLE_PRICE = 0.1
"""Below this a solution uses only what is hidden anyway (a cell costs 1 or more), and new prices would gain nothing."""
FRACTION = 1e-6
BRANCH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A neighbourhood: relations among its variables, how far down each may go, and what hiding one costs.

    ``rows``, ``columns``, ``values`` are the relations' entries. ``target`` and ``amount`` say what the item must move
    by, with its sign; no target: only wishes count. ``wish`` is by variable how far, with its sign, a movement helps
    another item, ``gain`` what each step of it is worth.
    """

    rows: Ints
    columns: Ints
    values: Ints
    room: Ints
    cost: Floats
    wish: Ints
    gain: Floats
    target: tuple[tuple[int, int], ...] = ()
    amount: int = 0
    exact: bool = False

    @property
    def size(self) -> int:
        return len(self.room)


class Solver:
    """HiGHS, set up once."""

    def __init__(self) -> None:
        # The class below highspy's own: that one prints its banner on standard output before it can be told not to.
        self._highs: Any = highspy._core._Highs()  # noqa: SLF001
        self._highs.setOptionValue("output_flag", False)
        self._highs.setOptionValue("threads", 1)
        self._highs.setOptionValue("random_seed", 1)
        # Presolving takes longer than it saves on programs of this size (half the time without).
        self._highs.setOptionValue("presolve", "off")
        self.programs = 0

    def solve(self, problem: Problem, *, branch: bool = True) -> Ints | None:
        """The difference by variable, or None where there is none."""
        n = problem.size
        wished = np.flatnonzero(problem.wish)
        self._pass(problem, wished)
        solution = self._run(n, problem, wished)
        if solution is None:
            return None
        for _ in range(ROUNDS - 1):
            moved = np.abs(solution)
            paid = problem.cost * (moved > FRACTION)
            if paid.max(initial=0.0) < IDLE_PRICE:
                break
            price = problem.cost / np.maximum(moved, 0.5)
            self._highs.changeColsCost(2 * n, np.arange(2 * n, dtype=np.int32), np.concatenate(_both_ways(problem, price)))
            better = self._run(n, problem, wished)
            if better is None or (not len(wished) and (problem.cost * (np.abs(better) > FRACTION)).sum() >= paid.sum()):
                break
            solution = better
        if np.abs(solution - np.rint(solution)).max(initial=0.0) > FRACTION:
            solution = self._branch(n, problem, wished) if branch else None
            if solution is None:
                return None
        return np.rint(solution).astype(np.int64)

    def _pass(self, problem: Problem, wished: Ints) -> None:
        n, m = problem.size, int(problem.rows.max(initial=-1)) + 1
        rows, columns, values = problem.rows, problem.columns, problem.values
        if problem.target:
            rows = np.concatenate([rows, np.full(len(problem.target), m)])
            columns = np.concatenate([columns, np.array([column for column, _ in problem.target])])
            values = np.concatenate([values, np.array([value for _, value in problem.target])])
        all_rows = m + bool(problem.target)
        place = np.full(n, -1, np.int64)
        place[wished] = np.arange(len(wished)) + 2 * n
        extra = place[columns] >= 0
        sign = np.sign(problem.wish)
        matrix = sparse.csc_array(
            (
                np.concatenate([values, -values, values[extra] * sign[columns[extra]]]).astype(np.float64),
                (
                    np.concatenate([rows, rows, rows[extra]]),
                    np.concatenate([columns, columns + n, place[columns[extra]]]),
                ),
            ),
            shape=(all_rows, 2 * n + len(wished)),
        )
        reach = float(10 * abs(problem.amount) + 50)
        lower, upper = np.zeros(all_rows), np.zeros(all_rows)
        if problem.target:
            lower[-1] = problem.amount if problem.amount > 0 or problem.exact else -highspy.kHighsInf
            upper[-1] = problem.amount if problem.amount < 0 or problem.exact else highspy.kHighsInf
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = 2 * n + len(wished), all_rows
        lp.col_cost_ = np.concatenate([*_both_ways(problem, problem.cost), -problem.gain[wished]])
        lp.col_lower_ = np.zeros(2 * n + len(wished))
        # Downwards a wish shares the room. The other way costs what the wish is worth, or going there and back would pay.
        wish = np.maximum(problem.wish, -problem.room)
        want = np.abs(wish[wished])
        up = np.full(n, reach)
        down = np.minimum(problem.room + np.minimum(wish, 0), reach)
        lp.col_upper_ = np.concatenate([up, down, want])
        lp.row_lower_, lp.row_upper_ = lower, upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data
        self._highs.clearModel()
        self._highs.passModel(lp)

    def _run(self, n: int, problem: Problem, wished: Ints) -> Floats | None:
        self.programs += 1
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.array(self._highs.getSolution().col_value)
        found: Floats = values[:n] - values[n : 2 * n]
        found[wished] += np.sign(problem.wish[wished]) * values[2 * n :]
        return found

    def _branch(self, n: int, problem: Problem, wished: Ints) -> Floats | None:
        columns = np.arange(2 * n, dtype=np.int32)
        kinds = np.full(2 * n, highspy.HighsVarType.kInteger.value, np.uint8)
        self._highs.changeColsIntegrality(2 * n, columns, kinds)
        self._highs.setOptionValue("time_limit", BRANCH_SECONDS)
        found = self._run(n, problem, wished)
        self._highs.setOptionValue("time_limit", highspy.kHighsInf)
        return found


def _both_ways(problem: Problem, price: Floats) -> tuple[Floats, Floats]:
    """What a step up and a step down cost: against a wish, its worth besides."""
    return price + problem.gain * (problem.wish < 0), price + problem.gain * (problem.wish > 0)
