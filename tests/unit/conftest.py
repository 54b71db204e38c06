"""The command line in this process: quick, and open to a stage that is stood in for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from avbrott.cli import main


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``avbrott`` with some arguments on a wide screen."""
    monkeypatch.setenv("COLUMNS", "400")

    def running(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["avbrott", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Ended(int(str(ended.value.code)), *capsys.readouterr())

    return running
