"""Hand-made histories of a few pupils, delivered term after term to the store of accepted extracts. Not a test itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from avbrott.home import Home
from avbrott.linking.link import LinkSummary, link
from avbrott.periods import Term, terms_between
from avbrott.registry import Contracts, load_contracts
from tests import stored

SCHEMAS: dict[str, dict[str, Any]] = {
    "enrolments": {
        "pseudonym": pl.String, "birth_year": pl.Int64, "sex": pl.String, "home_municipality": pl.String,
        "school_unit": pl.String, "school_type": pl.String, "study_path": pl.String, "study_year": pl.Int64,
        "start_date": pl.Date, "end_date": pl.Date, "cancelled": pl.Boolean,
    },
    "events": {
        "pseudonym": pl.String, "school_unit": pl.String, "event": pl.String, "event_date": pl.Date,
        "registered_date": pl.Date, "cause": pl.String,
    },
    "absence": {
        "pseudonym": pl.String, "school_unit": pl.String, "month": pl.String, "offered_minutes": pl.Int64,
        "valid_absence_minutes": pl.Int64, "invalid_absence_minutes": pl.Int64, "reported_minutes": pl.Int64,
    },
    "kaa": {
        "pseudonym": pl.String, "birth_year": pl.Int64, "sex": pl.String, "home_municipality": pl.String,
        "kaa_registered_date": pl.Date, "kaa_reason": pl.String, "kaa_contact_date": pl.Date,
        "kaa_occupation": pl.String, "kaa_measure": pl.String, "kaa_deregistered_date": pl.Date,
        "kaa_deregistration_reason": pl.String,
    },
    "agency_counts": {"municipality": pl.String, "month": pl.String, "indicator": pl.String, "persons": pl.Int64},
}  # fmt: skip


def day(text: str) -> date:
    return date.fromisoformat(text)


@dataclass
class History:
    """Deliveries of ``first`` to ``last``; a supplier with any row delivers every term that ``silent`` does not name."""

    first: str = "HT2012"
    last: str = "HT2014"
    contracts: Contracts = field(default_factory=load_contracts)
    rows: dict[tuple[str, str, str], list[dict[str, Any]]] = field(default_factory=dict)
    silent: set[tuple[str, str]] = field(default_factory=set)

    @property
    def terms(self) -> list[Term]:
        return terms_between(Term.parse(self.first), Term.parse(self.last))

    def unit(self, provider: str, place: int = 0) -> str:
        return self.contracts.suppliers[provider].units[place].code

    def add(self, extract: str, provider: str, term: str, **row: Any) -> None:
        self.rows.setdefault((extract, provider, term), []).append(row)

    def enrol(
        self,
        pupil: str,
        provider: str,
        path: str,
        start: str,
        end: str | None = None,
        *,
        terms: tuple[str, str] | None = None,
        home: str = "2480",
        unit: str | None = None,
        school_type: str = "GY",
        **more: Any,
    ) -> None:
        """An enrolment as ``provider`` delivers it each term it runs; its end is known from the term the end lies in."""
        chosen = terms_between(*map(Term.parse, terms)) if terms else self.terms
        for term in chosen:
            if term.last_day < day(start) or (end is not None and term.first_day > day(end)):
                continue
            ended = end is not None and day(end) <= term.last_day
            self.add(
                "enrolments", provider, str(term), pseudonym=pupil, birth_year=1996, sex=more.get("sex", "Kvinna"),
                home_municipality=home, school_unit=unit or self.unit(provider), school_type=school_type,
                study_path=path, study_year=None, start_date=day(start), end_date=day(end) if ended and end else None,
                cancelled=ended,
            )  # fmt: skip

    def event(self, pupil: str, provider: str, event: str, on: str, **more: Any) -> None:
        term = more.get("term", str(Term.holding(day(on))))
        self.add(
            "events", provider, term, pseudonym=pupil, school_unit=more.get("unit", self.unit(provider)), event=event,
            event_date=day(on), registered_date=day(more.get("registered", on)), cause=more.get("cause"),
        )  # fmt: skip

    def write(self, home: Home) -> None:
        involved = {provider for _, provider, _ in self.rows}
        for supplier in self.contracts.suppliers.suppliers:
            if supplier.id not in involved:
                continue
            for term in self.terms:
                if (supplier.id, str(term)) in self.silent:
                    continue
                for extract, schema in SCHEMAS.items():
                    rows = self.rows.get((extract, supplier.id, str(term)), [])
                    if not rows and extract not in supplier.extracts:
                        continue
                    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
                        pl.lit(supplier.id).alias("provider"),
                        pl.lit(str(term)).alias("term"),
                        pl.int_range(2, len(rows) + 2, dtype=pl.Int64).alias("row"),
                    )
                    stored.put_rows(home, home.accepted(extract, supplier.id, str(term)), frame)

    def link(self, folder: Path, *, frozen: Path | None = None) -> tuple[Home, LinkSummary]:
        home = Home(folder)
        self.write(home)
        return home, link(home, self.contracts, self.terms, frozen=frozen)

    def outcomes(self, folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
        """The linked rows by pupil and school year."""
        home, _ = self.link(folder)
        rows = stored.rows(home, home.linked("outcomes")).to_dicts()
        return {(row["pseudonym"], row["school_year"]): row for row in rows}
