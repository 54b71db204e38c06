"""Where series of school years break, as pages tell it."""

from pathlib import Path

import pytest

from avbrott.texts import load_texts
from dashboards.grids import Source
from dashboards.layout import load_layout
from dashboards.pages.context import Context
from dashboards.pages.series import breaks_of
from dashboards.pages.trends import _breaks
from dashboards.released import Cell, Released, Table
from dashboards.words import Words

YEARS = ("2014/15", "2015/16", "2016/17")


def context(contracts, name: str, years: tuple[str, ...] = YEARS) -> Context:
    """A release with one table, divided by school year alone."""
    table = Table(name, ("school_year",), {(year, "persons"): Cell("9", "shown") for year in years})
    released, layout = Released(Path(), {}, {name: table}, {}), load_layout(contracts.folder)
    words = Words("sv", load_texts(contracts.folder, "site"))
    return Context(contracts, layout, released, words, Source(released, layout, "sv", {}))


@pytest.mark.parametrize(
    ("table", "divided", "broken"),
    [
        ("completion", (), True), ("time_to_leave", (), True), ("transitions", ("origin",), True),
        ("transitions", ("outcome",), False), ("dropouts_by_municipality", ("outcome",), False),
    ],
)  # fmt: skip
def test_what_pupils_did_before_the_first_year_is_unknown(contracts, table, divided, broken):
    """Figures of entrants, or by where pupils came from, break after the first school year of a release; others do not."""
    here, contract = context(contracts, table), contracts.published[table]
    told = [text for year, text in breaks_of(here, contract, divided, ()) if year == "2015/16"]
    assert len(told) == broken
    assert all("2014/15 är det första läsår som har lämnats" in text for text in told)


@pytest.mark.parametrize("years", [0, 1])
def test_a_single_year_breaks_nowhere(contracts, years):
    """There is nothing after it to be told apart; nor where no school year is complete yet."""
    here = context(contracts, "completion", YEARS[:years])
    assert breaks_of(here, contracts.published["completion"], (), ()) == []


def test_the_tool_of_trends_knows_the_same(contracts):
    """For every line of entrants, and of transitions for those of an origin; breaks of the contracts stay beside it."""
    assert [(one["year"], one["dimensions"]) for one in _breaks(context(contracts, "completion"), "completion")][:1] == [
        ("2015/16", ())
    ]
    assert ("2015/16", ("origin",)) in [
        (one["year"], one["dimensions"]) for one in _breaks(context(contracts, "transitions"), "transitions")
    ]
    assert [one["codes"] for one in _breaks(context(contracts, "dropouts_by_programme"), "dropouts_by_programme")] == [
        ("IMV", "IMY", "IMA", "IMS"), ("FS",), (),
    ]  # fmt: skip
