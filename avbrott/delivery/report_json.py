"""A check as JSON. Its shape is stable and has a version; docs/check.md tells of every key. Never a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from avbrott.delivery.at_home import Checked
from avbrott.delivery.report import ROWS_SHOWN, Told, told
from avbrott.delivery.translate import translation
from avbrott.findings import Severity
from avbrott.registry import Contracts
from avbrott.texts import Texts

SCHEMA = "avbrott-check/1"
"""A key that is new does not change it; one that is gone or means something else does."""


def as_json(
    checked: Sequence[Checked], contracts: Contracts, texts: Texts, provider: str | None, term: str | None
) -> dict[str, Any]:
    """Everything that a check found, in plain types."""
    return {
        "schema": SCHEMA,
        "provider": provider,
        "term": term,
        "files": [
            {
                "file": entry.file_name,
                "contract": entry.contract.name,
                "contract_version": entry.contract.version,
                "encoding": entry.reading.encoding,
                "separator": entry.reading.separator,
                "rows": entry.rows,
                "is_read": entry.is_read,
                "summary": {severity.value: entry.count(severity) for severity in Severity},
                "mapping": asdict(translation(entry.findings, entry.contract.name, contracts.mappings.get(provider or ""))),
                "findings": [_finding(found) for found in told(entry.findings, contracts, texts)],
                "not_judged": [*entry.unjudged, *entry.alone],
            }
            for entry in checked
        ],
    }


def _finding(entry: Told) -> dict[str, Any]:
    finding = entry.finding
    return {
        "contract": finding.extract,
        "code": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "count": finding.count,
        "rows": list(finding.rows[:ROWS_SHOWN]),
        "beside": list(finding.beside[:ROWS_SHOWN]),
        "rule": dict(entry.rule),
        "mend": dict(entry.mend),
    }
