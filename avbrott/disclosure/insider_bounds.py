"""What an insider's facts and the public record leave of an item: less is asked of one that they settle or cap.

A sum lies between the sums of its parts' bounds, a part between the bounds of its sum less those of the others. From her
facts on, bounds are narrowed wherever they follow, until nothing does. An upper bound that is too high to matter is left.
A difference of vintages is bounded by earlier figures as well, since these bound it before everybody.
"""

from __future__ import annotations

import numpy as np

from avbrott.disclosure.bounds import NO_CAP
from avbrott.disclosure.insiders import Insiders
from avbrott.disclosure.items import Items
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.rules import RULES, Rules
from avbrott.disclosure.system import System

REVISION = RULES.index("revision")


class Bounds:
    """The bounds that everybody has by the public record, and from there those of one insider."""

    def __init__(self, system: System, rules: Rules, insiders: Insiders) -> None:
        self._insiders = insiders
        self._items = rules.items
        self._apart = rules.apart
        nobody: Mask = rules.fixed & (system.truth == 0) & (rules.floor > 0)
        low = np.where(rules.known, system.truth, np.where(nobody, 0, rules.floor))
        high = np.where(rules.known, system.truth, np.where(nobody, 0, rules.cap))
        self._low, self._high = self._apart.started(low, high)
        self._limit = int(rules.items.top.max(initial=0) + rules.items.span.max(initial=0))
        self._by_figures = rules.least, rules.most
        high = self._high.copy()
        high[insiders.has.indices] = 1
        self._before_all = self._apart.narrowing.narrowed(self._low, high, np.arange(self._apart.size))[1]
        """An upper bound before somebody who had what all insiders have: what none of them bounds has none."""

    def may_matter(self, items: Ints) -> Mask:
        """Which of ``items`` an insider's facts could settle or cap though they are not hers: what is around them can be."""
        matter: Mask = (self._before_all[self._items.plus[items]] < NO_CAP) | (self._items.minus[items] >= 0)
        return matter

    def left(self, insider: int, items: Ints) -> tuple[Ints, Ints]:
        """The least and the most that ``items`` can be to an insider."""
        least, most = self._items.floor[items].copy(), np.full(len(items), NO_CAP)
        has = self._insiders.has
        hers = has.indices[has.indptr[insider] : has.indptr[insider + 1]]
        revised = self._items.rule[items] == REVISION
        for among, by, limit in (
            (~revised, (self._low, self._high), self._limit),
            (revised, self._by_figures, NO_CAP // 2),
        ):
            if among.any():
                low, high = by[0].copy(), by[1].copy()
                low[hers] = high[hers] = 1
                low, high = self._apart.narrowing.narrowed(low, high, hers, limit)
                found = self._apart.each(low, high, self._items.plus[items[among]], self._items.minus[items[among]])
                least[among], most[among] = np.maximum(least[among], found[0]), found[1]
        return least, most


def settled(items: Items, insiders: Insiders) -> tuple[Ints, Ints]:
    """Pairs of an item and an insider who has it as a fact, or the whole of which it is a part."""
    own = insiders.has[:, items.plus].tocoo()
    whole = items.rule[own.col] != REVISION
    return own.col[whole].astype(np.int64), own.row[whole].astype(np.int64)
