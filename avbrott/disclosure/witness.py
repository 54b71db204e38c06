"""Differences from the truth that show what items can be, and which item each of them serves. No search here.

A difference is accepted only after its check in whole numbers: every relation zero, nothing fixed moved, nothing
below its floor.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.rules import Items


class Reached:
    """By item the lowest, the highest and one other value that has been shown, and by which difference (-1: the truth)."""

    def __init__(self, value: Ints) -> None:
        self._truth = value
        self.low, self.high, self.other = value.copy(), value.copy(), value.copy()
        self.low_by, self.high_by, self.other_by = (np.full(len(value), -1, np.int64) for _ in range(3))

    def at(self, items: Ints) -> Reached:
        """The same of some items."""
        found = Reached(self._truth[items])
        for name in ("low", "high", "other", "low_by", "high_by", "other_by"):
            setattr(found, name, getattr(self, name)[items])
        return found

    @property
    def between(self) -> Mask:
        """Items with a value strictly between the ends."""
        return (self.other > self.low) & (self.other < self.high)

    def show(self, value: Ints, number: int) -> None:
        """Difference ``number`` gives the items ``value``."""
        lower, higher = value < self.low, value > self.high
        ends = [(self.low.copy(), self.low_by.copy()), (self.high.copy(), self.high_by.copy())]
        self.low[lower], self.low_by[lower] = value[lower], number
        self.high[higher], self.high_by[higher] = value[higher], number
        # What was an end before, this value or the truth is a value between the ends now.
        same = np.full(len(value), number, np.int64)
        for other, by in (*ends, (value, same), (self._truth, np.full(len(value), -1, np.int64))):
            use = ~self.between & (other > self.low) & (other < self.high)
            self.other[use], self.other_by[use] = other[use], by[use]


class Witnesses:
    """Accepted differences, and what each item reaches by them."""

    def __init__(
        self, relations: sparse.csr_array, room: Ints, fixed: Mask, items: Items, reached: Reached | None = None
    ) -> None:
        """``relations`` has a column a variable; ``room`` is how far down each may go; ``fixed`` may not move.

        ``reached`` is what items reach already, otherwise the truth alone.
        """
        self._columns = relations.tocsc()
        self._room = room
        self._fixed = fixed
        self.items = items
        self.reached = reached or Reached(items.value)
        self.found: list[tuple[Ints, Ints]] = []

    def valid(self, where: Ints, delta: Ints) -> bool:
        """Whether moving the variables ``where`` by ``delta`` leads to a system that looks like the truth to the attacker."""
        if self._fixed[where].any() or (self._room[where] + delta < 0).any():
            return False
        return not np.asarray(self._columns[:, where] @ delta).any()

    def add(self, difference: Ints) -> bool:
        """Take ``difference`` (one number a variable), its smallest whole part and its opposite, where they are valid.

        False where it is not valid itself.
        """
        where = np.flatnonzero(difference)
        delta = difference[where]
        if not self.valid(where, delta):
            return False
        part = int(np.gcd.reduce(delta))
        self._take(where, delta)
        if part > 1:
            self._take(where, delta // part)
        if self.valid(where, -delta):
            self._take(where, -delta)
        elif part > 1 and self.valid(where, -(delta // part)):
            self._take(where, -(delta // part))
        return True

    def _take(self, where: Ints, delta: Ints) -> None:
        items = self.items
        whole = np.zeros(len(self._room) + 1, np.int64)
        whole[where] = delta
        # An item that is one variable has -1 for the other: the last place, which does not move.
        self.reached.show(items.value + whole[items.plus] - whole[items.minus], len(self.found))
        self.found.append((where, delta))

    @property
    def short(self) -> Mask:
        """Items that do not yet reach what they must."""
        items, reached = self.items, self.reached
        values = 1 + (reached.high > reached.low).astype(np.int64) + reached.between
        return (reached.high < items.top) | (reached.high - reached.low < items.span) | (values < items.values)

    def used(self) -> Ints:
        """The witnesses that some item needs."""
        reached = self.reached
        between = np.where(reached.between & (self.items.values > 2), reached.other_by, -1)
        need = [reached.low_by, reached.high_by, between]
        numbers = np.unique(np.concatenate(need))
        return numbers[numbers >= 0]

    def matrix(self, numbers: Ints) -> sparse.csr_array:
        """Witnesses ``numbers`` by variable."""
        chosen = [self.found[number] for number in numbers]
        none = np.zeros(0, np.int64)
        rows = np.concatenate([none, *(np.full(len(where), place) for place, (where, _) in enumerate(chosen))])
        columns = np.concatenate([none, *(where for where, _ in chosen)])
        values = np.concatenate([none, *(delta for _, delta in chosen)])
        return sparse.csr_array((values, (rows, columns)), shape=(len(numbers), len(self._room)))
