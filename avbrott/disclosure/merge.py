"""Variables that move as one, found from relations where little is left to move: fewer columns for a program. No solving.

A relation with one variable left holds it where it is; one with two left, a sum and its part, moves them alike.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from avbrott.disclosure.items import summed
from avbrott.disclosure.lattice import Ints


def merged(relations: sparse.csr_array) -> tuple[Ints, sparse.csr_array]:
    """By variable (a column of ``relations``) the column that it moves with, -1 where it cannot move; their relations."""
    height, width = relations.shape
    leader = np.arange(width)
    row = np.repeat(np.arange(height), np.diff(relations.indptr))
    variable, sign = relations.indices.astype(np.int64), relations.data
    while len(row):
        length = np.bincount(row, minlength=height)
        alone = length[row] == 1
        if alone.any():
            held = np.zeros(width, np.bool_)
            held[variable[alone]] = True
            leader[held[np.maximum(leader, 0)]] = -1
            left = ~held[variable]
            row, variable, sign = row[left], variable[left], sign[left]
            continue
        first = np.flatnonzero((length[row] == 2) & (np.diff(row, append=-1) == 0))
        first = first[sign[first] == -sign[first + 1]]
        if not len(first):
            break
        joined = _joined(variable[first], variable[first + 1], width)
        leader = np.where(leader >= 0, joined[leader], -1)
        key, sign = summed(row * width + joined[variable], sign)
        row, variable, sign = (each[sign != 0] for each in (key // width, key % width, sign))
    leaders = np.unique(leader[leader >= 0])
    rows, place = np.unique(row, return_inverse=True)
    entries = (sign, (place, np.searchsorted(leaders, variable)))
    column = np.where(leader >= 0, np.searchsorted(leaders, leader), -1)
    return column, sparse.csr_array(entries, shape=(len(rows), len(leaders)))


def _joined(ones: Ints, others: Ints, size: int) -> Ints:
    """By number below ``size`` the lowest of those that pairs of ``ones`` and ``others`` join it to."""
    lowest = np.arange(size)
    while (lowest[ones] != lowest[others]).any():
        np.minimum.at(lowest, ones, lowest[others])
        np.minimum.at(lowest, others, lowest[ones])
        lowest = lowest[lowest]
    return lowest
