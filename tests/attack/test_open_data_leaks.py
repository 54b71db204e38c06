"""Attempts to let a hidden figure out through one of the formats: each is refused, and nothing becomes visible."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from avbrott.disclosure.protect import Protection
from avbrott.errors import DoesNotHold
from avbrott.release import ledger
from avbrott.release.audit import audit
from avbrott.release.filled import write_tables
from avbrott.release.tables import Protected
from avbrott.release.writer import Draft, open_release, seal
from tests import open_data_case
from tests import release_case as case
from tests.release_case import Case


@pytest.fixture
def made(tmp_path) -> Case:
    return open_data_case.made(tmp_path)


def written(draft: Draft, made: Case, system: Protected) -> Path:
    """The draft's downloads, as they are before the seal."""
    write_tables(draft, made.contracts, {"pupils": system}, case.deliveries(), {})
    return draft.folder / "downloads"


def refused(made: Case, code: str, change: Callable[[Path], object]) -> None:
    """What ``change`` does to the downloads stops the release, with its code and no figure in the message."""
    with open_release(made.home, case.DAY) as draft:
        change(written(draft, made, case.engine()))
        with pytest.raises(DoesNotHold, match="RELEASE_REFUSED") as raised:
            seal(draft, made.contracts)
    assert code in raised.value.parameters["faults"]
    assert ledger.releases(made.home) == []


def replaced(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8", newline="\n")


def in_csv(folder: Path, figure: str) -> None:
    file = folder / "by_area.csv"
    line = next(line for line in file.read_text("utf-8").splitlines() if ",,hidden," in line)
    replaced(file, line, line.replace(",,hidden,", f",{figure},hidden,"))


def in_parquet(folder: Path, figure: str) -> None:
    file = folder / "by_area.parquet"
    hidden = pl.col("status") == "hidden"
    first = pl.arg_where(hidden).first()
    value = pl.when(pl.int_range(pl.len()) == first).then(pl.lit(float(figure))).otherwise(pl.col("value"))
    pl.read_parquet(file).with_columns(value=value).write_parquet(file)


def in_json(folder: Path, figure: str) -> None:
    file = folder / "by_area.en.json"
    content = json.loads(file.read_text("utf-8"))
    place = next(place for place, status in content["status"].items() if status == "hidden")
    content["value"][int(place)] = int(figure)
    del content["status"][place]  # as if it were shown: nothing in the file contradicts it
    file.write_text(json.dumps(content), "utf-8")


def in_px(folder: Path, figure: str) -> None:
    replaced(folder / "by_area.px", ' ".." ', f" {figure} ")


def in_workbook(folder: Path, figure: str) -> None:
    file = folder / "by_area.xlsx"
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sign = b'<c t="inlineStr"><is><t xml:space="preserve">..</t></is></c>'
    assert sign in parts["xl/worksheets/sheet2.xml"]
    cell = f"<c><v>{figure}</v></c>".encode()
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(sign, cell, 1)
    with zipfile.ZipFile(file, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)


@pytest.mark.parametrize("figure", ["3", "0"])
@pytest.mark.parametrize("change", [in_csv, in_parquet, in_json, in_px, in_workbook])
def test_a_format_that_shows_a_hidden_cell_is_not_published(made, change, figure):
    """The number, or the zero that others have printed in its place."""
    refused(made, "DOWNLOAD_DIFFERS", lambda folder: change(folder, figure))


def test_a_dash_in_the_place_of_dots_is_not_published(made):
    """PX's own zero."""
    refused(made, "DOWNLOAD_DIFFERS", lambda folder: replaced(folder / "by_area.px", ' ".." ', ' "-" '))


def test_a_reason_that_is_another_is_not_published(made):
    """A protected figure that says it was not delivered."""
    refused(made, "DOWNLOAD_DIFFERS", lambda folder: replaced(folder / "by_area.px", ' ".." ', ' "...." '))


@pytest.mark.parametrize("name", ["by_area.csv", "returns.parquet", "pooled.px", "returns.xlsx", "coverage.sv.json"])
def test_a_file_that_is_something_else_is_not_published(made, name):
    """Damaged, or of another table."""
    refused(made, "DOWNLOAD_UNREADABLE", lambda folder: (folder / name).write_bytes(b"{}"))


def test_a_column_of_the_record_is_not_published(made):
    """Beside those that the format has."""

    def more(folder: Path) -> None:
        file = folder / "by_area.parquet"
        pl.read_parquet(file).with_columns(rule=pl.lit("threshold")).write_parquet(file)

    refused(made, "DOWNLOAD_UNREADABLE", more)


def test_a_file_beside_the_formats_is_not_published(made):
    """Nothing is under downloads/ that the package does not name."""
    refused(made, "DOWNLOAD_UNKNOWN", lambda folder: case.engine().protection.cells.write_parquet(folder / "cells.parquet"))


def test_a_format_that_is_missing_is_not_published(made):
    """What is promised is there."""
    refused(made, "DOWNLOAD_MISSING", lambda folder: (folder / "pooled.px").unlink())


@pytest.mark.parametrize("name", ["by_area.csv", "by_area.parquet", "by_area.px", "by_area.en.json", "by_area.xlsx"])
def test_an_audit_finds_a_format_that_was_changed(made, name):
    """Not only that the file is another: that it says something else."""
    folder = made.release(case.engine()).folder
    assert audit(folder, made.home).holds
    file = folder / "downloads" / name
    file.chmod(0o644)
    change = {".csv": in_csv, ".parquet": in_parquet, ".px": in_px, ".json": in_json, ".xlsx": in_workbook}[file.suffix]
    change(folder / "downloads", "3")
    found = {(fault.code, fault.where) for fault in audit(folder, made.home).faults}
    assert {("FILE_CHANGED", f"downloads/{name}"), ("DOWNLOAD_DIFFERS", f"downloads/{name}")} <= found


def test_an_unsafe_cell_and_one_hidden_for_its_sake_are_the_same_in_every_format(tmp_path):
    """To the byte."""
    told = []
    for status in ("unsafe", "complementary"):
        made, system = open_data_case.made(tmp_path / status), case.by_hand(*case.HIDDEN)
        cells = system.protection.cells.with_columns(
            status=pl.when(pl.col("status") == "complementary").then(pl.lit(status)).otherwise(pl.col("status"))
        )
        assert cells.filter(status=status).height == len(case.HIDDEN)
        other = Protected(system.spec, system.policy, Protection(cells, system.protection.witnesses))
        with open_release(made.home, case.DAY) as draft:
            told.append({file.name: file.read_bytes() for file in written(draft, made, other).iterdir()})
    assert told[0] == told[1]
