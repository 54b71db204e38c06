"""The public function of linking: from accepted extracts to the linked tables of the store.

The steps stand in modules of their own, in this order: ``sources``, ``spells``, ``october``, ``absence``, ``outcomes``,
``registers``, ``freeze``, ``horizons``, ``moved``, ``told``, ``seen``. All of it is SQL in a bounded DuckDB session, some
persons at a time (``passes``); only counts leave it. Where little has changed since the tables were linked (``basis``), those
whom it touches are linked alone (``touched``), and the tables are the same to the byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from avbrott.at_rest.files import write_frame
from avbrott.at_rest.tables import Tables, Words, Written, written
from avbrott.at_rest.vault import Vault, vault_of
from avbrott.home import Home
from avbrott.linking.absence import make_absence_bands
from avbrott.linking.basis import Changed, basis_of, changed, keep_basis, take_basis
from avbrott.linking.freeze import AGENCY, KAA, OUTCOMES, fill_in_outcomes, open_frozen, put_closed, thaw, thaw_core
from avbrott.linking.horizons import make_horizons
from avbrott.linking.kept import KEPT, TOLD
from avbrott.linking.moved import make_moves
from avbrott.linking.october import make_population
from avbrott.linking.outcomes import make_outcomes
from avbrott.linking.passes import dealt, passes, remove_dealt
from avbrott.linking.registers import make_agency, make_kaa
from avbrott.linking.rules import load_rules
from avbrott.linking.seen import make_seen
from avbrott.linking.sources import Files, Source, open_agencies, open_sources, put_beside
from avbrott.linking.spells import make_spells
from avbrott.linking.told import make_told, told_of
from avbrott.linking.touched import put_touched
from avbrott.linking.whom import Whom
from avbrott.periods import SchoolYear, Term
from avbrott.progress import report
from avbrott.registry import Contracts
from avbrott.retention.closed import closed
from avbrott.retention.erased import erased_terms
from avbrott.session import fetch, session

_COUNTED = ("enrolments", OUTCOMES.name, KAA.name)
_STEPS = 3


@dataclass(frozen=True)
class LinkSummary:
    """Counts of what linking did; no row of a person."""

    school_years: tuple[str, ...]
    """The school years that the outcomes hold, frozen ones included."""
    rows: dict[str, int]
    """Rows that the tables have, by table."""
    left_out: pl.DataFrame
    """Persons in no table: school_year, reason, persons."""
    moved: pl.DataFrame
    """Moves as reported and as seen: provider, term, moved_out_reported, moved_out_seen."""
    decisions: pl.DataFrame
    """Rows of frozen years that would differ today: ``freeze.DECISIONS_SCHEMA``."""


@dataclass(frozen=True, slots=True)
class _Linking:
    """One run of linking."""

    vault: Vault
    source: Source
    frozen: Path | None

    @contextmanager
    def session(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Tables]]:
        """A session that has the small tables beside the rows."""
        with session() as connection, Tables(self.vault, connection) as stored:
            put_closed(connection, closed(self.source.home))
            put_beside(connection, self.source)
            yield connection, stored

    @contextmanager
    def tables(self) -> Iterator[dict[str, Written]]:
        """The tables of persons, each to be written whole when the block ends well."""
        with ExitStack() as files:
            yield {kept.name: files.enter_context(written(self.vault, self.source.home.linked(kept.name))) for kept in KEPT}

    def everybody(self) -> dict[str, int]:
        """Link all persons, a pass after the other; gives the rows that were written, by table."""
        parts = passes(self.source)
        with dealt(self.vault, self.source, parts) as rows, self.tables() as tables:
            for place, words in enumerate(parts):
                with self.session() as (connection, stored):
                    done = _STEPS * place, _STEPS * len(parts) + 1
                    self._make(connection, stored, rows[place], Whom(words), done)
                    for kept in KEPT:
                        tables[kept.name].add(stored.found(kept.rows))
        return {name: table.rows for name, table in tables.items()}

    def those_touched(self, change: Changed, before: dict[str, int]) -> dict[str, int] | None:
        """Link those whom ``change`` touches, beside what the tables hold of others; None where that is not quicker.

        Gives the rows of the tables, which had the rows ``before``.
        """
        if not (change.places or change.is_published):
            return before
        home = self.source.home
        with self.session() as (connection, stored):
            files = put_touched(connection, stored, self.source, change)
            if files is None:
                return None
            self._make(connection, stored, files, Whom(Words("pseudonym", None, None), touched=True), (0, _STEPS + 1))
            # What was filled in is part of what is published since, and is held against today's data like the rest of it.
            kind = "CASE kind WHEN 'filled' THEN 'decision' ELSE kind END" if change.is_published else "kind"
            with self.tables() as tables:
                for words in passes(self.source):
                    for kept in KEPT:
                        stored.open("as_it_was", [home.linked(kept.name)], kept.kinds, words)
                        tables[kept.name].add(stored.found(kept.with_those_before("as_it_was", words, kind)))
        return {name: table.rows for name, table in tables.items()}

    def agencies(self, rows: dict[str, int]) -> LinkSummary:
        """Write what is of no person, and count what the tables hold; ``rows``: of those of persons."""
        home = self.source.home
        with self.session() as (connection, stored):
            open_agencies(connection, stored, self.source.accepted)
            make_agency(connection, self.source.rules)
            open_frozen(connection, stored, AGENCY, self.frozen, Whom(Words("pseudonym", None, None)))
            thaw(connection, AGENCY)
            with written(self.vault, home.linked(AGENCY.name)) as table:
                order = ", ".join(AGENCY.key)
                columns = ", ".join(AGENCY.all_columns)
                table.add(stored.found(f"SELECT {columns} FROM linked_{AGENCY.name} ORDER BY {order}"))
            stored.open("outcomes_there", [home.linked(OUTCOMES.name)], {"school_year": "VARCHAR"})
            years = fetch(connection, "SELECT DISTINCT school_year FROM outcomes_there ORDER BY 1")["school_year"]
            stored.open("told_there", [home.linked(TOLD.name)], TOLD.kinds)
            told = told_of(connection, "told_there")
        lost = [str(year) for year in self.source.school_years if _has_lost(home, year)]
        decided = told.decisions.filter(~pl.col("school_year").is_in(lost))
        counted = {name: rows[name] for name in _COUNTED} | {AGENCY.name: table.rows, "moved": told.moved.height}
        return LinkSummary(tuple(years), counted, told.left_out, told.moved, decided)

    def _make(
        self, connection: duckdb.DuckDBPyConnection, stored: Tables, files: Files, whom: Whom, progress: tuple[int, int]
    ) -> None:
        """Make the tables of ``whom``, whose rows are in ``files``. ``progress``: steps that are done, of all."""
        rules, (done, of) = self.source.rules, progress
        report("linked", done, of)
        open_sources(connection, stored, files, whom)
        make_spells(connection, self.source.contracts, rules)
        make_population(connection, rules)
        report("linked", done + 1, of)
        make_absence_bands(connection, rules)
        make_outcomes(connection, rules)
        make_kaa(connection, rules)
        report("linked", done + 2, of)
        for table in (OUTCOMES, KAA):
            open_frozen(connection, stored, table, self.frozen, whom)
        thaw_core(connection)
        make_horizons(connection, rules, self.source.horizon)
        fill_in_outcomes(connection)
        thaw(connection, KAA)
        make_moves(connection, rules)
        make_told(connection)
        make_seen(connection)


def link(home: Home, contracts: Contracts, terms: Iterable[Term], *, frozen: Path | None = None) -> LinkSummary:
    """Link the accepted extracts of ``terms`` and write ``store/linked/*.parquet``.

    ``frozen`` is the folder with the frozen copies of a release; the school years in them stay as published. School years
    are those whose three needed terms are among ``terms``. Raises ``BadInput`` for a file that cannot be read.
    """
    source = Source(home, contracts, load_rules(contracts), tuple(sorted(set(terms))))
    vault = vault_of(home)
    remove_dealt(home)
    run, now = _Linking(vault, source, frozen), basis_of(vault, source, frozen)
    before = take_basis(vault, home)
    change = changed(before, now) if before else None
    rows = run.those_touched(change, before.rows) if before and change else None
    if rows is None:
        rows = run.everybody()
    summary = run.agencies(rows)
    write_frame(vault, home.linked("moved"), summary.moved)
    keep_basis(vault, home, now, rows)
    report("linked", 1, 1)
    return summary


def _has_lost(home: Home, year: SchoolYear) -> bool:
    """Whether deliveries that a school year is read from are erased: what is left reads otherwise, and decides nothing."""
    return not erased_terms(home).isdisjoint((Term("HT", year.start - 1), *year.needed_terms))
