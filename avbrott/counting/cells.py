"""Every cell of every table of a system, from base cells: each set of coordinates once, zeros included.

What cannot be is not listed, and a cell that is not listed is a zero that everybody knows: codes that the spec says never
occur together, and codes outside a table's ``where``. The SQL is plain (GROUPING SETS over one column a level), so that
another engine can run it.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import duckdb
import polars as pl

from avbrott.counting.spec import TOTAL, SystemSpec, Table
from avbrott.errors import BadInput
from avbrott.session import fetch, put, session

_OUTSIDE = ""
"""Stands for null (the dimension does not apply) while grouping, where a null means that a column is not divided."""


def count_cells(base: pl.DataFrame | Path, spec: SystemSpec) -> pl.DataFrame:
    """Count every cell of ``spec`` from base cells (a column a dimension, ``count``).

    Returns one String column a dimension in the spec's order (``Total`` where not divided), ``count`` Int64 and ``tables``
    List(String) of the tables that show the cell, sorted by the dimensions. Raises ``BadInput`` where base cells hold a code
    that the spec does not know, or persons in a cell that cannot be.
    """
    folder = base.parent if isinstance(base, Path) else Path(tempfile.gettempdir())
    with session(folder) as connection:
        _open_base(connection, base, spec)
        counted = [_count_table(connection, spec, table) for table in spec.tables]
    names = list(spec.dimensions)
    lattice = pl.concat([_lattice(spec, table) for table in spec.tables])
    cells = lattice.group_by(names).agg(pl.col("table").unique().sort().alias("tables"))
    counts = pl.concat(counted).unique(names)
    impossible = counts.join(cells, on=names, how="anti").height
    if impossible:
        raise BadInput("CELL_IMPOSSIBLE", system=spec.name, cells=impossible)
    return (
        cells.join(counts, on=names, how="left")
        .select(*names, pl.col("count").fill_null(0), "tables")
        .sort(names)
    )  # fmt: skip


def _open_base(connection: duckdb.DuckDBPyConnection, base: pl.DataFrame | Path, spec: SystemSpec) -> None:
    """Make the view ``base`` and one table of members a dimension; refuse codes that no member has."""
    if isinstance(base, Path):
        path = str(base).replace("'", "''")
        source = f"read_parquet('{path}')"
    else:
        connection.register("base_rows", base.to_arrow())
        source = "base_rows"
    columns = ", ".join(f"COALESCE(CAST({name} AS VARCHAR), '{_OUTSIDE}') AS {name}" for name in spec.dimensions)
    try:
        connection.execute(f"CREATE TEMP VIEW base AS SELECT {columns}, CAST(count AS BIGINT) AS count FROM {source}")
    except duckdb.Error:
        raise BadInput("STORE_UNREADABLE", file=base if isinstance(base, Path) else spec.name) from None
    for name, dimension in spec.dimensions.items():
        put(connection, f"members_{name}", dimension.members)
        known = f"{name} = '{_OUTSIDE}' OR {name} IN (SELECT {dimension.finest} FROM members_{name})"
        unknown = fetch(connection, f"SELECT CAST(SUM(count) AS BIGINT) AS rows FROM base WHERE NOT ({known})")["rows"][0]
        if unknown:
            raise BadInput("CODE_NOT_COUNTED", system=spec.name, dimension=name, rows=unknown)


def _count_table(connection: duckdb.DuckDBPyConnection, spec: SystemSpec, table: Table) -> pl.DataFrame:
    """The cells of ``table`` that hold anybody: all dimensions and ``count``."""
    parts = [fetch(connection, _statement(spec, table, _divisions(spec, table)))] if not table.windows_only else []
    if table.windows:
        for name in table.windows:
            windows = spec.dimensions[name].belongs((), windows=True).filter(pl.col("code") != TOTAL)
            put(connection, f"windows_{name}", windows)
        parts.append(fetch(connection, _statement(spec, table, _divisions(spec, table, table.windows))))
    return pl.concat(parts)


@dataclass(frozen=True, slots=True)
class _Division:
    """How one dimension is divided in a query: the columns that its codes stand in, and the join that gives them."""

    name: str
    columns: dict[str, str]
    join: str
    total: bool


def _divisions(spec: SystemSpec, table: Table, windows: frozenset[str] = frozenset()) -> list[_Division]:
    """The table's dimensions by their levels, or by window those that ``windows`` names."""
    found = []
    for name, levels in table.levels.items():
        dimension = spec.dimensions[name]
        if name in windows:
            join = f"JOIN windows_{name} ON windows_{name}.finest = narrow.{name}"
            found.append(_Division(name, {f"{name}__window": f"windows_{name}.code"}, join, total=False))
        else:
            join = f"LEFT JOIN members_{name} ON members_{name}.{dimension.finest} = narrow.{name}"
            columns = {f"{name}__{level}": f"COALESCE(members_{name}.{level}, '{_OUTSIDE}')" for level in levels}
            found.append(_Division(name, columns, join, dimension.total))
    return found


def _statement(spec: SystemSpec, table: Table, divisions: list[_Division]) -> str:
    """One pass over the base cells to the table's own dimensions, then its grouping sets over what is left of them."""
    own = ", ".join(division.name for division in divisions)
    where = " AND ".join(
        f"{name} IN (SELECT {spec.dimensions[name].finest} FROM members_{name} WHERE '{code}' IN "
        f"({', '.join(spec.dimensions[name].levels)}))"
        for name, code in table.where.items()
    )
    columns = {column: shown for division in divisions for column, shown in division.columns.items()}
    named = ", ".join([*(f"{shown} AS {column}" for column, shown in columns.items()), "narrow.count"])
    choices = [[*division.columns, *([""] if division.total else [])] for division in divisions]
    sets = ", ".join("(" + ", ".join(filter(None, chosen)) + ")" for chosen in product(*choices))
    coordinates = {name: f"'{table.where.get(name, TOTAL)}'" for name in spec.dimensions}
    for division in divisions:
        coordinates[division.name] = f"COALESCE({', '.join(division.columns)}, '{TOTAL}')"
    # Coordinates that hold the stand-in for null belong to persons that the dimension does not apply to: no cells.
    applies = " AND ".join(f"{name} <> '{_OUTSIDE}'" for name in coordinates)
    return f"""
        WITH narrow AS (
            SELECT {own}{", " if own else ""}SUM(count) AS count
            FROM base {"WHERE " + where if where else ""} {"GROUP BY " + own if own else ""}
        ),
        named AS (SELECT {named} FROM narrow {" ".join(division.join for division in divisions)}),
        cells AS (
            SELECT {", ".join(f"{shown} AS {name}" for name, shown in coordinates.items())},
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
