"""What a person at a terminal reads of a run."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from avbrott import started
from avbrott.texts import load_messages
from pipelines.headless import Ran
from pipelines.screen import number, say, show_run

STAGES = {
    "delivered": {"deliveries": 274, "awaited": 12, "unreadable": 0, "extracts": 1108, "bytes": 17222200},
    "accepted": {"accepted": 1273, "refused": 1, "missing": 12, "rows_accepted": 168632, "rows_quarantined": 1038},
    "released": {"release": "2026-02-15", "new": True, "folder": "var/releases/2026-02-15", "tables": 17, "files": 1264},
}


@pytest.mark.parametrize("width", [40, 60, 70, 80, 81, 83, 100, 200])
def test_no_line_breaks_inside_a_number(width):
    """A thousand's space is part of its number, however narrow the screen."""
    out = io.StringIO()
    console = Console(file=out, width=width)
    show_run(console, load_messages(), Ran(dict.fromkeys(STAGES, 3.0), STAGES))
    say(console, load_messages(), "RUN_QUARANTINED", rows=number(883998))
    for figures in STAGES.values():
        for value in figures.values():
            if type(value) is int:
                assert number(value) in out.getvalue()
    assert out.getvalue().count(number(883998)) == 2


def test_what_to_type_next_is_said_as_the_program_was_started(tmp_path, monkeypatch):
    """Its bare name where a shell finds that, else the path from here: the reader may not have the environment active."""
    script = tmp_path / ".venv" / "bin" / "avbrott"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", [str(script)])
    monkeypatch.setenv("PATH", "/nowhere")
    assert started.command() == ".venv/bin/avbrott"
    monkeypatch.chdir("/")
    assert started.command() == str(script).lstrip("/")
    monkeypatch.setenv("PATH", str(script.parent))
    assert started.command() == "avbrott"
    monkeypatch.setattr("sys.argv", ["-c"])
    assert started.command() == "avbrott"
