"""Which relations say all that there is to say: one for each variable that is a sum, and those that do not follow from these.

A cell that is divided in several dimensions is the same sum in as many ways; once the parts are what they are, one way gives
the others. Programs work on what is left, a third of the relations in a table of four dimensions.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from avbrott.disclosure.lattice import Ints, Mask


def span_of(relations: sparse.csr_array) -> Ints:
    """The rows to keep of ``relations`` (one row a relation: -1 at the sum, 1 at its parts), in their order."""
    count = relations.shape[1]
    coo = relations.tocoo()
    negative = coo.data < 0
    total = np.full(relations.shape[0], -1, np.int64)
    total[coo.row[negative]] = coo.col[negative]
    order = np.lexsort((np.arange(len(total)), np.diff(relations.indptr), total))
    # A relation whose sum is one of its own parts says that the others are nobody: it is among those that do not follow.
    order = order[total[order] >= 0]
    _, first = np.unique(total[order], return_index=True)
    ways = order[first]
    depth = _depth(relations[ways], total[ways], count)
    ways = ways[np.lexsort((total[ways], depth[total[ways]]))]
    values = np.random.Generator(np.random.Philox(2)).integers(-(2**40), 2**40, count)
    for level in range(1, int(depth.max(initial=0)) + 1):
        at = ways[depth[total[ways]] == level]
        values[total[at]] = 0
        values[total[at]] = relations[at] @ values
    off: Mask = np.asarray(relations @ values) != 0
    return np.sort(np.concatenate([ways, np.flatnonzero(off)]))


def _depth(ways: sparse.csr_array, sums: Ints, count: int) -> Ints:
    """By variable how many sums lie below it, one on the other; 0 for a variable that is none."""
    depth = np.zeros(count, np.int64)
    coo = ways.tocoo()
    parts = coo.data > 0
    row, part = coo.row[parts], coo.col[parts]
    for _ in range(count + 1):
        below = np.zeros(len(sums), np.int64)
        np.maximum.at(below, row, depth[part])
        if (depth[sums] == below + 1).all():
            return depth
        depth[sums] = below + 1
    raise AssertionError("sums that hold themselves")
