"""The public function of linking: from accepted extracts to the linked tables of the store.

The steps stand in modules of their own, in this order: ``sources``, ``spells``, ``october``, ``absence``, ``outcomes``,
``registers``, ``freeze``, ``horizons``, ``moved``. All of it is SQL in a bounded DuckDB session, some persons at a time
(``passes``); only counts leave it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from avbrott.at_rest.files import write_frame
from avbrott.at_rest.tables import Tables, Words, written
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
from avbrott.linking.passes import Files, dealt, passes
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

_TABLES = {table.name: table for table in (OUTCOMES, KAA, AGENCY)}


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
    vault, parts = vault_of(home), passes(source)
    found = list[_Pass]()
    with dealt(vault, source, parts) as rows, ExitStack() as files:
        tables = {name: files.enter_context(written(vault, home.linked(name))) for name in ("enrolments", *_TABLES)}
        for place, persons in enumerate(parts):
            with session() as connection, Tables(vault, connection) as stored:
                put_closed(connection, closed(home))
                _make(connection, stored, source, frozen, (persons, rows[place]), (3 * place, 3 * len(parts) + 1))
                is_first = place == 0
                for name, table in tables.items():
                    if is_first or name != AGENCY.name:  # those are nobody's, and each pass has all of them
                        table.add(stored.found(ENROLMENTS if name == "enrolments" else _sorted(_TABLES[name])))
                found.append(_Pass.of(connection, [table for table in _TABLES.values() if is_first or table is not AGENCY]))
    moved = _summed([one.moved for one in found], ["provider", "number", "term"]).drop("number")
    write_frame(vault, home.linked("moved"), moved)
    report("linked", 1, 1)
    lost = [str(year) for year in source.school_years if _has_lost(home, year)]
    return LinkSummary(
        school_years=tuple(sorted(set[str]().union(*(one.school_years for one in found)))),
        rows={name: table.rows for name, table in tables.items()} | {"moved": moved.height},
        left_out=_summed([one.left_out for one in found], ["school_year", "reason"]),
        moved=moved,
        decisions=pl.concat(
            _summed([one.decisions[name] for one in found if name in one.decisions], ["table", "school_year", "column"])
            for name in _TABLES
        ).filter(~pl.col("school_year").is_in(lost)),
    )


@dataclass(frozen=True)
class _Pass:
    """What is told of the persons of one pass, in counts."""

    school_years: list[str]
    left_out: pl.DataFrame
    moved: pl.DataFrame
    decisions: dict[str, pl.DataFrame]

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, tables: Iterable[LinkedTable]) -> _Pass:
        years = connection.execute("SELECT DISTINCT school_year FROM linked_outcomes").fetchall()
        return cls(
            [str(year) for (year,) in years],
            fetch(connection, "SELECT * FROM left_out"),
            fetch(connection, "SELECT * FROM moved"),
            {table.name: decisions(connection, table) for table in tables},
        )


def _summed(parts: list[pl.DataFrame], by: list[str]) -> pl.DataFrame:
    """The counts of all passes as one, sorted."""
    return pl.concat(parts).group_by(by).agg(pl.all().sum()).select(parts[0].columns).sort(by)


def _has_lost(home: Home, year: SchoolYear) -> bool:
    """Whether deliveries that a school year is read from are erased: what is left reads otherwise, and decides nothing."""
    return not erased_terms(home).isdisjoint((Term("HT", year.start - 1), *year.needed_terms))


def _make(
    connection: duckdb.DuckDBPyConnection,
    stored: Tables,
    source: Source,
    frozen: Path | None,
    of_pass: tuple[Words, Files],
    progress: tuple[int, int],
) -> None:
    """Make the tables of the persons of a pass, whose rows are in its files. ``progress``: steps that are done, of all."""
    rules, (persons, rows), (done, of) = source.rules, of_pass, progress
    report("linked", done, of)
    open_sources(connection, stored, source, rows)
    make_spells(connection, source.contracts, rules)
    make_population(connection, rules)
    report("linked", done + 1, of)
    make_absence_bands(connection, rules)
    make_outcomes(connection, rules)
    make_registers(connection, rules)
    report("linked", done + 2, of)
    for table in _TABLES.values():
        open_frozen(connection, stored, table, frozen, persons)
    thaw_core(connection)
    make_horizons(connection, rules, source.horizon)
    fill_in_outcomes(connection)
    thaw(connection, KAA)
    thaw(connection, AGENCY)
    make_moved(connection, rules)


def _sorted(table: LinkedTable) -> str:
    return f"SELECT {', '.join(table.all_columns)} FROM linked_{table.name} ORDER BY {', '.join(table.key)}"
