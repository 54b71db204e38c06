"""School years that are already published stay as they were: their rows come from the release's frozen copy.

Only what was not yet known then is filled in, and only for persons for whom it was unknown. A figure that would be read
otherwise today is not changed but counted, by column and school year: a scheduled revision decides about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from avbrott.at_rest.tables import Tables
from avbrott.linking.whom import Whom
from avbrott.session import fetch, put

DECISIONS_SCHEMA = {"table": pl.String, "school_year": pl.String, "column": pl.String, "rows": pl.Int64}
"""Rows of frozen years that would differ today; ``column`` is a column, or ``added`` or ``removed`` for whole rows."""


@dataclass(frozen=True, slots=True)
class LinkedTable:
    """A linked table: the columns it is published by, and which of its rows mean the same person or count."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    """Columns that only linking reads again."""

    @property
    def all_columns(self) -> tuple[str, ...]:
        return self.key + self.columns + self.hidden

    @property
    def kinds(self) -> dict[str, str]:
        """DuckDB's type of each column."""
        special = {"persons": "BIGINT", "left_on": "DATE", "first_start": "DATE"}
        return {column: special.get(column, "VARCHAR") for column in self.all_columns}


OUTCOMES = LinkedTable(
    "outcomes",
    ("pseudonym", "school_year"),
    ("provider", "school_unit", "home_municipality", "sex", "programme", "outcome", "origin", "cause", "leaving_month",
     "return_time", "completion", "leaving_time", "absence_band"),
    ("left_on", "first_start"),
)  # fmt: skip
KAA = LinkedTable(
    "kaa",
    ("pseudonym", "school_year"),
    ("home_municipality", "sex", "kaa_reason", "kaa_occupation", "kaa_contact"),
)
AGENCY = LinkedTable("agency", ("school_year", "home_municipality", "indicator"), ("persons",))

_LATER = ("return_time", "completion", "leaving_time")
"""Columns of outcomes that have a horizon."""


def open_frozen(
    connection: duckdb.DuckDBPyConnection, stored: Tables, table: LinkedTable, folder: Path | None, whom: Whom
) -> None:
    """Make ``frozen_<table>`` with the columns of ``table``, of ``whom`` where it has persons, and ``<table>_years``.

    The latter has the frozen school years, whoever is in them. Both are empty where nothing is frozen.
    """
    file = folder / f"{table.name}.parquet" if folder else None
    name = table.name
    if file is None or not file.is_file():
        connection.execute(f"CREATE TEMP TABLE frozen_{name} AS SELECT * FROM {_shape(table)} WHERE false")
    else:
        of_persons = whom.words.column in table.key
        stored.open(f"stored_{name}", [file], table.kinds, whom.words if of_persons else None)
        among = whom.among if of_persons else ""
        connection.execute(f"CREATE TEMP TABLE frozen_{name} AS SELECT * FROM stored_{name}{among}")
        stored.open(f"stored_{name}_years", [file], {"school_year": "VARCHAR"})
    years = f"stored_{name}_years" if file is not None and file.is_file() else f"frozen_{name}"
    connection.execute(f"CREATE TEMP TABLE {name}_years AS SELECT DISTINCT school_year FROM {years}")


def _shape(table: LinkedTable) -> str:
    """A query without rows that has the table's columns and their types."""
    return "(SELECT " + ", ".join(f"NULL::{kind} AS {name}" for name, kind in table.kinds.items()) + ")"


def put_closed(connection: duckdb.DuckDBPyConnection, years: Iterable[str]) -> None:
    """Make ``closed_years``: school years whose rows are erased, and which no delivery makes anew."""
    put(connection, "closed_years", pl.DataFrame({"school_year": list(years)}, schema={"school_year": pl.String}))


def thaw_core(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``core_outcomes``: frozen rows of frozen years, fresh rows of the others, without the columns of horizons."""
    core = ", ".join(column for column in OUTCOMES.all_columns if column not in _LATER)
    connection.execute(f"""
        CREATE TEMP TABLE core_outcomes AS
        SELECT {core}, CAST(substr(school_year, 1, 4) AS INTEGER) AS year FROM (
            SELECT {core} FROM frozen_outcomes
            UNION ALL
            SELECT {core} FROM fresh_outcomes WHERE school_year NOT IN (
                SELECT school_year FROM outcomes_years UNION ALL SELECT school_year FROM closed_years
            )
        )
    """)


def fill_in_outcomes(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``linked_outcomes`` from ``known_outcomes``: what a frozen row knew stays, what it did not is filled in.

    Who was published without a diploma within three years stays so, even if one of that date was reported since: the
    diploma then counts in the first year that was still unknown.
    """
    kept = ", ".join(f"k.{column}" for column in OUTCOMES.all_columns if column not in _LATER)
    connection.execute(f"""
        CREATE TEMP TABLE linked_outcomes AS
        SELECT {kept},
               CASE WHEN f.return_time <> 'return_unknown' THEN f.return_time ELSE k.return_time END AS return_time,
               CASE WHEN f.completion NOT LIKE 'unknown%' THEN f.completion
                    WHEN k.completion LIKE 'unknown%' THEN greatest(f.completion, k.completion)
                    WHEN f.completion = 'unknown_4' AND k.completion = 'within_3' THEN 'year_4'
                    WHEN f.completion = 'unknown_5' AND k.completion IN ('within_3', 'year_4') THEN 'year_5'
                    ELSE k.completion END AS completion,
               CASE WHEN f.leaving_time <> 'leaving_unknown' THEN f.leaving_time ELSE k.leaving_time END AS leaving_time
        FROM known_outcomes AS k LEFT JOIN frozen_outcomes AS f USING (pseudonym, school_year)
    """)
    connection.execute(f"""
        CREATE TEMP VIEW today_outcomes AS
        SELECT fresh.*, {", ".join(f"k.{column}" for column in _LATER)}
        FROM fresh_outcomes AS fresh LEFT JOIN known_outcomes AS k USING (pseudonym, school_year)
    """)


def thaw(connection: duckdb.DuckDBPyConnection, table: LinkedTable) -> None:
    """Make ``linked_<table>`` of a table without horizons: frozen rows of frozen years, fresh rows of the others."""
    columns, name = ", ".join(table.all_columns), table.name
    connection.execute(f"""
        CREATE TEMP TABLE linked_{name} AS
        SELECT {columns} FROM frozen_{name}
        UNION ALL
        SELECT {columns} FROM fresh_{name} WHERE school_year NOT IN (
            SELECT school_year FROM {name}_years UNION ALL SELECT school_year FROM closed_years
        )
    """)
    connection.execute(f"CREATE TEMP VIEW today_{name} AS SELECT * FROM fresh_{name}")


def differing(table: LinkedTable) -> str:
    """A query: the rows of frozen years that today's data would read otherwise, by their key and ``what``.

    That is a column, or ``added`` or ``removed`` for a row that only today's data have, or do not have.
    """
    key = " AND ".join(f"n.{column} = f.{column}" for column in table.key)
    named = ", ".join(f"coalesce(f.{column}, n.{column}) AS {column}" for column in table.key)
    first = table.key[0]
    both = f"f.{first} IS NOT NULL AND n.{first} IS NOT NULL"
    columns = [
        f"CASE WHEN {both} AND n.{column} IS DISTINCT FROM f.{column}{_was_known(column)} THEN '{column}' END"
        for column in table.columns
    ]
    whole = [f"CASE WHEN f.{first} IS NULL THEN 'added' END", f"CASE WHEN n.{first} IS NULL THEN 'removed' END"]
    unlike = " OR ".join(f"n.{column} IS DISTINCT FROM f.{column}" for column in (first, *table.columns))
    return f"""
        SELECT * FROM (
            SELECT {named}, unnest([{", ".join([*whole, *columns])}]) AS what
            FROM frozen_{table.name} AS f
            FULL JOIN (
                SELECT * FROM today_{table.name} WHERE school_year IN (SELECT school_year FROM {table.name}_years)
            ) AS n ON {key}
            WHERE {unlike}
        ) WHERE what IS NOT NULL
    """


def filled() -> str:
    """A query: what was filled in of frozen outcomes and today's data alone would not say, by key and ``what`` (a column).

    Once that is published too, it is one of the rows that would differ.
    """
    columns = [
        f"CASE WHEN f.{c} LIKE '%unknown%' AND l.{c} NOT LIKE '%unknown%' AND n.{c} IS DISTINCT FROM l.{c} THEN '{c}' END"
        for c in _LATER
    ]
    return f"""
        SELECT * FROM (
            SELECT pseudonym, school_year, unnest([{", ".join(columns)}]) AS what
            FROM frozen_outcomes AS f JOIN linked_outcomes AS l USING (pseudonym, school_year)
            JOIN today_outcomes AS n USING (pseudonym, school_year)
        ) WHERE what IS NOT NULL
    """


def decisions(connection: duckdb.DuckDBPyConnection, table: LinkedTable) -> pl.DataFrame:
    """How many rows of frozen years today's data would read otherwise, by column: ``DECISIONS_SCHEMA``."""
    counted = f"""
        SELECT '{table.name}' AS "table", school_year, what AS "column", count(*) AS rows FROM ({differing(table)})
        GROUP BY ALL
    """
    return fetch(connection, counted).cast(pl.Schema(DECISIONS_SCHEMA)).sort("school_year", "column")


def _was_known(column: str) -> str:
    """A column that has a horizon differs only where the frozen row knew it."""
    return f" AND coalesce(f.{column}, '') NOT LIKE '%unknown%'" if column in _LATER else ""
