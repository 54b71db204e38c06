"""What one provider may read: how its own deliveries came and went, term by term, and its own counts beside earlier ones.

Its own rows only, so nothing is hidden from it: receipts have told it each delivery of them. Left out is what takes another
provider's rows to say, as how many of its pupils are seen at another school. Not here: the page (``dashboards``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from avbrott.delivery.due import due
from avbrott.delivery.pull import delivered
from avbrott.delivery.report import told
from avbrott.delivery.settled import Mark, read_mark
from avbrott.expectations.contract import BESIDE, Frame
from avbrott.expectations.kept import kept_counts
from avbrott.findings import Finding, Severity, read_findings
from avbrott.home import Home
from avbrott.model import Text
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.suppliers import Supplier
from avbrott.texts import Texts

Json = dict[str, Any]

PROVIDERS = "providers"
FORMAT = 1
TOLD = (Severity.BLOCKING, Severity.QUARANTINE, Severity.WARNING)
"""The findings that a page lists: those that somebody can mend. How a file was read is its receipt's to say."""


def provider_figures(home: Home, contracts: Contracts, texts: Texts, deliveries: pl.DataFrame) -> Iterator[tuple[str, Json]]:
    """By provider of the contracts, what its page tells; ``deliveries`` is a frame of ``delivery.coverage.COVERAGE``."""
    counts = kept_counts(home)
    for supplier in contracts.suppliers.suppliers:
        own = deliveries.filter(provider=supplier.id)
        terms = sorted({Term.parse(term) for term in own["term"].to_list()}, key=lambda term: term.index)
        yield (
            supplier.id,
            {
                "format": FORMAT,
                "provider": {"code": supplier.id, "name": supplier.name},
                "extracts": {name: _said(contracts.extracts[name].title) for name in supplier.extracts},
                "terms": [_term(home, contracts, supplier, term, own.filter(term=str(term))) for term in terms],
                "findings": _findings(home, contracts, texts, supplier, terms),
                "compared": [*_rows(counts, supplier), *_shares(counts, contracts, supplier)],
            },
        )


def _term(home: Home, contracts: Contracts, supplier: Supplier, term: Term, own: pl.DataFrame) -> Json:
    """How one term's delivery came: its day beside the last one, and each extract's rows."""
    delivery, mark, latest = delivered(home, supplier.id, term), read_mark(home, supplier.id, term), due(contracts, term)
    days = [delivery.came_on(extract.name) for extract in delivery.extracts] or [delivery.created]
    created = max(days) if delivery.came else None
    return {
        "term": str(term),
        "due": latest.isoformat(),
        "created": created.isoformat() if created else None,
        "days_late": (created - latest).days if created else None,
        "extracts": {row["extract"]: {"state": _state(row), **_counted(mark, row["extract"])} for row in own.to_dicts()},
    }


def _state(row: Json) -> str:
    if row["delivered"]:
        return "late" if row["late"] else "in_time"
    return "refused" if row["refused"] else "missing"


def _counted(mark: Mark | None, extract: str) -> Json:
    """Rows of an extract that was taken in; nothing of one that was not."""
    if mark is None or extract not in mark.accepted:
        return {"accepted": None, "quarantined": None}
    return {"accepted": mark.accepted[extract], "quarantined": mark.quarantined.get(extract, 0)}


def _findings(home: Home, contracts: Contracts, texts: Texts, supplier: Supplier, terms: list[Term]) -> list[Json]:
    """Each rule that did not hold in any of the terms, in how many rows of each; those that stop a delivery first."""
    found: dict[tuple[str, str, str], Json] = {}
    every: list[Finding] = []
    for term in terms:
        file = home.findings(supplier.id, str(term))
        every += read_findings(file) if file.is_file() else []
    for entry in told([one for one in every if one.severity in TOLD], contracts, texts):
        one = entry.finding
        listed = found.setdefault(
            (one.extract, one.code, one.field),
            {
                "extract": one.extract,
                "code": one.code,
                "field": one.field,
                "severity": one.severity.value,
                "what": dict(entry.rule),
                "mend": dict(entry.mend),
                "terms": {},
            },
        )
        listed["terms"][one.term] = listed["terms"].get(one.term, 0) + one.count
    return list(found.values())


def _rows(counts: dict[Frame, pl.DataFrame], supplier: Supplier) -> list[Json]:
    """Accepted rows of the newest term of each extract, beside those of the term that it is held against."""
    return [
        {
            "extract": row["extract"],
            "share": None,
            "term": row["term"],
            "now": row["rows"],
            "of": None,
            "before": row[BESIDE],
            "then": row["rows_before"],
            "then_of": None,
        }
        for row in _newest(counts, "rows", supplier, "extract")
    ]


def _shares(counts: dict[Frame, pl.DataFrame], contracts: Contracts, supplier: Supplier) -> list[Json]:
    """The same of each share that is watched: how many rows, and of how many."""
    watched = {one.name: one for one in contracts.expectations.shares}
    return [
        {
            "extract": watched[row["share"]].extract,
            "share": {"name": row["share"], **_said(watched[row["share"]].title)},
            "term": row["term"],
            "now": row["part"],
            "of": row["base"],
            "before": row[BESIDE],
            "then": row["part_before"],
            "then_of": row["base_before"],
        }
        for row in _newest(counts, "shares", supplier, "share")
        if row["share"] in watched
    ]


def _newest(counts: dict[Frame, pl.DataFrame], frame: Frame, supplier: Supplier, key: str) -> list[Json]:
    """The provider's row of the newest term for each ``key``, in the order of the extracts or shares."""
    if frame not in counts:
        return []
    newest: dict[str, Json] = {}
    for row in sorted(counts[frame].filter(provider=supplier.id).to_dicts(), key=lambda row: Term.parse(row["term"]).index):
        newest[row[key]] = row
    return [newest[name] for name in sorted(newest)]


def _said(text: Text) -> dict[str, str]:
    return {"sv": text.sv, "en": text.en}
