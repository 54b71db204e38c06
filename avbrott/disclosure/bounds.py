"""How far facts alone bound variables: sums of what is least below, and what a sum leaves for a part. No search here.

Each of four passes goes one way, so that what comes out does not depend on an order: up and then down, most after least.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import sparse

from avbrott.disclosure.lattice import Ints


def bounded(relations: sparse.csr_array, least: Ints, most: Ints) -> tuple[Ints, Ints]:
    """The least and most that each variable can be, from what each is by itself (``relations``: -1 at the sum)."""
    coo = relations.tocoo()
    sums = coo.data < 0
    total = np.zeros(relations.shape[0], np.int64)
    total[coo.row[sums]] = coo.col[sums]
    row, part = coo.row[~sums], coo.col[~sums]
    least, most = least.copy(), most.copy()

    def added(values: Ints) -> Ints:
        found = np.zeros(relations.shape[0], np.int64)
        np.add.at(found, row, values[part])
        return found

    _until_still(least, lambda: np.maximum.at(least, total, added(least)))
    _until_still(most, lambda: np.minimum.at(most, total, added(most)))
    _until_still(most, lambda: np.minimum.at(most, part, most[total[row]] - (added(least)[row] - least[part])))
    _until_still(least, lambda: np.maximum.at(least, part, least[total[row]] - (added(most)[row] - most[part])))
    return least, most


def _until_still(values: Ints, step: Callable[[], None]) -> None:
    while True:
        before = values.copy()
        step()
        if (values == before).all():
            return
