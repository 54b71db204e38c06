"""What ``avbrott prepare`` does with rows that the hub would set aside: nothing unread leaves, and a wrong term is told."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests import export_case as case
from tests.unit.conftest import Run
from tests.unit.test_identity_prepare import Prepare


@pytest.fixture
def prepare(run: Run, tmp_path: Path) -> Prepare:
    return Prepare(run, tmp_path)


def test_a_value_that_cannot_be_read_does_not_leave(prepare: Prepare) -> None:
    """Its field is empty, so that the hub sets the row aside; how many, and of which field, is said."""
    wrong = case.row("Anna", case.ANNA, start="hos farmor").replace(",2482,", ",Bergs by,")
    ended = prepare(rows=[*case.ROWS[1:], wrong])
    assert ended.code == 0, ended.out
    assert "tömda, så att ingen oläst text lämnar er: 2 (Hemkommun 1, Startdatum 1)." in ended.out
    assert "åt sidan enligt ovan: 1 av 3." in ended.out
    assert not any(word in (prepare.out / "enrolments.csv").read_text("utf-8") for word in ("farmor", "Berg"))
    assert prepare.written["start_date"].null_count() == 1
    assert prepare.written.height == 3


def test_a_row_whose_emptied_field_would_say_something_else_is_left_out(prepare: Prepare) -> None:
    """An end date that cannot be read is no enrolment that runs on."""
    ended = prepare(rows=[*case.ROWS[1:], case.row("Anna", case.ANNA, end="i höstas,false")])
    assert ended.code == 0, ended.out
    assert "inte gick att läsa (tomt hade betytt något annat): 1." in ended.out
    assert "åt sidan enligt ovan" not in ended.out
    assert prepare.written.height == 2


def test_a_clean_export_says_nothing_of_unread_values(prepare: Prepare) -> None:
    """Neither emptied nor left out."""
    ended = prepare()
    assert not any(word in ended.out for word in ("tömda", "tomt hade", "åt sidan", "Terminen kan"))


def test_where_every_row_would_be_set_aside_nothing_is_written(prepare: Prepare) -> None:
    """And the term is named that the rows are of, with how many, and what to write."""
    ended = prepare("--term", "VT2025")
    assert ended.code == 1
    assert "ROWS_ALL_ASIDE" in ended.out
    said = " ".join(ended.out.split())
    assert "3 av 3 rader hör till HT2025, och ni skrev VT2025." in said
    assert "skriv --term HT2025" in said
    assert not prepare.out.exists()


def test_a_term_that_most_rows_are_not_of_is_told_though_some_are(prepare: Prepare) -> None:
    """What is written is what was asked for."""
    early = [case.row("Bo", case.COORDINATION, start="2024-08-19")]
    ended = prepare("--term", "VT2025", rows=[*case.ROWS, *early])
    assert ended.code == 0, ended.out
    assert "4 av 4 rader hör till HT2025" in " ".join(ended.out.split())


def test_all_aside_for_another_cause_names_no_term(prepare: Prepare) -> None:
    """The rows are of the term, and their type of school is none."""
    ended = prepare(rows=[row.replace(",GY,", ",GX,") for row in case.ROWS])
    assert (ended.code, "ROWS_ALL_ASIDE" in ended.out, "Terminen kan" in ended.out) == (1, True, False)
    assert not prepare.out.exists()


def test_an_export_without_rows_is_no_mistake_of_rows(prepare: Prepare) -> None:
    """An empty delivery is one."""
    ended = prepare(rows=[])
    assert "ROWS_ALL_ASIDE" not in ended.out
    assert isinstance(prepare.written, pl.DataFrame)


def test_what_is_prepared_already_is_told_as_that(prepare: Prepare) -> None:
    """There is nothing to add to it, and nothing to replace."""
    assert prepare().code == 0
    lines = (prepare.out / "enrolments.csv").read_text("utf-8").splitlines()
    ended = prepare("--out", prepare.folder / "again", columns=lines[0], rows=lines[1:])
    assert ended.code == 2
    assert "är redan förberedd" in ended.err
    assert not (prepare.folder / "again").exists()


def test_an_export_without_rows_is_told(prepare: Prepare) -> None:
    """It is prepared, as there may be nothing to report; a whole one and a refused one are told nothing of the kind."""
    ended = prepare(rows=[])
    assert ended.code == 0, ended.out
    assert "ROWS_NONE" in ended.out
    assert "Filen har rubriker men inga rader." in ended.out
    assert "ROWS_NONE" not in prepare().out
    assert "ROWS_NONE" not in prepare(rows=[case.row("Anna", "20090101-0000")]).out
