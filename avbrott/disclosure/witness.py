"""Differences from the truth that show what items can be, and which item each of them serves. No search here.

A difference is accepted only after its check in whole numbers: every relation zero, nothing fixed moved, nothing
below its floor.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.rules import Items, Rules
from avbrott.disclosure.system import System


class Shown:
    """The lowest, highest and one other value that each of some numbers is shown to be able to have, and by which witness.

    -1 stands for the truth itself.
    """

    def __init__(self, truth: Ints) -> None:
        self._true = truth
        self.low, self.high, self.other = truth.copy(), truth.copy(), truth.copy()
        self.low_by, self.high_by, self.other_by = (np.full(len(truth), -1, np.int64) for _ in range(3))

    def see(self, at: Ints, value: Ints, witness: int) -> None:
        """Take note that ``witness`` shows ``value`` (not the truth) of the numbers at ``at`` (each place once)."""
        low, high, other = self.low[at], self.high[at], self.other[at]
        low_by, high_by, other_by = self.low_by[at], self.high_by[at], self.other_by[at]
        lower, higher = value < low, value > high
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


class Witnesses(Shown):
    """Accepted differences, and what they show of each item."""

    def __init__(self, system: System, rules: Rules) -> None:
        super().__init__(rules.items.value)
        self._relations = system.relations
        self._truth = system.truth
        self._rules = rules
        self.found: list[tuple[Ints, Ints]] = []

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
        change = self.items.change(delta)
        moved = np.flatnonzero(change)
        self.see(moved, self.items.value[moved] + change[moved], len(self.found))
        where = np.flatnonzero(delta)
        self.found.append((where, delta[where]))

    @property
    def short(self) -> Mask:
        """Items that do not yet reach what they must."""
        items = self.items
        return self.lacks(items.top, items.span, items.values)

    def used(self) -> Ints:
        """The witnesses that some item needs."""
        numbers = np.unique(np.concatenate(self.shown_by(self.items.values)))
        return numbers[numbers >= 0]

    def matrix(self, numbers: Ints) -> sparse.csr_array:
        """Witnesses ``numbers`` by variable."""
        chosen = [self.found[number] for number in numbers]
        none = np.zeros(0, np.int64)
        rows = np.concatenate([none, *(np.full(len(where), place) for place, (where, _) in enumerate(chosen))])
        columns = np.concatenate([none, *(where for where, _ in chosen)])
        values = np.concatenate([none, *(delta for _, delta in chosen)])
        return sparse.csr_array((values, (rows, columns)), shape=(len(numbers), len(self._truth)))
