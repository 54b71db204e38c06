"""Every whole-number system that agrees with what an attacker has: all of them are listed, without a solver.

Finest cells are given values one after the other; what the equations leave for the others bounds each. Finest cells that no
equation ties together are listed apart, since any system of the ones goes with any of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.promise.attackers import Attacker
from tests.promise.items import Item
from tests.promise.tables import Ints, Mask

MOST = 60_000
"""A search with more open ends than this is given up."""
ROOM = 9
"""How far above the smallest cell that holds it a finest cell is looked for where nothing shown bounds it."""


class TooMany(Exception):
    """There are more systems than are looked through."""


@dataclass
class Systems:
    """All systems: by component the finest cells in it, and a row a system of theirs."""

    size: int
    parts: list[tuple[Ints, Ints]]

    def values(self, row: Ints) -> Ints:
        """Every value of a combination of finest cells."""
        found = np.zeros(1, np.int64)
        for leaves, rows in self.parts:
            if row[leaves].any():
                found = np.unique(np.add.outer(found, np.unique(rows @ row[leaves])))
        return found


def systems(attacker: Attacker, shown: Mask) -> Systems:
    """The systems that are left where the cells ``shown`` are published; ``TooMany`` where they cannot be listed."""
    fixed = shown | attacker.known
    held, count = attacker.held, attacker.count
    some = held[~fixed & (attacker.floor > 0)]
    most = np.where(held > 0, count[:, None], 10**6).min(axis=0, initial=10**6) + ROOM
    same = attacker.same
    return listed(np.vstack([held[fixed], same]), np.concatenate([count[fixed], np.zeros(len(same), np.int64)]), some, most)


def listed(equal: Ints, right: Ints, some: Ints, most: Ints) -> Systems:
    """Every whole ``x`` of at least zero and at most ``most`` with ``equal @ x == right`` and ``some @ x >= 1``.

    ``equal`` has entries -1, 0 and 1.
    """
    size = equal.shape[1]
    low, high = _bounds(equal, right, most)
    open_ = np.flatnonzero(low < high)
    right = right - equal @ np.where(low < high, 0, low)
    held = some @ np.where(low < high, 0, low)
    parts = [(leaf, low[leaf][None, :]) for leaf in np.flatnonzero(low == high)[:, None]]
    tied = np.vstack([equal, some[held < 1]])[:, open_]
    for group in _components(tied):
        leaves = open_[group]
        mine, other = equal[:, leaves].any(axis=1), some[:, leaves].any(axis=1) & (held < 1)
        rows = _listed(equal[mine][:, leaves], right[mine], low[leaves], high[leaves])
        parts.append((leaves, rows[(rows @ some[other][:, leaves].T >= 1).all(axis=1)]))
    return Systems(size, parts)


def ends(attacker: Attacker, row: Ints, known: Mask) -> tuple[int, int]:
    """The least and the most that ``row`` can be where the attacker has only the cells ``known``."""
    least = np.where(known, attacker.count, attacker.floor)
    return whole_range(attacker.held, row, least, known, attacker.same)


def whole_range(held: Ints, row: Ints, least: Ints, known: Mask, same: Ints | None = None) -> tuple[int, int]:
    """The least and the most that ``row`` over finest cells can be, by an integer program, which has no end as a search has.

    ``held`` has a row a cell; cells ``known`` are ``least``, the others that or more. Rows of ``same`` are zero.
    """
    rules = [LinearConstraint(held, least, np.where(known, least, np.inf))]
    rules += [LinearConstraint(same, 0, 0)] if same is not None and len(same) else []
    found = [milp(way * row, constraints=rules, integrality=np.ones(len(row)), bounds=Bounds(0, 10**6)) for way in (1, -1)]
    assert all(one.success for one in found)
    return round(found[0].fun), -round(found[1].fun)


def _bounds(equal: Ints, right: Ints, most: Ints) -> tuple[Ints, Ints]:
    """The least and the most that each can be, by one equation after the other."""
    low, high = np.zeros(len(most), np.int64), most.copy()
    plus, minus = equal > 0, equal < 0
    while True:
        spare = (right - _least(equal, low, high))[:, None]
        need = (right - _least(-equal, low, high) * -1)[:, None]
        top = np.where(plus, low + spare, np.where(minus, low - need, 10**6)).min(axis=0, initial=10**6)
        bottom = np.where(plus, high + need, np.where(minus, high - spare, 0)).max(axis=0, initial=0)
        new_low, new_high = np.maximum(low, bottom), np.minimum(high, top)
        if (new_low == low).all() and (new_high == high).all():
            return low, high
        low, high = new_low, new_high


def _least(rows: Ints, low: Ints, high: Ints) -> Ints:
    """The least that each combination can be."""
    return np.maximum(rows, 0) @ low + np.minimum(rows, 0) @ high


def _components(rows: Ints) -> list[Ints]:
    """Columns that rows tie together."""
    label = np.arange(rows.shape[1])
    for row in rows != 0:
        if row.any():
            label[np.isin(label, label[row])] = label[row].min()
    return [np.flatnonzero(label == one) for one in np.unique(label)]


def _listed(equal: Ints, right: Ints, low: Ints, high: Ints) -> Ints:
    order = _order(equal)
    equal, low, high = equal[:, order], low[order], high[order]
    equal, once = np.unique(equal, axis=0, return_index=True)
    chosen, left = np.zeros((1, 0), np.int64), right[once][None, :]
    for at in range(len(order)):
        bottom, top = np.full(len(left), low[at]), np.full(len(left), high[at])
        after = equal[:, at + 1 :]
        least, most = _least(after, low[at + 1 :], high[at + 1 :]), -_least(-after, low[at + 1 :], high[at + 1 :])
        for sign in (1, -1):
            column = equal[:, at] == sign
            if column.any():
                one, other = (sign * (left[:, column] - bound[column]) for bound in ((most, least), (least, most))[sign < 0])
                bottom, top = np.maximum(bottom, one.max(axis=1)), np.minimum(top, other.min(axis=1))
        length = np.maximum(top - bottom + 1, 0)
        if length.sum() > MOST:
            raise TooMany
        number = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + np.repeat(bottom, length)
        chosen = np.column_stack([np.repeat(chosen, length, axis=0), number])
        left = np.repeat(left, length, axis=0) - number[:, None] * equal[:, at]
    assert not left.any()
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return chosen[:, back]


def _order(equal: Ints) -> Ints:
    """Columns so that equations are complete as early as can be."""
    rest = list(range(equal.shape[1]))
    order: list[int] = []
    rows = equal[equal.any(axis=1)]
    while rest:
        if not len(rows):
            order += rest
            break
        width = abs(rows[:, rest]).sum(axis=1)
        rows, width = rows[width > 0], width[width > 0]
        if not len(rows):
            continue
        row = rows[int(width.argmin())]
        take = [at for at in rest if row[at]]
        order += take
        rest = [at for at in rest if not row[at]]
    return np.array(order, np.int64)


def broken(attacker: Attacker, shown: Mask) -> Iterator[Item]:
    """The items that the promise is not kept for where the cells ``shown`` are published."""
    found = systems(attacker, shown)
    for item in attacker.items:
        values = found.values(item.row)
        if not item.kept(values) and item.top > item.value + ROOM:
            values = np.append(values, ends(attacker, item.row, shown | attacker.known))
        if not item.kept(values) and not left_by(attacker, item).kept(values):
            yield item


def left_by(attacker: Attacker, item: Item) -> Item:
    """What is left to be promised by facts that settle or cap it."""
    return item if attacker.settled is None else item.within(*ends(attacker, item.row, attacker.settled))
