"""Variables that move as one, found from relations where little is left to move: fewer columns for a program. No solving.

A relation with one variable left holds it where it is; one with two left, a sum and its part, moves them alike.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from avbrott.disclosure.lattice import Ints


def merged(relations: sparse.csr_array) -> tuple[Ints, sparse.csr_array]:
    """By variable (a column of ``relations``) the column that it moves with, -1 where it cannot move; their relations."""
    column = np.arange(relations.shape[1])
    left = sparse.csr_array(relations)
    while True:
        length = np.diff(left.indptr)
        left = sparse.csr_array(left[np.flatnonzero(length)])
        length = length[length > 0]
        held = np.zeros(left.shape[1], np.bool_)
        held[left.indices[left.indptr[:-1][length == 1]]] = True
        if held.any():
            kept = np.flatnonzero(~held)
            place = np.full(left.shape[1], -1)
            place[kept] = np.arange(len(kept))
            left = sparse.csr_array(left[:, kept])
        else:
            first = left.indptr[:-1][length == 2]
            first = first[left.data[first] == -left.data[first + 1]]
            if not len(first):
                return column, left
            ends = left.indices[first], left.indices[first + 1]
            links = sparse.coo_array((np.ones(len(first)), ends), shape=2 * (left.shape[1],))
            number, place = connected_components(links, directed=False)
            entries = (np.ones(len(place), np.int64), (np.arange(len(place)), place))
            left = sparse.csr_array(left @ sparse.csr_array(entries, shape=(len(place), number)))
            left.eliminate_zeros()
        column = np.where(column >= 0, place[column], -1)
