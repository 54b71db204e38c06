"""Where an output is written: what may be replaced, what is refused, and what a user is told of it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from avbrott import atomic
from avbrott.errors import BadInput, ExitCode
from avbrott.tabular.audit import audit_output
from avbrott.tabular.command import protect_command
from avbrott.tabular.output import read_output
from avbrott.tabular.spec_file import read_spec
from tests.tabular_case import TableCase, rows
from tests.unit.conftest import Run


def files(folder: Path) -> dict[str, bytes]:
    """Every file but ``run.json``."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file() and f.name != "run.json"}


def other_counts() -> pl.DataFrame:
    return rows().with_columns(freq=pl.col("freq") + 1)


@pytest.fixture
def case(tmp_path: Path) -> TableCase:
    """A table that was protected, with a seed of its own."""
    made = TableCase(tmp_path, seed=None)
    made.protect()
    return made


def test_an_output_of_other_counts_is_not_overwritten(case):
    """Exit 2, and all of it is left: a later output has to build on it. The way on is told."""
    before = files(case.out)
    other_counts().write_csv(case.source)
    with pytest.raises(BadInput, match="OUTPUT_OF_OTHER_COUNTS") as raised:
        case.protect()
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    assert files(case.out) == before
    case.write_spec(seed=None, previous=["out"])
    case.protect(case.folder / "second")
    assert files(case.out) == before


def test_an_output_that_is_built_on_may_be_replaced_and_one_that_was_moved_away_too(case):
    """What it showed stands in the new record."""
    other_counts().write_csv(case.source)
    case.write_spec(seed=None, previous=["out"])
    case.protect()
    shutil.rmtree(case.out)
    case.write_spec(seed=None)
    rows(seed=2).write_csv(case.source)
    case.protect()


def test_the_same_input_may_be_protected_again(case, capsys):
    """The same bytes from the same SPEC, whatever the rows; another SPEC, as while one is worked out, with a warning."""
    screen = Console(width=300)
    before = files(case.out)
    assert protect_command(case.source, case.spec, case.out, screen) == ExitCode.DONE
    assert files(case.out) == before
    halves = [rows().with_columns(freq=pl.lit(1, pl.Int64)), rows().with_columns(freq=pl.col("freq") - 1)]
    pl.concat(halves).write_csv(case.source)
    assert protect_command(case.source, case.spec, case.out, screen) == ExitCode.DONE
    assert files(case.out) == before
    assert "WARNING" not in capsys.readouterr().out
    case.write_spec(seed=None, dimensions={"area": [["county", "municipality"]], "sex": [["sex"]]})
    assert protect_command(case.source, case.spec, case.out, screen) == ExitCode.DONE
    assert "had a table of the same input that showed other things" in capsys.readouterr().out


def test_an_output_without_its_record_is_not_overwritten(case):
    """Its seed is gone with it, and another seed would hide other cells."""
    shutil.rmtree(case.out / "confidential")
    with pytest.raises(BadInput, match="OUTPUT_WITHOUT_RECORD"):
        case.protect()


@pytest.mark.parametrize("name", ["file/out", "file/deep/out", "x" * 300])
def test_a_folder_that_cannot_be_made_is_told_before_anything_is_counted(tmp_path, name):
    """The folder above is a file, or the name is none: exit 2 with the folder's name, also for who may write everywhere."""
    case = TableCase(tmp_path)
    (tmp_path / "file").write_text("x", "utf-8")
    case.source.unlink()
    with pytest.raises(BadInput, match="OUTPUT_UNWRITABLE") as raised:
        case.protect(tmp_path / name)
    assert raised.value.parameters["folder"] == str(tmp_path / name)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="a folder that nobody can write in")
def test_a_file_system_that_takes_no_folder_is_told(tmp_path):
    """Also for the one who may do everything."""
    with pytest.raises(BadInput, match="OUTPUT_UNWRITABLE"):
        TableCase(tmp_path).protect(Path("/proc/x"))


@pytest.mark.parametrize(
    "fault", [OSError(errno.ENOSPC, "No space left on device"), pl.exceptions.ComputeError("No space left on device")]
)
def test_a_full_disk_leaves_what_was_there_and_is_told(case, monkeypatch, fault):
    """Python's error and Polars': exit 2, the earlier output as it was, and nothing half-written beside it."""
    before = files(case.out)

    def full(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(atomic, "write_parquet", full)
    with pytest.raises(BadInput, match="OUTPUT_UNWRITABLE"):
        case.protect()
    assert files(case.out) == before
    assert [f.name for f in case.folder.iterdir() if f.name.endswith(".part")] == []


def test_a_rename_that_is_not_allowed_is_told(case, monkeypatch):
    """As where the earlier output may not be changed."""

    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "rename", denied)
    before = files(case.out)
    with pytest.raises(BadInput, match="OUTPUT_UNWRITABLE"):
        case.protect()
    assert files(case.out) == before


@pytest.mark.parametrize("name", ["public.csv", "certificate.json", "confidential/cells.parquet"])
def test_an_earlier_output_that_was_changed_is_not_built_on(case, name):
    """Its figures would be taken as what readers have; what is wrong is named, and it is what the audit says."""
    file = case.out / name
    if name == "public.csv":
        text = file.read_text("utf-8")
        assert "Total,Total,Total,6" in text
        file.write_text(text.replace("Total,Total,Total,6", "Total,Total,Total,7"), "utf-8")
    elif name == "certificate.json":
        told = json.loads(file.read_text("utf-8"))
        file.write_text(json.dumps({**told, "previous": ["0" * 64]}), "utf-8")
    else:
        pl.read_parquet(file).with_columns(status=pl.col("status").replace("complementary", "shown")).write_parquet(file)
    case.write_spec(seed=None, previous=["out"])
    with pytest.raises(BadInput, match="PREVIOUS_CHANGED") as raised:
        case.protect(case.folder / "second")
    wanted = {"public.csv": "PUBLIC_DIFFERS public.csv", "certificate.json": "STATEMENT_WRONG previous"}
    assert wanted.get(name, "FILE_CHANGED confidential/cells.parquet") in raised.value.parameters["faults"]


def test_a_folder_without_its_certificate_and_one_that_is_nowhere_are_told(case, run: Run):
    """What a folder of ``avbrott protect`` should have is said, not what a release is called."""
    (case.out / "certificate.json").unlink()
    assert "public.csv and certificate.json" in run("audit", str(case.out)).err.replace("\n", " ")
    nowhere = run("audit", str(case.folder / "nowhere"))
    assert nowhere.code == 2
    assert "public.csv and certificate.json" in nowhere.err.replace("\n", " ")


@pytest.mark.parametrize("name", ["anteckning.txt", "input.csv", "confidential/beslut.txt", "senare/public.csv"])
def test_what_somebody_laid_in_an_output_is_not_removed_with_it(case, name):
    """INPUT and SPEC themselves, notes, a later output: the folder is replaced whole."""
    file = case.out / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("x", "utf-8")
    with pytest.raises(BadInput, match="OUTPUT_HAS_MORE") as raised:
        case.protect()
    assert raised.value.parameters["files"] == "1"
    assert file.read_text("utf-8") == "x"
    assert "FILE_UNKNOWN" in {fault.code for fault in audit_output(read_output(case.out)).faults}


def test_an_output_that_the_new_one_builds_on_gives_way_without_a_warning(tmp_path: Path, run: Run) -> None:
    """What it showed is reckoned with, and the counts may be others."""
    case = TableCase(tmp_path)
    assert run("protect", case.source, "--spec", case.spec, "--out", case.out).code == ExitCode.DONE
    rows().with_columns(pl.col("freq") + 7).write_csv(case.source)
    case.write_spec(previous=["out"])
    ended = run("protect", case.source, "--spec", case.spec, "--out", case.out)
    assert ended.code == ExitCode.DONE
    assert "VARNING" not in ended.out
    assert audit_output(read_output(case.out), read_spec(case.spec)).holds
