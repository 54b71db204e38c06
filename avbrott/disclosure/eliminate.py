"""A first pattern: which cells can be shown before an unsafe one follows by adding and subtracting. No reaching here.

All variables together span a space of differences; showing a variable keeps the differences that do not move it. An item
follows from what is shown when no difference moves it any more. Langsrud's elimination (PSD 2024) in arithmetic modulo 2: a
difference is the set of variables that it moves. What is found is a start for the search, never a proof.
"""

from __future__ import annotations

import numpy as np

from avbrott.disclosure.lattice import Mask
from avbrott.disclosure.program import Floats
from avbrott.disclosure.rules import Items
from avbrott.disclosure.span import Span
from avbrott.disclosure.system import System

LARGEST = 3_000_000
"""Entries (a difference and a variable that it moves) from which on elimination would cost more than it saves."""


def first_pattern(system: System, span: Span, items: Items, *, away: Mask, cost: Floats, lots: np.random.Generator) -> Mask:
    """The variables to hide: ``away`` (hidden whatever happens) and those that, shown, would let an item follow.

    The others are shown dearest first. Where the system is too large, only ``away``.
    """
    columns = _space(system, span)
    if columns is None:
        return away.copy()
    found = _Elimination(columns, lots)
    for loose in range(system.size, len(columns)):
        found.show(loose)
    found.guard(items)
    hidden = away.copy()
    size = np.array([len(column) for column in columns[: system.size]])
    for variable in np.lexsort((-cost, -size)).tolist():
        if away[variable]:
            continue
        if found.tells(variable):
            hidden[variable] = True
        else:
            found.show(variable)
    return hidden


def _space(system: System, span: Span) -> list[set[int]] | None:
    """By variable, and after these by loose relation, the differences that move it (one a variable that is no sum).

    A loose relation is a variable that everybody knows to be zero. None where there are too many entries.
    """
    relations = system.relations
    indices, starts = relations.indices.tolist(), relations.indptr.tolist()
    columns: list[set[int]] = [set() for _ in range(system.size)]
    leaves = np.ones(system.size, np.bool_)
    leaves[span.sums] = False
    for number, variable in enumerate(np.flatnonzero(leaves).tolist()):
        columns[variable] = {number}
    entries = 0
    for total, way in zip(span.sums.tolist(), span.ways.tolist(), strict=True):
        for part in indices[starts[way] : starts[way + 1]]:
            if part != total:
                columns[total] ^= columns[part]
        entries += len(columns[total])
        if entries > LARGEST:
            return None
    for row in span.loose.tolist():
        moved: set[int] = set()
        for variable in indices[starts[row] : starts[row + 1]]:
            moved ^= columns[variable]
        columns.append(moved)
    return columns


class _Elimination:
    """Differences as sets of variables and variables as sets of differences, with a hash of each of the latter."""

    def __init__(self, columns: list[set[int]], lots: np.random.Generator) -> None:
        self._columns = [set(column) for column in columns]
        count = 1 + max((max(column) for column in columns if column), default=-1)
        self._lots = lots.integers(1, 2**62, count).tolist()
        self._rows: list[set[int]] = [set() for _ in range(count)]
        self._hash = [0] * len(columns)
        for variable, column in enumerate(columns):
            for row in column:
                self._rows[row].add(variable)
                self._hash[variable] ^= self._lots[row]
        self._guarded: dict[int, int] = {}
        self._guards: list[list[int]] = [[] for _ in columns]
        self._items: list[int] = []

    def guard(self, items: Items) -> None:
        """From now on ``tells`` speaks of ``items``; those that follow already are left out."""
        for plus, minus in zip(items.plus.tolist(), items.minus.tolist(), strict=True):
            value = self._hash[plus] ^ (self._hash[minus] if minus >= 0 else 0)
            if value == 0:
                continue
            number = len(self._items)
            self._items.append(value)
            self._guarded[value] = self._guarded.get(value, 0) + 1
            self._guards[plus].append(number)
            if minus >= 0:
                self._guards[minus].append(number)

    def tells(self, variable: int) -> bool:
        """Whether an item would follow if ``variable`` were shown: it is moved by the same differences."""
        return self._hash[variable] in self._guarded

    def show(self, variable: int) -> None:
        """Keep the differences that do not move ``variable``: the sums of an even number of those that do."""
        moving = set(self._columns[variable])
        if not moving:
            return
        pivot = min(moving, key=lambda row: (len(self._rows[row]), row))
        support = self._rows[pivot]
        for row in moving:
            if row != pivot:
                self._rows[row] ^= support
        change = 0
        for row in moving:
            change ^= self._lots[row]
        self._rows[pivot] = set()
        for moved in support:
            for item in self._guards[moved]:
                self._swap(item, change)
            self._hash[moved] ^= change
            self._columns[moved] ^= moving

    def _swap(self, item: int, change: int) -> None:
        old = self._items[item]
        left = self._guarded[old] - 1
        if left:
            self._guarded[old] = left
        else:
            del self._guarded[old]
        self._items[item] = old ^ change
        self._guarded[old ^ change] = self._guarded.get(old ^ change, 0) + 1
