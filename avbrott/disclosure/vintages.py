"""Vintages: the same cells as earlier releases had them. Which of them are one variable, and what differs by a small number.

A cell is one variable in two vintages where both have it, and neither it nor anything it is divided into differs: in its
count or, where providers are attackers, in whose persons they are. The attacker is taken to know what a revision did not
touch. Rests have no vintages. Not here: what a small difference must be able to be (``rules``).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
from scipy import sparse

from avbrott.disclosure.lattice import Ints, Lattice, Mask

Differs = Callable[[Ints, Ints], Mask]
"""Whether cells, an earlier and a later vintage of each other, hold other persons, as far as is known."""


def by_count(lattice: Lattice) -> Differs:
    """Whether there are more or fewer."""
    return lambda before, after: lattice.count[before] != lattice.count[after]


def by_parts(whose: sparse.csr_array) -> Differs:
    """Whether somebody has more or fewer. ``whose``: a row a provider, a column a cell."""
    columns = whose.tocsc()

    def differs(before: Ints, after: Ints) -> Mask:
        off = sparse.csc_array(columns[:, before] != columns[:, after])
        found: Mask = np.diff(off.indptr) > 0
        return found

    return differs


def of_newest(lattice: Lattice) -> Mask:
    """Cells of the newest vintage; every cell where there are none."""
    at = _dimension(lattice)
    if at is None:
        return np.ones(len(lattice), np.bool_)
    newest: Mask = lattice.codes[:, at] == len(lattice.axes[at].codes) - 1
    return newest


def vintage_of(lattice: Lattice) -> tuple[Ints, int]:
    """By cell the place of its vintage, oldest first, and how many there are; one where there are none."""
    at = _dimension(lattice)
    if at is None:
        return np.zeros(len(lattice), np.int64), 1
    return lattice.codes[:, at], len(lattice.axes[at].codes)


def slices_of(lattice: Lattice) -> Ints:
    """By cell a number for its codes in the dimensions without a total, other than the vintage: sums never leave a slice."""
    at = _dimension(lattice)
    slices = np.zeros(len(lattice), np.int64)
    for d, axis in enumerate(lattice.axes):
        if d != at and not axis.total:
            slices += lattice.codes[:, d] * lattice.strides[d]
    return slices


def unchanged(lattice: Lattice, matrix: sparse.csr_array, differs: Differs) -> tuple[Ints, Ints]:
    """Pairs of cells that are one variable. ``matrix``: a row a relation (-1 at the sum), a column a cell, then rests."""
    at = _dimension(lattice)
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    if at is not None:
        for old, new in combinations(range(len(lattice.axes[at].codes)), 2):
            before, after = _pairs(lattice, at, old, new)
            moved = _moved(lattice, matrix, at, old, new, differs)
            same = ~(moved[before] | moved[after])
            found.append((before[same], after[same]))
    before, after = (np.concatenate(part) for part in zip(*found, strict=True))
    return before, after


def beside_each_other(lattice: Lattice) -> tuple[Ints, Ints]:
    """Pairs of cells, an earlier and a later vintage of each other."""
    at = _dimension(lattice)
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    if at is not None:
        found += [_pairs(lattice, at, old, new) for old, new in combinations(range(len(lattice.axes[at].codes)), 2)]
    before, after = (np.concatenate(part) for part in zip(*found, strict=True))
    return before, after


def differing(lattice: Lattice) -> tuple[Ints, Ints]:
    """Pairs of cells, an earlier and a later vintage of each other, with different counts."""
    before, after = beside_each_other(lattice)
    other = lattice.count[before] != lattice.count[after]
    return before[other], after[other]


def _dimension(lattice: Lattice) -> int | None:
    name = lattice.spec.vintage
    return None if name is None else lattice.names.index(name)


def _pairs(lattice: Lattice, at: int, old: int, new: int) -> tuple[Ints, Ints]:
    """Cells of one vintage that another has too, and these."""
    before = np.flatnonzero(lattice.codes[:, at] == old)
    after = lattice.moved(before, at, new)
    return before[after >= 0], after[after >= 0]


def _moved(lattice: Lattice, matrix: sparse.csr_array, at: int, old: int, new: int, differs: Differs) -> Mask:
    """Cells of two vintages that differ between them, or are divided into cells that do; so is a sum's only part, if in both.

    A zero that one of them lists and the other knows to be zero is a difference as well: the one may be somebody.
    """
    moved = np.zeros(matrix.shape[1], np.bool_)
    before, after = _pairs(lattice, at, old, new)
    other = differs(before, after)
    moved[before[other]] = moved[after[other]] = True
    for here, there in ((old, new), (new, old)):
        own = np.flatnonzero(lattice.codes[:, at] == here)
        gone = own[lattice.moved(own, at, there) < 0]
        moved[gone[_covers(lattice, at, there)[gone]]] = True
    coo = matrix.tocoo()
    sums = coo.data < 0
    total = np.zeros(matrix.shape[0], np.int64)
    total[coo.row[sums]] = coo.col[sums]
    row, part = coo.row[~sums], coo.col[~sums]
    only = np.diff(matrix.indptr)[row] == 2
    of_one, one = _in_both(total[row[only]], part[only], before, after, len(moved))
    while True:
        count = int(moved.sum())
        moved[total[row[moved[part]]]] = True
        moved[one[moved[of_one]]] = True
        both = moved[before] | moved[after]
        moved[before], moved[after] = both, both
        if int(moved.sum()) == count:
            return moved


def _in_both(total: Ints, part: Ints, before: Ints, after: Ints, size: int) -> tuple[Ints, Ints]:
    """Those of the pairs of cells that are such a pair in both vintages."""
    other = np.full(size, -1, np.int64)
    other[before], other[after] = after, before
    there = (other[total] >= 0) & (other[part] >= 0)
    both = there & np.isin(other[total] * size + other[part], total * size + part)
    return total[both], part[both]


def _covers(lattice: Lattice, at: int, vintage: int) -> Mask:
    """Cells that ``vintage`` would list if anybody was in them: a table of it has the row, and it has that period."""
    found = np.zeros(len(lattice), np.bool_)
    for members in lattice.members_of_tables():
        if members[at][vintage]:
            inside = [member[lattice.codes[:, d]] for d, member in enumerate(members) if d != at]
            found |= np.logical_and.reduce([np.ones(len(lattice), np.bool_), *inside])
    slices = slices_of(lattice)
    there: Mask = np.isin(slices, slices[lattice.codes[:, at] == vintage])
    return found & there
