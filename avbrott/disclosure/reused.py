"""Witnesses of an earlier protection carried over to a system that has more variables. No searching here."""

from __future__ import annotations

import numpy as np

from avbrott.disclosure.lattice import Ints
from avbrott.disclosure.system import System
from avbrott.disclosure.witness import Difference

_NUMBERS = 20_000_000
"""How many numbers are held at once: so many witnesses are completed together."""
_TIMES = 4
"""How often sums that are new can be sums of such."""


def carried(system: System, witness: Ints, variable: Ints, delta: Ints) -> list[Difference]:
    """The differences in which each ``witness`` (numbers in rising order) moves a ``variable`` by ``delta``, completed.

    What is not told follows: rests, and sums that are new (a window with a new year).
    """
    completion = _Completion(system)
    starts = np.flatnonzero(np.diff(witness, prepend=-1))
    batch = max(1, _NUMBERS // max(system.size, 1))
    found = []
    for first in range(0, len(starts), batch):
        ends = starts[first + batch] if first + batch < len(starts) else len(witness)
        rows = slice(int(starts[first]), int(ends))
        number = np.cumsum(np.diff(witness[rows], prepend=witness[rows][0]) > 0)
        deltas = np.zeros((int(number[-1]) + 1, system.size), np.int64)
        deltas[number, variable[rows]] = delta[rows]
        completion.of(deltas)
        found += [(where := np.flatnonzero(row), row[where]) for row in deltas]
    return found


class _Completion:
    """What follows from a difference, by the relations of a system."""

    def __init__(self, system: System) -> None:
        columns = system.relations.tocsc()
        self._relations = system.relations
        self._rests = np.arange(system.cell_variables, system.size)
        self._of_rests = system.relations[columns.indices[columns.indptr[self._rests]]]
        coo = system.relations.tocoo()
        sums = coo.data < 0
        self._total = np.full(system.relations.shape[0], -1, np.int64)
        self._total[coo.row[sums]] = coo.col[sums]

    def of(self, deltas: Ints) -> None:
        """Complete ``deltas``, one difference a row, where they stand."""
        deltas[:, self._rests] = -np.asarray(self._of_rests @ deltas.T).T
        for _ in range(_TIMES):
            off = np.asarray(self._relations @ deltas.T).T
            witness, relation = np.nonzero(off)
            total = self._total[relation]
            fresh = (total >= 0) & (deltas[witness, total] == 0)
            if not fresh.any():
                break
            deltas[witness[fresh], total[fresh]] = off[witness[fresh], relation[fresh]]
