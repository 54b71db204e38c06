"""The demonstration tells what is out of the ordinary in its deliveries, once for all its releases. Its stages are stubs."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from avbrott.errors import ExitCode
from avbrott.expectations.suites import Watch
from avbrott.home import Home
from avbrott.registry import Contracts
from pipelines import demo
from pipelines.headless import Metadata, Ran

KEYS = ("provider", "extract", "term")
FIGURES = {
    "delivered": ("deliveries", "awaited", "unreadable", "extracts", "bytes"),
    "accepted": ("accepted", "refused", "missing", "rows_accepted", "rows_quarantined"),
    "linked": ("school_years", "rows", "frozen_differences", "watched", "implausible"),
    "counted": ("systems", "cells"),
    "protected": ("cells", "shown", "hidden", "witnesses"),
    "released": ("tables", "files"),
}


def ran(*failing: tuple[str, ...]) -> Ran:
    """A run that saw rows jump for ``failing``."""
    metadata: dict[str, Metadata] = {stage: dict.fromkeys(names, 1) for stage, names in FIGURES.items()}
    metadata["released"] |= {"new": True, "release": "2026-01-20", "folder": "releases/2026-01-20"}
    watches = (Watch("plausibility", "ROWS_JUMPED", KEYS, failing, 9),)
    return Ran(dict.fromkeys(FIGURES, 0.1), metadata, watches=watches)


@pytest.fixture
def printed(tmp_path: Path, contracts: Contracts, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """What a demonstration prints whose runs end as the parameter says."""
    monkeypatch.setattr(demo, "generate", lambda *_, **__: SimpleNamespace(last_school_year=2024))
    monkeypatch.setattr(demo, "correct", lambda *_: None)
    monkeypatch.setattr(demo.headless, "run", lambda *_, **__: request.param)
    out = io.StringIO()
    ended = demo.show_demo(Home(tmp_path / "home"), contracts, pupils=9, years=2, seed=1, screen=Console(file=out, width=400))
    assert ended is ExitCode.DONE
    return out.getvalue()


@pytest.mark.parametrize("printed", [ran(("2480", "enrolments", "HT2024"))], indirect=True)
def test_a_jump_is_told_once_with_what_to_do(printed: str) -> None:
    """The provider, extract and term, in both languages; it changes nothing of how the demonstration ends."""
    assert printed.count("ATT KONTROLLERA / TO CHECK  ROWS_JUMPED") == 1
    assert "Är inte så för: 2480 enrolments HT2024" in printed
    assert "Is not so for: 2480 enrolments HT2024" in printed
    assert "Så rättar du: Kontrollera urvalet" in printed


@pytest.mark.parametrize("printed", [ran()], indirect=True)
def test_nothing_is_told_where_all_is_ordinary(printed: str) -> None:
    """Not even that counts were looked at, but for their number in the line of the stage."""
    assert "ATT KONTROLLERA" not in printed
    assert "ROWS_JUMPED" not in printed
