"""Cells as whole-number codes: one key a cell, parents and children a dimension. No relations, no rules, no counts' meaning.

Coordinates become one integer each (mixed radix over the dimensions' sorted codes), so that looking up a parent is a binary
search. Cells are held in the order of their keys, whatever the order of the rows they came from.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import polars as pl

from avbrott.counting.spec import Dimension, SystemSpec
from avbrott.errors import BadInput
from avbrott.table import TOTAL

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Axis:
    """The codes of one dimension in sorted order, and the steps between them."""

    def __init__(self, dimension: Dimension) -> None:
        self.name = dimension.name
        members = dimension.members
        self._members = {level: members[level].to_list() for level in dimension.levels}
        self.level_codes = {level: set(codes) - {None} for level, codes in self._members.items()}
        self.windows = dimension.windows()
        self.tiles = _tiles(self.windows)
        self.total = dimension.total
        codes: set[str] = set().union(*self.level_codes.values()) | set(self.windows)
        if dimension.total:
            codes.add(TOTAL)
        self.codes = sorted(codes)
        self.index = {code: i for i, code in enumerate(self.codes)}
        self.steps = [*self._hierarchy_steps(dimension), *self._window_steps()]
        self.sizes = self._sizes(dimension)

    def _hierarchy_steps(self, dimension: Dimension) -> list[tuple[int, int, list[Ints]]]:
        """By place in a hierarchy (one number each) and how many levels down: the parent of each code, -1 without one."""
        steps: list[tuple[int, int, list[Ints]]] = []
        top = 0
        for hierarchy in dimension.hierarchies:
            chain = [None, *hierarchy] if dimension.total else list(hierarchy)
            for i, coarse in enumerate(chain):
                steps += [(top, j - i, [self._parents(coarse, str(chain[j]))]) for j in range(i + 1, len(chain))]
                top += 1
        return steps

    def _parents(self, coarse: str | None, fine: str) -> Ints:
        found = np.full(len(self.codes), -1, np.int64)
        children = self._members[fine]
        over = [TOTAL] * len(children) if coarse is None else self._members[coarse]
        for parent, child in zip(over, children, strict=True):
            if parent is None or child is None or parent == child:
                continue
            if found[self.index[child]] not in {-1, self.index[parent]}:
                raise BadInput("CODE_HAS_TWO_PARENTS", dimension=self.name, child=child, level=coarse or TOTAL)
            found[self.index[child]] = self.index[parent]
        return found

    def _window_steps(self) -> list[tuple[int, int, list[Ints]]]:
        if not self.windows:
            return []
        length = len(next(iter(self.windows.values())))
        arrays = [np.full(len(self.codes), -1, np.int64) for _ in range(length)]
        for window, years in self.windows.items():
            for place, year in enumerate(years):
                arrays[place][self.index[year]] = self.index[window]
        return [(-1, 1, arrays)]

    def _sizes(self, dimension: Dimension) -> npt.NDArray[np.float64]:
        """How many finest codes each code holds."""
        sizes = np.ones(len(self.codes))
        for codes in self._members.values():
            pairs = set(zip(codes, self._members[dimension.finest], strict=True))
            for code, n in Counter(code for code, _ in pairs if code is not None).items():
                sizes[self.index[code]] = max(sizes[self.index[code]], n)
        for window, years in self.windows.items():
            sizes[self.index[window]] = len(years)
        if dimension.total:
            sizes[self.index[TOTAL]] = dimension.members.height
        return sizes


def _tiles(windows: dict[str, tuple[str, ...]]) -> set[str]:
    """Windows that do not overlap, from the newest back: shown, they cover nearly every slot, and bind few together."""
    tiles: set[str] = set()
    covered: set[str] = set()
    for window, slots in reversed(windows.items()):
        if covered.isdisjoint(slots):
            tiles.add(window)
            covered.update(slots)
    return tiles


class Lattice:
    """Cells of one system, sorted by key."""

    def __init__(self, spec: SystemSpec, cells: pl.DataFrame) -> None:
        self.spec = spec
        self.names = list(spec.dimensions)
        self.axes = [Axis(dimension) for dimension in spec.dimensions.values()]
        radix = 1
        strides = []
        for axis in reversed(self.axes):
            strides.append(radix)
            radix *= len(axis.codes)
        if radix > 2**62:
            raise BadInput("SYSTEM_TOO_WIDE", system=spec.name)
        self.strides: Ints = np.array(strides[::-1], np.int64)
        codes = self._encode(cells)
        keys: Ints = codes @ self.strides
        order = np.argsort(keys, kind="stable")
        self.codes: Ints = codes[order]
        self.keys: Ints = keys[order]
        if len(keys) and (np.diff(self.keys) == 0).any():
            raise BadInput("CELL_TWICE", system=spec.name, cells=int((np.diff(self.keys) == 0).sum()))
        self.count: Ints = cells["count"].cast(pl.Int64).to_numpy()[order]
        if (self.count < 0).any():
            raise BadInput("COUNT_NEGATIVE", system=spec.name, cells=int((self.count < 0).sum()))

    def _encode(self, cells: pl.DataFrame) -> Ints:
        numbered = cells.select(
            pl.col(axis.name)
            .cast(pl.String)
            .replace_strict(axis.codes, range(len(axis.codes)), default=-1, return_dtype=pl.Int64)
            for axis in self.axes
        )
        columns = [column.to_numpy() for column in numbered.iter_columns()]
        for axis, column in zip(self.axes, columns, strict=True):
            unknown = int((column == -1).sum())
            if unknown:
                raise BadInput("CELL_CODE_UNKNOWN", system=self.spec.name, dimension=axis.name, cells=unknown)
        return np.column_stack(columns).astype(np.int64) if columns else np.zeros((cells.height, 0), np.int64)

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, keys: Ints) -> Ints:
        """The cell of each key, -1 where there is none."""
        if not len(self.keys):
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, at, -1)

    def moved(self, cells: Ints, dimension: int, code: Ints | int) -> Ints:
        """The cells at the same coordinates but with ``code`` in ``dimension``, -1 where there is none."""
        return self.find(self.keys[cells] + (code - self.codes[cells, dimension]) * self.strides[dimension])

    def places(self, keep: Ints) -> pl.DataFrame:
        """The coordinates of the cells ``keep`` as codes."""
        return pl.DataFrame(
            {axis.name: pl.Series(axis.codes, dtype=pl.String)[self.codes[keep, d]] for d, axis in enumerate(self.axes)}
        )

    def members_of_tables(self) -> list[list[Mask]]:
        """By table and dimension, which codes the table shows."""
        return [[self._shown(axis, table.name) for axis in self.axes] for table in self.spec.tables]

    def _shown(self, axis: Axis, table_name: str) -> Mask:
        table = next(t for t in self.spec.tables if t.name == table_name)
        shown = np.zeros(len(axis.codes), np.bool_)
        if axis.name in table.where:
            shown[axis.index[table.where[axis.name]]] = True
            return shown
        if axis.total:
            shown[axis.index[TOTAL]] = True
        if axis.name not in table.levels:
            return shown
        if axis.name not in table.windows_only:
            for level in table.levels[axis.name]:
                for code in axis.level_codes[level]:
                    shown[axis.index[code]] = True
        if axis.name in table.windows or axis.name in table.windows_only:
            for code in axis.windows:
                shown[axis.index[code]] = True
        return shown


def lengths(starts: Ints, of: Ints) -> Ints:
    """How many places there are from ``starts[i]`` to ``starts[i + 1]``, of every ``i`` in ``of``."""
    return (starts[of + 1] - starts[of]).astype(np.int64)


def ranges(starts: Ints, of: Ints) -> Ints:
    """The places ``starts[i]`` to ``starts[i + 1]`` of every ``i`` in ``of``, one after the other."""
    first, length = starts[of], lengths(starts, of)
    end = length.cumsum()
    places: Ints = (first + length - end).repeat(length) + np.arange(end[-1] if len(end) else 0)
    return places
