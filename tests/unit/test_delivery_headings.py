"""A title above the headers, columns that are not recognised, days as numbers, no rows: what the file is told to need."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rich.console import Console

from avbrott.delivery.command import check_command
from avbrott.delivery.headings import has_no_headers
from avbrott.delivery.text import read_text
from avbrott.errors import BadInput, ExitCode
from avbrott.forms.template import template_bytes
from avbrott.registry import Contracts
from tests import export_case
from tests.sending_case import COLUMNS, ROWS, row
from tests.unit.conftest import Run
from tests.unit.test_delivery_workbook import made

Findings = dict[str, list[dict[str, object]]]


def checked(contracts: Contracts, file: Path, **options) -> tuple[ExitCode, Findings, str]:
    """Exit code, the findings by code, and all that is printed."""
    out = io.StringIO()
    given = {"provider": "2482", "term": "HT2025"} | options
    code = check_command([file], contracts, json=True, console=Console(file=out, width=200), **given)
    found: Findings = {}
    for one in json.loads(out.getvalue())["files"][0]["findings"]:
        found.setdefault(one["code"], []).append(one)
    return code, found, out.getvalue()


def written(folder: Path, *lines: str, name: str = "elever.csv") -> Path:
    """A file of these lines."""
    file = folder / name
    file.write_text("\n".join([*lines, ""]), "utf-8")
    return file


@pytest.mark.parametrize(
    "title", [("Elever Anna Andersson",), ("Elever HT2025", ""), ("Elever;;;", "Rektor: X", "2025-09-01")]
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_headers_under_a_title_are_one_finding(
    title: tuple[str, ...], separator: str, tmp_path: Path, contracts: Contracts
) -> None:
    """Which says where they are, of the contract that those headers are of; the file counts as not read."""
    lines = [line.replace(",", separator) for line in (COLUMNS, *ROWS)]
    code, found, printed = checked(contracts, written(tmp_path, *title, *lines))
    assert code is ExitCode.BAD_INPUT
    assert list(found) == ["HEADER_BELOW"]
    at = len(title) + 1
    assert found["HEADER_BELOW"][0]["rows"] == [at]
    assert f"Rubrikerna står på rad {at} och inte på den första." in printed
    assert f"The headers stand on row {at} and not on the first." in printed
    assert "Andersson" not in printed


def test_headers_under_a_title_in_a_workbook(tmp_path: Path, contracts: Contracts) -> None:
    """By the sheet's own rows, also in our template, whose sheet of codes looks more like a list then."""
    rows: list[list[object]] = [[], ["Elever"], [], list(COLUMNS.split(",")), *(list(line.split(",")) for line in ROWS)]
    (file := tmp_path / "elever.xlsx").write_bytes(made(rows))
    assert checked(contracts, file)[1]["HEADER_BELOW"][0]["rows"] == [4]
    book = load_workbook(io.BytesIO(template_bytes(contracts.extracts["enrolments"], contracts, "xlsx")))
    book.worksheets[0].insert_rows(1)
    book.worksheets[0]["A1"] = "Elever"
    book.save(file)
    code, found, _ = checked(contracts, file)
    assert (code, list(found), found["HEADER_BELOW"][0]["rows"]) == (ExitCode.BAD_INPUT, ["HEADER_BELOW"], [2])


def test_headers_under_a_title_stop_the_preparing_of_an_export(tmp_path: Path, run: Run) -> None:
    """Nothing is written."""
    file = written(tmp_path, "Elever HT2025", export_case.COLUMNS, *export_case.ROWS)
    key = export_case.key_file(tmp_path / "2025.key")
    options = ("--contract", "enrolments", "--provider", "2482", "--term", "HT2025", "--key", key, "--out", tmp_path / "out")
    ended = run("prepare", file, *options)
    assert ended.code == 2
    assert "Rubrikerna står på rad 2" in ended.out
    assert "COLUMN_MISSING" not in ended.out
    assert not (tmp_path / "out").exists()


def test_a_header_that_is_there_is_no_title(tmp_path: Path, contracts: Contracts) -> None:
    """Also where it lacks a column and stands once more below, and where the eleventh row has headers."""
    short = COLUMNS.replace(",sex", "")
    _, found, _ = checked(contracts, written(tmp_path, short, COLUMNS.replace("sex,", ""), name="enrolments.csv"))
    assert "HEADER_BELOW" not in found
    assert found["COLUMN_MISSING"][0]["field"] == "sex"
    _, found, _ = checked(contracts, written(tmp_path, *["Elever"] * 10, COLUMNS, name="enrolments.csv"))
    assert "HEADER_BELOW" not in found


def test_a_header_that_stands_once_more_is_not_read_as_a_row(tmp_path: Path, contracts: Contracts) -> None:
    """In a text and in a workbook: lists were put one below the other, and each word of it was a finding of its own."""
    lines = [COLUMNS, ROWS[0], COLUMNS, ROWS[1], COLUMNS]
    (book := tmp_path / "elever.xlsx").write_bytes(made([list(line.split(",")) for line in lines]))
    for file in (written(tmp_path, *lines, name="enrolments.csv"), book):
        _, found, _ = checked(contracts, file)
        once = checked(contracts, written(tmp_path, COLUMNS, *ROWS[:2], name="enrolments.csv"))[1]
        assert found.pop("READ_HEADER_AGAIN")[0]["rows"] == [3, 5]
        assert found.keys() == once.keys()


def test_columns_that_are_not_recognised_are_told_by_place(tmp_path: Path, contracts: Contracts) -> None:
    """Where some are missing; where none is, they are not taken for something that is."""
    header = COLUMNS.replace("sex", "biologi").replace("end_date", "sista_dag")
    code, found, printed = checked(contracts, written(tmp_path, header, *ROWS, name="enrolments.csv"))
    assert code is ExitCode.FINDINGS
    assert [one["field"] for one in found["COLUMN_MISSING"]] == ["end_date", "sex"]
    (told,) = found["COLUMN_UNRECOGNISED"]
    assert (told["severity"], told["field"], told["count"]) == ("warning", "#3, #10", 2)
    assert "avbrott contracts questionnaire" in str(told["mend"])
    assert "biologi" not in printed
    _, found, _ = checked(
        contracts, written(tmp_path, f"{COLUMNS},mer", *(f"{line},1" for line in ROWS), name="enrolments.csv")
    )
    assert "COLUMN_UNKNOWN" in found
    assert "COLUMN_UNRECOGNISED" not in found


def test_columns_of_an_export_are_told_where_some_are_missing(tmp_path: Path, contracts: Contracts) -> None:
    """What may be missing (a mark of protection, a date of birth) is no reason to."""
    columns = export_case.COLUMNS.replace("securityMarking", "annat")
    file = export_case.export(tmp_path / "enrolments.csv", columns=columns)
    assert "COLUMN_UNRECOGNISED" not in checked(contracts, file)[1]
    export_case.export(file, columns=columns.replace("school_type", "typ"))
    _, found, _ = checked(contracts, file)
    assert [one["field"] for one in found["COLUMN_MISSING"]] == ["school_type"]
    assert "#8" in str(found["COLUMN_UNRECOGNISED"][0]["field"]).split(", ")


def test_a_days_number_is_told_as_one_and_nothing_that_follows_from_it(tmp_path: Path, contracts: Contracts) -> None:
    """Neither as a wrong form, nor as an end date that an enrolment lacks which ended early; the row is set aside."""
    rows = [row(1, start="45887"), row(2, end="45964"), row(3, end="nyss"), row(4)]
    code, found, printed = checked(contracts, written(tmp_path, COLUMNS, *rows, name="enrolments.csv"))
    assert code is ExitCode.FINDINGS
    assert [(one["field"], one["rows"], one["severity"]) for one in found["VALUE_DAY_NUMBER"]] == [
        ("end_date", [3], "quarantine"),
        ("start_date", [2], "quarantine"),
    ]
    assert [(one["field"], one["rows"]) for one in found["VALUE_FORMAT"]] == [("end_date", [4])]
    assert set(found) == {"VALUE_DAY_NUMBER", "VALUE_FORMAT"}
    assert "45964" not in printed
    assert "Formatera kolumnen som datum" in printed


@pytest.mark.parametrize("day", ["13-10-17", "131015", "15/10/13", "15.10.13"])
def test_a_year_of_two_digits_is_told_as_one(day: str, tmp_path: Path, contracts: Contracts) -> None:
    """And not as a wrong form; which part is the year is not guessed, and the row is set aside."""
    file = written(tmp_path, COLUMNS, row(1, start=day), row(2), name="enrolments.csv")
    code, found, printed = checked(contracts, file)
    assert code is ExitCode.FINDINGS
    assert {name: [(one["field"], one["rows"]) for one in all_] for name, all_ in found.items()} == {
        "VALUE_SHORT_YEAR": [("start_date", [2])]
    }
    assert day not in printed


def test_a_month_as_a_days_number(tmp_path: Path, contracts: Contracts) -> None:
    """A spreadsheet keeps a month as its first day."""
    header = "pseudonym,school_unit,month,offered_minutes,valid_absence_minutes,invalid_absence_minutes,reported_minutes"
    file = written(tmp_path, header, f"{1:064x},99248201,45901,5400,0,0,5400", name="absence.csv")
    _, found, _ = checked(contracts, file)
    assert list(found) == ["VALUE_DAY_NUMBER"]


def test_a_year_that_would_have_been_an_unreadable_numbers_is_not_told_besides(tmp_path: Path, contracts: Contracts) -> None:
    """A row without a number and without a year misses the number alone; one that is wrong otherwise is told."""
    file = export_case.export(tmp_path / "enrolments.csv", [export_case.row("A", ""), export_case.row("B", export_case.ANNA)])
    _, found, _ = checked(contracts, file)
    assert [(one["field"], one["rows"]) for one in found["VALUE_MISSING"]] == [("personnummer", [2])]


def test_a_file_without_rows_is_told_for_a_look(tmp_path: Path, contracts: Contracts) -> None:
    """It keeps its contract, and would take the place of all that was delivered."""
    code, found, _ = checked(contracts, written(tmp_path, COLUMNS, name="enrolments.csv"))
    assert (code, list(found), found["ROWS_NONE"][0]["severity"]) == (ExitCode.DONE, ["ROWS_NONE"], "warning")
    assert "ROWS_NONE" not in checked(contracts, written(tmp_path, COLUMNS, *ROWS, name="enrolments.csv"))[1]
    assert "ROWS_NONE" not in checked(contracts, written(tmp_path, COLUMNS, "x", name="enrolments.csv"))[1]


def test_the_lock_file_of_an_open_workbook_is_told_as_one(tmp_path: Path, contracts: Contracts) -> None:
    """It comes along where all workbooks of a folder are named."""
    (file := tmp_path / "~$elever.xlsx").write_bytes(b"x")
    with pytest.raises(BadInput) as told:
        checked(contracts, file)
    assert told.value.code == "CHECK_FILE_IS_LOCK"


def test_a_term_in_small_letters_is_the_same(tmp_path: Path, contracts: Contracts) -> None:
    """In the report as well."""
    printed = checked(contracts, written(tmp_path, COLUMNS, *ROWS, name="enrolments.csv"), term="ht2025")[2]
    assert json.loads(printed)["term"] == "HT2025"


def test_a_broken_rule_is_told_as_broken(tmp_path: Path, contracts: Contracts) -> None:
    """And not by the statement of how it should be, in both languages."""
    file = written(tmp_path, COLUMNS, row(1, start="2025-10-20", end="2025-10-01"), name="enrolments.csv")
    rule = checked(contracts, file)[1]["END_BEFORE_START"][0]["rule"]
    assert rule == {
        "sv": "Bryter mot regeln: Slutdatum ligger inte före startdatum.",
        "en": "Breaks the rule: The end date does not come before the start date.",
    }


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_without_a_header_line_has_one_finding(separator: str, tmp_path: Path, contracts: Contracts) -> None:
    """However many rows look like an identity: it says what is missing and where to see it, and no value of the first row."""
    lines = [line.replace(",", separator) for line in export_case.ROWS * 20]
    code, found, printed = checked(contracts, written(tmp_path, *lines), contract="enrolments")
    assert code is ExitCode.BAD_INPUT
    assert [(code, len(listed), listed[0]["rows"]) for code, listed in found.items()] == [("HEADER_NONE", 1, [1])]
    assert "avbrott contracts template enrolments" in printed
    assert export_case.ANNA not in printed


def test_headers_of_figures_are_headers(tmp_path: Path, contracts: Contracts) -> None:
    """Two columns may be called by years, and more where the contract's own are there as well."""
    file = written(tmp_path, f"{COLUMNS},2023,2024,2025", *(f"{line},1,2,3" for line in ROWS))
    _, found, _ = checked(contracts, file)
    assert "HEADER_NONE" not in found
    assert len(found["COLUMN_UNKNOWN"]) == 3
    _, found, _ = checked(contracts, written(tmp_path, "elev,2023,2024", "x,1,2"), contract="enrolments")
    assert "HEADER_NONE" not in found


def test_a_header_of_very_many_figures_is_looked_at_once() -> None:
    """Sixty thousand digits and a letter took minutes; the test does not end where they do."""
    table = read_text(b"1" * 60_000 + b"x\n1\n")
    assert not has_no_headers(table, (), list)
    assert has_no_headers(read_text(b"1,2024-08-19,3.5,4\n1,2,3,4\n"), (), list)


def test_an_identity_under_an_unknown_header_is_to_be_called_by_its_name(tmp_path: Path, contracts: Contracts) -> None:
    """Not to be taken out, which the texts of unknown columns say."""
    file = written(tmp_path, COLUMNS.replace("pseudonym", "Elev-ID"), *ROWS)
    _, found, printed = checked(contracts, file, contract="enrolments")
    assert "pseudonym" in [one["field"] for one in found["COLUMN_MISSING"]]
    assert "döp om rubriken över personnumren till Personnummer" in " ".join(printed.split())
