"""However a school's system writes the same rows, the hub reads the same rows: every form beside every other.

Ten thousand files that are damaged by chance, from a seed: never an error of the program, never an accepted row that breaks a
rule, never a value in what is told. The oracle of the rules is ``test_delivery_accepted``'s, in plain Python.
"""

from __future__ import annotations

import csv
import io
import itertools
import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from avbrott.delivery.check import scanner_of
from avbrott.delivery.judge import judge
from avbrott.delivery.read import Reading, fit, read_content
from avbrott.delivery.report import lines_of, told
from avbrott.delivery.rules import Situation
from avbrott.findings import Finding, Severity
from avbrott.texts import load_messages
from tests.property.test_delivery_accepted import CONTRACTS, TERM, keeps_rules

MUTATED = int(os.environ.get("AVBROTT_MUTATED_FILES", "10000"))
SCANNER = scanner_of(CONTRACTS, TERM)
SITUATION = Situation.of(TERM, [CONTRACTS.suppliers.by_id["2480"]])
TEXTS = load_messages()

ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8-BOM", "cp1252": "Windows-1252", "latin-1": "Windows-1252", "cp850": "CP850",
    "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
}  # fmt: skip
SEPARATORS = (",", ";", "\t")
ENDS = ("\n", "\r\n")
QUOTING = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
DATES = {
    "%Y-%m-%d": None, "%Y%m%d": "READ_DATE_COMPACT", "%d/%m/%Y": "READ_DATE_DAY_FIRST", "%Y/%m/%d": "READ_DATE_OTHER",
    "%Y-%m-%d 00:00:00": "READ_DATE_TIME",
}  # fmt: skip
NUMBERS = {"{}": None, "{},0": "READ_DECIMAL", "{}.00": "READ_DECIMAL"}
LETTERS = (str, str.lower, str.upper, " {}\u00a0".format)
"""How a listed code is written."""
LANGUAGES = ("id", "sv", "en", "synonym")

FORMS = {
    "enrolments": [
        {
            "pseudonym": f"{place:064x}", "birth_year": "1996", "sex": "Okänt", "home_municipality": home,
            "school_unit": "99248001", "school_type": "GY", "study_path": "EKÅÄÖ", "study_year": "1",
            "start_date": start, "end_date": end, "cancelled": "false",
        }
        for place, (home, start, end) in enumerate(
            [("2480", "2012-08-20", ""), ("0684", "2012-08-21", "2012-12-20"), ("2401", "2012-07-03", "2012-10-15")]
        )
    ],
    "absence": [
        {
            "pseudonym": f"{place:064x}", "school_unit": "99248001", "month": "2012-10", "offered_minutes": "5400",
            "valid_absence_minutes": "300", "invalid_absence_minutes": "0", "reported_minutes": "5400",
        }
        for place in range(3)
    ],
}  # fmt: skip
SYNONYMS = {"school_unit": "Skolkod", "study_path": "Stkod", "home_municipality": "Hemkommunkod", "cancelled": "Avbruten"}


def header(name: str, language: str) -> str:
    """What a column is called."""
    term = CONTRACTS.glossary.terms[name]
    named = {"id": name, "sv": term.name.sv, "en": term.name.en, "synonym": SYNONYMS.get(name, term.name.sv.upper())}
    return named[language]


def cell(name: str, value: str, day: str, number: str, letters: Callable[[str], str] = str) -> str:
    """A value in a form of its own."""
    kind = CONTRACTS.glossary.terms[name].type
    if not value:
        return value
    if CONTRACTS.glossary.codes(name):
        return letters(value)
    if kind == "date":
        return date.fromisoformat(value).strftime(day)
    return number.format(value) if kind == "integer" else value


def written(
    extract: str,
    language: str,
    separator: str,
    ends: str,
    quoting: int,
    day: str,
    number: str,
    letters: Callable[[str], str] = str,
) -> str:
    """The rows as a system writes them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=ends)
    names = list(FORMS[extract][0])
    writer.writerow([header(name, language) for name in names])
    writer.writerows([[cell(name, row[name], day, number, letters) for name in names] for row in FORMS[extract]])
    return out.getvalue()


def checked(content: bytes, extract: str, kind: str = ".csv") -> tuple[Reading, pl.DataFrame, list[Finding]]:
    """What is read, what is accepted, and what is told."""
    reading = fit(read_content(content, kind=kind), CONTRACTS.extracts[extract], SCANNER.contract.headers, CONTRACTS.glossary)
    judged, findings = judge(CONTRACTS, SITUATION, SCANNER, {extract: {"2480": reading}})
    refused = any(finding.severity is Severity.BLOCKING for finding in findings)
    return reading, judged[extract].accepted(CONTRACTS, str(TERM), [] if refused else ["2480"]), findings


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("extract", FORMS)
def test_every_form_is_read_as_the_same_rows(extract: str, encoding: str) -> None:
    """Encodings x separators x forms of days and numbers x languages of the header; line ends and quotation in turn."""
    names = list(FORMS[extract][0])
    coded = [(name, value) for row in FORMS[extract] for name, value in row.items() if CONTRACTS.glossary.codes(name)]
    days = DATES if extract == "enrolments" else ("%Y-%m-%d",)
    turns = itertools.cycle(itertools.product(ENDS, QUOTING, LETTERS))
    for separator, day, number, language in itertools.product(SEPARATORS, days, NUMBERS, LANGUAGES):
        ends, quoting, letters = next(turns)
        case = (separator, ends, quoting, language, day, number, letters)
        text = written(extract, language, separator, ends, quoting, day, number, letters)
        table = read_content(text.encode(encoding), kind=".csv")
        reading = fit(table, CONTRACTS.extracts[extract], (), CONTRACTS.glossary)
        assert [dict(zip(names, row, strict=True)) for row in reading.frame.drop("row").rows()] == [
            {name: value or None for name, value in row.items()} for row in FORMS[extract]
        ], case
        assert reading.frame["row"].to_list() == [2, 3, 4]
        assert not reading.faults
        told_by_bytes = not text.isascii() or encoding not in ("cp1252", "latin-1", "cp850")
        assert reading.encoding == (ENCODINGS[encoding] if told_by_bytes else "UTF-8"), case
        expected = {
            "READ_SEMICOLON": separator == ";",
            "READ_TAB": separator == "\t",
            "READ_HEADER": language == "synonym",
            "READ_WINDOWS_1252": reading.encoding == "Windows-1252",
            "READ_CP850": reading.encoding == "CP850",
            "READ_UTF_16": reading.encoding == "UTF-16",
            DATES[day]: DATES[day] is not None,
            NUMBERS[number]: NUMBERS[number] is not None,
            "READ_CODE_LETTERS": any(cell(name, value, "", "", letters) != value for name, value in coded),
        }
        assert {found.code for found in reading.assumed} == {code for code, so in expected.items() if so}, case


@pytest.mark.parametrize("extract", FORMS)
def test_every_form_is_accepted_whole(extract: str) -> None:
    """A form of each kind beside another, all the way to what is accepted."""
    for (day, number), separator in itertools.product(zip(DATES, itertools.cycle(NUMBERS)), SEPARATORS):
        text = written(extract, "sv", separator, "\r\n", csv.QUOTE_MINIMAL, day, number)
        _, accepted, findings = checked(text.encode("cp1252"), extract)
        assert accepted.height == len(FORMS[extract])
        assert {found.severity for found in findings} <= {Severity.ASSUMED, Severity.WARNING}
        if extract == "enrolments":
            assert [str(day) for day in accepted["start_date"]] == [row["start_date"] for row in FORMS[extract]]
            assert accepted["home_municipality"].to_list() == ["2480", "0684", "2401"]


SECRET = "Hjalmarsdotter"
NEVER_TOLD = (SECRET, "0" * 40, "970503-1234", "31/12/2012", "99248001,")
PARTS, TOGETHER = 10, 200
"""Files are spread over tests, and judged together as so many providers'."""
JUNK = (
    "", '"', '""', "'", ",", ";", "\t", "\n", "\r", "\r\n", "\0", "\x1a", "\ufeff", "\u00a0", "Å", "é", "\ud7ff",
    "NaN", "null", "-", "1e9", "TRUE", "SANT", "31/12/2012", "12/31/2012", "20120820", "2012-02-30", "684", "0",
    "9" * 40, "Summa", "Totalt;4", "=1+1", "20120820-1234", "970503-1234", SECRET, "a" * 3000, "{", "[[", "<x>", "%s",
    "{0}", "2012-08-20 00:00:00", "5 400,0",
)  # fmt: skip


def mutated(rng: random.Random) -> bytes:
    """A clean file in some form, and then some bytes, cells or lines of it that are not what they were."""
    extract = "enrolments"
    text = written(
        extract, rng.choice(LANGUAGES), rng.choice(SEPARATORS), rng.choice(ENDS), rng.choice(QUOTING),
        rng.choice(list(DATES)), rng.choice(list(NUMBERS)),
    )  # fmt: skip
    for _ in range(rng.randint(1, 4)):
        at, until = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        match rng.randrange(5):
            case 0:
                text = text[:at] + rng.choice(JUNK) + text[at:]
            case 1:
                text = text[:at] + text[min(until, at + rng.randint(1, 80)) :]
            case 2:
                lines = text.splitlines(keepends=True) or [""]
                lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
                text = "".join(lines)
            case 3:
                text = text.replace(rng.choice(("2012", "1996", "Okänt", "99248001", "GY", "false")), rng.choice(JUNK), 1)
            case _:
                text = text.replace(rng.choice(SEPARATORS), rng.choice(SEPARATORS), rng.randint(1, 12))
    content = bytearray(text.encode(rng.choice(list(ENCODINGS)), "replace"))
    for _ in range(rng.choice((0, 0, 0, 1, 3))):
        if content:
            content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def read(seed: int) -> Reading:
    """One damaged file, made from its seed, so that one that fails can be made again alone."""
    content = mutated(random.Random(seed))  # noqa: S311  chance, not secrecy
    return fit(
        read_content(content, kind=".csv"), CONTRACTS.extracts["enrolments"], SCANNER.contract.headers, CONTRACTS.glossary
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_damaged_files_leave_nothing_to_regret(part: int) -> None:
    """No exception, no accepted row that breaks a rule by the oracle, no value in any word that is told."""
    outcomes: Counter[str] = Counter()
    seeds = range(part, MUTATED, PARTS)
    for first in range(0, len(seeds), TOGETHER):
        readings = {f"file {seed}": read(seed) for seed in seeds[first : first + TOGETHER]}
        situation = Situation(TERM, dict.fromkeys(readings, SITUATION.units["2480"]))
        judged, findings = judge(CONTRACTS, situation, SCANNER, {"enrolments": readings})
        refused = {finding.provider for finding in findings if finding.severity is Severity.BLOCKING}
        kept = [name for name in readings if name not in refused]
        accepted = judged["enrolments"].accepted(CONTRACTS, str(TERM), kept)
        rows = [{name: _text(value) for name, value in row.items()} for row in accepted.iter_rows(named=True)]
        assert [row["provider"] for row in rows if not keeps_rules(row)] == []
        keys = [tuple(row[name] for name in ("provider", *CONTRACTS.extracts["enrolments"].key)) for row in rows]
        assert len(keys) == len(set(keys))
        said = [
            (entry.finding.provider, line)
            for entry in told({replace(finding, rows=(), beside=()) for finding in findings}, CONTRACTS, TEXTS)
            for language in ("sv", "en")
            for line in lines_of(entry, language, TEXTS)
        ]
        assert [name for name, line in said if any(value in line for value in NEVER_TOLD)] == []
        outcomes.update({"refused": len(refused), "accepted": len({row["provider"] for row in rows})})
    assert min(outcomes["refused"], outcomes["accepted"]) > len(seeds) / 10, "the damage is neither too little nor too much"


def _text(value: object) -> str:
    """A value of an accepted row as a file would have it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
