"""Every cell of every table of a system, from base cells: each set of coordinates once, zeros included.

What cannot be is not listed, and a cell that is not listed is a zero that everybody knows: codes that the spec says never
occur together, and codes outside a table's ``where``. The SQL is plain (GROUPING SETS over one column a level), so that
another engine can run it. In it a code is a number, its place among its dimension's codes: words are grouped much slower.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import polars as pl

from avbrott.counting.engine import DUCKDB, Engine, EngineName, counting_with
from avbrott.counting.spec import TOTAL, Dimension, SystemSpec, Table
from avbrott.errors import BadInput

_OUTSIDE = -1
"""Stands for null (the dimension does not apply) while grouping, where a null means that a column is not divided."""


def count_cells(
    base: pl.DataFrame, spec: SystemSpec, kept: Mapping[str, pl.DataFrame] | None = None, engine: EngineName = DUCKDB
) -> pl.DataFrame:
    """Count every cell of ``spec`` from base cells (a column a dimension, ``count``).

    ``kept``: by table, counts of periods that ``base`` does not hold, divided by the table's own dimensions alone.

    Returns one String column a dimension in the spec's order (``Total`` where not divided), ``count`` Int64 and ``tables``
    List(String) of the tables that show the cell, sorted by the dimensions. Raises ``BadInput`` where base cells hold a code
    that the spec does not know, or persons in a cell that cannot be.
    """
    with counting_with(engine) as counting:
        _open_base(counting, base, spec)
        counted = [_count_table(counting, spec, table, (kept or {}).get(table.name)) for table in spec.tables]
    names = list(spec.dimensions)
    lattice = pl.concat([_lattice(spec, table) for table in spec.tables])
    cells = lattice.group_by(names).agg(pl.col("table").unique().sort().alias("tables"))
    counts = pl.concat(counted).unique([*map(_column, range(len(names)))])
    codes = [(name, pl.Series(_codes(dimension))) for name, dimension in spec.dimensions.items()]
    words = [pl.lit(held).gather(pl.col(_column(place))).alias(name) for place, (name, held) in enumerate(codes)]
    counts = counts.select(*words, "count")
    impossible = counts.join(cells, on=names, how="anti").height
    if impossible:
        raise BadInput("CELL_IMPOSSIBLE", system=spec.name, cells=impossible)
    joined = cells.join(counts, on=names, how="left")
    return joined.select(*names, pl.col("count").fill_null(0), "tables").sort(names)


def _column(place: int) -> str:
    """The name of a dimension in a query: its place, so that a dimension may be called anything."""
    return f"d{place}"


def _codes(dimension: Dimension) -> list[str]:
    """Every code of a dimension, its windows among them, in the order of their numbers; ``Total`` is 0."""
    found = {code for level in dimension.levels for code in dimension.members[level].to_list()}
    return [TOTAL, *sorted((found | dimension.windows().keys()) - {TOTAL})]


def _numbered(dimension: Dimension, column: str) -> pl.Expr:
    """The numbers of a column of codes, Int32; null of what is no code."""
    return pl.col(column).cast(pl.Enum(_codes(dimension)), strict=False).to_physical().cast(pl.Int32)


def _open_base(counting: Engine, base: pl.DataFrame, spec: SystemSpec) -> None:
    """Make the tables ``base`` (d0, d1 ... and count) and ``m0``, ``m1`` ... of members; refuse other codes."""
    counting.put("base", _rows(base, spec))
    for place, (name, dimension) in enumerate(spec.dimensions.items()):
        counting.put(
            f"m{place}",
            dimension.members.select(_numbered(dimension, level) for level in dimension.levels).rename(
                {level: f"l{number}" for number, level in enumerate(dimension.levels)}
            ),
        )
        known = pl.col(name).is_null() | pl.col(name).is_in(dimension.members[dimension.finest].implode())
        unknown = base.filter(~known)["count"].sum()
        if unknown:
            raise BadInput("CODE_NOT_COUNTED", system=spec.name, dimension=name, rows=int(unknown))


def _rows(rows: pl.DataFrame, spec: SystemSpec) -> pl.DataFrame:
    """Rows of codes as d0, d1 ... and ``count``; a dimension that they have no column of applies to none of them."""
    columns = [
        _numbered(dimension, name) if name in rows.columns else pl.lit(None, pl.Int32)
        for name, dimension in spec.dimensions.items()
    ]
    numbers = [column.fill_null(_OUTSIDE).alias(_column(place)) for place, column in enumerate(columns)]
    return rows.select(*numbers, pl.col("count").cast(pl.Int64))


def _count_table(counting: Engine, spec: SystemSpec, table: Table, kept: pl.DataFrame | None) -> pl.DataFrame:
    """The cells of ``table`` that hold anybody: d0, d1 ... and ``count``."""
    _open_kept(counting, spec, kept)
    parts = [counting.fetch(_statement(spec, table, _divisions(spec, table)))] if not table.windows_only else []
    if table.windows:
        for place, (name, dimension) in enumerate(spec.dimensions.items()):
            if name in table.windows:
                windows = dimension.belongs((), windows=True).filter(pl.col("code") != TOTAL)
                counting.put(f"w{place}", windows.select(_numbered(dimension, column) for column in windows.columns))
        parts.append(counting.fetch(_statement(spec, table, _divisions(spec, table, table.windows))))
    return pl.concat(parts)


def _open_kept(counting: Engine, spec: SystemSpec, kept: pl.DataFrame | None) -> None:
    """Make the table ``kept`` in the shape of ``base``: what a table is not divided by stands for nothing there."""
    counting.put("kept", _rows(kept if kept is not None else pl.DataFrame(schema={"count": pl.Int64}), spec))


@dataclass(frozen=True, slots=True)
class _Division:
    """How one dimension is divided in a query: the columns that its codes stand in, and the join that gives them."""

    place: int
    columns: dict[str, str]
    join: str
    total: bool


def _divisions(spec: SystemSpec, table: Table, windows: frozenset[str] = frozenset()) -> list[_Division]:
    """The table's dimensions by their levels, or by window those that ``windows`` names."""
    found = []
    for place, (name, dimension) in enumerate(spec.dimensions.items()):
        if name not in table.levels:
            continue
        if name in windows:
            join = f"JOIN w{place} ON w{place}.finest = narrow.d{place}"
            found.append(_Division(place, {f"d{place}_window": f"w{place}.code"}, join, total=False))
        else:
            numbers = [dimension.levels.index(level) for level in table.levels[name]]
            finest = dimension.levels.index(dimension.finest)
            join = f"LEFT JOIN m{place} ON m{place}.l{finest} = narrow.d{place}"
            columns = {f"d{place}_{number}": f"COALESCE(m{place}.l{number}, {_OUTSIDE})" for number in numbers}
            found.append(_Division(place, columns, join, dimension.total))
    return found


def _where(spec: SystemSpec, table: Table) -> str:
    """The part of the base cells that the table is about."""
    places = {name: place for place, name in enumerate(spec.dimensions)}
    conditions = []
    for name, code in table.where.items():
        dimension = spec.dimensions[name]
        listed = ", ".join(f"l{number}" for number in range(len(dimension.levels)))
        finest = dimension.levels.index(dimension.finest)
        members = f"SELECT l{finest} FROM m{places[name]} WHERE {_codes(dimension).index(code)} IN ({listed})"
        conditions.append(f"d{places[name]} IN ({members})")
    return "WHERE " + " AND ".join(conditions) if conditions else ""


def _statement(spec: SystemSpec, table: Table, divisions: list[_Division]) -> str:
    """One pass over the base cells to the table's own dimensions, then its grouping sets over what is left of them."""
    own = ", ".join(_column(division.place) for division in divisions)
    columns = {column: shown for division in divisions for column, shown in division.columns.items()}
    named = ", ".join([*(f"{shown} AS {column}" for column, shown in columns.items()), "narrow.count"])
    choices = [[*division.columns, *([""] if division.total else [])] for division in divisions]
    sets = ", ".join("(" + ", ".join(filter(None, chosen)) + ")" for chosen in product(*choices))
    coordinates = [str(_codes(dimension).index(table.where.get(name, TOTAL))) for name, dimension in spec.dimensions.items()]
    for division in divisions:
        coordinates[division.place] = f"COALESCE({', '.join(division.columns)}, 0)"
    # Coordinates that hold the stand-in for null belong to persons that the dimension does not apply to: no cells.
    applies = " AND ".join(f"d{place} <> {_OUTSIDE}" for place in range(len(coordinates)))
    return f"""
        WITH narrow AS (
            SELECT {own}{", " if own else ""}SUM(count) AS count
            FROM (SELECT * FROM base UNION ALL SELECT * FROM kept) AS held
            {_where(spec, table)} {"GROUP BY " + own if own else ""}
        ),
        named AS (SELECT {named} FROM narrow {" ".join(division.join for division in divisions)}),
        cells AS (
            SELECT {", ".join(f"{shown} AS d{place}" for place, shown in enumerate(coordinates))},
                   CAST(SUM(count) AS BIGINT) AS count
            FROM named GROUP BY GROUPING SETS ({sets})
        )
        SELECT * FROM cells WHERE count > 0 AND {applies}
    """


def _lattice(spec: SystemSpec, table: Table) -> pl.DataFrame:
    """Every possible combination of the table's codes: all dimensions and ``table``."""
    codes = {
        name: spec.dimensions[name]
        .belongs(levels, windows=name in table.windows, singles=name not in table.windows_only)
        .select(pl.col("code").unique(maintain_order=True).alias(name))
        for name, levels in table.levels.items()
    }
    rest = [pl.lit(table.where.get(name, TOTAL)).alias(name) for name in spec.dimensions if name not in table.levels]
    grid = pl.DataFrame({"table": [table.name]}).with_columns(rest)
    for frame in codes.values():
        grid = grid.join(frame, how="cross")
    for first, second in sorted({(never.first, never.second) for never in spec.never}):
        if first in table.levels and second in table.levels:
            grid = grid.join(_impossible(spec, table, first, second), on=[first, second], how="anti")
    return grid.select(*spec.dimensions, "table")


def _impossible(spec: SystemSpec, table: Table, first: str, second: str) -> pl.DataFrame:
    """The pairs of codes all of whose finest pairs never occur; a total is always possible."""

    def codes(name: str) -> pl.LazyFrame:
        found = spec.dimensions[name].belongs(table.levels[name], windows=name in table.windows)
        return found.lazy().filter(pl.col("code") != TOTAL).rename({"code": name, "finest": f"{name}__finest"})

    banned = pl.LazyFrame(
        [
            pair
            for never in spec.never
            if (never.first, never.second) == (first, second)
            for pair in product(never.first_codes, never.second_codes, (True,))
        ],
        schema={f"{first}__finest": pl.String, f"{second}__finest": pl.String, "banned": pl.Boolean},
        orient="row",
    )
    return (
        codes(first)
        .join(codes(second), how="cross")
        .join(banned, on=[f"{first}__finest", f"{second}__finest"], how="left")
        .group_by(first, second)
        .agg(pl.col("banned").fill_null(value=False).all())
        .filter("banned")
        .select(first, second)
        .collect()
    )
