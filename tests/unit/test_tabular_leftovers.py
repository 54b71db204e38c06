"""What a killed run left beside an output, true counts and a seed, is removed by the next one; what still runs is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from avbrott.errors import BadInput, ExitCode
from avbrott.tabular.target import refuse_target
from avbrott.texts import load_messages
from tests.tabular_case import TableCase

_STOPS = """
import sys, time
from pathlib import Path
from avbrott.tabular import write
from avbrott.tabular.protect import protect_table

def stop(*_, **__):
    print("there", flush=True)
    time.sleep(600)

if sys.argv[1] == "old":
    rename = Path.rename
    def renamed(self, target):
        moved = rename(self, target)
        if Path(target).name == "old":
            stop()
        return moved
    Path.rename = renamed
else:
    write._seals = stop
folder = Path(sys.argv[2])
protect_table(folder / "input.csv", folder / "spec.yaml", folder / "out")
"""

_ENDED = """
import os, signal
from contextlib import contextmanager
from avbrott.disclosure import hide
from avbrott.entry import main

working = hide.working

@contextmanager
def ending(at_once, apart):
    with working(2, apart=True) as work:
        def begun(task):
            waits = work(task)
            os.kill(os.getpid(), signal.SIGTERM)
            return waits
        yield begun

hide.working = ending
main()
"""


def begin(folder: Path, where: str) -> subprocess.Popen[bytes]:
    """A run that stands still: before its output takes the place of the earlier one (``part``), or amid it (``old``)."""
    process = subprocess.Popen([sys.executable, "-c", _STOPS, where, folder], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"there\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def hidden(folder: Path) -> list[Path]:
    return sorted(folder.glob(".*"))


def test_a_rerun_removes_what_a_killed_run_left(tmp_path):
    """Its lock too; not what stands beside another target whose name begins alike."""
    case = TableCase(tmp_path, seed=None)
    end(begin(tmp_path, "part"))
    left = [folder for folder in hidden(tmp_path) if folder.is_dir()]
    assert (left[0] / "new" / "confidential" / "cells.parquet").is_file()
    others = tmp_path / ".out.b.abcdefgh.part"
    others.mkdir()
    case.protect()
    assert hidden(tmp_path) == [others]


def test_two_runs_into_one_folder(tmp_path):
    """The second is told to wait or choose another folder, and touches nothing; once the first is gone it runs."""
    case = TableCase(tmp_path, seed=None)
    living = begin(tmp_path, "part")
    try:
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(BadInput, match="OUTPUT_BUSY") as raised:
            case.protect()
        assert raised.value.exit_code == ExitCode.BAD_INPUT
        assert sorted(tmp_path.rglob("*")) == before
        told = load_messages().mend("OUTPUT_BUSY", "en", **raised.value.parameters)
        assert "Wait" in told
        assert "another folder" in told
        case.protect(tmp_path / "other")
    finally:
        end(living)
    case.protect()
    assert hidden(tmp_path) == []


def test_an_output_that_a_killed_run_had_moved_aside_comes_back(tmp_path):
    """With its seed, so that the rerun hides what was hidden."""
    case = TableCase(tmp_path, seed=None)
    case.protect()
    seed = (case.out / "confidential" / "seed").read_bytes()
    end(begin(tmp_path, "old"))
    assert not case.out.exists()
    case.protect()
    assert (case.out / "confidential" / "seed").read_bytes() == seed
    assert hidden(tmp_path) == []


def test_a_run_that_is_killed_while_it_looks_whether_it_may_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it made to find that out would be nobody's."""

    def killed(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rmdir", killed)
    monkeypatch.setattr(Path, "unlink", killed)
    refuse_target(tmp_path / "deeper" / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_told_to_end_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    """Amid the work of its processes, by a termination as by Ctrl-C: one message, 130, no lock, no warning of Python's."""
    case = TableCase(tmp_path)
    before = sorted(tmp_path.iterdir())
    command = [sys.executable, "-c", _ENDED, "protect", str(case.source), "--spec", str(case.spec), "--out", str(case.out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    texts = load_messages()
    assert done.returncode == ExitCode.INTERRUPTED, done.stderr
    told = [texts.get("INTERRUPTED", "sv"), texts.mend("INTERRUPTED", "sv")]
    told += [texts.get("INTERRUPTED", "en"), texts.mend("INTERRUPTED", "en")]
    assert [line.split(": ", 1)[-1] for line in done.stderr.splitlines()] == told
    assert sorted(tmp_path.iterdir()) == before


def test_an_output_is_there_whole_though_its_replacement_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while it is moved aside: it was removed with what was left over, its seed and all that it showed."""
    case = TableCase(tmp_path, seed=None)
    case.protect()
    before = {file: file.read_bytes() for file in sorted(case.out.rglob("*")) if file.is_file()}
    rename = Path.rename
    interrupted = []

    def renamed(self: Path, target: Path) -> Path:
        moved = rename(self, target)
        if Path(target).name == "old":
            interrupted.append(self)
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(KeyboardInterrupt):
        case.protect()
    assert interrupted == [case.out]
    assert {file: file.read_bytes() for file in sorted(case.out.rglob("*")) if file.is_file()} == before
    assert hidden(tmp_path) == []
