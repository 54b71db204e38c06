"""What linking tells beside its tables, a row a person: who is in none, who moved, whose published row would differ today.

It is kept by person so that linking some persons anew changes what is told of them alone; what leaves the store is counts of
it (``told_of``).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import polars as pl

from avbrott.linking.freeze import AGENCY, DECISIONS_SCHEMA, KAA, OUTCOMES, decisions, differing, filled
from avbrott.session import fetch

KINDS = dict.fromkeys(("pseudonym", "kind", "about", "period", "what"), "VARCHAR")
"""The table ``told``: of whom, what kind of thing, about which supplier or table, of which term or school year, and what."""

_TOLD = f"""
CREATE TEMP TABLE told AS
SELECT pseudonym, 'left_out' AS kind, '' AS about, school_year AS period, reason AS what FROM left_out
UNION ALL
SELECT pseudonym, side, provider, term, '' FROM moves
UNION ALL
SELECT pseudonym, 'decision', '{OUTCOMES.name}', school_year, what FROM ({differing(OUTCOMES)})
UNION ALL
SELECT pseudonym, 'decision', '{KAA.name}', school_year, what FROM ({differing(KAA)})
UNION ALL
SELECT pseudonym, 'filled', '{OUTCOMES.name}', school_year, what FROM ({filled()})
"""


@dataclass(frozen=True, slots=True)
class Told:
    """Counts; no row of a person."""

    left_out: pl.DataFrame
    """Persons in no table: school_year, reason, persons."""
    moved: pl.DataFrame
    """Moves as reported and as seen: provider, term, moved_out_reported, moved_out_seen; a row a delivered term."""
    decisions: pl.DataFrame
    """Rows of frozen years that would differ today: ``freeze.DECISIONS_SCHEMA``."""


def make_told(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``told`` from ``left_out``, ``moves`` and what is frozen."""
    connection.execute(_TOLD)


def told_of(connection: duckdb.DuckDBPyConnection, table: str) -> Told:
    """The counts of what stands in ``table``; the session has the tables of ``sources`` and what is frozen of agencies."""
    left_out = f"""
        SELECT period AS school_year, what AS reason, count(*) AS persons FROM {table} WHERE kind = 'left_out'
        GROUP BY ALL ORDER BY ALL
    """
    moved = f"""
        WITH counted AS (
            SELECT about AS provider, period AS name, count(*) FILTER (kind = 'reported') AS reported,
                   count(*) FILTER (kind = 'seen') AS seen
            FROM {table} GROUP BY ALL
        )
        SELECT d.provider, t.name AS term, coalesce(c.reported, 0) AS moved_out_reported,
               coalesce(c.seen, 0) AS moved_out_seen
        FROM enrolments_delivered AS d JOIN terms AS t USING (term)
        LEFT JOIN counted AS c ON c.provider = d.provider AND c.name = t.name
        ORDER BY d.provider, d.term
    """
    decided = fetch(
        connection,
        f"""SELECT about AS "table", period AS school_year, what AS "column", count(*) AS rows FROM {table}
            WHERE kind = 'decision' GROUP BY ALL""",
    ).cast(pl.Schema(DECISIONS_SCHEMA))
    order = {OUTCOMES.name: 0, KAA.name: 1, AGENCY.name: 2}
    every = pl.concat([decided, decisions(connection, AGENCY)])
    return Told(
        fetch(connection, left_out),
        fetch(connection, moved),
        every.sort(pl.col("table").replace_strict(order, return_dtype=pl.Int64), "school_year", "column"),
    )
