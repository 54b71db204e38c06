"""Findings in the words of the one who has to mend them: grouped by rule, Swedish then English, on a screen.

Line numbers, counts and the names of fields; a value only where a screen asked for it. What is wrong is decided in ``judge``;
other forms of a report are ``report_html``'s, ``report_json``'s and ``report_junit``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from avbrott.delivery.translate import READING
from avbrott.findings import Finding, Severity
from avbrott.glossary import Glossary, Term
from avbrott.registry import Contracts
from avbrott.schema import deliverable
from avbrott.texts import Language, Texts, one_or

ROWS_SHOWN = 20
CODES_SHOWN = 12
"""A longer code list is pointed to and not written out."""

_LANGUAGES: tuple[Language, ...] = ("sv", "en")
_ORDER = {Severity.BLOCKING: 0, Severity.QUARANTINE: 1, Severity.WARNING: 2, Severity.ASSUMED: 3}
_STYLE = {
    Severity.BLOCKING: "bold red",
    Severity.QUARANTINE: "bold yellow",
    Severity.WARNING: "bold",
    Severity.ASSUMED: "bold dim",
}


class Numbering(StrEnum):
    """Whose rows the row numbers of a finding are."""

    FILE = "FILE"
    """Those of the file that was read: its physical lines, or the rows of its sheet."""
    PREPARED = "PREPARED"
    """Those of the CSV that ``avbrott prepare`` wrote, in the order of pseudonyms; its header is line 1."""
    EXPORT = "EXPORT"
    """Those of the export that it was prepared from."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with its rule and how to mend it, by language."""

    finding: Finding
    rule: dict[Language, str]
    mend: dict[Language, str]
    numbering: Numbering = Numbering.FILE


def told(findings: Iterable[Finding], contracts: Contracts, texts: Texts) -> list[Told]:
    """Findings with their words, those that stop a delivery first."""
    ordered = sorted(findings, key=lambda f: (_ORDER[f.severity], f.extract, f.code, f.field, f.provider, f.term))
    return [_told(finding, contracts, texts) for finding in ordered]


def on_screen(
    findings: Iterable[Finding], contracts: Contracts, texts: Texts, numbering: Numbering = Numbering.FILE
) -> list[Told]:
    """``told``, with what was assumed of several fields said once: a screen is read from its end, and a report whole."""
    listed = list(findings)
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in listed:
        if finding.severity is Severity.ASSUMED:
            alike.setdefault((finding.extract, finding.code), []).append(finding)
    once = [
        replace(
            same[0], field=", ".join(one.field for one in same if one.field), count=sum(one.count for one in same), rows=()
        )
        if len(same) > 1
        else same[0]
        for same in alike.values()
    ]
    entries = told([*(one for one in listed if one.severity is not Severity.ASSUMED), *once], contracts, texts)
    return [replace(entry, numbering=numbering) for entry in entries]


def print_findings(
    found: Iterable[Told], texts: Texts, console: Console, values: Mapping[Finding, list[tuple[int, str]]] | None = None
) -> None:
    """Print each finding as a paragraph, with the values that its rows have where they are given (``values_of``).

    What was assumed comes last, in a line each.
    """
    entries = list(found)
    assumed = [entry for entry in entries if entry.finding.severity is Severity.ASSUMED]
    for entry in entries:
        if entry.finding.severity is not Severity.ASSUMED:
            _print_paragraph(entry, texts, console, (values or {}).get(entry.finding, []))
    if assumed:
        _print_heading(assumed[0].finding, assumed[0].finding.extract, texts, console)
        for entry in assumed:
            for language in _LANGUAGES:
                times = texts.get("REPORT_COUNT", language, count=entry.finding.count) if entry.finding.count > 1 else ""
                line = " ".join(filter(None, (f"{entry.finding.code}:", entry.rule[language], times)))
                console.print(Padding(Text(line), (0, 0, 0, 2)), style=_dim(language))
        console.print()


def _print_paragraph(entry: Told, texts: Texts, console: Console, values: Iterable[tuple[int, str]]) -> None:
    finding = entry.finding
    _print_heading(finding, " ".join(filter(None, (finding.extract, finding.field, finding.code))), texts, console)
    for language in _LANGUAGES:
        words = "\n".join(lines_of(entry, language, texts))
        console.print(Padding(Text(words), (0, 0, 0, 2)), style=_dim(language))
    for row, value in values:
        console.print(Padding(Text(f"{row}: {value}"), (0, 0, 0, 4)))
    console.print()


def _print_heading(finding: Finding, about: str, texts: Texts, console: Console) -> None:
    console.print(" / ".join(heading(finding, texts)), style=_STYLE[finding.severity], markup=False, end="  ")
    console.print(about, markup=False)


def heading(finding: Finding, texts: Texts) -> list[str]:
    """What a finding does, in both languages."""
    return [texts.get(f"REPORT_{finding.severity.value.upper()}", language) for language in _LANGUAGES]


def lines_of(entry: Told, language: Language, texts: Texts) -> list[str]:
    """The rule, how often and where it is broken, and how to mend it."""
    lines = [entry.rule[language], *where(entry, language, texts)]
    if entry.mend[language]:
        lines.append(texts.get("REPORT_MEND", language, mend=entry.mend[language]))
    return lines


def where(entry: Told, language: Language, texts: Texts) -> list[str]:
    """How often a rule is broken, and the first rows that break it; nothing for what is the whole file's."""
    finding, numbering = entry.finding, entry.numbering
    if not finding.rows:
        return [texts.get("REPORT_COUNT", language, count=finding.count)] if finding.count > 1 else []
    shown = finding.rows[:ROWS_SHOWN]
    key = "REPORT_ROWS" if len(shown) == finding.count else one_or("REPORT_ROWS_FIRST", len(shown))
    if key != "REPORT_ROWS" and numbering is Numbering.EXPORT:
        key = "REPORT_ROWS_SOME"  # the first of the delivery, which are not the export's first
    listed = ", ".join(map(str, shown))
    if finding.beside:
        pairs = zip(shown, finding.beside, strict=False)
        said = "REPORT_ROW_BESIDE" if finding.code == "KEY_DUPLICATE" else "REPORT_ROW_AND"
        listed = ", ".join(texts.get(said, language, row=row, other=other) for row, other in pairs)
    whose = texts.get(f"REPORT_ROWS_OF_{numbering}", language)
    return [
        texts.get("REPORT_COUNT", language, count=finding.count)
        + ". "
        + texts.get(key, language, whose=whose, rows=listed, shown=len(shown))
    ]


def _told(finding: Finding, contracts: Contracts, texts: Texts) -> Told:
    contract = contracts.extracts.get(finding.extract)
    rules = {rule.code: rule for rule in (contract.rules if contract else ())}
    # A rule between extracts is told about in both, and stands in one of them.
    rules = {rule.code: rule for other in contracts.extracts.values() for rule in other.rules} | rules
    if finding.code in rules:
        rule = rules[finding.code]
        # A rule says how it should be, and a finding that it is not.
        said: dict[Language, str] = {"sv": rule.text.sv, "en": rule.text.en}
        broken = {language: texts.get("REPORT_BREAKS", language, rule=said[language]) for language in _LANGUAGES}
        return Told(finding, broken, {"sv": rule.mend.sv, "en": rule.mend.en})
    newest = contracts.versions(finding.extract)[:2] if contract else []
    versions = ", ".join(one.version for one in newest)
    supplier = contracts.suppliers.by_id.get(finding.provider)
    expected = supplier.extracts if supplier is not None else tuple(contracts.extracts)
    words = {
        language: _words(finding, language, contracts.glossary, texts)
        | _readings(finding, language, contracts)
        | {"versions": versions, "title": _title(finding.extract, language, contracts)}
        | {"expected": ", ".join(_title(name, language, contracts) for name in expected)}
        for language in _LANGUAGES
    }
    return Told(
        finding,
        {language: texts.get(_key(finding, texts), language, **words[language]) for language in _LANGUAGES},
        {language: texts.mend(_own(finding, texts), language, **words[language]) for language in _LANGUAGES},
    )


def _title(name: str, language: Language, contracts: Contracts) -> str:
    """What an extract is called in a language, and as commands have it: ``Händelser (events)``."""
    contract = contracts.extracts.get(name)
    return f"{getattr(contract.title, language)} ({name})" if contract is not None else name or "?"


def _key(finding: Finding, texts: Texts) -> str:
    """The text of a finding: its own where there is one of it alone."""
    code = _own(finding, texts)
    return alone if finding.count == 1 and (alone := f"{code}_ONE") in texts else code


def _own(finding: Finding, texts: Texts) -> str:
    """The code that a finding's text is under: its field's own, where that has one."""
    own = f"{finding.code}_{finding.field.upper()}"
    return own if own in texts else finding.code


def _words(finding: Finding, language: Language, glossary: Glossary, texts: Texts) -> dict[str, str]:
    """What the text of a general rule is filled with: the field, what its values look like, and its codes."""
    words = {
        "field": _field(finding.field, language, glossary, texts),
        "extract": finding.extract or "?",
        "row": str(finding.rows[0]) if finding.rows else "?",
        "count": str(finding.count),
        "form": "",
        "codes": "",
    }
    term = glossary.terms.get(finding.field)
    if term is None:
        return words
    return words | {"form": _form(term, language, texts), "codes": _codes(term, language, glossary, texts)}


def _readings(finding: Finding, language: Language, contracts: Contracts) -> dict[str, str]:
    """How the provider reads a disputed term, and how the statistics do."""
    term, mapping = contracts.glossary.terms.get(finding.field), contracts.mappings.get(finding.provider)
    if finding.code != READING or term is None or mapping is None:
        return {}
    said = {one.id: str(getattr(one, language)) for one in term.readings}
    return {"reading": said.get(mapping.readings.get(term.id, ""), "?"), "used": said.get(term.used or "", "?")}


def _form(term: Term, language: Language, texts: Texts) -> str:
    """What a value of the term looks like, with an example where there is one."""
    parts = [str(getattr(term.shape, language)) if term.shape else texts.get(f"DOC_TYPE_{term.type}", language)]
    if term.minimum is not None and term.maximum is not None:
        parts.append(texts.get("DOC_RANGE", language, minimum=term.minimum, maximum=term.maximum))
    if term.unit is not None:
        parts.append(texts.get(f"DOC_UNIT_{term.unit}", language))
    if term.example:
        parts.append(texts.get("REPORT_EXAMPLE", language, example=term.example))
    return ", ".join(parts)


def _codes(term: Term, language: Language, glossary: Glossary, texts: Texts) -> str:
    """The codes that a row may hold, with what they mean; of a long list, where it stands."""
    listed = deliverable(glossary.codes(term.id))
    if len(listed) > CODES_SHOWN:
        return texts.get("REPORT_CODES_IN_GLOSSARY", language, term=term.codes_of or term.id)
    labels = [(code.code, code.sv if language == "sv" else code.en) for code in listed]
    return ", ".join(code if code == label else f"{code} ({label})" for code, label in labels)


def _field(name: str, language: Language, glossary: Glossary, texts: Texts) -> str:
    """A field as it is called in the file, and what it means."""
    if name in glossary.terms:
        meaning = glossary.terms[name].name
        return f"{name} ({meaning.sv if language == 'sv' else meaning.en})"
    return name or texts.get("REPORT_HEADER_LINE", language)


def _dim(language: str) -> str:
    return "dim" if language == "en" else ""
