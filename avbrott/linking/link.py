"""The public function of linking: from accepted extracts to the linked tables of the store.

The steps stand in modules of their own, in this order: ``sources``, ``spells``, ``october``, ``absence``, ``outcomes``,
``registers``, ``freeze``, ``horizons``, ``moved``. All of it is SQL in one bounded DuckDB session; only counts leave it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from avbrott.at_rest.tables import Tables
from avbrott.at_rest.vault import vault_of
from avbrott.home import Home
from avbrott.linking.absence import make_absence_bands
from avbrott.linking.freeze import (
    AGENCY,
    KAA,
    OUTCOMES,
    LinkedTable,
    decisions,
    fill_in_outcomes,
    open_frozen,
    put_closed,
    thaw,
    thaw_core,
)
from avbrott.linking.horizons import make_horizons
from avbrott.linking.moved import make_moved
from avbrott.linking.october import make_population
from avbrott.linking.outcomes import make_outcomes
from avbrott.linking.registers import make_registers
from avbrott.linking.rules import load_rules
from avbrott.linking.sources import Source, open_sources
from avbrott.linking.spells import ENROLMENTS, make_spells
from avbrott.periods import SchoolYear, Term
from avbrott.progress import report
from avbrott.registry import Contracts
from avbrott.retention.closed import closed
from avbrott.retention.erased import erased_terms
from avbrott.session import fetch, session


@dataclass(frozen=True)
class LinkSummary:
    """Counts of what linking did; no row of a person."""

    school_years: tuple[str, ...]
    """The school years that the outcomes hold, frozen ones included."""
    rows: dict[str, int]
    """Rows written, by table."""
    left_out: pl.DataFrame
    """Persons in no table: school_year, reason, persons."""
    moved: pl.DataFrame
    """Moves as reported and as seen: provider, term, moved_out_reported, moved_out_seen."""
    decisions: pl.DataFrame
    """Rows of frozen years that would differ today: ``freeze.DECISIONS_SCHEMA``."""


def link(home: Home, contracts: Contracts, terms: Iterable[Term], *, frozen: Path | None = None) -> LinkSummary:
    """Link the accepted extracts of ``terms`` and write ``store/linked/*.parquet``.

    ``frozen`` is the folder with the frozen copies of a release; the school years in them stay as published. School years
    are those whose three needed terms are among ``terms``. Raises ``BadInput`` for a file that cannot be read.
    """
    source = Source(home, contracts, load_rules(contracts), tuple(sorted(set(terms))))
    with session() as connection, Tables(vault_of(home), connection) as stored:
        put_closed(connection, closed(home))
        _make(connection, stored, source, frozen)
        report("linked", 3, 4)
        rows = _write(stored, home)
        report("linked", 4, 4)
        years = connection.execute("SELECT DISTINCT school_year FROM linked_outcomes ORDER BY 1").fetchall()
        return LinkSummary(
            school_years=tuple(str(year[0]) for year in years),
            rows=rows,
            left_out=fetch(connection, "SELECT * FROM left_out ORDER BY ALL"),
            moved=fetch(connection, "SELECT * FROM moved"),
            decisions=pl.concat([decisions(connection, table) for table in (OUTCOMES, KAA, AGENCY)]).filter(
                ~pl.col("school_year").is_in([str(year) for year in source.school_years if _has_lost(home, year)])
            ),
        )


def _has_lost(home: Home, year: SchoolYear) -> bool:
    """Whether deliveries that a school year is read from are erased: what is left reads otherwise, and decides nothing."""
    return not erased_terms(home).isdisjoint((Term("HT", year.start - 1), *year.needed_terms))


def _make(connection: duckdb.DuckDBPyConnection, stored: Tables, source: Source, frozen: Path | None) -> None:
    rules = source.rules
    open_sources(connection, stored, source)
    make_spells(connection, source.contracts, rules)
    make_population(connection, rules)
    report("linked", 1, 4)
    make_absence_bands(connection, rules)
    make_outcomes(connection, rules)
    make_registers(connection, rules)
    report("linked", 2, 4)
    for table in (OUTCOMES, KAA, AGENCY):
        open_frozen(connection, stored, table, frozen)
    thaw_core(connection)
    make_horizons(connection, rules, source.horizon)
    fill_in_outcomes(connection)
    thaw(connection, KAA)
    thaw(connection, AGENCY)
    make_moved(connection, rules)


def _write(stored: Tables, home: Home) -> dict[str, int]:
    rows = {"enrolments": stored.write(ENROLMENTS, home.linked("enrolments"))}
    for table in (OUTCOMES, KAA, AGENCY):
        rows[table.name] = stored.write(_sorted(table), home.linked(table.name))
    rows["moved"] = stored.write("SELECT * FROM moved", home.linked("moved"))
    return rows


def _sorted(table: LinkedTable) -> str:
    return f"SELECT {', '.join(table.all_columns)} FROM linked_{table.name} ORDER BY {', '.join(table.key)}"
