"""How far apart two variables can be, by what bounds each: what both are made of cancels. No search here.

A total less the same total of an earlier vintage is the part that has come, where nothing else in it has changed. What one
vintage has more of a variable than another is a number of its own, which adds up as the variables do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from scipy import sparse

from avbrott.disclosure.bounds import NO_CAP, Narrowing
from avbrott.disclosure.lattice import Ints
from avbrott.disclosure.system import System
from avbrott.disclosure.vintages import beside_each_other

Terms = list[tuple[int, int]]
"""Numbers, and 1 or -1 for each: what they come to."""


class Apart:
    """The numbers of one system: its variables, and after them what one is more than another vintage of it."""

    def __init__(self, system: System) -> None:
        self._system = system
        rows = system.relations
        self._total = np.full(rows.shape[0], -1)
        entries = rows.tocoo()
        self._total[entries.row[entries.data < 0]] = entries.col[entries.data < 0]
        self._order = np.argsort(self._total, kind="stable")
        before, after = (system.variable[cells] for cells in beside_each_other(system.lattice))
        pairs = np.unique(np.sort(np.column_stack([before, after])[before != after], axis=1), axis=0).tolist()
        self._number = {(plus, minus): system.size + at for at, (minus, plus) in enumerate(pairs)}
        self._vintages: dict[int, set[int]] = defaultdict(set)
        for one, other in pairs:
            self._vintages[one].add(other)
            self._vintages[other].add(one)
        self.size = system.size + len(pairs)
        self.narrowing = Narrowing(self._relations())

    def started(self, low: Ints, high: Ints) -> tuple[Ints, Ints]:
        """Bounds of variables with those of differences, which nothing bounds yet."""
        none = np.full(self.size - self._system.size, NO_CAP)
        return np.concatenate([low, -none]), np.concatenate([high, none])

    def each(self, low: Ints, high: Ints, plus: Ints, minus: Ints) -> tuple[Ints, Ints]:
        """The least and the most of each ``plus`` less ``minus`` (-1: nothing), with numbers between ``low`` and ``high``."""
        ends = [self.between(low, high, *pair) for pair in zip(plus.tolist(), minus.tolist(), strict=True)]
        found = np.array(ends, np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]

    def between(self, low: Ints, high: Ints, plus: int, minus: int) -> tuple[int, int]:
        """The same of one."""
        if minus < 0:
            return int(low[plus]), int(high[plus])
        found = [(int(low[plus] - high[minus]), int(high[plus] - low[minus]))]
        if minus in self._vintages.get(plus, ()):
            found += [_between(low, high, [self._less(plus, minus)])]
        found += [_between(low, high, terms) for terms in self._ways_apart(plus, minus)]
        return max(least for least, _ in found), min(most for _, most in found)

    def _relations(self) -> sparse.csr_array:
        """The relations of the system, and those of differences."""
        rows: list[Terms] = []
        for (plus, minus), number in self._number.items():
            rows.append([(number, -1), (plus, 1), (minus, -1)])
            rows += [[(number, -1), *terms] for terms in self._ways_apart(plus, minus)]
        row = np.repeat(np.arange(len(rows)), np.array([len(terms) for terms in rows], np.int64))
        told = np.array([term for terms in rows for term in terms], np.int64).reshape(-1, 2)
        more = sparse.csr_array((told[:, 1], (row, told[:, 0])), shape=(len(rows), self.size))
        own = sparse.csr_array(self._system.relations)
        own.resize((own.shape[0], self.size))
        return sparse.csr_array(sparse.vstack([own, more]))

    def _ways(self, variable: int) -> list[set[int]]:
        """A variable by itself, and the parts of each sum that it is."""
        rows = self._system.relations
        first, last = (np.searchsorted(self._total, variable, side=side, sorter=self._order) for side in ("left", "right"))
        parts = [rows.indices[rows.indptr[row] : rows.indptr[row + 1]] for row in self._order[first:last]]
        return [{variable}, *({*part.tolist()} - {variable} for part in parts)]

    def _ways_apart(self, plus: int, minus: int) -> Iterator[Terms]:
        """What ``plus`` less ``minus`` comes to, by every way of dividing each, where these have something in common."""
        for more in self._ways(plus):
            for less in self._ways(minus):
                if len(more) > 1 or len(less) > 1:
                    down, terms, alike = less - more, Terms(), len(more & less)
                    for one in sorted(more - less):
                        other = min(self._vintages[one] & down, default=None) if one in self._vintages else None
                        terms.append((one, 1) if other is None else self._less(one, other))
                        if other is not None:
                            alike += 1
                            down.remove(other)
                    if alike:
                        yield [*terms, *((one, -1) for one in sorted(down))]

    def _less(self, plus: int, minus: int) -> tuple[int, int]:
        """One vintage less another: the number that this is, or that it is the opposite of."""
        number = self._number.get((plus, minus))
        return (self._number[minus, plus], -1) if number is None else (number, 1)


def _between(low: Ints, high: Ints, terms: Terms) -> tuple[int, int]:
    """The least and the most that numbers come to."""
    least = sum(int(low[one]) if sign > 0 else -int(high[one]) for one, sign in terms)
    most = sum(int(high[one]) if sign > 0 else -int(low[one]) for one, sign in terms)
    return least, most
