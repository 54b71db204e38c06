"""Findings about deliveries: codes, fields, counts and row numbers, never a row's value.

A finding says which rule of which contract does not hold, how often, and on which physical lines (the header is line 1).
What the rule means, and how to mend it, stands in the contracts and ``contracts/texts``; here is only the data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import polars as pl

from avbrott.errors import BadInput


class Severity(StrEnum):
    """What a finding does: refuses the delivery whole, sets its rows aside, or tells: for a look, or how it was read."""

    BLOCKING = "blocking"
    QUARANTINE = "quarantine"
    WARNING = "warning"
    ASSUMED = "assumed"


FINDINGS_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "provider": pl.String,
    "term": pl.String,
    "extract": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "field": pl.String,
    "count": pl.Int64,
    "rows": pl.List(pl.Int64),
    "beside": pl.List(pl.Int64),
}
"""One finding a row. ``field`` is empty for a rule over several fields; ``rows`` holds the first ``ROWS_KEPT`` lines, and
``beside`` the line that each of them is held against where the rule is about two (empty for other rules)."""

ROWS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that does not hold in one extract of one delivery."""

    provider: str
    term: str
    extract: str
    code: str
    severity: Severity
    field: str = ""
    count: int = 1
    rows: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()


def is_blocked(findings: Iterable[Finding]) -> bool:
    """Whether something of what was found refuses the delivery."""
    return any(finding.severity is Severity.BLOCKING for finding in findings)


def read_findings(file: Path) -> list[Finding]:
    """The findings of a file of ``FINDINGS_SCHEMA``; ``BadInput`` (STORE_UNREADABLE) where it is damaged."""
    try:
        return from_frame(pl.read_parquet(file, glob=False))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, TypeError, KeyError):
        raise BadInput("STORE_UNREADABLE", file=file) from None


def from_frame(frame: pl.DataFrame) -> list[Finding]:
    """The findings of a frame of ``FINDINGS_SCHEMA``, in its order."""
    return [
        Finding(
            **{
                **row,
                "severity": Severity(row["severity"]),
                "rows": tuple(row["rows"]),
                "beside": tuple(row.get("beside", ())),
            }
        )
        for row in frame.iter_rows(named=True)
    ]


def _lines(finding: Finding) -> tuple[list[int], list[int]]:
    return list(finding.rows[:ROWS_KEPT]), list(finding.beside[:ROWS_KEPT])


def to_frame(findings: list[Finding]) -> pl.DataFrame:
    """Return the findings as a frame of ``FINDINGS_SCHEMA``, sorted so that equal input gives equal bytes."""
    rows = [(f.provider, f.term, f.extract, f.code, f.severity.value, f.field, f.count, *_lines(f)) for f in findings]
    frame = pl.DataFrame(rows, schema=FINDINGS_SCHEMA, orient="row")
    return frame.sort("provider", "term", "extract", "code", "field")
