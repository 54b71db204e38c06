"""What the protection leaves to read, at the demonstration's own size: safe tables that show nothing help nobody."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from avbrott.home import Home
from avbrott.registry import Contracts, load_contracts
from avbrott.synthetic.generate import generate
from avbrott.table import WINDOW_SEPARATOR
from pipelines import headless

pytestmark = pytest.mark.xdist_group("county")


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Contracts]:
    """A county of 8 500 pupils and ten school years, released once."""
    home, contracts = Home(tmp_path_factory.mktemp("county")), load_contracts()
    generate(home, contracts, pupils=8500, years=10, seed=1)
    headless.run(home, contracts)
    return home, contracts


def test_half_of_the_dropout_cells_are_shown_or_pooled(county: tuple[Home, Contracts]) -> None:
    """Of each municipality's dropouts each school year, at least half are shown, or stand in a shown window of years."""
    home, contracts = county
    codes = {c.code for c in contracts.glossary.codes("municipality") if c.level == "municipality" and c.code != "outside"}
    yearly = _dropouts(home.current / "tables" / "dropouts_by_municipality.csv", codes)
    pooled = _dropouts(home.current / "tables" / "dropouts_pooled.csv", codes).filter(status="shown")
    years = sorted(yearly["school_year"].unique())
    assert len(years) == 10
    assert yearly.height == 10 * len(codes)
    covered = {
        (code, year)
        for code, window in pooled.select("home_municipality", "school_year").rows()
        for year in _years(window, years)
    }
    useful = [
        status == "shown" or (code, year) in covered
        for code, year, status in yearly.select("home_municipality", "school_year", "status").rows()
    ]
    shown = yearly.filter(status="shown").height
    print(f"shown {shown}, shown or pooled {sum(useful)}, of {len(useful)}")
    assert sum(useful) >= len(useful) / 2, f"{shown} shown, {sum(useful)} shown or pooled, of {len(useful)}"


def _dropouts(file: Path, codes: set[str]) -> pl.DataFrame:
    """Number of persons who dropped out, both sexes together, by municipality and period."""
    table = pl.read_csv(file, infer_schema=False).filter(measure="persons", outcome="dropout")
    if "sex" in table.columns:
        table = table.filter(sex="Total")
    return table.filter(pl.col("home_municipality").is_in(sorted(codes)))


def _years(window: str, years: list[str]) -> list[str]:
    """The school years of a window, its first and last included."""
    first, _, last = window.partition(WINDOW_SEPARATOR)
    return [year for year in years if first <= year <= last]
