"""Where a county may be invented: an empty home, or one where it was done before. A hub's home is left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from avbrott.synthetic.invented import claim, refuse_taken
from pipelines.demo import show_demo


def _files(home: Home) -> dict[str, bytes]:
    return {str(file.relative_to(home.root)): file.read_bytes() for file in home.root.rglob("*") if file.is_file()}


@pytest.fixture
def hub(tmp_path: Path) -> Home:
    """A home with a real provider's delivery in it."""
    home = Home(tmp_path / "hub")
    outbox = home.outbox("2480", "HT2025")
    outbox.mkdir(parents=True)
    (outbox / "enrolments.csv").write_text("real\n", "utf-8")
    home.sources.write_text("sources: {'2480': {folder: providers/2480/outbox}}\n", "utf-8")
    return home


def test_no_county_is_invented_in_a_hubs_home(hub: Home, contracts: Contracts) -> None:
    """Neither by ``synth`` nor by ``demo``: both say so, and every file stays as it was."""
    before = _files(hub)
    with pytest.raises(BadInput, match="HOME_NOT_EMPTY"):
        generate(hub, contracts, pupils=60, years=1)
    with pytest.raises(BadInput, match="HOME_NOT_EMPTY"):
        show_demo(hub, contracts, pupils=60, years=2, seed=1, screen=Console(quiet=True))
    assert _files(hub) == before


@pytest.mark.parametrize("made", [False, True])
def test_an_empty_home_is_taken_and_may_be_taken_again(tmp_path: Path, contracts: Contracts, made: bool) -> None:
    """Whether or not its folder was there; afterwards ``synth`` and ``demo`` may use it."""
    home = Home(tmp_path / "home")
    if made:
        home.root.mkdir()
    generate(home, contracts, pupils=60, years=1, seed=1)
    generate(home, contracts, pupils=60, years=1, seed=2)
    refuse_taken(home)


def test_a_county_that_was_interrupted_may_be_invented_again(tmp_path: Path) -> None:
    """The mark comes first: what is left behind is known as invented."""
    home = Home(tmp_path / "home")
    claim(home, {"seed": 1})
    (home.root / ".outboxes.part").mkdir()
    claim(home, {"seed": 2})
