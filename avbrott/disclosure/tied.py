"""A system to somebody who knows more of its variables to be one than everybody does. No search here.

Of variables that are one the first stands for the others, which then are in no relation and in no cell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.system import System, distinct_relations
from avbrott.disclosure.witness import Difference

Numbers = TypeVar("Numbers", Ints, Mask)


@dataclass(frozen=True, slots=True)
class Tied:
    """``system`` has the variables of the one it is made of; ``leader`` is by variable the one that stands for it."""

    system: System
    leader: Ints

    @property
    def others(self) -> Mask:
        """Variables that another one stands for."""
        others: Mask = self.leader != np.arange(len(self.leader))
        return others

    def highest(self, values: Numbers) -> Numbers:
        """By variable the highest of ``values`` of those that are one with it."""
        found = values.copy()
        np.maximum.at(found, self.leader, values)
        return found[self.leader]

    def folded(self, pool: sparse.csr_array) -> sparse.csr_array:
        """Those of the differences in ``pool`` (a row each) that move as one what is one, by what stands for it."""
        others = np.flatnonzero(self.others)
        off = sparse.csr_array(pool[:, others] - pool[:, self.leader[others]])
        off.eliminate_zeros()
        kept = np.flatnonzero(np.diff(off.indptr) == 0)
        found = sparse.csr_array(pool[kept] @ sparse.diags_array((~self.others).astype(np.int64), dtype=np.int64))
        found.eliminate_zeros()
        return found

    def unfolded(self, difference: Difference) -> Difference:
        """A difference of what stands for others as it is of all."""
        where, delta = difference
        moved = np.zeros(len(self.leader), np.int64)
        moved[where] = delta
        moved = moved[self.leader]
        there = np.flatnonzero(moved)
        return there, moved[there]


def tied(system: System, one: Ints, other: Ints, truth: Ints) -> Tied:
    """``system`` where the variables of pairs, ``one`` and ``other``, are one. ``truth`` is what there is to find out."""
    links = sparse.coo_array((np.ones(len(one)), (one, other)), shape=2 * (system.size,))
    _, label = connected_components(links, directed=False)
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    leader = first[number.reshape(-1)].astype(np.int64)
    fold = sparse.csr_array((np.ones(system.size, np.int64), (np.arange(system.size), leader)), shape=2 * (system.size,))
    relations = distinct_relations(sparse.csr_array(system.relations @ fold))
    return Tied(replace(system, relations=relations, variable=leader[system.variable], truth=truth), leader)
