"""``avbrott prepare``: what comes along of an export, what does not, and what is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from avbrott import clock
from avbrott.delivery.check import Status, check_term
from avbrott.delivery.pull import pull
from avbrott.home import Home
from avbrott.identity.keys import Key
from avbrott.identity.pseudonym import pseudonym
from avbrott.periods import Term
from avbrott.registry import Contracts
from tests import export_case as case
from tests.unit.conftest import Ended, Run
from tests.unit.test_delivery_headings import checked

HT2025 = Term("HT", 2025)


class Prepare:
    """Prepares exports in a folder of its own."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run, self.folder, self.out = run, folder, folder / "outbox" / "HT2025"
        self.key = case.key_file(folder / "county.key")

    def __call__(self, *more: object, rows: list[str] = case.ROWS, columns: str = case.COLUMNS) -> Ended:
        file = case.export(self.folder / "export.csv", rows, columns)
        named = ("--contract", "enrolments", "--provider", "2482", "--term", "HT2025", "--date", "2026-01-20")
        return self._run("prepare", file, *named, "--key", self.key, "--out", self.out, *more)

    def workbook(self, first: Iterable[list[str]], second: Iterable[list[str]], *more: object, hidden: bool = False) -> Ended:
        """The same of a workbook of two sheets."""
        book = Workbook()
        other = book.create_sheet("Annat")
        other.sheet_state = "hidden" if hidden else "visible"
        for sheet, rows in ((book.worksheets[0], first), (other, second)):
            for row in rows:
                sheet.append(row)
        book.save(file := self.folder / "export.xlsx")
        named = ("--contract", "enrolments", "--provider", "2482", "--term", "HT2025", "--date", "2026-01-20")
        return self._run("prepare", file, *named, "--key", self.key, "--out", self.out, *more)

    @property
    def written(self) -> pl.DataFrame:
        return pl.read_csv(self.out / "enrolments.csv", infer_schema=False)


@pytest.fixture
def prepare(run: Run, tmp_path: Path) -> Prepare:
    return Prepare(run, tmp_path)


def named(identity: str) -> str:
    return pseudonym(case.SECRET, "2025", identity)


def test_identities_become_pseudonyms_and_names_stay(prepare: Prepare) -> None:
    """The delivery has the contract's columns, years of birth, and nobody whose identity is protected."""
    ended = prepare()
    assert ended.code == 0, ended.out
    frame = prepare.written
    assert dict(frame.select("pseudonym", "birth_year").iter_rows()) == {
        named(case.ANNA): "2009",
        named(case.OMAR): "2009",
        named(case.LIV): "2008",
    }
    assert "study_path" in frame.columns
    assert "namn" not in frame.columns
    whole = "".join(file.read_text("utf-8") for file in prepare.out.iterdir())
    assert not any(told in whole for told in ("Andersson", case.ANNA, case.HIDDEN, named(case.HIDDEN), "2009-01-27"))


def test_a_day_to_come_and_a_term_to_come_are_refused(prepare: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub would refuse both; nothing is written."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 1, 19))
    ended = prepare()
    assert ended.code == 2
    assert "2026-01-20" in ended.err
    assert "today is 2026-01-19" in ended.err
    monkeypatch.setattr(clock, "today", lambda: date(2026, 1, 20))
    ended = prepare("--term", "VT2052")
    assert ended.code == 1
    assert "TERM_NOT_BEGUN" in ended.out
    assert not prepare.out.exists()


def test_it_says_in_counts_what_did_not_come_along(prepare: Prepare) -> None:
    """Rows of protected identities, columns, dates cut and years taken from numbers; and no value or key."""
    said = prepare().out
    assert "skyddade personuppgifter, antal rader: 1." in said
    assert "Personer: 3, med nyckeln av epoken 2025" in said
    assert "inte får lämnas: 3 (Födelsedatum, Skyddade personuppgifter, namn)" in said
    assert "Födelsedatum som har kortats till år: 1." in said
    assert "Födelseår som har tagits ur numret: 2." in said
    assert case.ANNA not in said
    assert case.SECRET.hex() not in said


def test_the_delivery_names_its_key(prepare: Prepare) -> None:
    """In ``datapackage.json``, by epoch and fingerprint, with date, version and the file's sum."""
    prepare()
    digest = hashlib.sha256((prepare.out / "enrolments.csv").read_bytes()).hexdigest()
    assert json.loads((prepare.out / "datapackage.json").read_text("utf-8")) == {
        "name": "2482-ht2025",
        "created": "2026-01-20",
        "key_epoch": "2025",
        "key_fingerprint": Key("county", "2025", case.SECRET).fingerprint,
        "resources": [
            {"name": "enrolments", "path": "enrolments.csv", "contract_version": "1.0.0", "hash": f"sha256:{digest}"}
        ],
    }


def test_the_same_input_in_any_order_gives_the_same_bytes(prepare: Prepare) -> None:
    """The order of an export is often that of names, and is not the delivery's."""
    prepare()
    first = {file.name: file.read_bytes() for file in prepare.out.iterdir()}
    prepare(rows=case.ROWS[::-1])
    assert {file.name: file.read_bytes() for file in prepare.out.iterdir()} == first
    assert prepare.written["pseudonym"].is_sorted()


@pytest.mark.parametrize(
    ("identity", "code"),
    [
        ("200901272386", "IDENTITY_CHECK_DIGIT"),
        ("200902302386", "IDENTITY_DATE"),
        ("2.00901E+11", "IDENTITY_DIGITS_LOST"),
        ("okänt", "IDENTITY_FORM"),
        ("", "VALUE_MISSING"),
    ],
)
def test_impossible_numbers_refuse_the_export_with_their_rows(prepare: Prepare, identity: str, code: str) -> None:
    """Nothing is written, and what stands there is not said."""
    ended = prepare(rows=[*case.ROWS, case.row("Bo", identity)])
    assert ended.code == 1
    assert f"personnummer {code}" in ended.out
    assert "Rader i filen: 6" in ended.out
    assert not identity or identity not in ended.out
    assert not prepare.out.exists()


def test_an_export_without_identities_is_refused(prepare: Prepare) -> None:
    """There is nobody to name."""
    ended = prepare(columns=case.COLUMNS.replace("personnummer", "elev"))
    assert ended.code == 1
    assert "personnummer COLUMN_MISSING" in ended.out


def test_what_looks_personal_in_a_kept_column_refuses_the_export(prepare: Prepare) -> None:
    """The hub's own scanner looks before anything leaves."""
    ended = prepare(rows=[row.replace("EKJUR", "Anna Andersson") for row in case.ROWS])
    assert ended.code == 1
    assert "IDENTITY_CONTENT" in ended.out
    assert not prepare.out.exists()


def test_a_former_number_is_joined_by_the_alias_file(prepare: Prepare) -> None:
    """Rows under a samordningsnummer get the pseudonym of the personnummer that it became."""
    aliases = prepare.folder / "alias.csv"
    aliases.write_text(f"tidigare;nu\n{case.COORDINATION[2:8]}-{case.COORDINATION[8:]};{case.OMAR}\n", "utf-8")
    ended = prepare("--alias", aliases, rows=[case.ROWS[0], case.row("Omar", case.COORDINATION, start="2025-08-20")])
    assert ended.code == 0, ended.out
    assert set(prepare.written["pseudonym"]) == {named(case.ANNA), named(case.OMAR)}
    assert "tidigare nummer har bytts mot det som gäller: 1" in ended.out
    aliases.write_text("tidigare;nu\n", "utf-8")
    assert "tidigare nummer har bytts mot det som gäller: 0" in prepare("--alias", aliases, "--date", "2026-01-21").out
    assert "tidigare nummer" not in prepare("--date", "2026-01-22").out


TWO = case.COLUMNS.replace("namn", "Samordningsnummer").replace("personnummer", "Personnummer")


def test_a_row_with_two_numbers_refuses_the_export(prepare: Prepare, contracts: Contracts) -> None:
    """Nobody can say which of them the other extracts have; the row is told, be it of a protected person, and no number."""
    rows = [case.row("", case.ANNA), case.row(case.COORDINATION, case.OMAR), case.row(case.LIV, case.HIDDEN, "Ja")]
    ended = prepare(rows=rows, columns=TWO)
    assert ended.code == 1
    assert "personnummer IDENTITY_SEVERAL" in ended.out
    assert "Rader i filen: 3, 4" in ended.out
    assert not any(number in ended.out for number in (case.COORDINATION, case.OMAR))
    assert not prepare.out.exists()
    code, found, _ = checked(contracts, prepare.folder / "export.csv", contract="enrolments")
    (one,) = found["IDENTITY_SEVERAL"]
    assert (code, one["severity"], one["rows"]) == (1, "blocking", [3, 4])


@pytest.mark.parametrize(
    "columns", [TWO, *(TWO.replace("Samordningsnummer", other) for other in ("Personnummer", "TF-nummer"))]
)
def test_of_two_columns_of_numbers_the_one_that_is_filled_is_read(prepare: Prepare, columns: str) -> None:
    """An empty one hides nobody, nor one that says in words or signs that there is none; one number in two forms is one."""
    twice = case.row(case.LIV[2:], case.LIV)
    rows = [case.row("", case.ANNA), case.row("-", case.OMAR), case.row(case.COORDINATION, " "), twice]
    ended = prepare(rows=rows, columns=columns)
    assert ended.code == 0, ended.out
    everybody = (case.ANNA, case.OMAR, case.COORDINATION, case.LIV)
    assert {*prepare.written["pseudonym"]} == {*map(named, everybody)}
    ended = prepare(rows=[case.row("okänt", "")], columns=columns)
    assert "IDENTITY_FORM" in ended.out


def test_of_two_columns_of_birth_dates_the_one_that_is_filled_is_read(prepare: Prepare) -> None:
    """A year of another century is told whichever of them holds it."""
    columns = case.COLUMNS.replace("namn", "Födelsetid")
    assert prepare(rows=[case.row("2009-01-27", case.ANNA, born="")], columns=columns).code == 0
    ended = prepare("--out", prepare.folder / "other", rows=[case.row("1909-01-27", case.ANNA, born="")], columns=columns)
    assert ended.code == 1
    assert "IDENTITY_YEAR" in ended.out


OLD = f"19080101-{case.number('19080101', 238)[8:]}"


@pytest.mark.parametrize("header", ["Födelseår", "födelsedatum"])
@pytest.mark.parametrize("identity", [OLD, f"{OLD[2:8]}+{OLD[9:]}"])
def test_a_number_of_another_year_than_its_row_says_refuses_the_export(
    prepare: Prepare, contracts: Contracts, identity: str, header: str
) -> None:
    """A wrong century would make one pupil two; the right one, and a row that says no year, come along."""
    born = "2008" if header == "Födelseår" else "2008-01-01"
    columns = case.COLUMNS.replace("födelsedatum", header)
    right = [
        case.row("A", OLD[2:8] + "-" + OLD[9:], born=born),
        case.row("B", case.ANNA),
        case.row("C", case.OMAR, born="2009"),
    ]
    assert prepare(columns=columns, rows=right).code == 0
    ended = prepare("--out", prepare.folder / "other", columns=columns, rows=[*right, case.row("A", identity, born=born)])
    assert ended.code == 1
    assert "personnummer IDENTITY_YEAR" in ended.out
    assert "Rader i filen: 5" in ended.out
    assert OLD[-4:] not in ended.out
    assert not (prepare.folder / "other").exists()
    code, found, _ = checked(contracts, prepare.folder / "export.csv", contract="enrolments")
    (one,) = found["IDENTITY_YEAR"]
    assert (code, one["field"], one["rows"]) == (1, "personnummer", [5])


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([("COORDINATION", "x")], "inte är någons nummer: 2"),
        ([("COORDINATION", "OMAR"), ("COORDINATION", "LIV")], "blivit två olika, eller sig självt: 2, 3"),
        ([("LIV", "OMAR"), ("OMAR", "LIV")], "blivit två olika, eller sig självt: 2, 3"),
        ([("COORDINATION", "OMAR"), ("LIV", "COORDINATION")], "samordningsnummer eller ett tillfälligt nummer: 3"),
        ([("LIV", "20081224TF12")], "samordningsnummer eller ett tillfälligt nummer: 2"),
    ],
)
def test_an_alias_file_that_cannot_be_is_told_by_its_lines(prepare: Prepare, lines: list[tuple[str, str]], code: str) -> None:
    """No number, two successors, a circle, or columns that changed places."""
    aliases = prepare.folder / "alias.csv"
    written = [f"{getattr(case, old)},{getattr(case, new, new)}" for old, new in lines]
    aliases.write_text("\n".join(["a,b", *written, ""]), "utf-8")
    ended = prepare("--alias", aliases)
    assert ended.code == 2
    assert code in ended.err


@pytest.mark.parametrize(
    "first", ["{COORDINATION};{OMAR}", "{COORDINATION};personnummer", "tidigare;200901272386", "19991387-TF12;nu"]
)
def test_an_alias_file_without_a_header_is_refused(prepare: Prepare, first: str) -> None:
    """Its first person would be lost without a word; the number is not told, be it one that nobody has."""
    aliases, first = prepare.folder / "alias.csv", first.format(COORDINATION=case.COORDINATION, OMAR=case.OMAR)
    aliases.write_text(f"{first}\n{case.COORDINATION};{case.OMAR}\n", "utf-8")
    ended = prepare("--alias", aliases)
    assert ended.code == 2
    assert "ingen rubrikrad" in ended.err
    assert not any(part in ended.err + ended.out for part in first.split(";") if part[:1].isdigit())


def test_the_hub_accepts_what_was_prepared(prepare: Prepare, contracts: Contracts, tmp_path: Path) -> None:
    """Pulled from the outbox as it lies, and every row keeps the contract."""
    prepare()
    home = Home(tmp_path / "var")
    home.root.mkdir()
    home.sources.write_text('sources: {"2482": {folder: ../outbox, plain: true}}\n', "utf-8")
    assert pull(home, contracts, "2482", HT2025).epoch == "2025"
    (outcome,) = check_term(home, contracts, HT2025, ["2482"])
    assert (outcome.status, dict(outcome.accepted)) == (Status.ACCEPTED, {"enrolments": 3})


def test_counts_need_no_key(run: Run, tmp_path: Path) -> None:
    """An extract without persons is checked and written as it is."""
    file = tmp_path / "agency_counts.csv"
    file.write_text("municipality,month,indicator,persons\n", "utf-8")
    named = ("--contract", "agency_counts", "--provider", "arbetsformedlingen", "--term", "HT2025", "--out", tmp_path / "out")
    ended = run("prepare", file, *named)
    assert ended.code == 0, ended.out
    assert "key_epoch" not in (tmp_path / "out" / "datapackage.json").read_text("utf-8")
    file.with_name("enrolments.csv").write_text("x\n", "utf-8")
    assert "--key" in run("prepare", file.with_name("enrolments.csv"), "--contract", "enrolments", *named[2:]).err


def test_an_export_without_headers_is_told_as_unreadable(tmp_path: Path, run: Run) -> None:
    """As avbrott check does, with the same exit code, and without a count of rows that were not read."""
    file = tmp_path / "bare.csv"
    file.write_text("\n".join([*case.ROWS, ""]), "utf-8")
    key = case.key_file(tmp_path / "bare.key")
    about = ("--contract", "enrolments", "--provider", "2482", "--term", "HT2025")
    ended = run("prepare", file, *about, "--key", key, "--out", tmp_path / "bare")
    assert "HEADER_NONE" in ended.out
    assert ended.code == run("check", file, *about).code == 2
    assert "kunde inte läsas" in ended.out
    assert "0 rader" not in ended.out


def test_one_row_is_told_as_one(prepare: Prepare) -> None:
    """In what is read and in what is written."""
    said = prepare(rows=case.ROWS[:1]).out
    assert ": 1 rad (" in said
    assert "Klart: 1 rad i" in said
    assert "1 rader" not in said


def test_what_takes_the_place_of_other_rows_says_how_many_are_gone(prepare: Prepare) -> None:
    """An export in two files is one; the same again, and one with more rows, is no word worth."""
    prepare(rows=case.ROWS[:2])
    assert "platsen" not in prepare(rows=case.ROWS[:2]).out
    assert "platsen" not in prepare(rows=case.ROWS[:3]).out
    ended = prepare(rows=case.ROWS[2:3])
    assert ended.code == 0
    assert "2 av 3 rader finns inte i den nya" in " ".join(ended.out.split())


def test_an_export_of_another_contract_is_told_as_that(prepare: Prepare) -> None:
    """Which it is by its headers, and what to write."""
    said = " ".join(prepare("--contract", "events").out.split())
    assert "Rubrikerna är de som enrolments har" in said
    assert "skriv --contract enrolments; annars är det fel fil" in said
    assert "Rubrikerna är de som" not in prepare().out
