"""Differences from the truth that show what items can be, and which item each of them serves. No search here.

A difference is accepted only after its check in whole numbers: every relation zero, nothing fixed moved, nothing
below its floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np
from scipy import sparse

from avbrott.disclosure.items import Items, Moving, summed
from avbrott.disclosure.lattice import Ints, Mask, ranges

Difference = tuple[Ints, Ints]
"""Which variables move, and by how much each."""


class Shown:
    """The lowest, highest and one other value that each of some numbers is shown to be able to have, and by which witness.

    -1 stands for the truth itself.
    """

    def __init__(self, truth: Ints) -> None:
        self._true = truth
        self.low, self.high, self.other = truth.copy(), truth.copy(), truth.copy()
        self.low_by, self.high_by, self.other_by = (np.full(len(truth), -1, np.int64) for _ in range(3))

    def of(self, numbers: Ints) -> Shown:
        """The same of some of the numbers."""
        found = copy(self)
        for name, each in vars(self).items():
            setattr(found, name, each[numbers])
        return found

    def see(self, at: Ints, value: Ints, witness: int) -> None:
        """Take note that ``witness`` shows ``value`` (not the truth) of the numbers at ``at`` (each place once)."""
        low, high, other = self.low[at], self.high[at], self.other[at]
        lower, higher = value < low, value > high
        if not (lower | higher).any():  # the truth, where it is between the ends, was noted when the later of them came
            new = (value > low) & (value < high) & ((other <= low) | (other >= high))
            self.other[at[new]], self.other_by[at[new]] = value[new], witness
            return
        low_by, high_by, other_by = self.low_by[at], self.high_by[at], self.other_by[at]
        truth, none = self._true[at], np.full(len(at), -1, np.int64)
        new = np.full(len(at), witness, np.int64)
        # What was an end before is a value between the ends now.
        others = ((low, low_by), (high, high_by), (value, new), (truth, none))
        low, low_by = np.where(lower, value, low), np.where(lower, witness, low_by)
        high, high_by = np.where(higher, value, high), np.where(higher, witness, high_by)
        for was, by in others:
            use = ((other <= low) | (other >= high)) & (was > low) & (was < high)
            other, other_by = np.where(use, was, other), np.where(use, by, other_by)
        self.low[at], self.high[at], self.other[at] = low, high, other
        self.low_by[at], self.high_by[at], self.other_by[at] = low_by, high_by, other_by

    @property
    def between(self) -> Mask:
        """Where there is a value strictly between the ends."""
        return (self.other > self.low) & (self.other < self.high)

    def lacks(self, top: Ints, span: Ints, values: Ints) -> Mask:
        """Where ``top`` is not reached, the ends are closer than ``span``, or there are fewer than ``values`` (at most 3)."""
        number = 1 + (self.high > self.low).astype(np.int64) + self.between
        return (self.high < top) | (self.high - self.low < span) | (number < values)

    def shown_by(self, values: Ints) -> tuple[Ints, Ints, Ints]:
        """The witnesses of the ends, and of the value between them where three ``values`` are asked for."""
        return self.low_by, self.high_by, np.where(self.between & (values > 2), self.other_by, -1)


class Witnesses:
    """Accepted differences, and what each item reaches by them."""

    def __init__(self, relations: sparse.sparray, room: Ints, fixed: Mask, items: Items, shown: Shown | None = None) -> None:
        """``relations`` has a column a variable; ``room`` is how far down each may go; ``fixed`` may not move.

        ``shown`` is what is shown of items already, otherwise the truth alone.
        """
        columns = relations.tocsc()
        self._starts, self._rows, self._signs = columns.indptr, columns.indices, columns.data
        self._lengths = np.diff(columns.indptr)
        self._room = room
        self._fixed = fixed
        self.items = items
        self.moving = Moving(items, relations.shape[1])
        self.shown = shown or Shown(items.value)
        self.found: list[Difference] = []

    def _possible(self, where: Ints, delta: Ints) -> bool:
        """Whether nothing goes below its floor where the variables ``where`` move by ``delta``."""
        return bool((self._room[where] + delta >= 0).all())

    def _adds_up(self, where: Ints, delta: Ints) -> bool:
        """Whether every relation still holds where the variables ``where`` move by ``delta``."""
        entries = ranges(self._starts, where)
        _, sums = summed(self._rows[entries], self._signs[entries] * np.repeat(delta, self._lengths[where]))
        return not sums.any()

    def add(self, where: Ints, delta: Ints) -> bool:
        """Take a difference (the variables ``where`` move by ``delta``), its smallest whole part and its opposite.

        Each where it is valid: it leads to a system that looks like the truth to the attacker. False where the difference
        is not valid itself, or moves nothing.
        """
        if not len(where) or self._fixed[where].any() or not self._possible(where, delta) or not self._adds_up(where, delta):
            return False
        moved, change = self.moving.change(where, delta)
        part = int(np.gcd.reduce(delta))
        self._take(where, delta, moved, change)
        if part > 1:
            self._take(where, delta // part, moved, change // part)
        # What adds up does so backwards too, and in part.
        for times in dict.fromkeys((1, part)):
            back = -(delta // times)
            if self._possible(where, back):
                self._take(where, back, moved, -(change // times))
                break
        return True

    def _take(self, where: Ints, delta: Ints, moved: Ints, change: Ints) -> None:
        """Accept a difference that changes the items ``moved`` by ``change``."""
        self.shown.see(moved, self.items.value[moved] + change, len(self.found))
        self.found.append((where, delta))

    @property
    def short(self) -> Mask:
        """Items that do not yet reach what they must."""
        items = self.items
        return self.shown.lacks(items.top, items.span, items.values) | (self.shown.low > items.bottom)

    def short_of(self, numbers: Ints) -> Mask:
        """Which of some items do not."""
        items, shown = self.items, self.shown.of(numbers)
        lacks = shown.lacks(items.top[numbers], items.span[numbers], items.values[numbers])
        return lacks | (shown.low > items.bottom[numbers])

    def used(self) -> Ints:
        """The witnesses that some item needs."""
        numbers = np.unique(np.concatenate(self.shown.shown_by(self.items.values)))
        return numbers[numbers >= 0]

    def needed(self) -> list[Difference]:
        """The same as differences."""
        return [self.found[number] for number in self.used().tolist()]

    def release(self, fixed: Mask) -> None:
        """From now on only ``fixed`` may not move, some of what could not before."""
        self._fixed = fixed

    def matrix(self, numbers: Ints) -> sparse.csr_array:
        """Witnesses ``numbers`` by variable."""
        return stacked([self.found[number] for number in numbers], len(self._room))

    def learn(self, pool: sparse.csr_array) -> None:
        """Take what serves items that are short of ``pool``: differences (a row each) that hold against who knows less.

        Of those that hold here too, first the ones that go farthest for an item, then others. Items are single variables.
        """
        short = np.flatnonzero(self.short)
        if not len(short):
            return
        row = np.repeat(np.arange(pool.shape[0]), np.diff(pool.indptr))
        holds = np.ones(pool.shape[0], np.bool_)
        wrong = self._fixed[pool.indices] | (self._room[pool.indices] + pool.data < 0)
        holds[row[wrong]] = False
        kept = np.flatnonzero(holds)
        minus = self.items.minus[short]
        less = sparse.csr_array(pool[kept][:, np.maximum(minus, 0)] * (minus >= 0))
        moves = sparse.csr_array(pool[kept][:, self.items.plus[short]] - less)
        moves.eliminate_zeros()
        coo = moves.tocoo()
        order = np.lexsort((coo.row, coo.data, coo.col))
        at = coo.col[order]
        first, last = order[np.diff(at, prepend=-1) != 0], order[np.diff(at, append=-1) != 0]
        farthest = np.unique(coo.row[np.concatenate([first, last])])
        for place in [*farthest.tolist(), *np.setdiff1d(np.arange(len(kept)), farthest).tolist()]:
            moved = short[moves.indices[moves.indptr[place] : moves.indptr[place + 1]]]
            if self.short_of(moved).any():
                inside = slice(pool.indptr[kept[place]], pool.indptr[kept[place] + 1])
                self.add(pool.indices[inside], pool.data[inside])


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
