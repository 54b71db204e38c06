"""What a filled-in questionnaire says: the provider's entry among the suppliers, and its mapping. Every wrong answer is told.

A mistake names the sheet, the row and how to mend it, and never what stands in the cell. Writing is ``joining``'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from avbrott.documentation.fields import codes_of_field
from avbrott.errors import BadInput
from avbrott.forms.filled import FilledRow, read_filled
from avbrott.forms.questionnaire import sheet_name
from avbrott.forms.questions import (
    ASKED_OF_PROVIDER,
    NO,
    PLACES,
    UNIT_COLUMNS,
    YES,
    Section,
    disputed_terms,
    sections,
    source_term,
    words_of_kinds,
)
from avbrott.headers import header_terms, normal_header
from avbrott.mapping import ProviderMapping
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.suppliers import Membership, SchoolUnit, Supplier
from avbrott.texts import Language, Texts, load_messages

_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
_UNIT_TERM = "school_unit"
_YES = frozenset({YES, "yes", "x"})
_NO = frozenset({NO, "no", ""})
_AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Answers:
    """A provider that joins, in the hub's terms."""

    supplier: Supplier
    mapping: ProviderMapping


@dataclass
class _Reader:
    """Rows by sheet and key, and the mistakes found so far."""

    contracts: Contracts
    texts: Texts
    filled: dict[str, list[FilledRow]]
    asked: dict[str, Section]
    mistakes: list[tuple[str, int, str, dict[str, str]]] = field(default_factory=list)

    def wrong(self, section: str, row: int, code: str, **parameters: str) -> None:
        """Take down a mistake; row 1 where the answer has no row."""
        self.mistakes.append((sheet_name(self.asked[section], self.texts), row, code, parameters))

    def rows(self, section: str) -> list[FilledRow]:
        """The rows of a section."""
        return self.filled.get(sheet_name(self.asked[section], self.texts), [])

    def answers(self, section: str) -> Iterator[tuple[FilledRow, str, str]]:
        """Row, key and first answer of each question; a key that is not asked, or comes twice, is a mistake."""
        known = {question.key for question in self.asked[section].questions}
        column = 1 + len(self.asked[section].told)
        seen: set[str] = set()
        for row in self.rows(section):
            key = row.cell(0)
            if not any(row.cells):
                continue
            if key not in known:
                self.wrong(section, row.number, "ANSWER_KEY")
            elif key in seen:
                self.wrong(section, row.number, "ANSWER_KEY_TWICE")
            else:
                yield row, key, row.cell(column)
            seen.add(key)


def read_answers(file: Path, contracts: Contracts) -> Answers:
    """Read a filled-in questionnaire; ``BadInput`` (ANSWERS_INVALID) tells every wrong answer."""
    texts = load_messages(contracts.folder)
    reader = _Reader(contracts, texts, read_filled(file), {one.name: one for one in sections(contracts, texts)})
    lacking = [name for name in reader.asked if sheet_name(reader.asked[name], texts) not in reader.filled]
    if lacking:
        sheets = ", ".join(sheet_name(reader.asked[name], texts) for name in lacking)
        raise BadInput("ANSWERS_SHEETS_MISSING", file=file, sheets=sheets)
    said = {key: (row.number, answer) for row, key, answer in reader.answers("PROVIDER")}
    extracts, systems = _extracts(reader)
    supplier = _supplier(reader, said, extracts)
    mapping = ProviderMapping(
        provider=said.get("id", (1, ""))[1],
        systems=systems,
        headers=_headers(reader, extracts),
        codes=_codes(reader),
        readings=_readings(reader),
    )
    if reader.mistakes or supplier is None:
        _raise(file, reader)
    assert supplier is not None
    return Answers(supplier, mapping)


def _raise(file: Path, reader: _Reader) -> None:
    def told(language: Language) -> str:
        row = reader.texts.get("ANSWER_ROW", language)
        found = sorted(reader.mistakes, key=lambda mistake: (list(reader.filled).index(mistake[0]), mistake[1], mistake[2]))
        lines = (
            f"{sheet}, {row} {number}: {reader.texts.get(code, language, **parameters)}"
            for sheet, number, code, parameters in found
        )
        return "\n  ".join(dict.fromkeys(lines))

    raise BadInput("ANSWERS_INVALID", file=file, places_sv=told("sv"), places_en=told("en"))


def _supplier(reader: _Reader, said: dict[str, tuple[int, str]], extracts: list[str]) -> Supplier | None:
    """The provider's entry; None where a part of it cannot be used."""
    rows = {name: said.get(name, (1, ""))[0] for name in ASKED_OF_PROVIDER}
    given = {name: said.get(name, (1, ""))[1] for name in ASKED_OF_PROVIDER}
    words = words_of_kinds(reader.contracts)
    kind = next(
        (one for one, all_ in words.items() if normal_header(given["kind"]) in map(normal_header, (one, *all_))), None
    )
    places = _places(reader.contracts)
    before = len(reader.mistakes)
    _expect(reader, rows["id"], "ANSWER_ID", holds=_ID.fullmatch(given["id"]) is not None)
    _expect(reader, rows["name"], "ANSWER_EMPTY", holds=bool(given["name"]))
    _expect(
        reader, rows["kind"], "ANSWER_CHOICE", holds=kind is not None, known=", ".join(all_[0] for all_ in words.values())
    )
    placed = given["municipality"] in places or (not given["municipality"] and kind == _AGENCY)
    _expect(reader, rows["municipality"], "ANSWER_MUNICIPALITY", holds=placed)
    _expect(reader, rows["first"], "ANSWER_TERM", holds=_is_term(given["first"]))
    units = list(_units(reader, places, given["id"]))
    if len(reader.mistakes) > before or kind is None:
        return None
    return Supplier(
        id=given["id"],
        name=given["name"],
        kind=kind,
        municipality=given["municipality"] or None,
        extracts=tuple(extracts),
        units=tuple(units),
        member=(Membership(first=given["first"]),),
        may_deliver=tuple(_several(given["may_deliver"])),
    )


def _expect(reader: _Reader, row: int, code: str, *, holds: bool, **parameters: str) -> None:
    if not holds:
        reader.wrong("PROVIDER", row, code, **parameters)


def _units(reader: _Reader, places: set[str], provider: str) -> Iterator[SchoolUnit]:
    """The school units; any row with an answer is one, whatever its key."""
    form = re.compile(reader.contracts.glossary.terms[_UNIT_TERM].pattern or ".+")
    owned = {unit.code: one.id for one in reader.contracts.suppliers.suppliers for unit in one.units}
    seen: set[str] = set()
    for row in reader.rows("UNITS"):
        given = {name: row.cell(place) for place, name in enumerate(UNIT_COLUMNS, start=1)}
        if not any(given.values()):
            continue
        days = {name: _day(given[name]) for name in ("valid_from", "valid_to")}
        checks = {
            "ANSWER_UNIT_CODE": form.fullmatch(given["code"]) is not None,
            "ANSWER_UNIT_TWICE": given["code"] not in seen,
            "ANSWER_UNIT_TAKEN": owned.get(given["code"], provider) == provider,
            "ANSWER_EMPTY": bool(given["name"]),
            "ANSWER_MUNICIPALITY": given["municipality"] in places,
            "ANSWER_DAY": all(days[name] is not None or not given[name] for name in days),
            "ANSWER_DAYS": days["valid_from"] is None or days["valid_to"] is None or days["valid_from"] <= days["valid_to"],
        }
        seen.add(given["code"])
        for code in (code for code, holds in checks.items() if not holds):
            reader.wrong("UNITS", row.number, code)
        if all(checks.values()):
            yield SchoolUnit(code=given["code"], name=given["name"], municipality=given["municipality"], **days)


def _extracts(reader: _Reader) -> tuple[list[str], dict[str, str]]:
    """Which extracts are delivered, in the order of the contracts, and from which system."""
    column = 2 + len(reader.asked["EXTRACTS"].told)
    chosen, systems = [], {}
    for row, key, answer in reader.answers("EXTRACTS"):
        if answer.lower() not in _YES | _NO:
            reader.wrong("EXTRACTS", row.number, "ANSWER_YES_NO")
        if answer.lower() in _YES:
            chosen.append(key)
            if row.cell(column):
                systems[key] = row.cell(column)
    if not chosen:
        reader.wrong("EXTRACTS", 1, "ANSWER_NO_EXTRACT")
    return chosen, systems


def _headers(reader: _Reader, extracts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Own headers of delivered extracts, but for those that the glossary knows as the same term."""
    known = header_terms(reader.contracts.glossary)
    wanted = {
        f"{name}.{source_term(term, reader.contracts).id}": name
        for name in extracts
        for term in reader.contracts.extracts[name].terms
    }
    headers: dict[str, dict[str, str]] = {}
    for row, key, answer in reader.answers("HEADERS"):
        if not answer or key not in wanted:
            continue
        own, term = headers.setdefault(wanted[key], {}), key.partition(".")[2]
        if normal_header(answer) in map(normal_header, own):
            reader.wrong("HEADERS", row.number, "ANSWER_HEADER_TWICE")
        elif known.get(normal_header(answer)) != term:
            own[answer] = term
    return {name: own for name, own in headers.items() if own}


def _codes(reader: _Reader) -> dict[str, dict[str, str]]:
    """Own codes by term, but for those that are the glossary's."""
    codes: dict[str, dict[str, str]] = {}
    for row, key, answer in reader.answers("OWN_CODES"):
        term, _, code = key.partition(".")
        listed = {one.code for one in reader.contracts.glossary.codes(term)}
        own = codes.setdefault(term, {})
        for given in _several(answer):
            if given in own or (given in listed and given != code):
                reader.wrong("OWN_CODES", row.number, "ANSWER_CODE_TWICE")
            elif given != code:
                own[given] = code
    return {term: own for term, own in codes.items() if own}


def _readings(reader: _Reader) -> dict[str, str]:
    """By disputed term, the reading that is said to be followed."""
    readings: dict[str, str] = {}
    known = {term.id for term in disputed_terms(reader.contracts)}
    for row, key, answer in reader.answers("READINGS"):
        term, _, reading = key.partition(".")
        if answer.lower() not in _YES | _NO:
            reader.wrong("READINGS", row.number, "ANSWER_YES_NO")
        elif answer.lower() in _YES and term in readings:
            reader.wrong("READINGS", row.number, "ANSWER_READING_TWICE")
        elif answer.lower() in _YES and term in known:
            readings[term] = reading
    return readings


def _places(contracts: Contracts) -> set[str]:
    return {code.code for code in codes_of_field(PLACES, contracts.glossary)}


def _several(answer: str) -> list[str]:
    return [part for part in (piece.strip() for piece in answer.split(";")) if part]


def _is_term(text: str) -> bool:
    return _reads(Term.parse, text)


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except (BadInput, ValueError):
        return False
    return True


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and _reads(date.fromisoformat, text) else None
