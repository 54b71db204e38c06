"""``avbrott prepare`` and marks of protected identity: whom they mark is left out, and what may be one is asked about."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from avbrott.delivery.command import check_command
from avbrott.registry import Contracts
from tests import export_case as case
from tests.unit.conftest import Run
from tests.unit.test_delivery_headings import checked
from tests.unit.test_identity_prepare import Prepare, named


@pytest.fixture
def prepare(run: Run, tmp_path: Path) -> Prepare:
    return Prepare(run, tmp_path)


def test_rows_of_a_protected_identity_are_not_judged(prepare: Prepare) -> None:
    """Whatever marks them, in either of two columns, and whatever else stands there."""
    hidden = [case.row("Bo", "fel", marking=marking) for marking in ("Skyddad folkbokföring", "ja", "1", "Kvarskrivning")]
    ended = prepare(rows=[*case.ROWS, *hidden])
    assert ended.code == 0, ended.out
    assert "skyddade personuppgifter, antal rader: 5." in ended.out
    two = case.COLUMNS.replace("namn", "Skyddad identitet")
    ended = prepare(rows=[case.row("nej", case.ANNA), case.row("ja", case.OMAR)], columns=two)
    assert prepare.written["pseudonym"].to_list() == [named(case.ANNA)]


@pytest.mark.parametrize(
    "marking",
    ["Ja", "J", "1", "1.0", "X", " s ", "TRUE", "Sekr.", "SKYDDAD-ID", "Skyddade personuppgifter", "Fingerad identitet"],
)
@pytest.mark.parametrize(
    "header",
    [
        "Sekr.markering",
        "Skyddad id",
        "Skyddade personuppgifter",
        "Sekretess",
        "SKYDDAD_FOLKBOKFÖRING",
        "Spärrmarkering",
        "S-markering",
        "S-märkt",
        "Fingerade uppgifter",
        "SPU",
    ],
)
def test_a_mark_is_known_by_its_other_names_and_values(prepare: Prepare, header: str, marking: str) -> None:
    """Whoever it marks is left out, and whoever it says nothing of is not."""
    columns = case.COLUMNS.replace("securityMarking", header)
    ended = prepare(rows=[case.row("Bo", case.ANNA, marking), case.row("Bo", case.OMAR, "Nej")], columns=columns)
    assert ended.code == 0, ended.out
    assert prepare.written["pseudonym"].to_list() == [named(case.OMAR)]


@pytest.mark.parametrize(
    "header",
    [
        "Sekretesstyp hos Skatteverket",
        "Elevskydd",
        "Adress spärrad",
        "Har fingerad id",
        "Säkerhetsklass",
        "confidential_flag",
    ],
)
def test_a_column_that_looks_like_a_mark_refuses_the_export(prepare: Prepare, header: str) -> None:
    """By its place, not by its name, which may be a value; called as a mark is, or taken away, it does not."""
    columns = case.COLUMNS.replace("securityMarking", header)
    ended = prepare(columns=columns)
    assert ended.code == 1
    assert "#4 PROTECTION_COLUMN" in ended.out
    assert "Skyddad identitet" in ended.out
    assert header not in ended.out
    assert not prepare.out.exists()
    assert prepare(columns=f"{columns},Skyddad identitet", rows=[f"{row},{row.split(',')[3]}" for row in case.ROWS]).code == 0
    assert prepare(columns=case.COLUMNS.replace("securityMarking", "lägenhet")).code == 0


@pytest.mark.parametrize(
    ("known", "alike", "value"),
    [("Nej", "Sekretessnivå", "Skyddad folkbokföring"), ("", "Skyddad adress (typ)", "Ja"), ("Nej", "Sekretessnivå", "2")],
)
def test_a_column_that_looks_like_a_mark_beside_a_known_one_refuses_the_export(
    prepare: Prepare, contracts: Contracts, known: str, alike: str, value: str
) -> None:
    """Where it says something of somebody who would come along; not where the known one marks them, or it says no."""
    columns = case.COLUMNS.replace("namn", alike).replace("securityMarking", "Sekretess")
    others = [case.row("Nej", case.OMAR, "Nej"), case.row("", case.LIV, "")]
    ended = prepare(columns=columns, rows=[*others, case.row(value, case.ANNA, known)])
    assert ended.code == 1
    assert "#1 PROTECTION_COLUMN" in ended.out
    assert not prepare.out.exists()
    code, found, printed = checked(contracts, prepare.folder / "export.csv", contract="enrolments")
    assert (code, found["PROTECTION_COLUMN"][0]["field"]) == (1, "#1")
    assert alike not in printed
    ended = prepare(columns=columns, rows=[*others, case.row(value, case.ANNA, "Ja")])
    assert ended.code == 0, ended.out
    assert named(case.ANNA) not in prepare.written["pseudonym"].to_list()


@pytest.mark.parametrize("marking", ["2", "?", "*", "Okänt", "utan skydd", "F"])
def test_a_value_that_says_neither_refuses_the_export(prepare: Prepare, marking: str) -> None:
    """By its row; in the second of two columns too, and nothing is said of what stands there."""
    ended = prepare(rows=[*case.ROWS, case.row("Bo", case.COORDINATION, marking)])
    assert ended.code == 1
    assert "protected_identity PROTECTION_VALUE" in ended.out
    assert "Rader i filen: 6" in ended.out
    assert not prepare.out.exists()
    two = case.COLUMNS.replace("namn", "Skyddad identitet")
    ended = prepare(rows=[case.row(marking, case.ANNA), case.row("ja", case.OMAR, marking)], columns=two)
    assert (ended.code, "Rader i filen: 2" in ended.out, "Rader i filen: 2, 3" in ended.out) == (1, True, False)


@pytest.mark.parametrize("marking", ["", " ", "Nej", "N", "0", "0.0", "FALSKT", "Ingen", "Ej sekretess", "ingen markering"])
def test_a_value_that_says_no_leaves_nobody_out(prepare: Prepare, marking: str) -> None:
    """In any letters."""
    assert prepare(rows=[case.row("Bo", case.ANNA, marking)]).code == 0
    assert prepare.written.height == 1


def test_who_is_protected_in_one_row_is_protected_in_all(prepare: Prepare) -> None:
    """Whatever the other rows say, however the number is written there, and under a number that she had before."""
    rows = [
        case.row("Anna", case.ANNA),
        case.row("Omar", f"{case.OMAR[2:8]}-{case.OMAR[8:]}", start="2025-08-20"),
        case.row("Omar", case.OMAR, marking="Sekretessmarkering"),
        case.row("Omar", case.COORDINATION, start="2025-08-22"),
    ]
    aliases = prepare.folder / "alias.csv"
    aliases.write_text(f"tidigare;nu\n{case.COORDINATION};{case.OMAR}\n", "utf-8")
    ended = prepare("--alias", aliases, rows=rows)
    assert ended.code == 0, ended.out
    assert prepare.written["pseudonym"].to_list() == [named(case.ANNA)]
    assert "skyddade personuppgifter, antal rader: 3." in ended.out


EVENTS = "Personnummer,Skolenhet,Händelse,Händelsedatum,Registreringsdatum,Orsaksgrupp"


def events(folder: Path, *identities: str) -> Path:
    """An export of events without a mark, as registers write it: one of each person."""
    rows = [f"{one},99248201,AVB,2025-11-03,2025-11-05,ARBETE" for one in identities]
    file = folder / "events.csv"
    file.write_text("\n".join([EVENTS, *rows, ""]), "utf-8")
    return file


def test_whom_another_export_marks_is_left_out_where_nothing_does(prepare: Prepare, run: Run) -> None:
    """Without that export it is said that their rows are delivered; with it they are not, in whatever form the number is."""
    marks = case.export(prepare.folder / "enrolments_export.csv")
    file = events(prepare.folder, case.ANNA, f"{case.HIDDEN[2:8]}-{case.HIDDEN[8:]}")
    named_so = ("--contract", "events", "--provider", "2482", "--term", "HT2025", "--date", "2026-01-20")
    given = ("prepare", file, *named_so, "--key", prepare.key, "--out", prepare.out)
    ended = run(*given)
    assert ended.code == 0, ended.out
    assert "--protected" in ended.out
    ended = run(*given, "--protected", marks)
    assert ended.code == 0, ended.out
    assert "skyddade personuppgifter, antal rader: 1." in ended.out
    written = pl.read_csv(prepare.out / "events.csv", infer_schema=False)
    assert written["pseudonym"].to_list() == [named(case.ANNA)]


@pytest.mark.parametrize(
    ("rows", "columns", "code"),
    [
        (case.ROWS, case.COLUMNS.replace("securityMarking", "lägenhet"), "kolumn som markerar"),
        ([case.row("Bo", case.ANNA, "kanske")], case.COLUMNS, "varken ja eller nej. Antal: 1. Rad: 2."),
        ([case.row("Bo", "fel", "Ja")], case.COLUMNS, "går inte att läsa. Antal: 1. Rad: 2."),
    ],
)
def test_an_export_that_does_not_say_whom_it_marks_is_refused(
    prepare: Prepare, rows: list[str], columns: str, code: str
) -> None:
    """Nothing is written: nobody could say who is to be left out."""
    marks = case.export(prepare.folder / "marks.csv", rows, columns)
    ended = prepare("--protected", marks)
    assert ended.code == 2
    assert code in " ".join(ended.err.split())
    assert not prepare.out.exists()


def test_files_checked_together_know_of_each_others_marks(prepare: Prepare, contracts: Contracts) -> None:
    """The rows are not called rows without an enrolment, and it is said how they are left out."""
    marks = case.export(prepare.folder / "enrolments_export.csv")
    file = events(prepare.folder, case.ANNA, case.HIDDEN)
    out = io.StringIO()
    console = Console(file=out, width=200)
    check_command([marks, file], contracts, json=True, console=console, provider="2482", term="HT2025", contract=None)
    found = json.loads(out.getvalue())["files"][1]
    assert "EVENT_WITHOUT_ENROLMENT" not in {one["code"] for one in found["findings"]}
    assert [one["count"] for one in found["findings"] if one["code"] == "READ_PROTECTED_ELSEWHERE"] == [1]


def test_a_marked_row_whose_number_cannot_be_read_is_told(prepare: Prepare) -> None:
    """It is left out, and whose other rows should be left out too nobody knows."""
    ended = prepare(rows=[*case.ROWS, case.row("Bo", f"{case.ANNA[:-1]}x", marking="ja")])
    assert ended.code == 0, ended.out
    assert "PROTECTION_UNREAD" in ended.out
    assert "PROTECTION_UNREAD" not in prepare(rows=case.ROWS).out


@pytest.mark.parametrize("header", ["Sakerhetsmarkering", "Säkerhetsmärkning", "Sek.mark.", "Kvarskr.", "Särskild markering"])
def test_headers_that_systems_cut_or_spell_otherwise_are_asked_about(prepare: Prepare, header: str) -> None:
    """Whoever they mark would else be delivered."""
    ended = prepare(columns=case.COLUMNS.replace("securityMarking", header))
    assert ended.code == 1
    assert "PROTECTION_COLUMN" in ended.out


def test_a_sheet_that_is_not_read_and_marks_somebody_refuses_the_export(prepare: Prepare) -> None:
    """Unless the sheet that is read has such a column, or another file is given that does."""
    marks = (["Personnummer", "Sekretess"], [case.HIDDEN, "Ja"])
    columns, rows = case.COLUMNS.replace(",securityMarking", ""), [row.split(",") for row in case.ROWS]
    unmarked = [columns.split(","), *([*row[:3], *row[4:]] for row in rows)]
    for hidden in (False, True):
        ended = prepare.workbook(unmarked, marks, hidden=hidden)
        assert ended.code == 1
        assert "protected_identity PROTECTION_SHEET" in ended.out
        assert not prepare.out.exists()
    others = case.export(prepare.folder / "marks.csv")
    assert prepare.workbook(unmarked, marks, "--protected", others).code == 0
    assert prepare.written.height == 3
    assert prepare.workbook([case.COLUMNS.split(","), *rows], marks).code == 0
    assert prepare.workbook(unmarked, (["Kod", "Betydelse"], ["BA", "Bygg"])).code == 0
