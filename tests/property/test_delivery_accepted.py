"""Whatever a file holds, an accepted row keeps every rule, and every row is accepted, set aside or refused.

The oracle is plain Python over the text of the rows; it shares no code with the checks.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from avbrott.at_rest.files import write_bytes
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.check import Status, check_term, scanner_of
from avbrott.delivery.read import fit, read_table
from avbrott.delivery.records import NotSeparated, read_records
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from tests import stored

TERM = Term("HT", 2012)
CONTRACTS: Contracts = load_contracts()
SEXES = {"Kvinna", "Man", "Okänt"}
SCHOOL_TYPES = {code.code for code in CONTRACTS.glossary.codes("school_type")}
UNITS = {unit.code for unit in CONTRACTS.suppliers["2480"].units}
OTHERS = "99248201"
PATTERNS = {
    "pseudonym": r"[0-9a-f]{64}",
    "birth_year": r"(19[89]\d|20[01]\d|202[0-5])",
    "home_municipality": r"\d{4}",
    "school_unit": r"\d{8}",
    "study_path": r"[A-ZÅÄÖ0-9]{2,20}",
    "study_year": r"[1-4]|",
    "cancelled": r"true|false",
}

dates = st.dates(date(2010, 1, 1), date(2014, 1, 1)).map(date.isoformat)
odd = st.sampled_from(
    ["", " ", "x", "2012-02-30", "0", "-1", "NaN", "null", '"', "a,b", "rad\nbryt", "slut\r\n", "é", "true "]
)
good = {
    "pseudonym": st.sampled_from(["a" * 64, "b" * 64, "0" * 64]),
    "birth_year": st.sampled_from(["1995", "1996", "1997"]),
    "sex": st.sampled_from(sorted(SEXES)),
    "home_municipality": st.sampled_from(["2480", "0684", "2401"]),
    "school_unit": st.sampled_from([*sorted(UNITS), OTHERS]),
    "school_type": st.sampled_from(["GY", "FHS"]),
    "study_path": st.sampled_from(["EKJUR", "NANAT", "BA25"]),
    "study_year": st.sampled_from(["1", "2", ""]),
    "start_date": dates,
    "end_date": st.one_of(st.just(""), dates),
    "cancelled": st.sampled_from(["true", "false"]),
}
rows = st.lists(
    st.fixed_dictionaries({name: st.one_of(kind, kind, kind, kind, kind, kind, odd) for name, kind in good.items()}),
    max_size=12,
)


def keeps_rules(row: dict[str, str]) -> bool:
    """The contract of enrolments for one row, written out by hand."""
    if not all(re.fullmatch(pattern, row[name]) for name, pattern in PATTERNS.items()):
        return False
    # A school unit of another provider is a warning: linking can reconcile it.
    if row["sex"] not in SEXES or row["school_type"] not in SCHOOL_TYPES:
        return False
    try:
        start = date.fromisoformat(row["start_date"])
        end = date.fromisoformat(row["end_date"]) if row["end_date"] else None
    except ValueError:
        return False
    if end is not None and end < start:
        return False
    if row["cancelled"] == "true" and end is None:
        return False
    if start > TERM.last_day or (end is not None and end < TERM.first_day):
        return False
    age = start.year - int(row["birth_year"])
    return row["school_type"] not in {"GY", "GYS"} or 14 <= age <= 23


def written(content: list[dict[str, str]], quoting: int, ends: str) -> str:
    """A CSV file by Python's own writer."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(good), quoting=quoting, lineterminator=ends)
    writer.writeheader()
    writer.writerows(content)
    return out.getvalue()


# Shrinking whole files takes minutes and says little more than the first failure does.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=60, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(rows, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]))
def test_accepted_rows_are_those_that_keep_every_rule(content: list[dict[str, str]], quoting: int, ends: str) -> None:
    """By line number, against the oracle; keys that repeat are judged by the oracle too."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        vault, target = vault_of(home), home.delivered("2480", str(TERM))
        text = written(content, quoting, ends)
        write_bytes(vault, target / "enrolments.csv", text.encode())
        (target / "delivery.json").write_text(
            '{"provider": "2480", "term": "HT2012", "created": "2013-01-20",'
            ' "unexpected": 0, "history": [],'
            ' "extracts": [{"name": "enrolments", "file": "enrolments.csv", "sha256": "", "bytes": 0}]}'
        )
        (outcome,) = check_term(home, CONTRACTS, TERM, ["2480"])
        if is_anothers(content):
            assert outcome.status is Status.REFUSED
            return
        assert outcome.status in {Status.ACCEPTED, Status.ACCEPTED_WITH_QUARANTINE}
        accepted = stored.rows(home, home.accepted("enrolments", "2480", str(TERM)))
        assert accepted["row"].to_list() == expected_lines(content, quoting, ends)
        assert outcome.accepted["enrolments"] + outcome.quarantined["enrolments"] == len(content)


def is_anothers(content: list[dict[str, str]]) -> bool:
    """Whether two rows or more are of another provider's school unit, and none of an own one: then all is another's."""
    units = [row["school_unit"] for row in content]
    return units.count(OTHERS) >= 2 and UNITS.isdisjoint(units)


def expected_lines(content: list[dict[str, str]], quoting: int, ends: str) -> list[int]:
    """The physical line on which each row that is to be accepted begins."""
    key_of = [tuple(row[name] for name in ("pseudonym", "school_unit", "study_path", "start_date")) for row in content]
    lines = []
    line = 2
    for place, row in enumerate(content):
        same = [other for other, key in enumerate(key_of) if key == key_of[place] and all(key)]
        alone = len(same) <= 1 or (same[0] == place and all(content[other] == row for other in same))
        if alone and keeps_rules(row):
            lines.append(line)
        text = written([row], quoting, ends).removeprefix(written([], quoting, ends))
        line += len(re.findall(r"\r\n|\r|\n", text))
    return lines


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_reading_or_findings(content: bytes) -> None:
    """No sequence of bytes raises, and lines that are told about lie in the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "enrolments.csv"
        file.write_bytes(content)
        reading = fit(read_table(file), CONTRACTS.extracts["enrolments"])
        lines = len(re.findall(rb"\r\n|\r|\n", content)) + 1
        assert reading.frame.columns == [*good, "row"]
        assert all(row <= lines for fault in reading.faults for row in fault.rows)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab",\n\r é', max_size=60))
def test_records_are_python_s_where_the_file_is_well_formed(text: str) -> None:
    """Rows of the header's width are read as Python's csv reads them, in order."""
    try:
        records = read_records(text.encode(), ",")
        expected = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except (NotSeparated, csv.Error):
        return
    if records is None or records.ragged:
        return
    width = len(records.header)
    assert [list(row) for row in records.frame.drop("row").rows()] == [
        [field or None for field in row] for row in expected[1:] if len(row) == width
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.dates(date(1990, 1, 1), date(2000, 12, 31)),
    st.integers(0, 9999),
    st.sampled_from(["", "-", "+", " ", "–", " - "]),
    st.booleans(),
    st.booleans(),
)
def test_every_identity_number_is_found(born: date, last: int, between: str, century: bool, coordination: bool) -> None:
    """All days, all last four digits, with and without century, separator and sixty more days."""
    day = born.day + 60 if coordination else born.day
    number = f"{born:%Y%m}{day:02d}"[0 if century else 2 :] + f"{between}{last:04d}"
    assert scanner_of(CONTRACTS, TERM).identities(pl.Series([number])).to_list() == [number]


@settings(max_examples=100, deadline=None)
@given(st.dates(date(2010, 1, 1), date(2030, 1, 1)), st.integers(0, 2**256 - 1), st.integers(0, 20000))
def test_clean_values_raise_no_alarm(day: date, number: int, minutes: int) -> None:
    """Pseudonyms, recent dates, months and minutes are no identities, wherever they stand."""
    clean = [
        f"{number:064x}",
        f"{number:064X}",
        day.isoformat(),
        f"{day:%Y-%m}",
        str(minutes),
        f"{day + timedelta(1):%d/%m/%Y}",
    ]
    assert scanner_of(CONTRACTS, TERM).identities(pl.Series(clean)).is_empty()
