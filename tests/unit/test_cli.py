"""The command line: what cannot be run as it is written, and what is interrupted, ends as a message and an exit code."""

from __future__ import annotations

import errno
import getpass
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.conftest import Run


@pytest.mark.parametrize(
    ("line", "named", "points_to"),
    [
        ("run --nope", "--nope", "avbrott run --help"),
        ("--nope", "--nope", "avbrott --help"),
        ("bogus", "bogus", "avbrott --help"),
        ("check", "FILE", "avbrott check --help"),
        ("audit", "RELEASE", "avbrott audit --help"),
        ("site current", "--out", "avbrott site --help"),
        ("demo --pupils abc", "--pupils", "avbrott demo --help"),
        ("demo --years 1", "--years", "avbrott demo --help"),
        ("synth --pupils 0", "--pupils", "avbrott synth --help"),
        ("synth --seed one", "--seed", "avbrott synth --help"),
        ("synth --pupils", "--pupils", "avbrott synth --help"),
        ("run --record=3", "--record", "avbrott run --help"),
        ("run more", "more", "avbrott run --help"),
        ("", "kommando", "avbrott --help"),
    ],
)
def test_a_line_that_no_command_can_use_is_told(run: Run, line: str, named: str, points_to: str) -> None:
    """Exit code 2; Swedish, then English, the option or command by its name, and the help that says how it is written."""
    ended = run(*line.split())
    assert ended.code == 2
    swedish, english = re.fullmatch(r"Fel: (.*)Error: (.*)", ended.err, re.DOTALL).groups()
    assert named in swedish
    assert named in english or not line
    assert f"Se {points_to}." in swedish
    assert f"See {points_to}." in english
    assert "Traceback" not in ended.err


def test_a_number_that_is_too_small_is_told_with_the_smallest(run: Run) -> None:
    """The limit stands in both languages."""
    ended = run("demo", "--years", "1")
    assert "heltal från 2" in ended.err
    assert "whole number from 2" in ended.err


def test_a_number_that_may_have_decimals_is_told_as_one(run: Run, tmp_path: Path) -> None:
    """How long an attack may take is no whole number."""
    ended = run("audit", tmp_path, "--seconds", "1.5x")
    assert ended.code == 2
    assert "tal från 0 och uppåt, med siffror och punkt" in ended.err
    assert "with a decimal point: 90 or 1.5" in ended.err
    assert "heltal" not in ended.err
    assert "whole" not in ended.err


def test_a_number_that_is_too_large_is_told_with_the_largest(run: Run) -> None:
    """From the smallest on alone it would be none."""
    ended = run("serve", "--port", "65536")
    assert "heltal från 0 till 65535" in ended.err
    assert "whole number from 0 to 65535" in ended.err


def test_a_command_that_is_not_there_is_told_with_those_that_are(run: Run) -> None:
    """The data owner's and the hub's."""
    ended = run("bogus")
    assert (
        "contracts, check, keys, prepare, deliver, receipts, audit, protect, init, "
        "run, release, site, publish, retain, erase, health, serve, users, log, demo, synth" in ended.err
    )


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    """On standard output, as ``--help`` shows it."""
    assert "Usage: avbrott" in run().out
    assert run("--help").code == 0


@pytest.mark.parametrize(
    ("command", "work"), [("synth", "avbrott.synthetic.command.synth_command"), ("demo", "pipelines.demo.show_demo")]
)
def test_an_interrupted_command_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, work: str, tmp_path: Path
) -> None:
    """Ctrl-C, wherever it comes, ends with 130 and how to go on."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(work, interrupted)
    ended = run(command, "--home", tmp_path)
    assert ended.code == 130
    assert "Avbruten" in ended.err
    assert "Interrupted" in ended.err


@pytest.mark.parametrize("errors", [subprocess.PIPE, subprocess.STDOUT])
@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("check", "--help")])
def test_output_that_nobody_reads_is_no_finding(arguments: tuple[str, ...], errors: int) -> None:
    """It ends with a code of its own, and says so where that can be read."""
    read, written = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", "from avbrott.entry import main; main()", *arguments]
    done = subprocess.run(command, stdout=written, stderr=errors, text=True, check=False)
    os.close(written)
    assert done.returncode == 141
    assert errors == subprocess.STDOUT or "är kanske inte klart" in " ".join(done.stderr.split())


@pytest.mark.parametrize("by", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("read", ["avbrott.cli", "polars", "avbrott.commands", "avbrott.delivery.command"])
def test_ctrl_c_while_the_program_is_read_is_told(read: str, by: str, tmp_path: Path) -> None:
    """In words and with 130, whatever is being imported at the time; and a termination as well."""
    script = f"""
import os, signal, sys
class Stop:
    def find_spec(self, name, path, target=None):
        if name == {read!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.{by})
sys.meta_path.insert(0, Stop())
from avbrott.entry import main
main()
"""
    file = tmp_path / "enrolments.csv"
    file.write_text("person\n", "utf-8")
    command = [sys.executable, "-c", script, "check", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 130, done.stderr
    assert "Avbruten" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_of_the_program_is_told_by_its_kind_alone(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Exit code 70; what the error says may be a row's value and stays unsaid."""

    def failing(*_: object, **__: object) -> None:
        raise LookupError("a row's value")

    monkeypatch.setattr("avbrott.synthetic.command.synth_command", failing)
    ended = run("synth", "--home", tmp_path)
    assert ended.code == 70
    assert "LookupError" in ended.err
    assert "a row's value" not in ended.err


def test_the_command_line_imports_no_click() -> None:
    """Typer brings its own; the separate package is not there in an install without the hub's part."""
    script = "import sys; sys.modules['click'] = None; from avbrott.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script, "bogus"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "bogus" in done.stderr


def test_a_file_that_may_not_be_read_is_told_in_both_languages(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Typer's English in the Swedish."""
    file = tmp_path / "counts.csv"
    file.write_text("area,freq\n", "utf-8")
    monkeypatch.setattr(os, "access", lambda name, *_args, **_keys: Path(name) != file)
    ended = run("protect", file, "--spec", file, "--out", tmp_path / "out")
    told = ended.err.replace("\n", " ")
    assert ended.code == 2
    assert f"{file.name} får inte läsas eller skrivas: användaren {getpass.getuser()} saknar rätt till" in told
    assert f"which {file.owner()} owns" in told
    assert "readable" not in ended.err


def test_a_folder_that_may_not_be_entered_is_no_error_of_the_program(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2 with the file that was asked for and the folder in the way."""
    file, shut = tmp_path / "shut" / "counts.csv", tmp_path / "shut"
    shut.mkdir()
    file.write_text("area,freq\n", "utf-8")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))

    monkeypatch.setattr("avbrott.tabular.command.protect_command", denied)
    access = os.access
    monkeypatch.setattr(os, "access", lambda name, mode, **_: Path(name) != shut and access(name, mode))
    ended = run("protect", file, "--spec", file, "--out", tmp_path / "out")
    assert ended.code == 2
    told = ended.err.replace("\n", "").replace(" ", "")
    assert f"{file}fårinteläsas" in told
    assert f"saknarrätttill{shut},som" in told


def test_the_help_tells_of_debug_that_an_error_of_the_program_asks_for(run: Run) -> None:
    """It stands in ``avbrott --help``, and goes before or after the command."""
    assert "--debug" in run("--help").out
    assert run("--debug", "--version").code == 0
