"""Neighbourhoods: which variables a program about one item may move. No solving here.

By dimension a few codes are let in: the item's own, those above it, a few beside it (hidden and cheap ones first), and below
each of these a few again; the neighbourhood is every cell whose codes are all let in.
"""

from __future__ import annotations

import numpy as np

from avbrott.disclosure.lattice import Axis, Ints, Mask
from avbrott.disclosure.program import Floats
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.system import System

FIXED_PRICE = 1e6


class Near:
    """The neighbourhoods of one system."""

    def __init__(self, system: System, rules: Rules) -> None:
        self._system = system
        self._rules = rules
        self._room = system.truth > rules.floor
        lattice = system.lattice
        self._parents = [_parents(axis) for axis in lattice.axes]
        self._children = [_children(axis) for axis in lattice.axes]
        self._windowed = [_windowed(axis) for axis in lattice.axes]
        self._tiles = [np.array([code in axis.tiles for code in axis.codes], np.bool_) for axis in lattice.axes]
        order = np.argsort(system.variable, kind="stable")
        self._cells_of = order
        self._starts = np.searchsorted(system.variable[order], np.arange(system.size + 1))
        self._in_window = np.zeros(system.size, np.bool_)
        for d, axis in enumerate(lattice.axes):
            for top, _, arrays in axis.steps:
                if top < 0:
                    for array in arrays:
                        over = array[lattice.codes[:, d]]
                        cells = np.flatnonzero(over >= 0)
                        windows = lattice.moved(cells, d, over[cells])
                        self._in_window[system.variable[cells[windows >= 0]]] = True
                        self._in_window[system.variable[windows[windows >= 0]]] = True

    def cells_of(self, variable: int) -> Ints:
        """The cells of a variable; of a rest, the cell it is a part of."""
        cells: Ints = self._cells_of[self._starts[variable] : self._starts[variable + 1]]
        return cells if len(cells) else self._system.first[[variable]]

    def around(self, variables: list[int], price: Floats, breadth: int, *, wide: bool, windowed: bool) -> Ints:
        """The variables near ``variables`` that may move; ``wide`` also opens dimensions that the item does not divide."""
        lattice = self._system.lattice
        inside = np.ones(len(lattice), np.bool_)
        cells = np.concatenate([self.cells_of(v) for v in variables])
        for d in range(len(lattice.axes)):
            allowed = self._codes(cells, d, price, breadth, windowed=windowed, wide=wide)
            inside &= allowed[lattice.codes[:, d]]
        found = np.zeros(self._system.size, np.bool_)
        found[self._system.variable[inside]] = True
        found[variables] = True
        found[self._system.cell_variables :] = inside[self._system.first[self._system.cell_variables :]]
        found &= ~self._rules.fixed
        return np.flatnonzero(found)

    def _codes(self, cells: Ints, d: int, price: Floats, breadth: int, *, windowed: bool, wide: bool) -> Mask:
        axis = self._system.lattice.axes[d]
        allowed = np.zeros(len(axis.codes), np.bool_)
        if axis.windows:
            for cell in cells:
                self._slots(allowed, d, int(self._system.lattice.codes[cell, d]), windowed=windowed)
            return allowed
        for cell in cells:
            own = int(self._system.lattice.codes[cell, d])
            above = self._above(d, own)
            allowed[[own, *above]] = True
            self._down(allowed, cell, d, own, price, breadth, wide=wide)
            for parent in above:
                if self._windowed[d][parent]:
                    continue
                beside = self._children[d][parent]
                for code in self._best(beside[~allowed[beside]], cell, d, price, breadth, wide=wide):
                    allowed[code] = True
                    self._down(allowed, cell, d, int(code), price, max(1, breadth - 1), wide=wide)
        return allowed

    def _slots(self, allowed: Mask, d: int, own: int, *, windowed: bool) -> None:
        """With windows: the item's own slot and its windows; if asked the slots of these as well."""
        windows = self._parents[d][own] if not self._windowed[d][own] else [own]
        allowed[[own, *windows]] = True
        opened = [window for window in windows if windowed or window == own or self._tiles[d][window]]
        if opened:
            for window in opened:
                allowed[self._children[d][window]] = True
            for slot in np.flatnonzero(allowed & ~self._windowed[d]):
                allowed[self._parents[d][int(slot)]] = True

    def _above(self, d: int, code: int) -> list[int]:
        found: list[int] = []
        queue = [code]
        while queue:
            for parent in self._parents[d][queue.pop()]:
                if parent not in found:
                    found.append(parent)
                    queue.append(parent)
        return found

    def _down(self, allowed: Mask, cell: int, d: int, code: int, price: Floats, breadth: int, *, wide: bool) -> None:
        below = self._children[d][code]
        if not len(below) or self._windowed[d][code]:
            return
        for child in self._best(below[~allowed[below]], cell, d, price, breadth, wide=wide):
            allowed[child] = True
            self._down(allowed, cell, d, int(child), price, breadth, wide=wide)

    def _best(self, codes: Ints, cell: int, d: int, price: Floats, breadth: int, *, wide: bool) -> Ints:
        """The cheapest of ``codes`` beside ``cell``: those that are cells first, with room to go down first."""
        if not len(codes):
            return codes
        system = self._system
        there = system.lattice.moved(np.full(len(codes), cell), d, codes)
        variable = system.variable[np.maximum(there, 0)]
        rank = price[variable] + np.where(self._rules.fixed[variable], FIXED_PRICE, 0.0)
        rank += np.where(self._room[variable], 0.0, 3.0)
        rank = np.where(there >= 0, rank, np.inf)
        if not wide:
            codes, rank = codes[rank < np.inf], rank[rank < np.inf]
        return codes[np.argsort(rank, kind="stable")[:breadth]]


def _parents(axis: Axis) -> list[list[int]]:
    found: list[set[int]] = [set() for _ in axis.codes]
    for _, rank, arrays in axis.steps:
        if rank == 1:
            for array in arrays:
                for code in np.flatnonzero(array >= 0):
                    found[int(code)].add(int(array[code]))
    return [sorted(parents) for parents in found]


def _children(axis: Axis) -> list[Ints]:
    found: list[set[int]] = [set() for _ in axis.codes]
    for child, parents in enumerate(_parents(axis)):
        for parent in parents:
            found[parent].add(child)
    return [np.array(sorted(children), np.int64) for children in found]


def _windowed(axis: Axis) -> Mask:
    return np.array([code in axis.windows for code in axis.codes], np.bool_)
