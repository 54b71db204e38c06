"""The files of ``deploy/`` are of the form that their readers want, and call commands that are there."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from dagster._daemon.cli import cli as daemon
from dagster_webserver.cli import dagster_webserver

from avbrott.cli import program as commands

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_calls_what_is_there(unit: Path) -> None:
    """Its command and options are the program's; a timer has a service of its name."""
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str
    read.read_string(unit.read_text("utf-8"))
    if unit.suffix == ".timer":
        assert unit.with_suffix(".service") in UNITS
        return
    program, *words = read["Service"]["ExecStart"].split()  # where it lies is the machine's own
    command = {"avbrott": commands(), "dagster-daemon": daemon, "dagster-webserver": dagster_webserver}[program]
    if hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    options = {option for one in command.params for option in one.opts}
    assert {word for word in words if word.startswith("-")} <= options


def test_node_exporter_can_read_the_metrics() -> None:
    """Which is another account: they lie in a folder of their own that outlives the check, and no mask closes the file."""
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str
    read.read_string((DEPLOY / "systemd" / "avbrott-health.service").read_text("utf-8"))
    service = read["Service"]
    folder, name = f"%t/{service['RuntimeDirectory']}", service["ExecStart"].split()[-1]
    assert (name, service["UMask"]) == (f"{folder}/avbrott.prom", "0022")
    assert (service["RuntimeDirectoryMode"], service["RuntimeDirectoryPreserve"]) == ("0755", "yes")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    """``systemd-analyze verify``, with a program that is there."""
    for unit in UNITS:
        text = re.sub(r"ExecStart=\S+", f"ExecStart={shutil.which('true')}", unit.read_text("utf-8"))
        (tmp_path / unit.name).write_text(text.replace("User=avbrott\nGroup=avbrott\n", ""), "utf-8")
    command = ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
