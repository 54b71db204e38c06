"""What an insider's facts and the public record leave of an item: less is asked of one that they settle or cap.

A sum lies between the sums of its parts' bounds, a part between the bounds of its sum less those of the others. From her
facts on, bounds are narrowed wherever they follow, until nothing does. An upper bound that is too high to matter is left.
A difference of vintages is bounded by earlier figures as well, since these bound it before everybody.
"""

from __future__ import annotations

import numpy as np

from avbrott.disclosure.apart import Apart, Pair
from avbrott.disclosure.insiders import Insiders
from avbrott.disclosure.lattice import Ints, Mask, ranges
from avbrott.disclosure.rules import NO_CAP, RULES, Items, Rules
from avbrott.disclosure.system import System

REVISION = RULES.index("revision")


class Bounds:
    """The bounds that everybody has by the public record, and from there those of one insider."""

    def __init__(self, system: System, rules: Rules, insiders: Insiders) -> None:
        self._insiders = insiders
        self._items = rules.items
        self._apart = Apart(system)
        self._rows = system.relations.tocsr()
        self._columns = system.relations.tocsc()
        coo = system.relations.tocoo()
        self._total = np.zeros(system.relations.shape[0], np.int64)
        self._total[coo.row[coo.data < 0]] = coo.col[coo.data < 0]
        nobody: Mask = rules.fixed & (system.truth == 0) & (rules.floor > 0)
        self._low = np.where(rules.known, system.truth, np.where(nobody, 0, rules.floor))
        self._high = np.where(rules.known, system.truth, np.where(nobody, 0, rules.cap))
        self._limit = int(rules.items.top.max(initial=0) + rules.items.span.max(initial=0))
        self._by_figures = rules.least, rules.most

    def may_matter(self, items: Ints) -> Mask:
        """Which of ``items`` an insider's facts could settle or cap though they are not hers: what is around them can be."""
        matter: Mask = (self._high[self._items.plus[items]] < NO_CAP) | (self._items.minus[items] >= 0)
        return matter

    def left(self, insider: int, items: Ints) -> tuple[Ints, Ints]:
        """The least and the most that ``items`` can be to an insider."""
        least, most = self._items.floor[items].copy(), np.full(len(items), NO_CAP)
        revised = self._items.rule[items] == REVISION
        for among, low, high, limit in (
            (~revised, self._low, self._high, self._limit),
            (revised, *self._by_figures, NO_CAP // 2),
        ):
            if among.any():
                found = self._between(items[among], *self._narrowed(insider, low, high, limit))
                least[among], most[among] = np.maximum(least[among], found[0]), found[1]
        return least, most

    def _between(self, items: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints]:
        plus, minus = self._items.plus[items], self._items.minus[items]
        least, most = low[plus], high[plus]
        found: dict[Pair, Pair] = {}
        for place in np.flatnonzero(minus >= 0).tolist():
            least[place], most[place] = self._apart.between(low, high, int(plus[place]), int(minus[place]), found)
        return least, most

    def _narrowed(self, insider: int, low: Ints, high: Ints, limit: int) -> tuple[Ints, Ints]:
        """``low`` and ``high`` as her facts narrow them; an upper bound above ``limit`` does not matter."""
        low, high = low.copy(), high.copy()
        has = self._insiders.has
        changed = has.indices[has.indptr[insider] : has.indptr[insider + 1]]
        low[changed] = high[changed] = 1
        while len(changed):
            rows = np.unique(self._columns.indices[ranges(self._columns.indptr, changed)])
            entry = ranges(self._rows.indptr, rows)
            entry = entry[self._rows.data[entry] > 0]
            part = self._rows.indices[entry]
            row = np.searchsorted(self._rows.indptr, entry, side="right") - 1
            at, total = np.searchsorted(rows, row), self._total[rows]
            least, most = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
            np.add.at(least, at, low[part])
            np.add.at(most, at, high[part])
            of = np.concatenate([total, part])
            at_least = np.concatenate([least, low[total][at] - most[at] + high[part]])
            at_most = np.concatenate([most, high[total][at] - least[at] + low[part]])
            touched = np.unique(of)
            before = low[touched], high[touched]
            np.maximum.at(low, of, at_least)
            use = (at_most <= limit) | (at_most == low[of])
            np.minimum.at(high, of[use], at_most[use])
            changed = touched[(low[touched] != before[0]) | (high[touched] != before[1])]
        return low, high


def settled(items: Items, insiders: Insiders) -> tuple[Ints, Ints]:
    """Pairs of an item and an insider who has it as a fact, or the whole of which it is a part."""
    own = insiders.has[:, items.plus].tocoo()
    whole = items.rule[own.col] != REVISION
    return own.col[whole].astype(np.int64), own.row[whole].astype(np.int64)
