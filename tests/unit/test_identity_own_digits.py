"""A row's own identity number in another column, whole or in part: nothing of it leaves, and its cell has one finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.registry import Contracts
from tests import export_case as case
from tests.unit.conftest import Run
from tests.unit.test_delivery_headings import checked
from tests.unit.test_identity_prepare import Prepare


@pytest.fixture
def prepare(run: Run, tmp_path: Path) -> Prepare:
    return Prepare(run, tmp_path)


def with_value(stands: str, value: str) -> str:
    """Anna's row with something else in the place of a value."""
    first = case.row("Anna Andersson", case.ANNA)
    assert f",{stands}," in first
    return first.replace(f",{stands},", f",{value},")


@pytest.mark.parametrize(
    ("stands", "value", "field"),
    [
        ("99248201", case.ANNA[2:10], "school_unit"),
        ("99248201", case.ANNA[4:], "school_unit"),
        ("2482", case.ANNA[8:], "home_municipality"),
        ("2482", case.ANNA[2:6], "home_municipality"),
        ("EKJUR", case.ANNA[2:8], "study_path"),
        ("EKJUR", f"ID{case.ANNA[2:8]}", "study_path"),
        ("2025-08-18", "2009-01-27", "start_date"),
        ("99248201", "27012009", "school_unit"),
        ("EKJUR", "NA270109", "study_path"),
        ("EKJUR", f"NA25{case.ANNA[2:]}", "study_path"),
        ("EKJUR", f"NA{case.ANNA[8:]}", "study_path"),
        ("1", case.ANNA[8:], "study_year"),
        ("1", case.ANNA[3:8], "study_year"),
    ],
)
def test_a_part_of_ones_own_number_elsewhere_refuses_the_export(
    prepare: Prepare, contracts: Contracts, stands: str, value: str, field: str
) -> None:
    """Though it keeps the field's form; checking at home says the same, of that row and of nothing else in its cell."""
    rows = [*case.ROWS[1:3], with_value(stands, value)]
    ended = prepare(rows=rows)
    assert ended.code == 1, ended.out
    assert not prepare.out.exists()
    code, found, printed = checked(contracts, prepare.folder / "export.csv", contract="enrolments")
    assert code == 1
    (one,) = found["IDENTITY_CONTENT"]
    assert (one["field"], one["rows"], one["count"]) == (field, [4], 1)
    assert {code for code, listed in found.items() for other in listed if other["field"] == field} == {"IDENTITY_CONTENT"}
    assert f'"{value}' not in printed


@pytest.mark.parametrize(("stands", "value"), [("2482", "0180"), ("EKJUR", "NA2009"), ("99248201", "99248202")])
def test_what_is_no_part_of_a_number_comes_along(prepare: Prepare, stands: str, value: str) -> None:
    """Another municipality, another unit, and four figures beside letters, though they are the year of birth."""
    ended = prepare(rows=[*case.ROWS[1:3], with_value(stands, value)])
    assert ended.code == 0, ended.out
    assert value in (prepare.out / "enrolments.csv").read_text("utf-8")


def test_the_last_four_at_the_end_of_units_refuse_the_export(prepare: Prepare) -> None:
    """In one row that is chance; in several it is the number."""
    rows = [case.row("Bo", one).replace("99248201", f"9924{one[8:]}") for one in (case.ANNA, case.OMAR, case.LIV)]
    ended = prepare(rows=rows)
    assert ended.code == 1
    assert "school_unit IDENTITY_CONTENT" in ended.out
    assert "Rader i filen: 2, 3, 4" in ended.out
    ended = prepare(rows=[rows[0], *case.ROWS[1:3]])
    assert "IDENTITY_CONTENT" not in ended.out


@pytest.mark.parametrize("value", [case.ANNA[2:6], case.ANNA[4:8], case.ANNA[8:]])
def test_four_digits_of_ones_number_that_are_no_year_refuse_the_export(
    prepare: Prepare, contracts: Contracts, value: str
) -> None:
    """Year and month (0901), month and day, or the last four in the place of a year of birth; a year that can be is one."""
    columns = case.COLUMNS.replace("födelsedatum", "Födelseår")
    ended = prepare(columns=columns, rows=[*case.ROWS[1:3], case.row("Anna", case.ANNA, born=value)])
    assert ended.code == 1, ended.out
    assert not prepare.out.exists()
    _, found, _ = checked(contracts, prepare.folder / "export.csv", contract="enrolments")
    assert [(one["field"], one["rows"]) for one in found["IDENTITY_CONTENT"]] == [("birth_year", [4])]
    identity = next(one for day in range(1, 29) if (one := case.number(f"200801{day:02}", 200)).endswith("2008"))
    ended = prepare(columns=columns, rows=[*case.ROWS[1:3], case.row("Anna", identity, born="2008")])
    assert ended.code == 0, ended.out


def test_a_listed_municipality_that_is_a_part_of_ones_number_comes_along(prepare: Prepare) -> None:
    """Three in a hundred numbers end as a municipality of the list."""
    identity = next(one for day in range(1, 29) if (one := case.number(f"200901{day:02}", 248)).endswith("2480"))
    ended = prepare(rows=[*case.ROWS[1:3], case.row("Anna", identity).replace(",2482,", ",2480,")])
    assert ended.code == 0, ended.out
    assert "2480" in prepare.written["home_municipality"].to_list()


def test_a_cell_with_an_identity_has_no_other_finding(contracts: Contracts, tmp_path: Path) -> None:
    """It is to be removed, and not to be written otherwise; other rows of the field keep theirs."""
    rows = [case.row("A", case.ANNA).replace(",2482,", f",{case.LIV},"), case.row("O", case.OMAR).replace(",2482,", ",24x,")]
    _, found, _ = checked(contracts, case.export(tmp_path / "export.csv", rows), contract="enrolments")
    told = {(code, *one["rows"]) for code, listed in found.items() for one in listed if one["field"] == "home_municipality"}
    assert told == {("IDENTITY_CONTENT", 2), ("VALUE_FORMAT", 3)}
