"""What a release says beyond the one before it, as anybody can reckon it from the published files."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from avbrott.disclosure.protect import protect
from avbrott.policy import Policy
from avbrott.release.public import read_public
from avbrott.release.since import changes_since
from avbrott.release.tables import Protected
from tests import release_case as case
from tests.release_case import Case


def protected(years: tuple[str, ...]) -> Protected:
    system, policy = case.spec(years), Policy(threshold=1)
    return Protected(system, policy, protect(system, case.cells(system), policy, seed=b"since"))


def said(folder) -> dict[str, object] | None:
    return json.loads((folder / "datapackage.json").read_text("utf-8"))["avbrott"]["since"]


def test_years_that_came_to_and_figures_filled_in_are_told(tmp_path):
    """The first release has nothing before it. The second adds a year, and knows who of an earlier one came back."""
    made = Case(tmp_path)
    first = made.release(protected(case.YEARS[:2]), date(2015, 2, 1))
    second = made.release(protected(case.YEARS), date(2016, 2, 1))
    assert said(first.folder) is None
    # Back and away of 2013/14: a number and a share each.
    assert said(second.folder) == {
        "release": "2015-02-01", "added": {"pupils": ["2014/15"]}, "filled": {"returns": 4}, "revised": {}, "coverage": 0,
    }  # fmt: skip


def test_releases_of_one_day_are_held_against_the_day_before(tmp_path):
    """The same input on the same day stays the same release, and one of other content has the same release before it."""
    made = Case(tmp_path)
    made.release(protected(case.YEARS[:2]), date(2015, 2, 1))
    assert made.release(protected(case.YEARS), date(2016, 2, 1)).new
    assert not made.release(protected(case.YEARS), date(2016, 2, 1)).new
    other = Protected(case.spec(), Policy(threshold=1, reliability=40), protected(case.YEARS).protection)
    again = made.release(other, date(2016, 2, 1))
    assert again.identifier == "2016-02-01-2"
    assert said(again.folder)["release"] == "2015-02-01"
    assert said(again.folder)["added"] == {"pupils": ["2014/15"]}


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    return read_public(Case(tmp_path_factory.mktemp("before")).release(case.by_hand(*case.HIDDEN)).folder)


def test_every_figure_that_reads_otherwise_is_one_revised(before):
    """Another number, a figure hidden now, one shown now, and one that is gone; what reads as it did is none."""
    table = before.tables["by_area"].frame
    shown = pl.col("status") == "shown"
    at = pl.int_range(pl.len())
    known = table.select(at.filter(shown)).to_series()
    hidden = table.select(at.filter(~shown)).to_series()
    edited = table.with_columns(
        value=pl.when(at == known[0]).then(pl.lit("999999")).when(at == known[1]).then(None)
        .when(at == hidden[0]).then(pl.lit("7")).otherwise("value"),
        status=pl.when(at == known[1]).then(pl.lit("hidden")).when(at == hidden[0]).then(pl.lit("shown")).otherwise("status"),
    ).filter(at != known[5])  # fmt: skip
    assert changes_since(before, {"by_area": table})["revised"] == {}
    assert changes_since(before, {"by_area": edited})["revised"] == {"by_area": 4}


def test_a_table_that_is_divided_otherwise_is_not_compared(before):
    """Its cells are others: nothing is said of them, and nothing breaks."""
    table = before.tables["by_area"].frame
    told = changes_since(before, {"by_area": table.with_columns(sex=pl.lit("Total")).select("sex", *table.columns)})
    assert told == {"release": before.folder.name, "added": {}, "filled": {}, "revised": {}, "coverage": 0}


def test_deliveries_that_are_told_otherwise_are_counted_by_themselves(before):
    """An extract counts once, however much of it is told otherwise; no figure on persons is revised by it."""
    table = before.tables["coverage"].frame
    keys = [name for name in table.columns if name not in {"measure", "value", "status"}]
    of = table.select(keys).row(0, named=True)
    here = pl.all_horizontal(pl.col(name) == code for name, code in of.items())
    edited = table.with_columns(value=pl.when(here).then(pl.lit("7")).otherwise("value"))
    later = edited.filter(here).with_columns(term=pl.lit("HT2099"))
    told = changes_since(before, {"coverage": pl.concat([edited, later])})
    assert (told["coverage"], told["revised"]) == (1, {})
    assert changes_since(before, {"coverage": table})["coverage"] == 0
