"""The command line in this process, quick and open to a stage that is stood in for; contracts to break."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from avbrott.cli import main
from avbrott.disclosure import spared
from avbrott.registry import packaged_contracts


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


@pytest.fixture
def contracts_folder(tmp_path: Path) -> Path:
    """A copy of the packaged contracts to break."""
    return Path(shutil.copytree(packaged_contracts(), tmp_path / "contracts"))


@pytest.fixture
def zeros_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search uses every zero that is of use alone, and not by lot: so that a small table has hidden ones."""
    monkeypatch.setattr(spared, "SELDOM", 1.0)
