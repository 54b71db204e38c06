"""Items and the insiders before whom an item's own witnesses are not enough: what others show, and what is still short.

A witness counts before an insider when it moves none of her facts. Only pairs are kept where a witness of the item moves
one: before everybody else the item's own witnesses do. No search here.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from avbrott.disclosure.aim import Aim, Goals
from avbrott.disclosure.insider_bounds import Bounds, settled
from avbrott.disclosure.insiders import Insiders
from avbrott.disclosure.lattice import Ints, Mask, lengths, ranges
from avbrott.disclosure.rules import RULES
from avbrott.disclosure.witness import Shown, Witnesses


class Pairs:
    """The pairs of one search, in the order of their items. ``take`` is told of every witness once."""

    def __init__(self, insiders: Insiders, witnesses: Witnesses, own: Ints) -> None:
        """``own`` are the witnesses that items have."""
        self._witnesses = witnesses
        self._items = witnesses.items
        self.insiders = insiders
        self._by_variable = insiders.facts.tocsc()
        self.item, self.insider = _touched(insiders, witnesses, own)
        self._starts = np.searchsorted(self.item, np.arange(len(self._items) + 1))
        items = self._items
        self._value = items.value[self.item]
        self._floor, self._top = items.floor[self.item], items.top[self.item]
        self._span, self._values = items.span[self.item], items.values[self.item]
        many = max(1, len(insiders))
        item, insider = settled(items, insiders)
        hers = np.flatnonzero(np.isin(self.item * many + self.insider, item * many + insider))
        self._ask(hers, self._value[hers], self._value[hers])
        self.shown = Shown(self._value)
        self.short = self.shown.lacks(self._top, self._span, self._values)

    def _ask(self, pairs: Ints, least: Ints, most: Ints) -> None:
        """Ask of ``pairs`` what can be asked of numbers between ``least`` and ``most``."""
        self._floor[pairs] = least
        self._top[pairs] = np.minimum(self._top[pairs], most)
        self._span[pairs] = np.minimum(self._span[pairs], most - least)
        self._values[pairs] = np.minimum(self._values[pairs], most - least + 1)

    def ease(self, bounds: Bounds) -> None:
        """Ask less of the pairs that are short where what the insider has and the public record leave less."""
        at = np.flatnonzero(self.short)
        at = at[bounds.may_matter(self.item[at])]
        at = at[np.argsort(self.insider[at], kind="stable")]
        for pairs in np.split(at, np.flatnonzero(np.diff(self.insider[at])) + 1):
            if len(pairs):
                self._ask(pairs, *bounds.left(int(self.insider[pairs[0]]), self.item[pairs]))
        self.short = self.shown.lacks(self._top, self._span, self._values)

    def take(self, number: int) -> None:
        """Let witness ``number`` serve the pairs that are short."""
        where, delta = self._witnesses.found[number]
        moved, change = self._witnesses.moving.change(where, delta)
        at = ranges(self._starts, moved)
        change = np.repeat(change, lengths(self._starts, moved))
        change, at = change[self.short[at]], at[self.short[at]]
        told = np.zeros(len(self.insiders), np.bool_)
        told[self._by_variable.indices[ranges(self._by_variable.indptr, where)]] = True
        free = ~told[self.insider[at]]
        change, at = change[free], at[free]
        if not len(at):
            return
        item = self.item[at]
        self.shown.see(at, self._items.value[item] + change, number)
        self.short[at] = self.shown.lacks(self._top, self._span, self._values)[at]

    def used(self) -> Ints:
        """The witnesses that pairs need."""
        numbers = np.unique(np.concatenate(self.shown.shown_by(self._values)))
        return numbers[numbers >= 0]

    def aim(self, among: Mask) -> Aim:
        """What is short in the pairs ``among``: of an item, as much as the pair needs that needs most."""
        at = np.flatnonzero(self.short & among)
        item = self.item[at]
        goals = Goals.of(self._floor, self._top, self._span, self._value)
        short = np.zeros(len(self._items), np.bool_)
        short[item] = True
        up, down = np.zeros(len(short), np.int64), np.zeros(len(short), np.int64)
        np.maximum.at(up, item, goals.up(self._value, self.shown.high)[at])
        np.minimum.at(down, item, goals.down(self._value, self.shown.low)[at])
        return Aim(short, up, down, len(at))

    def facts(self, insiders: Ints) -> Mask:
        """The variables that are facts to some of ``insiders``."""
        known = np.zeros(self._by_variable.shape[1], np.bool_)
        known[self.insiders.facts.indices[ranges(self.insiders.facts.indptr, insiders)]] = True
        return known


def _touched(insiders: Insiders, witnesses: Witnesses, own: Ints) -> tuple[Ints, Ints]:
    """Items and insiders where one of the item's witnesses moves a fact of the insider, sorted, each pair once."""
    moves = (abs(witnesses.matrix(own)) @ insiders.facts.T).tocsr()
    keys = [np.zeros(0, np.int64)]
    for by in witnesses.shown.shown_by(witnesses.items.values):
        # What is asked for providers' sake is asked before providers, not before insiders.
        item = np.flatnonzero((by >= 0) & (witnesses.items.rule != RULES.index("provider")))
        touched = sparse.coo_array(moves[np.searchsorted(own, by[item])])
        keys.append(item[touched.row] * len(insiders) + touched.col)
    key = np.unique(np.concatenate(keys))
    many = max(1, len(insiders))
    return key // many, key % many
