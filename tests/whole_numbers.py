"""Every whole-number solution of sums that are known, by search: what an attacker with any amount of time can list."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def solutions(sums: Ints, known: Ints, most: Ints, limit: int) -> Ints | None:
    """Rows of whole numbers ``0 .. most`` (one a variable) with ``sums @ row == known``; None beyond ``limit`` open ends.

    ``sums`` has a row a known figure and a column a variable, 1 where the figure holds the variable, else 0.
    """
    chosen, left = np.zeros((1, 0), np.int64), known[None, :]
    for at, column in enumerate(sums.T):
        over = column > 0
        last = over & ~sums[:, at + 1 :].any(axis=1)
        top = np.minimum(left[:, over].min(axis=1), most[at]) if over.any() else np.full(len(left), most[at])
        low = left[:, last].max(axis=1) if last.any() else np.zeros(len(left), np.int64)
        length = np.maximum(top - low + 1, 0)
        if length.sum() > limit:
            return None
        number = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + np.repeat(low, length)
        chosen = np.column_stack([np.repeat(chosen, length, axis=0), number])
        left = np.repeat(left, length, axis=0) - number[:, None] * column
    found: Ints = chosen[~left.any(axis=1)]
    return found
