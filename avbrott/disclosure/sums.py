"""Sums for the checker, found from the spec and the cells' coordinates alone: joins of frames, no code of the engine.

A sum is one cell and the cells that it is divided into in one dimension. It is *whole* where a table shows every code of the
division beside the sum, so that a part that is not listed is a zero; otherwise persons can be in none of the parts. Not here:
what a proof must show (``item_checks``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.table import TOTAL

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

CELL = "_cell"


@dataclass(frozen=True, slots=True)
class Sums:
    """``matrix``: a row a sum, 1 at the cell that is divided and -1 at its parts; times the counts: what is left over."""

    matrix: sparse.csr_array
    whole: Mask
    """By sum; where false, what is left over can be any number from zero."""
    bare: Mask
    """By cell, whether tables divide it, and no part is a cell: then nobody is in it."""
    orphan: Mask
    """By cell, whether a table has a row for what it is a part of, and that is no cell: nobody is in it either."""


def find_sums(spec: SystemSpec, cells: pl.DataFrame) -> Sums:
    """The sums among ``cells`` (coordinates, one String column a dimension, each combination once), in their row order."""
    if cells.is_empty():  # a system that nobody has delivered for
        none = np.zeros(0, np.bool_)
        return Sums(sparse.csr_array((0, 0), dtype=np.int64), none, none, none)
    names = list(spec.dimensions)
    codes = _numbered(cells, names)
    shows = _shown(spec, codes, spec.tables)
    away = np.array([np.sum([~shown for shown in table], axis=0) for table in shows])
    rows, columns, signs, whole = [], [], [], []
    bare, orphan = np.zeros((2, cells.height), np.bool_)
    count = 0
    for at, name in enumerate(names):
        divisions = _divisions(spec.dimensions[name])
        if not divisions:
            continue
        beside = np.array([(table_away - ~table[at]) == 0 for table_away, table in zip(away, shows, strict=True)])
        listed = _listed(codes, names, at, divisions)
        shown = [_codes(spec.dimensions[name], table) for table in spec.tables]
        pattern, told = _told(beside, shown)
        covered = np.array([[shows.issuperset(one.parts) for one in divisions] for shows in told], np.bool_)
        row, total, part, all_of = _nearest(listed, pattern, covered, divisions)
        bare[_without_parts(codes, names[at], divisions, listed, pattern, covered)] = True
        orphan[_without_sum(codes, names[at], divisions, listed, pattern, told)] = True
        first = np.flatnonzero(np.diff(row, prepend=-1))
        rows += [row + count, np.arange(len(first)) + count]
        columns += [part, total[first]]
        signs += [np.full(len(part), -1, np.int64), np.ones(len(first), np.int64)]
        whole.append(all_of[first])
        count += len(first)
    shape = (count, cells.height)
    if not count:
        return Sums(sparse.csr_array(shape, dtype=np.int64), np.zeros(0, np.bool_), bare, orphan)
    entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns)))
    return Sums(sparse.coo_array(entries, shape=shape).tocsr(), np.concatenate(whole), bare, orphan)


@dataclass(frozen=True, slots=True)
class _Numbered:
    """``frame``: by row of cells (``_cell``) its code in each dimension, numbered; ``number``: by dimension each code's."""

    frame: pl.DataFrame
    number: dict[str, dict[str, int]]


def _numbered(cells: pl.DataFrame, names: list[str]) -> _Numbered:
    number = {name: {code: at for at, code in enumerate(sorted(set(cells[name].to_list())))} for name in names}
    frame = cells.select(pl.col(name).replace_strict(number[name], return_dtype=pl.Int32) for name in names)
    return _Numbered(frame.with_row_index(CELL), number)


def _listed(codes: _Numbered, names: list[str], at: int, divisions: list[_Division]) -> pl.DataFrame:
    """By part that is a cell: the place in ``divisions`` of its division, ``_part`` and ``_sum`` (rows of cells)."""
    number = codes.number[names[at]]
    pairs = [
        (place, number[one.over], number[part])
        for place, one in enumerate(divisions)
        if one.over in number
        for part in one.parts
        if part in number
    ]
    there = pl.DataFrame(pairs, schema={"division": pl.Int64, "_over": pl.Int32, "_part": pl.Int32}, orient="row")
    others = [name for name in names if name != names[at]]
    parts = codes.frame.join(there, left_on=names[at], right_on="_part").rename({CELL: "_part"})
    over = codes.frame.rename({CELL: "_sum"})
    return parts.join(over, left_on=[*others, "_over"], right_on=[*others, names[at]]).select("division", "_part", "_sum")


def _told(beside: Mask, shown: list[set[str]]) -> tuple[Ints, list[set[str]]]:
    """By cell the number of its pattern of tables ``beside`` it, and by pattern the codes that these show.

    ``beside`` is by table and cell whether the table shows the cell's other coordinates, ``shown`` by table its codes.
    """
    pattern = np.zeros(beside.shape[1], np.int64)
    for table in beside:
        pattern = np.unique(2 * pattern + table, return_inverse=True)[1].reshape(-1)
    _, sample = np.unique(pattern, return_index=True)
    return pattern, [set[str]().union(*(shown[t] for t in np.flatnonzero(beside[:, cell]))) for cell in sample]


def _without_parts(
    codes: _Numbered, name: str, divisions: list[_Division], listed: pl.DataFrame, pattern: Ints, covered: Mask
) -> Ints:
    """Cells that tables divide whole, and of whose parts none is a cell."""
    number = codes.number[name]
    pairs = [(place, number[one.over]) for place, one in enumerate(divisions) if one.over in number]
    there = pl.DataFrame(pairs, schema={"division": pl.Int64, name: pl.Int32}, orient="row")
    divided = codes.frame.select(CELL, name).join(there, on=name).rename({CELL: "_sum"})
    alone = divided.join(listed, on=["division", "_sum"], how="anti")
    cell, division = alone["_sum"].to_numpy().astype(np.int64), alone["division"].to_numpy()
    found: Ints = cell[covered[pattern[cell], division]]
    return found


def _without_sum(
    codes: _Numbered, name: str, divisions: list[_Division], listed: pl.DataFrame, pattern: Ints, told: list[set[str]]
) -> Ints:
    """Cells beside which a table shows a code that holds theirs, and that is no cell."""
    number = codes.number[name]
    pairs = [(place, number[part]) for place, one in enumerate(divisions) for part in one.parts if part in number]
    there = pl.DataFrame(pairs, schema={"division": pl.Int64, name: pl.Int32}, orient="row")
    held = codes.frame.select(CELL, name).join(there, on=name).rename({CELL: "_part"})
    alone = held.join(listed, on=["division", "_part"], how="anti")
    cell, division = alone["_part"].to_numpy().astype(np.int64), alone["division"].to_numpy()
    shows = np.array([[one.over in codes_shown for one in divisions] for codes_shown in told], np.bool_)
    found: Ints = cell[shows[pattern[cell], division]]
    return found


def _nearest(listed: pl.DataFrame, pattern: Ints, covered: Mask, divisions: list[_Division]) -> tuple[Ints, Ints, Ints, Mask]:
    """The nearest step at which a cell is divided whole; if there is none, the nearest at which it is in part.

    By part: the number of its sum (parts of one stand together), the sum's cell, the part's cell, and whether the sum is
    whole. ``covered`` is by pattern of tables beside a cell, and by division, whether they show each part.
    """
    division, part, total = (listed[name].to_numpy().astype(np.int64) for name in ("division", "_part", "_sum"))
    way, step = np.array([(one.way, one.step) for one in divisions], np.int64)[division].T
    whole = covered[pattern[total], division]
    order = np.lexsort((part, step, ~whole, way, total))
    total, way, step, part, whole = (each[order] for each in (total, way, step, part, whole))
    new = (np.diff(total, prepend=-1) != 0) | (np.diff(way, prepend=-1) != 0)
    row = np.cumsum(new) - 1
    near = step == step[new][row]
    return row[near], total[near], part[near], whole[near]


@dataclass(frozen=True, slots=True)
class _Division:
    """One way of dividing the code ``over``: ``way`` numbers levels of hierarchies, ``step`` counts from near to far."""

    over: str
    way: int
    step: int
    parts: frozenset[str]


def _divisions(dimension: Dimension) -> list[_Division]:
    """Every way of dividing a code, by hierarchies and last by windows."""
    found = []
    way = 0
    for hierarchy in dimension.hierarchies:
        above = [[TOTAL] * dimension.members.height] if dimension.total else []
        above += [dimension.members[level].to_list() for level in hierarchy]
        for i, overs in enumerate(above):
            for step in range(i + 1, len(above)):
                parts: dict[str, set[str]] = {}
                for over, part in zip(overs, above[step], strict=True):
                    if over is not None and part is not None and over != part:
                        parts.setdefault(over, set()).add(part)
                found += [_Division(over, way, step, frozenset(under)) for over, under in parts.items()]
            way += 1
    return [*found, *(_Division(window, way, 0, frozenset(years)) for window, years in dimension.windows().items())]


def released(spec: SystemSpec, cells: pl.DataFrame) -> Mask:
    """By row of ``cells``, whether a table that is published has a row for it."""
    found = _inside(spec, cells, [table for table in spec.tables if not table.latent])
    unpublished: Mask = cells.select(spec.is_unpublished().alias(CELL))[CELL].to_numpy()
    return found & ~unpublished


def has_row(spec: SystemSpec, cells: pl.DataFrame) -> Mask:
    """By row of ``cells``, whether a table, published or not, has a row for it."""
    return _inside(spec, cells, spec.tables)


def _inside(spec: SystemSpec, cells: pl.DataFrame, tables: Iterable[Table]) -> Mask:
    found = np.zeros(cells.height, np.bool_)
    if cells.is_empty():
        return found
    codes = _numbered(cells, list(spec.dimensions))
    for shown in _shown(spec, codes, tables):
        found |= np.logical_and.reduce(shown)
    return found


def _shown(spec: SystemSpec, codes: _Numbered, tables: Iterable[Table]) -> list[list[Mask]]:
    """By table and dimension, which cells have a code there that the table shows."""
    own = {name: codes.frame[name].to_numpy() for name in codes.number}
    return [
        [
            np.array([code in shown for code in codes.number[name]], np.bool_)[own[name]]
            for name, shown in ((name, _codes(dimension, table)) for name, dimension in spec.dimensions.items())
        ]
        for table in tables
    ]


def _codes(dimension: Dimension, table: Table) -> set[str]:
    """The codes of ``dimension`` that ``table`` has rows for."""
    if dimension.name in table.where:
        return {table.where[dimension.name]}
    codes = {TOTAL} if dimension.total else set()
    if dimension.name in table.levels and dimension.name not in table.windows_only:
        for level in table.levels[dimension.name]:
            codes |= set(dimension.members[level].to_list()) - {None}
    if dimension.name in table.windows | table.windows_only:
        codes |= set(dimension.windows())
    return codes
