"""Sums for the checker, found from the spec and the cells' coordinates alone: joins of frames, no code of the engine.

A sum is one cell and the cells that it is divided into in one dimension. It is *whole* where a table shows every code of the
division beside the sum, so that a part that is not listed is a zero; otherwise persons can be in none of the parts. Not here:
what a proof must show (``item_checks``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.table import TOTAL

CELL = "_cell"


@dataclass(frozen=True, slots=True)
class Sums:
    """``matrix``: a row a sum, 1 at the cell that is divided and -1 at its parts; times the counts: what is left over."""

    matrix: sparse.csr_array
    whole: npt.NDArray[np.bool_]
    """By sum; where false, what is left over can be any number from zero."""


def find_sums(spec: SystemSpec, cells: pl.DataFrame) -> Sums:
    """The sums among ``cells`` (coordinates, one String column a dimension, each combination once), in their row order."""
    if cells.is_empty():  # a system that nobody has delivered for
        return Sums(sparse.csr_array((0, 0), dtype=np.int64), np.zeros(0, np.bool_))
    names = list(spec.dimensions)
    codes = cells.select(
        pl.col(name).replace_strict((every := sorted(set(cells[name].to_list()))), range(len(every)), return_dtype=pl.Int32)
        for name in names
    ).with_row_index(CELL)
    shows = [[cells[name].is_in(_codes(spec.dimensions[name], table)).to_numpy() for name in names] for table in spec.tables]
    away = np.array([np.sum([~shown for shown in table], axis=0) for table in shows])
    rows, columns, signs, whole = [], [], [], []
    count = 0
    for at, name in enumerate(names):
        divisions = _divisions(spec.dimensions[name])
        if not divisions.height:
            continue
        beside = np.array([(table_away - ~table[at]) == 0 for table_away, table in zip(away, shows, strict=True)])
        listed = _listed(cells[name], codes, names, at, divisions)
        sums = _nearest(listed, beside, divisions, [_codes(spec.dimensions[name], table) for table in spec.tables])
        total, part = sums["_sum"].to_numpy(), sums["_part"].to_numpy()
        first = np.flatnonzero(np.diff(sums["_row"].to_numpy(), prepend=-1))
        rows += [sums["_row"].to_numpy() + count, np.arange(len(first)) + count]
        columns += [part, total[first]]
        signs += [np.full(len(part), -1, np.int64), np.ones(len(first), np.int64)]
        whole.append(sums["_whole"].to_numpy()[first])
        count += len(first)
    shape = (count, cells.height)
    if not count:
        return Sums(sparse.csr_array(shape, dtype=np.int64), np.zeros(0, np.bool_))
    entries = (np.concatenate(signs), (np.concatenate(rows), np.concatenate(columns)))
    return Sums(sparse.coo_array(entries, shape=shape).tocsr(), np.concatenate(whole))


def _listed(own: pl.Series, codes: pl.DataFrame, names: list[str], at: int, divisions: pl.DataFrame) -> pl.DataFrame:
    """By part that is a cell: its division (``over``, ``way``, ``step``), ``_part`` and ``_sum`` (rows of cells)."""
    number = dict(zip(own.to_list(), codes[names[at]].to_list(), strict=True))
    numbered = divisions.filter(pl.col("over").is_in(list(number)) & pl.col("part").is_in(list(number))).select(
        "over",
        "way",
        "step",
        *(pl.col(c).replace_strict(number, return_dtype=pl.Int32).alias(f"_{c}") for c in ("over", "part")),
    )
    others = [name for name in names if name != names[at]]
    parts = codes.join(numbered, left_on=names[at], right_on="_part").rename({CELL: "_part"})
    return parts.join(codes.rename({CELL: "_sum"}), left_on=[*others, "_over"], right_on=[*others, names[at]]).select(
        "over", "way", "step", "_part", "_sum"
    )


def _nearest(
    listed: pl.DataFrame, beside: npt.NDArray[np.bool_], divisions: pl.DataFrame, shown: list[set[str]]
) -> pl.DataFrame:
    """The nearest step at which a cell is divided whole; if there is none, the nearest at which it is in part.

    ``_row`` numbers the sums; rows of one sum stand together. ``beside`` is by table and cell whether the table shows the
    cell's other coordinates, ``shown`` by table the codes that it shows.
    """
    pattern = np.zeros(beside.shape[1], np.int64)
    for table in beside:
        pattern = np.unique(2 * pattern + table, return_inverse=True)[1].reshape(-1)
    _, sample = np.unique(pattern, return_index=True)
    covered = pl.concat(
        divisions.with_columns(
            pl.lit(place, pl.Int64).alias("_pattern"),
            pl.col("part").is_in(set().union(*(shown[t] for t in np.flatnonzero(beside[:, cell])))).alias("_whole"),
        )
        for place, cell in enumerate(sample)
    )
    covered = covered.group_by("over", "way", "step", "_pattern").agg(pl.col("_whole").all())
    sums = listed.with_columns(pl.Series("_pattern", pattern[listed["_sum"].to_numpy()], dtype=pl.Int64))
    sums = sums.join(covered, on=["over", "way", "step", "_pattern"])
    best = sums.select("_sum", "way", "step", "_whole").unique().sort("_sum", "way", ~pl.col("_whole"), "step")
    best = best.unique(["_sum", "way"], keep="first", maintain_order=True).with_row_index("_row")
    chosen = best.select(pl.col("_row").cast(pl.Int64), "_sum", "way", "step")
    return sums.join(chosen, on=["_sum", "way", "step"]).sort("_row", "_part")


def _divisions(dimension: Dimension) -> pl.DataFrame:
    """Ways of dividing each code ``over``: ``way`` names a hierarchy (or the windows), ``step`` counts from near to far.

    Columns ``over``, ``way``, ``step``, ``part``.
    """
    found = []
    for way, hierarchy in enumerate(dimension.hierarchies):
        above = dimension.members.select(
            *([pl.lit(TOTAL).alias("-1")] if dimension.total else []),
            *(pl.col(level).alias(str(place)) for place, level in enumerate(hierarchy)),
        )
        for i in range(-1 if dimension.total else 0, len(hierarchy)):
            for j in range(i + 1, len(hierarchy)):
                pairs = above.select(over=str(i), part=str(j)).drop_nulls().filter(pl.col("over") != pl.col("part"))
                found.append(pairs.unique().with_columns(way=pl.lit(f"{way} {i}"), step=pl.lit(j)))
    windows = [(window, "windows", 0, year) for window, years in dimension.windows().items() for year in years]
    columns = {"over": pl.String, "way": pl.String, "step": pl.Int32, "part": pl.String}
    found.append(pl.DataFrame(windows, schema=columns, orient="row"))
    return pl.concat([frame.select(*columns) for frame in found]).sort("over", "way", "step", "part")


def unjoined(spec: SystemSpec) -> int:
    """How often levels of several hierarchies of a dimension stand at one crossing of the others, without the finest level.

    Sums of codes of one hierarchy can then be sums of codes of another, and no sum of cells says so.
    """
    number = 0
    for name, dimension in spec.dimensions.items():
        if len(dimension.hierarchies) < 2:
            continue
        at: dict[tuple[str, ...], set[str]] = {}
        for table in spec.tables:
            own = _levels_at(dimension, table)
            others = [_levels_at(other, table) for other in spec.dimensions.values() if other.name != name]
            for crossing in product(*others):
                at.setdefault(crossing, set()).update(own - {TOTAL, ""})
        for levels in at.values():
            joined = dimension.finest in levels or any(levels <= set(hierarchy) for hierarchy in dimension.hierarchies)
            number += not joined
    return number


def _levels_at(dimension: Dimension, table: Table) -> set[str]:
    """The levels that ``table`` has rows at: ``TOTAL`` for the total, empty for windows."""
    if dimension.name in table.where:
        code = table.where[dimension.name]
        return {level for level in dimension.levels if code in dimension.members[level]} or {TOTAL}
    levels = {TOTAL} if dimension.total else set()
    if dimension.name in table.windows | table.windows_only:
        levels.add("")
    return levels if dimension.name in table.windows_only else levels | set(table.levels.get(dimension.name, ()))


def released(spec: SystemSpec, cells: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """By row of ``cells``, whether a table that is published has a row for it."""
    found = _inside(spec, cells, [table for table in spec.tables if not table.latent])
    unpublished: npt.NDArray[np.bool_] = cells.select(spec.is_unpublished().alias(CELL))[CELL].to_numpy()
    return found & ~unpublished


def has_row(spec: SystemSpec, cells: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """By row of ``cells``, whether a table, published or not, has a row for it."""
    return _inside(spec, cells, spec.tables)


def _inside(spec: SystemSpec, cells: pl.DataFrame, tables: Iterable[Table]) -> npt.NDArray[np.bool_]:
    found = np.zeros(cells.height, np.bool_)
    for table in tables:
        inside = np.ones(cells.height, np.bool_)
        for name, dimension in spec.dimensions.items():
            inside &= cells[name].is_in(_codes(dimension, table)).to_numpy()
        found |= inside
    return found


def _codes(dimension: Dimension, table: Table) -> set[str]:
    """The codes of ``dimension`` that ``table`` has rows for."""
    if dimension.name in table.where:
        return {table.where[dimension.name]}
    codes = {TOTAL} if dimension.total else set()
    if dimension.name in table.levels and dimension.name not in table.windows_only:
        for level in table.levels[dimension.name]:
            codes |= set(dimension.members[level].drop_nulls().to_list())
    if dimension.name in table.windows | table.windows_only:
        codes |= set(dimension.windows())
    return codes
