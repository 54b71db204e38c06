"""What linking reads: accepted rows, and contracts and calendar as small tables beside them.

Of each extract only the columns that linking needs: ``provider``, ``term`` (the index of ``periods.Term``), ``owner``
(whether the supplier answers for the row) and the extract's own. What the columns mean stands in the glossary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl

from avbrott.at_rest.tables import Tables
from avbrott.delivery.check import read_accepted
from avbrott.home import Home
from avbrott.linking.codes import counted_codes
from avbrott.linking.rules import LinkingRules
from avbrott.linking.whom import Whom
from avbrott.periods import SchoolYear, Term
from avbrott.registry import Contracts
from avbrott.session import put

_COLUMNS: dict[str, dict[str, str]] = {
    "enrolments": {
        "pseudonym": "VARCHAR", "birth_year": "INTEGER", "sex": "VARCHAR", "home_municipality": "VARCHAR",
        "school_unit": "VARCHAR", "school_type": "VARCHAR", "study_path": "VARCHAR", "start_date": "DATE",
        "end_date": "DATE", "cancelled": "BOOLEAN",
    },
    "events": {
        "pseudonym": "VARCHAR", "school_unit": "VARCHAR", "event": "VARCHAR", "event_date": "DATE",
        "registered_date": "DATE", "cause": "VARCHAR",
    },
    "absence": {
        "pseudonym": "VARCHAR", "school_unit": "VARCHAR", "month": "VARCHAR", "invalid_absence_minutes": "BIGINT",
        "reported_minutes": "BIGINT",
    },
    "kaa": {
        "pseudonym": "VARCHAR", "sex": "VARCHAR", "home_municipality": "VARCHAR", "kaa_registered_date": "DATE",
        "kaa_deregistered_date": "DATE", "kaa_reason": "VARCHAR", "kaa_occupation": "VARCHAR",
        "kaa_contact_date": "DATE",
    },
    "agency_counts": {"municipality": "VARCHAR", "month": "VARCHAR", "indicator": "VARCHAR", "persons": "BIGINT"},
}  # fmt: skip

_OWNER = {
    "school_unit": """
        EXISTS (FROM unit_owners AS o WHERE o.school_unit = r.school_unit AND o.provider = r.provider
                AND t.last_day >= o.valid_from AND t.first_day <= o.valid_to)""",
    "home_municipality": """
        EXISTS (FROM kaa_owners AS o WHERE o.municipality = r.home_municipality AND o.provider = r.provider)""",
}
"""Who answers for a row: the supplier of its school unit, or the one that runs the municipality's activity responsibility."""


Files = Mapping[str, list[Path]]
"""By extract, the files that its rows are in."""


@dataclass(frozen=True)
class Source:
    """What one run of linking is made from."""

    home: Home
    contracts: Contracts
    rules: LinkingRules
    terms: tuple[Term, ...]

    @property
    def school_years(self) -> tuple[SchoolYear, ...]:
        """The school years whose three needed terms are all there."""
        there = set(self.terms)
        starts = sorted({term.year for term in self.terms})
        return tuple(year for year in map(SchoolYear, starts) if there.issuperset(year.needed_terms))

    @property
    def horizon(self) -> int:
        """The year of the last outcome date that the terms reach; what lies after it is not known."""
        return max((year.start + 1 for year in self.school_years), default=0)

    @cached_property
    def accepted(self) -> Files:
        """All accepted files of the terms, as they lay there when they were first asked for."""
        return {extract: read_accepted(self.home, extract, self.terms) for extract in self.contracts.extracts}


def kinds_of(extract: str) -> dict[str, str]:
    """The columns that are read of an extract, with DuckDB's types."""
    return {**_COLUMNS[extract], "provider": "VARCHAR", "term": "VARCHAR"}


def of_persons() -> set[str]:
    """The extracts whose rows are of persons."""
    return {extract for extract, columns in _COLUMNS.items() if "pseudonym" in columns}


def open_sources(connection: duckdb.DuckDBPyConnection, stored: Tables, files: Files, whom: Whom) -> None:
    """Make ``reports``, ``event_``, ``absence_`` and ``kaa_reports`` of ``whom``; the session has ``put_beside``'s tables.

    ``files``: where rows are. They are tables, as most are looked at more than once and opening hundreds of
    small files costs more than reading them. ``absence_reports`` is a view: by far the largest, and looked at once.
    """
    _open(connection, stored, files, "enrolments", "TABLE reports", "school_unit", whom.among)
    _open(connection, stored, files, "events", "TABLE event_reports", "school_unit", whom.among)
    _open(connection, stored, files, "absence", "VIEW absence_reports", "school_unit", whom.among)
    _open(connection, stored, files, "kaa", "TABLE kaa_reports", "home_municipality", whom.among)


def open_agencies(connection: duckdb.DuckDBPyConnection, stored: Tables, files: Files) -> None:
    """Make ``agency_reports``, which are of no person."""
    _open(connection, stored, files, "agency_counts", "TABLE agency_reports", None, "")


def _open(
    connection: duckdb.DuckDBPyConnection,
    stored: Tables,
    files: Files,
    extract: str,
    made: str,
    owned_by: str | None,
    among: str,
) -> None:
    columns = _COLUMNS[extract]
    if not files.get(extract):
        typed = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns.items())
        connection.execute(f"CREATE TEMP {made} AS SELECT {typed}, '' AS provider, 0 AS term, false AS owner WHERE false")
        return
    stored.open(f"stored_{extract}", files[extract], kinds_of(extract))
    selected = ", ".join(f"r.{name}" for name in columns)
    owner = _OWNER[owned_by] if owned_by else "true"
    connection.execute(
        f"CREATE TEMP {made} AS SELECT {selected}, r.provider, t.term, {owner} AS owner "
        f"FROM (FROM stored_{extract}{among}) AS r JOIN terms AS t ON t.name = r.term"
    )


def put_beside(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Make the small tables beside the rows: terms, school years, suppliers and code lists."""
    rules, suppliers = source.rules, source.contracts.suppliers.suppliers
    terms = sorted(source.terms)
    day, text, whole = pl.Date, pl.String, pl.Int32
    put(connection, "terms", pl.DataFrame(
        [(str(t), t.index, t.first_day, t.last_day) for t in terms],
        schema={"name": text, "term": whole, "first_day": day, "last_day": day}, orient="row"))  # fmt: skip
    # One October before the first published year (where pupils came from) and one after the last (their outcome).
    starts = [year.start for year in source.school_years]
    octobers = [SchoolYear(start) for start in range(starts[0] - 1, starts[-1] + 2)] if starts else []
    put(connection, "octobers", pl.DataFrame(
        [(y.start, str(y), y.reference_date, y.outcome_date, Term("HT", y.start).index, y.start in starts)
         for y in octobers],
        schema={"year": whole, "school_year": text, "reference_date": day, "outcome_date": day, "term": whole,
                "published": pl.Boolean}, orient="row"))  # fmt: skip
    put(connection, "unit_owners", pl.DataFrame(
        [(u.code, s.id, u.valid_from or date.min, u.valid_to or date.max) for s in suppliers for u in s.units],
        schema={"school_unit": text, "provider": text, "valid_from": day, "valid_to": day}, orient="row"))  # fmt: skip
    put(connection, "kaa_owners", pl.DataFrame(
        [(s.municipality, s.id) for s in suppliers if s.municipality and "kaa" in s.extracts],
        schema={"municipality": text, "provider": text}, orient="row"))  # fmt: skip
    put(connection, "members", pl.DataFrame(
        [(s.id, t.index) for t in terms for s in suppliers if s.is_member(t)],
        schema={"provider": text, "term": whole}, orient="row"))  # fmt: skip
    for extract in ("enrolments", "kaa"):
        # Files, not rows: a provider that delivered an empty extract has said that nothing runs.
        put(connection, f"{extract}_delivered", pl.DataFrame(
            [(file.stem, Term.parse(file.parent.name).index) for file in source.accepted.get(extract, ())],
            schema={"provider": text, "term": whole}, orient="row"))  # fmt: skip
    put(connection, "event_roles", pl.DataFrame(
        [(event, role) for role, events in rules.events.model_dump().items() for event in events],
        schema={"event": text, "role": text}, orient="row"))  # fmt: skip
    types = [(code, "population") for code in rules.population] + [(code, "equivalent") for code in rules.equivalent]
    put(connection, "type_roles", pl.DataFrame(types, schema={"school_type": text, "role": text}, orient="row"))
    for term in ("municipality", "sex", "cause", "kaa_reason", "kaa_occupation", "indicator"):
        put(connection, f"{term}_codes", counted_codes(source.contracts.glossary, term))


def put_bands(connection: duckdb.DuckDBPyConnection, name: str, months: dict[str, int]) -> None:
    """Make the table ``name`` (code, months) of bands, each reaching up to its number of months."""
    schema = {"code": pl.String, "months": pl.Int32}
    put(connection, name, pl.DataFrame(list(months.items()), schema=schema, orient="row"))
