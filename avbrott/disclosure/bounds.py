"""How far facts alone bound numbers that add up: what a sum's parts leave of it, and what it leaves of each. No search here.

What comes out does not depend on an order: bounds are narrowed until nothing more follows.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from avbrott.disclosure.lattice import Ints, ranges

NO_CAP = 2**40
"""An upper bound that bounds nothing; less it, a lower bound that bounds nothing."""


class Narrowing:
    """Relations of numbers: one row each, with 1 and -1, that is zero."""

    def __init__(self, relations: sparse.csr_array) -> None:
        self._rows, self._columns = relations.tocsr(), relations.tocsc()

    def narrowed(self, low: Ints, high: Ints, changed: Ints, limit: int = NO_CAP // 2) -> tuple[Ints, Ints]:
        """``low`` and ``high`` as they are when what follows from the bounds of the numbers ``changed`` is known.

        An upper bound above ``limit`` is left, unless it settles a number.
        """
        low, high = low.copy(), high.copy()
        while len(changed):
            rows = np.unique(self._columns.indices[ranges(self._columns.indptr, changed)])
            if not len(rows):
                break
            length = np.diff(self._rows.indptr)[rows]
            at = np.repeat(np.arange(len(rows)), length)
            entry = ranges(self._rows.indptr, rows)
            of, adds = self._rows.indices[entry], self._rows.data[entry] > 0
            least, most = np.where(adds, low[of], -high[of]), np.where(adds, high[of], -low[of])
            starts = np.cumsum(length) - length
            others_least = np.add.reduceat(least, starts)[at] - least
            others_most = np.add.reduceat(most, starts)[at] - most
            at_least = np.where(adds, -others_most, others_least)
            at_most = np.where(adds, -others_least, others_most)
            touched = np.unique(of)
            before = low[touched], high[touched]
            use = at_least > -NO_CAP // 2
            np.maximum.at(low, of[use], at_least[use])
            use = (at_most <= limit) | (at_most == low[of])
            np.minimum.at(high, of[use], at_most[use])
            changed = touched[(low[touched] != before[0]) | (high[touched] != before[1])]
        return low, high
