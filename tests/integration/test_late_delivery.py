"""A delivery that comes when its school year is published: it is told of, and the year's figures stay as they were."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate
from pipelines import headless

LATE = ("HT2024", "VT2025")
MUNICIPALITY = "2482"


@pytest.fixture(scope="module")
def contracts(few: Contracts) -> Contracts:
    return few


def _tables(home: Home) -> dict[str, pl.DataFrame]:
    return {file.stem: pl.read_csv(file, infer_schema=False) for file in sorted((home.current / "tables").glob("*.csv"))}


def test_what_comes_too_late_is_told_of_and_not_counted(tmp_path: Path, contracts: Contracts) -> None:
    """A municipality's two terms come after the release. Only the table of deliveries says another thing afterwards."""
    home = Home(tmp_path / "home")
    generate(home, contracts, pupils=600, years=1, seed=2, flaws="none")
    for term in LATE:
        home.outbox(MUNICIPALITY, term).rename(tmp_path / term)
    headless.run(home, contracts)
    before, first = _tables(home), home.current.resolve().name
    for term in LATE:
        shutil.move(tmp_path / term, home.outbox(MUNICIPALITY, term))
    (home.outbox(MUNICIPALITY, "VT2025") / "datapackage.json").write_text('{"created": "2026-09-01", "key_epoch": "1"}')
    ran = headless.run(home, contracts)
    after = _tables(home)
    assert (ran.metadata["released"]["new"], home.current.resolve().name) == (True, "2026-09-01")
    assert first < "2026-09-01"
    assert {name for name in before if not before[name].equals(after[name])} == {"coverage"}
    own = after["dropouts_by_municipality"].filter(home_municipality=MUNICIPALITY)
    assert set(own["status"]) == {"not_delivered"}
    told = after["coverage"].filter(pl.col("term").is_in(LATE), provider=MUNICIPALITY, extract="enrolments")
    assert told.filter(measure="delivered")["value"].to_list() == ["1", "1"]
    assert told.filter(measure="late", term="VT2025")["value"].to_list() == ["1"]
    decided = pl.read_parquet(home.confidential("2026-09-01") / "decisions.parquet")
    assert decided.filter(column="added")["rows"].sum() > 0
