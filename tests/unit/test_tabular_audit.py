"""The audit of an output: every tampering is found from the files, and what was not checked is said."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from avbrott.errors import BadInput, ExitCode
from avbrott.tabular.audit import audit_output
from avbrott.tabular.command import audit_output_command
from avbrott.tabular.output import read_output
from avbrott.texts import load_messages
from tests.tabular_case import TableCase, codes, rows


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> TableCase:
    """One output, for all tests to copy."""
    case = TableCase(tmp_path_factory.mktemp("made"))
    case.protect()
    return case


@pytest.fixture
def folder(made, tmp_path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(made.out, tmp_path / "out"))


def reseal(folder: Path, name: str) -> None:
    """Give the certificate the new digest of a public file, as a skilled forger would."""
    told = json.loads((folder / "certificate.json").read_text("utf-8"))
    told["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "certificate.json").write_text(json.dumps(told), "utf-8")


def forge(folder: Path, old: str, new: str) -> None:
    text = (folder / "public.csv").read_text("utf-8")
    assert old in text
    (folder / "public.csv").write_text(text.replace(old, new, 1), "utf-8")
    reseal(folder, "public.csv")


def test_an_output_holds_with_its_record_and_without(folder, capsys):
    """Without the confidential folder the public witnesses alone are verified, and that is said."""
    screen = Console(width=200)
    assert audit_output_command(folder, screen, attacked=False, seconds=0) == ExitCode.DONE
    assert "every unsafe cell keeps the promise" in capsys.readouterr().out
    shutil.rmtree(folder / "confidential")
    result = audit_output(read_output(folder))
    assert (result.faults, result.proved) == ((), False)
    assert result.two_values > 0
    assert audit_output_command(folder, screen, attacked=True, seconds=30) == ExitCode.DONE
    told = capsys.readouterr().out
    assert "Only what is public was verified" in told
    assert "hidden cells bounded" in told


@pytest.mark.parametrize(
    "name", ["certificate.json", "public.csv", "confidential/system.parquet", "confidential/cells.parquet"]
)
def test_a_file_that_may_not_be_read_is_not_told_as_damaged(folder, monkeypatch, name):
    """Who lacks the right and whose the file is; the same where a later output builds on it."""
    text, data = Path.read_text, Path.read_bytes

    def denied(read):
        def reading(path: Path, *args):
            if path == folder / name:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return read(path, *args)

        return reading

    monkeypatch.setattr(Path, "read_text", denied(text))
    monkeypatch.setattr(Path, "read_bytes", denied(data))
    with pytest.raises(BadInput, match="FILE_FORBIDDEN") as raised:
        audit_output(read_output(folder))
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    assert raised.value.parameters["file"] == str(folder / name)
    assert raised.value.parameters["owner"] == folder.owner()


def test_a_public_file_that_was_saved_again_by_a_spreadsheet_is_told_as_that(folder, capsys):
    """With semicolons it cannot be read; with quotation marks alone it is another file than was certified."""
    text = (folder / "public.csv").read_text("utf-8")
    (folder / "public.csv").write_text("\ufeff" + text.replace(",", ";"), "utf-8")
    with pytest.raises(BadInput, match="OUTPUT_UNREADABLE") as raised:
        audit_output(read_output(folder))
    assert "spreadsheet" in load_messages().mend(raised.value.code, "en", **raised.value.parameters)
    (folder / "public.csv").write_text("\ufeff" + text, "utf-8")
    assert audit_output_command(folder, Console(width=200), attacked=False, seconds=0) == ExitCode.FINDINGS
    assert (
        "FILE_CHANGED: public.csv is not the file that was certified (saving it again in a spreadsheet"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (",,true", ",3,true", "VALUE_NOT_EMPTY"),
        (",,true", ",,false", "VALUE_EMPTY"),
        (",,true", ",3,false", "STATEMENT_WRONG"),
        ("Total,Total,Total,6", "Total,Total,Total,7", "PUBLIC_WITNESS_BROKEN"),
        ("m0,", "m99,", "CELL_UNKNOWN"),
    ],
)
def test_a_forged_public_file_is_found_without_the_record(folder, old, new, code):
    """Also where the certificate was forged with it."""
    shutil.rmtree(folder / "confidential")
    forge(folder, old, new)
    assert code in codes(folder)


def test_public_systems_beside_a_fault_are_not_said_to_be_verified(folder, capsys):
    """Where a file does not belong nothing is told of values that cells can have."""
    (folder / "more.csv").write_text("", "utf-8")
    assert audit_output_command(folder, Console(width=300), attacked=False, seconds=0) == ExitCode.FINDINGS
    told = capsys.readouterr().out
    assert "The public systems were not verified" in told
    assert "two values" not in told


def test_public_witnesses_that_do_not_agree_are_found(folder):
    """One more person in one cell of one system, a cell that is missing, and a fraction."""
    shutil.rmtree(folder / "confidential")
    name = "public_witnesses.parquet"
    frame = pl.read_parquet(folder / name)
    first = pl.int_range(pl.len()) == 0
    for broken in (
        frame.with_columns(count=pl.col("count") + first.cast(pl.Int64)),
        frame.slice(1),
        frame.with_columns(count=pl.col("count").cast(pl.String)).with_columns(
            count=pl.when(first).then(pl.lit("a")).otherwise("count")
        ),
    ):
        broken.write_parquet(folder / name)
        assert codes(folder) == {"FILE_CHANGED"}
        reseal(folder, name)
        assert codes(folder) == {"PUBLIC_WITNESS_BROKEN"}
        told = json.loads((folder / "certificate.json").read_text("utf-8"))
        told["sha256"][name] = "0" * 64
        (folder / "certificate.json").write_text(json.dumps(told), "utf-8")


@pytest.mark.parametrize("name", ["cells", "witnesses", "system"])
def test_a_changed_record_is_found(folder, name):
    """By its sealed digest, and by the checker."""
    file = folder / "confidential" / f"{name}.parquet"
    frame = pl.read_parquet(file)
    if name == "system":
        frame = frame.with_columns(value=pl.col("value").str.replace('"threshold": 5', '"threshold": 4', literal=True))
    elif name == "cells":
        frame = frame.with_columns(status=pl.col("status").replace("complementary", "shown"))
    else:
        frame = frame.with_columns(delta=pl.col("delta") * 2)
    frame.write_parquet(file)
    found = codes(folder)
    assert "FILE_CHANGED" in found
    assert found & {"PROOF_WITNESS_MOVES_SHOWN", "PROOF_WITNESS_BELOW_FLOOR", "STATEMENT_WRONG"}


def test_strange_and_unreadable_files_are_named(folder):
    """A file that does not belong is a fault; one that cannot be read is an error of exit code 2."""
    (folder / "notes.txt").write_text("x", "utf-8")
    assert "FILE_UNKNOWN" in codes(folder)
    for name in ("certificate.json", "public.csv", "public_witnesses.parquet", "confidential/cells.parquet"):
        copy = Path(shutil.copytree(folder, folder.parent / "copy"))
        (copy / name).write_bytes(b"\xff\x00")
        with pytest.raises(BadInput, match="OUTPUT_UNREADABLE") as raised:
            audit_output(read_output(copy))
        assert raised.value.exit_code == ExitCode.BAD_INPUT
        shutil.rmtree(copy)
    with pytest.raises(BadInput, match="OUTPUT_MISSING"):
        read_output(folder.parent)


def test_the_certificate_has_the_names_of_the_users_file(made, folder):
    """Dimensions and their columns in public.csv, levels by the columns of INPUT: nothing of the engine's own names."""
    text = (folder / "certificate.json").read_text("utf-8")
    told = json.loads(text)
    assert told["dimensions"] == {"area": "area", "sex": "sex", "status": "status"}
    assert set(told["dimensions"].values()) < set(made.public().columns)
    area = told["tables"]["dimensions"][0]
    assert (area["name"], area["hierarchies"]) == ("area", [["county", "municipality"], ["group", "municipality"]])
    assert set(area["members"]) == {"county", "group", "municipality"}
    assert told["tables"]["tables"][0]["levels"]["status"] == ["status"]
    assert not re.search(r'"[dl][0-9]+"', text)
    assert told["known"] == {"files": 0}


def test_an_output_of_another_format_is_told(folder):
    """It is not read as if it were of this one."""
    told = json.loads((folder / "certificate.json").read_text("utf-8"))
    (folder / "certificate.json").write_text(json.dumps({**told, "format": 1}), "utf-8")
    with pytest.raises(BadInput, match="OUTPUT_FORMAT"):
        read_output(folder)


def test_a_record_of_another_output_is_told_as_one(folder: Path, tmp_path: Path) -> None:
    """Its key is another, so that no digest is the certified one; of files that neither has nothing is said."""
    other = TableCase(tmp_path / "other", rows(2))
    other.protect()
    shutil.rmtree(folder / "confidential")
    shutil.copytree(other.out / "confidential", folder / "confidential")
    faults = audit_output(read_output(folder)).faults
    assert [(fault.code, fault.where) for fault in faults] == [("RECORD_OF_ANOTHER", "confidential")]
    later = TableCase(tmp_path / "later", previous=["../out"])
    with pytest.raises(BadInput, match="RECORD_OF_ANOTHER confidential"):
        later.protect()
