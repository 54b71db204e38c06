"""Parts of a system that only windows hold together: what can be worked apart. No search here."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.system import System


class Blocks:
    """The block of each variable. Windows are blocks of their own."""

    def __init__(self, system: System) -> None:
        lattice = system.lattice
        window = np.zeros(system.size, np.bool_)
        for d, axis in enumerate(lattice.axes):
            codes = np.array([code in axis.windows and code not in axis.tiles for code in axis.codes], np.bool_)
            window |= codes[lattice.codes[system.first, d]]
        relations = system.relations
        both = (abs(relations) @ window.astype(np.int64) > 0) & (abs(relations) @ (~window).astype(np.int64) > 0)
        self._all = relations
        self._inside = relations[~both]
        self._inside_columns = self._inside.tocsc()
        inside = self._inside.tocoo()
        rows = inside.shape[0]
        graph = sparse.coo_array(
            (np.ones(inside.nnz), (inside.row, inside.col + rows)), shape=(rows + system.size, rows + system.size)
        )
        _, found = connected_components(graph, directed=False)
        self._window = window
        self._across = relations[both]
        self.label: Ints = _by_first(found[rows:])

    def around(self, block: int) -> Mask:
        """The variables of a block, and the windows that it is a part of."""
        own: Mask = self.label == block
        touched = np.asarray(abs(self._across) @ own.astype(np.int64)) > 0
        beside = np.asarray(touched.astype(np.int64) @ abs(self._across)) > 0
        return own | (beside & self._window)

    def own(self, block: int) -> tuple[Ints, sparse.csr_array]:
        """The variables of a block and the relations within it."""
        variables = np.flatnonzero(self.label == block)
        rows = np.unique(self._inside_columns[:, variables].indices)
        return variables, self._inside[rows][:, variables]

    def bound(self) -> tuple[Ints, sparse.csr_array]:
        """The variables that windows tie together, and the relations among them alone."""
        tied = np.asarray(abs(self._across).sum(axis=0)).reshape(-1) > 0
        variables = np.flatnonzero(tied | self._window)
        whole = np.diff(self._all.indptr) == np.diff(self._all[:, variables].indptr)
        return variables, self._all[whole][:, variables]

    @property
    def windows(self) -> Mask:
        return self._window


def _by_first(labels: Ints) -> Ints:
    """Labels numbered in the order of their first variable."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: Ints = rank[inverse.reshape(-1)]
    return numbered
