"""Parts of a lattice that one program can see: a few codes of each dimension, and the cells that have no other. No solving.

A part is made around a cell. Its own codes and all above them are in; of the longest dimension codes are left out, until
the part is small enough: first the families farthest from the cell, but some of these stay, so that sums can move too.
"""

from __future__ import annotations

import numpy as np

from avbrott.disclosure.lattice import Axis, Ints, Lattice, Mask
from avbrott.disclosure.system import System

FAR = 0.3
"""The share of codes that is taken from other families than the cell's own."""
LEAST = 4
"""No dimension is cut to fewer finest codes than this."""


class Parts:
    """The parts of one system."""

    def __init__(self, system: System, fixed: Mask) -> None:
        self._system = system
        self._fixed = fixed
        self._kin = [_Kin(axis) for axis in system.lattice.axes]
        self._vintages = {d for d, name in enumerate(system.lattice.names) if name == system.lattice.spec.vintage}
        self._rest_of = system.first[system.cell_variables :]

    def around(self, variable: int, largest: int, lots: np.random.Generator) -> Ints:
        """The variables that may move together with ``variable``: about ``largest`` or fewer, it is among them."""
        lattice = self._system.lattice
        own = lattice.codes[self._system.first[variable]].tolist()
        allowed = [kin.related(code) for kin, code in zip(self._kin, own, strict=True)]
        inside = _inside(lattice, allowed)
        for d in self._vintages:
            allowed[d][:] = True
        closed: set[int] = set(self._vintages)
        while len(inside) > largest and len(closed) < len(allowed):
            longest = max((d for d in range(len(allowed)) if d not in closed), key=lambda d: int(allowed[d].sum()))
            share = max(0.5, largest / len(inside))
            shorter = self._kin[longest].shortened(allowed[longest], own[longest], share, lots)
            if shorter.sum() == allowed[longest].sum():
                closed.add(longest)
                continue
            allowed[longest] = shorter
            inside = _inside(lattice, allowed)
        found = np.zeros(self._system.size, np.bool_)
        found[self._system.variable[inside]] = True
        there = np.zeros(len(lattice), np.bool_)
        there[inside] = True
        found[self._system.cell_variables :] = there[self._rest_of]
        found[variable] = True
        return np.flatnonzero(found & ~self._fixed)


def _inside(lattice: Lattice, allowed: list[Mask]) -> Ints:
    """The cells all of whose codes are allowed."""
    inside = np.ones(len(lattice), np.bool_)
    for d, mask in enumerate(allowed):
        if not mask.all():
            inside &= mask[lattice.codes[:, d]]
    return np.flatnonzero(inside)


class _Kin:
    """Who is above whom among the codes of one dimension."""

    def __init__(self, axis: Axis) -> None:
        self._axis = axis
        self._above: list[list[int]] = [[] for _ in axis.codes]
        windows: list[list[int]] = [[] for _ in axis.codes]
        for top, rank, arrays in axis.steps:
            for array in arrays:
                for code in np.flatnonzero(array >= 0).tolist():
                    if top < 0:
                        windows[code].append(int(array[code]))
                    elif rank == 1:
                        self._above[code].append(int(array[code]))
        self._windows = windows
        self._ancestors = [self._climb(code) for code in range(len(axis.codes))]
        below = np.zeros(len(axis.codes), np.int64)
        for ancestors in self._ancestors:
            below[ancestors] += 1
        self._below = below
        self._tile = np.array([code in axis.tiles for code in axis.codes], np.bool_)

    def _climb(self, code: int) -> list[int]:
        found: list[int] = []
        queue = [code]
        while queue:
            for parent in self._above[queue.pop()]:
                if parent not in found:
                    found.append(parent)
                    queue.append(parent)
        return found

    def related(self, code: int) -> Mask:
        """The codes that sums tie to ``code``; along windows those of the window that tiles, and all that touch these."""
        axis = self._axis
        allowed = np.ones(len(axis.codes), np.bool_)
        if axis.total:
            return allowed
        allowed[:] = False
        allowed[code] = True
        if axis.windows:
            slots = [at for at, over in enumerate(self._windows) if code in over] or [code]
            tiles = [window for slot in slots for window in self._windows[slot] if self._tile[window]]
            slots += [at for at, over in enumerate(self._windows) if any(window in tiles for window in over)]
            for slot in slots:
                allowed[[slot, *self._windows[slot]]] = True
            return allowed
        if self._ancestors[code] or self._below[code]:
            roots = {root for root in [code, *self._ancestors[code]] if not self._above[root]}
            for other, ancestors in enumerate(self._ancestors):
                allowed[other] |= other in roots or not roots.isdisjoint(ancestors)
        return allowed

    def shortened(self, allowed: Mask, own: int, share: float, lots: np.random.Generator) -> Mask:
        """About ``share`` of the finest codes that are allowed, with those above them; ``own`` and those above it stay."""
        finest = np.flatnonzero(allowed & (self._below == 0) & ~self._is_window())
        number = max(LEAST, int(len(finest) * share))
        if number >= len(finest):
            return allowed
        mine = {own, *self._ancestors[own]}
        lot = lots.random(len(self._axis.codes))

        def distance(code: int) -> tuple[int, float, float]:
            line = [code, *self._ancestors[code]]
            family = max(self._ancestors[code], key=lambda above: (-self._below[above], above), default=code)
            return (-len(mine.intersection(line)), lot[family], lot[code])

        ordered = sorted(finest.tolist(), key=distance)
        near = max(2, round(number * (1 - FAR)))
        chosen = ordered[:near] + lots.permutation(np.array(ordered[near:], np.int64))[: number - near].tolist()
        keep = np.zeros(len(allowed), np.bool_)
        for code in [own, *chosen]:
            keep[[code, *self._ancestors[code]]] = True
        return keep & allowed

    def _is_window(self) -> Mask:
        return np.array([code in self._axis.windows for code in self._axis.codes], np.bool_)
