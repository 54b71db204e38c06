"""Differences from the truth that show what items can be, and which item each of them serves. No search here.

A difference is accepted only after its check in whole numbers: every relation zero, nothing fixed moved, nothing
below its floor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.rules import Items, Rules
from avbrott.disclosure.system import System

Difference = tuple[Ints, Ints]
"""Which variables move, and by how much each."""


class Witnesses:
    """Accepted differences, and by item the lowest, highest and one other value they show."""

    def __init__(self, system: System, rules: Rules) -> None:
        self._relations = system.relations
        self._truth = system.truth
        self._rules = rules
        self.found: list[Difference] = []
        items = rules.items
        n = len(items)
        self.low, self.high, self.other = items.value.copy(), items.value.copy(), items.value.copy()
        # Which witness shows it; -1 is the truth itself.
        self.low_by, self.high_by, self.other_by = (np.full(n, -1, np.int64) for _ in range(3))

    @property
    def items(self) -> Items:
        return self._rules.items

    def valid(self, delta: Ints) -> bool:
        """Whether ``delta`` (one number a variable) leads to a system that the attacker cannot tell from the truth."""
        if delta[self._rules.fixed].any() or np.asarray(self._relations @ delta).any():
            return False
        moved = delta != 0
        return bool((self._truth[moved] + delta[moved] >= self._rules.floor[moved]).all())

    def add(self, delta: Ints) -> bool:
        """Take ``delta``, its smallest whole part and its opposite, where they are valid; False where it is not itself."""
        if not self.valid(delta):
            return False
        part = int(np.gcd.reduce(delta))
        self._take(delta)
        if part > 1:
            self._take(delta // part)
        opposite = -delta
        if self.valid(opposite):
            self._take(opposite)
        elif part > 1 and self.valid(-(delta // part)):
            self._take(-(delta // part))
        return True

    def _take(self, delta: Ints) -> None:
        items = self.items
        value = items.value + delta[items.plus] - np.where(items.minus >= 0, delta[items.minus], 0)
        number = len(self.found)
        lower, higher = value < self.low, value > self.high
        old_low, old_high = self.low.copy(), self.high.copy()
        old_low_by, old_high_by = self.low_by.copy(), self.high_by.copy()
        self.low[lower], self.low_by[lower] = value[lower], number
        self.high[higher], self.high_by[higher] = value[higher], number
        inside = (value > self.low) & (value < self.high)
        # What was an end before is a value between the ends now.
        for was, by in ((old_low, old_low_by), (old_high, old_high_by)):
            free = (self.other <= self.low) | (self.other >= self.high)
            use = free & (was > self.low) & (was < self.high)
            self.other[use], self.other_by[use] = was[use], by[use]
        free = (self.other <= self.low) | (self.other >= self.high)
        use = free & inside
        self.other[use], self.other_by[use] = value[use], number
        truth = items.value
        free = (self.other <= self.low) | (self.other >= self.high)
        use = free & (truth > self.low) & (truth < self.high)
        self.other[use], self.other_by[use] = truth[use], -1
        where = np.flatnonzero(delta)
        self.found.append((where, delta[where]))

    @property
    def between(self) -> Mask:
        """Items with a value strictly between the ends."""
        return (self.other > self.low) & (self.other < self.high)

    @property
    def short(self) -> Mask:
        """Items that do not yet reach what they must."""
        items = self.items
        values = 1 + (self.high > self.low).astype(np.int64) + self.between
        near = (self.high < items.top) | (self.low > items.bottom) | (self.high - self.low < items.span)
        return near | (values < items.values)

    def used(self) -> list[Difference]:
        """The witnesses that some item needs."""
        need = [self.low_by, self.high_by, np.where(self.between & (self.items.values > 2), self.other_by, -1)]
        numbers = np.unique(np.concatenate(need))
        return [self.found[number] for number in numbers[numbers >= 0].tolist()]

    def learn(self, pool: sparse.csr_array) -> None:
        """Take what serves items that are short of ``pool``: differences (a row each) that hold against who knows less.

        Of those that hold here too, first the ones that go farthest for an item, then others. Items are single variables.
        """
        short = np.flatnonzero(self.short)
        if not len(short):
            return
        row = np.repeat(np.arange(pool.shape[0]), np.diff(pool.indptr))
        holds = np.ones(pool.shape[0], np.bool_)
        wrong = self._rules.fixed[pool.indices] | (self._truth[pool.indices] + pool.data < self._rules.floor[pool.indices])
        holds[row[wrong]] = False
        kept = np.flatnonzero(holds)
        moves = sparse.csr_array(pool[kept][:, self.items.plus[short]])
        coo = moves.tocoo()
        order = np.lexsort((coo.row, coo.data, coo.col))
        at = coo.col[order]
        first, last = order[np.diff(at, prepend=-1) != 0], order[np.diff(at, append=-1) != 0]
        farthest = np.unique(coo.row[np.concatenate([first, last])])
        for place in [*farthest.tolist(), *np.setdiff1d(np.arange(len(kept)), farthest).tolist()]:
            moved = short[moves.indices[moves.indptr[place] : moves.indptr[place + 1]]]
            if self.short[moved].any():
                inside = slice(pool.indptr[kept[place]], pool.indptr[kept[place] + 1])
                delta = np.zeros(pool.shape[1], np.int64)
                delta[pool.indices[inside]] = pool.data[inside]
                self.add(delta)


def distinct(differences: Sequence[Difference]) -> list[Difference]:
    """Each difference once, in their order."""
    return list({(where.tobytes(), delta.tobytes()): (where, delta) for where, delta in differences}.values())


def stacked(differences: Sequence[Difference], size: int) -> sparse.csr_array:
    """Differences as a matrix: a row each, and a column for each of ``size`` variables."""
    none = np.zeros(0, np.int64)
    rows = np.concatenate([none, *(np.full(len(where), place) for place, (where, _) in enumerate(differences))])
    columns = np.concatenate([none, *(where for where, _ in differences)])
    values = np.concatenate([none, *(delta for _, delta in differences)])
    return sparse.csr_array((values, (rows, columns)), shape=(len(differences), size))
