"""Parts of a lattice that one program can see: a few codes of each dimension, and the cells that have no other. No solving.

A part is made around a cell. Its own codes and all above them are in; of the longest dimension codes are left out, until
the part is small enough: first the families farthest from the cell, but some of these stay, so that sums can move too.
"""

from __future__ import annotations

import math

import numpy as np

from avbrott.disclosure.lattice import Axis, Ints, Mask, ranges
from avbrott.disclosure.system import System

FAR = 0.3
"""The share of codes that is taken from other families than the cell's own."""
LEAST = 4
"""No dimension is cut to fewer finest codes than this."""
COUNTED = 50_000
"""In a lattice of more cells those of a part are counted roughly first."""
ROUGHLY = 8
"""Until there are about so many times as many as there should be."""


class Parts:
    """The parts of one system."""

    def __init__(self, system: System, fixed: Mask) -> None:
        lattice = system.lattice
        self._system = system
        self._fixed = fixed
        self._kin = [_Kin(axis) for axis in lattice.axes]
        self._vintages = {d for d, name in enumerate(lattice.names) if name == lattice.spec.vintage}
        self._rest_of = system.first[system.cell_variables :]
        self._codes = [np.ascontiguousarray(lattice.codes[:, d]) for d in range(len(lattice.axes))]
        self._by_code = [_ByCode(codes, len(axis.codes)) for codes, axis in zip(self._codes, lattice.axes, strict=True)]

    def around(self, variable: int, largest: int, lots: np.random.Generator) -> Ints:
        """The variables that may move together with ``variable``: about ``largest`` or fewer, it is among them; sorted."""
        own = self._system.lattice.codes[self._system.first[variable]].tolist()
        allowed = [kin.related(code) for kin, code in zip(self._kin, own, strict=True)]
        cells = len(self._system.lattice)
        closed: set[int] = set(self._vintages)
        while cells > COUNTED and (about := self._about(allowed)) > ROUGHLY * largest:
            if self._shorten(allowed, closed, own, max(0.5, largest / about), lots) is None:
                break
        inside = self._of(allowed)
        number = len(inside)
        if number > largest and self._vintages:
            for d in self._vintages:
                allowed[d][:] = True
            inside = self._of(allowed)
        while number > largest:
            shorter = self._shorten(allowed, closed, own, max(0.5, largest / number), lots)
            if shorter is None:
                break
            inside = inside[allowed[shorter][self._codes[shorter][inside]]]
            number = len(inside)
        at = np.minimum(np.searchsorted(inside, self._rest_of), len(inside) - 1)
        rests = self._system.cell_variables + np.flatnonzero(inside[at] == self._rest_of)
        found = np.unique(np.concatenate([self._system.variable[inside], rests, [variable]]))
        free: Ints = found[~self._fixed[found]]
        return free

    def _shorten(
        self, allowed: list[Mask], closed: set[int], own: list[int], share: float, lots: np.random.Generator
    ) -> int | None:
        """Leave codes of the longest dimension out, and tell which that is; None where all are as short as they become."""
        while len(closed) < len(allowed):
            longest = max((d for d in range(len(allowed)) if d not in closed), key=lambda d: int(allowed[d].sum()))
            shorter = self._kin[longest].shortened(allowed[longest], own[longest], share, lots)
            if shorter.sum() < allowed[longest].sum():
                allowed[longest] = shorter
                return longest
            closed.add(longest)
        return None

    def _about(self, allowed: list[Mask]) -> float:
        """How many cells all of whose codes are allowed there are, if the dimensions have nothing to do with each other."""
        cells = max(1, len(self._system.lattice))
        return cells * math.prod(
            float(by.number[mask].sum()) / cells for by, mask in zip(self._by_code, allowed, strict=True)
        )

    def _of(self, allowed: list[Mask]) -> Ints:
        """The cells all of whose codes are allowed, sorted."""
        sparse = min(range(len(allowed)), key=lambda d: int(self._by_code[d].number[allowed[d]].sum()))
        inside = self._by_code[sparse].of(allowed[sparse])
        for d, mask in enumerate(allowed):
            if d != sparse and not mask.all():
                inside = inside[mask[self._codes[d][inside]]]
        return inside


class _ByCode:
    """The cells of each code of one dimension."""

    def __init__(self, codes: Ints, number: int) -> None:
        self._cells = np.argsort(codes, kind="stable")
        self.number = np.bincount(codes, minlength=number)
        """How many cells each code has."""
        self._starts = np.concatenate([[0], np.cumsum(self.number)])

    def of(self, mask: Mask) -> Ints:
        """The cells of the codes of ``mask``, sorted."""
        return np.sort(self._cells[ranges(self._starts, np.flatnonzero(mask))])


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
        lines = [[code, *ancestors] for code, ancestors in enumerate(self._ancestors)]
        length = np.array([len(line) for line in lines], np.int64)
        self._lines = np.array([code for line in lines for code in line], np.int64)
        self._line_starts = np.concatenate([[0], np.cumsum(length)])
        size = np.bincount(self._lines, minlength=len(lines))
        self._under = np.repeat(np.arange(len(lines)), length)[np.argsort(self._lines, kind="stable")]
        self._under_starts = np.concatenate([[0], np.cumsum(size)])
        self._divided = size > 1
        is_window = np.array([code in axis.windows for code in axis.codes], np.bool_)
        self._finest = ~self._divided & ~is_window
        family = [max(line[1:], key=lambda above: (-size[above], above), default=line[0]) for line in lines]
        self._family = np.array(family, np.int64)
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
        if self._ancestors[code] or self._divided[code]:
            roots = {root for root in [code, *self._ancestors[code]] if not self._above[root]}
            for other, ancestors in enumerate(self._ancestors):
                allowed[other] |= other in roots or not roots.isdisjoint(ancestors)
        return allowed

    def shortened(self, allowed: Mask, own: int, share: float, lots: np.random.Generator) -> Mask:
        """About ``share`` of the finest codes that are allowed, with those above them; ``own`` and those above it stay."""
        finest = np.flatnonzero(allowed & self._finest)
        number = max(LEAST, int(len(finest) * share))
        if number >= len(finest):
            return allowed
        lot = lots.random(len(allowed))
        kin = self._under[ranges(self._under_starts, self._line(np.array([own])))]
        kinship = np.bincount(kin, minlength=len(allowed))
        ordered = finest[np.lexsort((lot[finest], lot[self._family[finest]], -kinship[finest]))]
        near = max(2, round(number * (1 - FAR)))
        chosen = np.concatenate([[own], ordered[:near], lots.permutation(ordered[near:])[: number - near]])
        keep = np.zeros(len(allowed), np.bool_)
        keep[self._line(chosen)] = True
        return keep & allowed

    def _line(self, codes: Ints) -> Ints:
        """``codes`` and all above them."""
        return self._lines[ranges(self._line_starts, codes)]
