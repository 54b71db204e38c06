"""``avbrott prepare`` and marks of protected identity: whom they mark is left out, and what may be one is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    "marking", ["Ja", "J", "1", "1.0", "X", " s ", "TRUE", "Sekr.", "SKYDDAD-ID", "Skyddade personuppgifter"]
)
@pytest.mark.parametrize(
    "header",
    ["Sekr.markering", "Skyddad id", "Skyddade personuppgifter", "Sekretess", "SKYDDAD_FOLKBOKFÖRING", "Spärrmarkering"],
)
def test_a_mark_is_known_by_its_other_names_and_values(prepare: Prepare, header: str, marking: str) -> None:
    """Whoever it marks is left out, and whoever it says nothing of is not."""
    columns = case.COLUMNS.replace("securityMarking", header)
    ended = prepare(rows=[case.row("Bo", case.ANNA, marking), case.row("Bo", case.OMAR, "Nej")], columns=columns)
    assert ended.code == 0, ended.out
    assert prepare.written["pseudonym"].to_list() == [named(case.OMAR)]


@pytest.mark.parametrize("header", ["Sekretesstyp hos Skatteverket", "Elevskydd", "Adress spärrad", "confidential_flag"])
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


@pytest.mark.parametrize("marking", ["2", "?", "*", "Okänt", "utan skydd"])
def test_a_value_that_says_neither_refuses_the_export(prepare: Prepare, marking: str) -> None:
    """By its row; in the second of two columns too, and nothing is said of what stands there."""
    ended = prepare(rows=[*case.ROWS, case.row("Bo", case.COORDINATION, marking)])
    assert ended.code == 1
    assert "protected_identity PROTECTION_VALUE" in ended.out
    assert "Rader: 6" in ended.out
    assert not prepare.out.exists()
    two = case.COLUMNS.replace("namn", "Skyddad identitet")
    ended = prepare(rows=[case.row(marking, case.ANNA), case.row("ja", case.OMAR, marking)], columns=two)
    assert (ended.code, "Rader: 2" in ended.out, "Rader: 2, 3" in ended.out) == (1, True, False)


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
