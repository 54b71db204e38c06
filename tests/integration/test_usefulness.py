"""What the protection leaves to read, at the demonstration's own size: safe tables that show nothing help nobody.

A *municipality-year cell* is here a number of persons in ``dropouts_by_municipality`` for one of the 15 municipalities and
one of ten school years: one for girls, boys and both sexes together, by each outcome and all of them. It is *pooled into a
shown one* where ``dropouts_pooled`` shows the municipality's number of the same outcome for three school years of which it is
one; that table has dropouts, no dropouts and all pupils, both sexes together (``docs/decisions`` says why no more). Held to
at least half are all these cells, those of both sexes together, and of these each outcome but pauses and changes: nothing
pools them, and a small municipality has one or two a year. Nor is one sex held to it by itself.
"""

from __future__ import annotations

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


SEXES = ("Total", "Kvinna", "Man")
OUTCOMES = ("Total", "no_dropout", "dropout", "completed", "stayed", "changed", "pause")


@pytest.fixture(scope="session")
def cells(county: tuple[Home, Contracts]) -> pl.DataFrame:
    """The municipality-year cells of the main table: ``outcome``, ``sex``, whether each is ``shown`` and ``useful``."""
    home, contracts = county
    codes = [c.code for c in contracts.glossary.codes("municipality") if c.level == "municipality" and c.code != "outside"]
    yearly, pooled = (
        pl.read_csv(home.current / "tables" / f"{name}.csv", infer_schema=False).filter(
            pl.col("home_municipality").is_in(codes), measure="persons"
        )
        for name in ("dropouts_by_municipality", "dropouts_pooled")
    )
    years = sorted(yearly["school_year"].unique())
    at = ["home_municipality", "school_year", "outcome", "sex"]
    windows = {window: _years(window, years) for window in pooled["school_year"].unique()}
    covered = pooled.filter(status="shown").with_columns(
        pl.col("school_year").replace_strict(windows, return_dtype=pl.List(pl.String)), sex=pl.lit("Total")
    )
    covered = covered.explode("school_year").select(*at, pooled=True).unique()
    found = yearly.filter(pl.col("sex").is_in(SEXES)).join(covered, on=at, how="left")
    assert (len(codes), len(years)) == (15, 10)
    assert found.height == 15 * 10 * len(SEXES) * len(OUTCOMES)
    shown = pl.col("status") == "shown"
    return found.select("outcome", "sex", shown=shown, useful=shown | pl.col("pooled").is_not_null())


@pytest.mark.parametrize("sex", ["every", "Total"])
def test_half_of_the_main_tables_cells_are_shown_or_pooled(cells: pl.DataFrame, sex: str) -> None:
    """Of all municipality-year cells, and of those of both sexes together, all outcomes counted alike."""
    _at_least_half(cells if sex == "every" else cells.filter(sex=sex))


@pytest.mark.parametrize("outcome", ["Total", "dropout", "no_dropout", "stayed", "completed"])
def test_half_of_an_outcomes_cells_are_shown_or_pooled(cells: pl.DataFrame, outcome: str) -> None:
    """Of each municipality's pupils, dropouts, those who did not, those who stayed and who finished, each school year."""
    _at_least_half(cells.filter(sex="Total", outcome=outcome))


def _at_least_half(cells: pl.DataFrame) -> None:
    told = f"{cells['shown'].sum()} shown, {cells['useful'].sum()} shown or pooled, of {cells.height}"
    print(told)
    assert cells["useful"].sum() >= cells.height / 2, told


def test_the_county_can_be_read_of_diplomas_within_three_four_and_five_years(county: tuple[Home, Contracts]) -> None:
    """Every share of every cohort whose time has come, of the county; and wherever a sum's parts are shown, they add up."""
    home, _ = county
    table = pl.read_csv(home.current / "tables" / "completion.csv", infer_schema=False)
    whole = table.filter(home_municipality="Total", measure="share")
    for years in (3, 4, 5):
        told = whole.filter(completion=f"within_{years}").sort("school_year")["status"].to_list()
        assert told == ["shown"] * (11 - years) + ["not_applicable"] * (years - 1)
    persons = table.filter(measure="persons").with_columns(pl.col("value").cast(pl.Int64))
    wide = persons.pivot("completion", index=["school_year", "home_municipality"], values="value")
    for total, *parts in (
        ("within_4", "within_3", "year_4"), ("within_5", "within_4", "year_5"),
        ("Total", "within_4", "not_4"), ("Total", "within_5", "not_5"),
    ):  # fmt: skip
        both = wide.drop_nulls([total, *parts])
        assert both.height > 10
        assert both.filter(pl.col(total) != pl.sum_horizontal(parts)).height == 0


def _years(window: str, years: list[str]) -> list[str]:
    """The school years of a window, its first and last included."""
    first, _, last = window.partition(WINDOW_SEPARATOR)
    return [year for year in years if first <= year <= last]
