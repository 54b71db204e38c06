"""What ``avbrott prepare`` keeps and says at home: which row of the export became which, and until when there is time."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from avbrott import clock
from tests import export_case as case
from tests.unit.conftest import Run
from tests.unit.test_identity_prepare import Prepare


@pytest.fixture
def prepare(run: Run, tmp_path: Path) -> Prepare:
    return Prepare(run, tmp_path)


def kept_file(prepare: Prepare) -> Path:
    """The file of the delivery that is prepared, called by its content."""
    digest = hashlib.sha256((prepare.out / "enrolments.csv").read_bytes()).hexdigest()
    return prepare.folder / "rader" / f"2482-ht2025-enrolments-{digest[:8]}.csv"


def places(prepare: Prepare) -> pl.DataFrame:
    """What is kept beside the export."""
    return pl.read_csv(kept_file(prepare), separator=";")


def test_a_row_of_the_delivery_is_found_in_the_export(prepare: Prepare) -> None:
    """Line by line, though the order is another and rows are left out; the emptied cell is where it was."""
    wrong = case.row("Bo", case.COORDINATION, start="hos farmor")
    ended = prepare(rows=[*case.ROWS, wrong, case.row("Anna", case.ANNA, start="2025-09-01", end="i höst,false")])
    assert ended.code == 0, ended.out
    assert f"i just den här leveransen står i {kept_file(prepare)}" in ended.out
    written, kept = prepare.written, places(prepare)
    assert kept["rad i leveransen"].to_list() == list(range(2, written.height + 2))
    assert sorted(kept["rad i exporten"]) == [2, 3, 4, 6], "5 is protected, and 7 is left out"
    at = written["start_date"].is_null().arg_true().item()
    assert kept["rad i exporten"][at] == 6
    cancelled = written["cancelled"].to_list().index("true")
    assert kept["rad i exporten"][cancelled] == 4


def test_what_is_kept_has_numbers_alone_and_lies_apart_from_what_is_sent(prepare: Prepare) -> None:
    """Its owner's alone, and no part of the folder that is delivered; a refused export leaves none."""
    assert prepare(rows=[case.row("Anna", "200901270000")]).code == 1
    assert not (prepare.folder / "rader").exists()
    prepare()
    file = kept_file(prepare)
    assert set(file.read_text("utf-8").partition("\n")[2]) <= set("0123456789;\n")
    assert sorted(one.name for one in prepare.out.iterdir()) == ["datapackage.json", "enrolments.csv"]
    if os.name == "posix":
        assert not file.stat().st_mode & 0o077


def test_the_next_delivery_leaves_what_is_kept_of_the_one_before(prepare: Prepare) -> None:
    """A receipt of the first one may come after the second was prepared; the same again is the same file."""
    prepare()
    first, before = kept_file(prepare), kept_file(prepare).read_bytes()
    prepare(rows=case.ROWS[:1])
    assert kept_file(prepare) != first
    assert first.read_bytes() == before
    prepare()
    assert len([*first.parent.iterdir()]) == 2


def test_where_it_cannot_be_kept_the_delivery_is_made_and_that_is_said(prepare: Prepare) -> None:
    """With the other way to find a row."""
    (prepare.folder / "rader").write_text("", "utf-8")
    ended = prepare()
    assert ended.code == 0, ended.out
    assert "Det gick inte att skriva" in ended.out
    assert prepare.out.exists()


def test_the_last_day_is_told_before_it_has_passed_and_after(prepare: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the day of the delivery."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 6, 1))
    assert "Sista dag att lämna HT2025: 2026-01-31." in prepare().out
    said = prepare("--date", "2026-02-01").out
    assert "Sista dag att lämna HT2025 var 2026-01-31" in said
    assert "The last day to deliver HT2025 was 2026-01-31" in said
