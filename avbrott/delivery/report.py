"""Findings in the words of the one who has to mend them: grouped by rule, Swedish then English, on a screen and as JSON.

Line numbers, counts and the names of fields; never a value. What is wrong is decided in ``judge``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.padding import Padding

from avbrott.findings import Finding, Severity
from avbrott.glossary import Glossary
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts

ROWS_SHOWN = 20

_ORDER = {Severity.BLOCKING: 0, Severity.QUARANTINE: 1, Severity.WARNING: 2}
_STYLE = {Severity.BLOCKING: "bold red", Severity.QUARANTINE: "bold yellow", Severity.WARNING: "bold"}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with its rule and how to mend it, by language."""

    finding: Finding
    rule: dict[Language, str]
    mend: dict[Language, str]


def told(findings: Iterable[Finding], contracts: Contracts, texts: Texts) -> list[Told]:
    """Findings with their words, those that stop a delivery first."""
    ordered = sorted(findings, key=lambda f: (_ORDER[f.severity], f.extract, f.code, f.field, f.provider, f.term))
    return [_told(finding, contracts, texts) for finding in ordered]


def print_findings(found: Iterable[Told], texts: Texts, console: Console) -> None:
    """Print each finding as a paragraph."""
    for entry in found:
        finding = entry.finding
        heading = f"REPORT_{finding.severity.value.upper()}"
        title = f"{texts.get(heading, 'sv')} / {texts.get(heading, 'en')}"
        console.print(title, style=_STYLE[finding.severity], markup=False, end="  ")
        console.print(" ".join(filter(None, (finding.extract, finding.field, finding.code))), markup=False)
        for language in ("sv", "en"):
            console.print(Padding(_paragraph(entry, language, texts), (0, 0, 0, 2)), style=_dim(language), markup=False)
        console.print()


def as_json(entry: Told) -> dict[str, Any]:
    """One finding as JSON; the shape is stable."""
    finding = entry.finding
    return {
        "contract": finding.extract,
        "code": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "count": finding.count,
        "rows": list(finding.rows[:ROWS_SHOWN]),
        "rule": dict(entry.rule),
        "mend": dict(entry.mend),
    }


def _told(finding: Finding, contracts: Contracts, texts: Texts) -> Told:
    contract = contracts.extracts.get(finding.extract)
    rules = {rule.code: rule for rule in (contract.rules if contract else ())}
    # A rule between extracts is told about in both, and stands in one of them.
    rules = {rule.code: rule for other in contracts.extracts.values() for rule in other.rules} | rules
    if finding.code in rules:
        rule = rules[finding.code]
        return Told(finding, {"sv": rule.text.sv, "en": rule.text.en}, {"sv": rule.mend.sv, "en": rule.mend.en})
    languages: tuple[Language, ...] = ("sv", "en")
    field = {language: _field(finding.field, language, contracts.glossary, texts) for language in languages}
    extract = finding.extract or "?"
    return Told(
        finding,
        {lang: texts.get(finding.code, lang, field=field[lang], extract=extract) for lang in languages},
        {lang: texts.mend(finding.code, lang, field=field[lang], extract=extract) for lang in languages},
    )


def _field(name: str, language: Language, glossary: Glossary, texts: Texts) -> str:
    """A field as it is called in the file, and what it means."""
    if name in glossary.terms:
        meaning = glossary.terms[name].name
        return f"{name} ({meaning.sv if language == 'sv' else meaning.en})"
    return name or texts.get("REPORT_HEADER_LINE", language)


def _paragraph(entry: Told, language: Language, texts: Texts) -> str:
    finding = entry.finding
    lines = [entry.rule[language]]
    if finding.rows:
        shown = finding.rows[:ROWS_SHOWN]
        key = "REPORT_ROWS" if len(shown) == finding.count else "REPORT_ROWS_FIRST"
        listed = ", ".join(map(str, shown))
        lines.append(
            texts.get("REPORT_COUNT", language, count=finding.count)
            + ". "
            + texts.get(key, language, rows=listed, shown=len(shown))
        )
    if entry.mend[language]:
        lines.append(texts.get("REPORT_MEND", language, mend=entry.mend[language]))
    return "\n".join(lines)


def _dim(language: str) -> str:
    return "dim" if language == "en" else ""
