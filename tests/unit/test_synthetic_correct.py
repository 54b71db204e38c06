"""A correction after delivery: one row of one file, a later date, once."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.synthetic.correct import correct
from avbrott.synthetic.generate import generate


@pytest.fixture
def home(tmp_path: Path, contracts: Contracts) -> Home:
    """A county of two school years."""
    home = Home(tmp_path)
    generate(home, contracts, pupils=600, years=2, seed=4)
    return home


def files(home: Home) -> dict[Path, bytes]:
    """Every delivered file."""
    return {file: file.read_bytes() for file in (home.root / "providers").rglob("*") if file.is_file()}


def test_one_dropout_becomes_a_move(home: Home, contracts: Contracts) -> None:
    """One AVB becomes SBY without a cause; the delivery is dated after every other; nothing else changes."""
    before = files(home)
    provider, term = correct(home, contracts).split()
    after = files(home)
    changed = sorted(file.name for file in after if after[file] != before.get(file))
    assert term == "VT2025"
    assert changed == ["datapackage.json", "events.csv"]
    folder = home.outbox(provider, term)
    old, new = (pl.read_csv(content[folder / "events.csv"], infer_schema=False) for content in (before, after))
    rows = [(a, b) for a, b in zip(old.iter_rows(named=True), new.iter_rows(named=True), strict=True) if a != b]
    assert len(rows) == 1
    assert (rows[0][0]["event"], rows[0][1]["event"], rows[0][1]["cause"]) == ("AVB", "SBY", None)
    created = json.loads((folder / "datapackage.json").read_text("utf-8"))["created"]
    others = [json.loads(content)["created"] for file, content in before.items() if file.name == "datapackage.json"]
    assert created > max(others)


def test_the_corrected_pupil_was_a_dropout(home: Home, contracts: Contracts) -> None:
    """The pupil counts as a dropout of the school year in truth, so one published figure changes by one."""
    correct(home, contracts)
    record = json.loads((home.truth / "correction.json").read_text("utf-8"))
    outcomes = pl.read_parquet(home.truth / "outcomes.parquet")
    mine = outcomes.filter(pseudonym=record["pseudonym"], school_year=record["school_year"])
    assert mine["outcome"].to_list() == ["dropout"]
    assert record["school_year"] == "2024/25"


def test_an_earlier_school_year_can_be_asked_for(home: Home, contracts: Contracts) -> None:
    """``school_year`` says which year's figure changes."""
    assert correct(home, contracts, school_year=2023).endswith("VT2024")


def test_asked_again_it_changes_nothing(home: Home, contracts: Contracts) -> None:
    """A second call answers the same and leaves every byte; a new county forgets the correction."""
    first = correct(home, contracts)
    after = files(home)
    assert correct(home, contracts) == first
    assert files(home) == after
    generate(home, contracts, pupils=600, years=2, seed=4)
    assert not (home.truth / "correction.json").exists()


def test_without_a_county(tmp_path: Path, contracts: Contracts) -> None:
    """Where nothing was invented, the error says so."""
    with pytest.raises(BadInput, match="SYNTH_NO_TRUTH"):
        correct(Home(tmp_path), contracts)


def test_without_a_dropout(tmp_path: Path, contracts: Contracts) -> None:
    """Where the year has no dropout to correct, the error says so and nothing is written."""
    home = Home(tmp_path)
    generate(home, contracts, pupils=1, years=1, seed=1, flaws="none")
    before = files(home)
    with pytest.raises(BadInput, match="SYNTH_NOTHING_TO_CORRECT"):
        correct(home, contracts)
    assert files(home) == before
