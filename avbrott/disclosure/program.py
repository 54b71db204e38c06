"""Linear programs over one part of a system: the cheapest whole-number difference that moves items. The only caller of HiGHS.

A program sees some variables; every other stays as it is. It is set up once and solved many times with other wishes and
prices. What comes back is rounded and must be verified by the caller in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from avbrott.disclosure.lattice import Ints, Mask

Floats = npt.NDArray[np.float64]

FRACTION = 1e-6
IDLE_PRICE = 0.1
"""Below this a solution uses only what is hidden anyway (a cell costs 1 or more), and new prices would gain nothing."""
LEAST_FLOW = 0.5
BRANCHES = 500
"""How many branches a program that ends in fractions is followed; a number, so that every machine ends alike."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a program is asked for, by variable of the part.

    ``amount`` is how far a movement helps an item (0: not asked for), with its sign; ``gain`` what the whole of it is worth.
    """

    amount: Ints
    gain: Floats


class Program:
    """The relations of a part, and how far down each of its variables may go."""

    def __init__(self, relations: sparse.sparray, room: Ints, reach: int) -> None:
        """``relations`` has a column a variable of the part; ``reach`` bounds every movement."""
        self.size = relations.shape[1]
        self._up = np.full(self.size, float(reach))
        self._down = np.minimum(np.maximum(room, 0), reach).astype(np.float64)
        self._every = np.arange(2 * self.size, dtype=np.int32)
        # The class below highspy's own: that one prints its banner on standard output before it can be told not to.
        self._highs: Any = highspy._core._Highs()  # noqa: SLF001  as said above
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 1),
            ("presolve", "off"),
            ("mip_max_nodes", BRANCHES),
        ):
            self._highs.setOptionValue(option, value)
        # A column up and a column down for each variable.
        columns, rows = relations.tocsc(), relations.shape[0]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = 2 * self.size, rows
        lp.col_cost_ = np.zeros(2 * self.size)
        lp.col_lower_ = np.zeros(2 * self.size)
        lp.col_upper_ = np.concatenate([self._up, self._down])
        lp.row_lower_ = lp.row_upper_ = np.zeros(rows)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.concatenate([columns.indptr, columns.indptr[1:] + columns.nnz]).astype(np.int32)
        lp.a_matrix_.index_ = np.tile(columns.indices, 2).astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate([columns.data, -columns.data]).astype(np.float64)
        self._highs.passModel(lp)
        self.iterations = 0
        """Steps of the simplex method so far: how hard the part is, whatever the machine."""

    def together(self, cost: Floats, free: Floats, wish: Wish, rounds: int, still: Mask) -> Ints | None:
        """The difference for which wishes that come true are worth most beyond its price; None where none is whole.

        A variable is paid for once, however far it moves: ``cost`` is set anew from the last solution ``rounds`` times.
        Where ``free`` is above 0 that is the price of a step instead. What is ``still`` does not move.
        """
        wanted = wish.amount != 0
        far = np.maximum(np.abs(wish.amount), 1)
        worth = np.where(wanted, wish.gain / far, 0.0)
        up = np.where(wish.amount > 0, np.minimum(self._up, far), self._up)
        down = np.where(wish.amount < 0, np.minimum(self._down, far), self._down)
        rise, fall = np.where(wish.amount > 0, -worth, worth), np.where(wish.amount < 0, -worth, worth)
        self._bound(np.where(still, 0.0, up), np.where(still, 0.0, down))
        price = np.where(free > 0, free, cost)
        whole: Floats | None = None
        # From the relations themselves: where the last program ended is a denser start, and seldom a nearer one.
        self._highs.clearSolver()
        for _ in range(rounds):
            found = self._solved(price + rise, price + fall)
            if found is None:
                break
            if np.abs(found - np.rint(found)).max(initial=0.0) < FRACTION:
                whole = found
            flow = np.abs(found)
            if np.where(free > 0, 0.0, cost)[flow > FRACTION].max(initial=0.0) < IDLE_PRICE and whole is not None:
                break
            price = np.where(free > 0, free, cost / np.maximum(flow, LEAST_FLOW))
        return None if whole is None else np.rint(whole).astype(np.int64)

    def move(self, cost: Floats, free: Floats, variable: int, least: int, most: int, still: Mask) -> Ints | None:
        """The cheapest whole difference that moves ``variable`` by ``least`` to ``most``; None where there is none.

        What is ``still`` does not move.
        """
        if least > self._up[variable] or -most > self._down[variable] or still[variable]:
            return None
        self._bound(np.where(still, 0.0, self._up), np.where(still, 0.0, self._down))
        for column, low, high in ((variable, least, most), (variable + self.size, -most, -least)):
            limit = self._up[variable] if column == variable else self._down[variable]
            self._highs.changeColBounds(column, float(max(low, 0)), float(min(max(high, 0), limit)))
        price = np.where(free > 0, free, cost)
        found = self._solved(price, price)
        if found is None:
            return None
        better = self._solved(*(2 * [np.where(free > 0, free, cost / np.maximum(np.abs(found), LEAST_FLOW))]))
        for whole in (better, found):
            if whole is not None and np.abs(whole - np.rint(whole)).max(initial=0.0) < FRACTION:
                return np.rint(whole).astype(np.int64)
        return self._branched(price)

    def _bound(self, up: Floats, down: Floats) -> None:
        self._highs.changeColsBounds(2 * self.size, self._every, np.zeros(2 * self.size), np.concatenate([up, down]))

    def _solved(self, rise: Floats, fall: Floats) -> Floats | None:
        self._highs.changeColsCost(2 * self.size, self._every, np.concatenate([rise, fall]))
        self._highs.run()
        self.iterations += max(0, int(self._highs.getInfo().simplex_iteration_count))
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.array(self._highs.getSolution().col_value)
        found: Floats = values[: self.size] - values[self.size :]
        return found

    def _branched(self, price: Floats) -> Ints | None:
        kinds = np.full(2 * self.size, highspy.HighsVarType.kInteger.value, np.uint8)
        self._highs.changeColsIntegrality(2 * self.size, self._every, kinds)
        found = self._solved(price, price)
        kinds[:] = highspy.HighsVarType.kContinuous.value
        self._highs.changeColsIntegrality(2 * self.size, self._every, kinds)
        return None if found is None else np.rint(found).astype(np.int64)
