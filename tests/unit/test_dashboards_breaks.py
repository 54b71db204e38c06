"""Where series of school years break, as pages tell it."""

from pathlib import Path

import pytest

from avbrott.model import Text
from avbrott.texts import load_texts
from dashboards.breaks import cuts, runs
from dashboards.grids import Grid, Item, Source
from dashboards.layout import Axis, Block, Page, load_layout
from dashboards.pages.context import Context
from dashboards.pages.reference import method_page
from dashboards.pages.series import breaks_of, line_breaks
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
    assert all("före det första läsår som har lämnats är okänt" in text for text in told)


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


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["2017/18", "2018/19", "2019/20"], [1]),
        (["2015/16..2017/18", "2016/17..2018/19", "2017/18..2019/20", "2018/19..2020/21"], [1, 3]),
        (["2018/19", "2019/20"], []),
        (["2017/18", "2019/20"], [1]),
        ([], []),
    ],
)
def test_a_window_over_a_break_is_comparable_with_neither_side(rows, found):
    """Rows are cut where they lie otherwise to the break than those before; one that reaches over it stands alone."""
    assert cuts(rows, ["2018/19"]) == found


def test_a_line_joins_neighbours_alone():
    """Neither over what is left out, nor over a cut."""
    assert runs([0, 1, 3, 4, 5], [5]) == [[0, 1], [3, 4], [5]]


def test_each_line_breaks_where_its_own_codes_do(contracts):
    """The break of some programmes is none of the others' lines, and the total crosses none of them."""
    here = context(contracts, "dropouts_by_programme", ("2018/19", "2019/20"))
    items = tuple(Item(code, code) for code in ("Total", "NA", "IMV"))
    rows = tuple(Item(year, year) for year in ("2018/19", "2019/20"))
    block = Block(id="b", table="dropouts_by_programme", figure="lines", rows=Axis(dimension="school_year"))
    found = line_breaks(here, block, Grid(rows, items, ("share",), {}, {"outcome": "dropout"}, "school_year", "programme"))
    assert found == {"Total": [], "NA": [], "IMV": ["2019/20"]}


def test_the_method_page_tells_of_the_first_known_year(contracts):
    """Beside the breaks of the contracts, in the order of the years."""
    told = method_page(context(contracts, "completion"), Page(id="method", slug=Text(sv="m", en="m"), kind="method")).values
    assert ("2015/16", "Första läsåret med känd bakgrund") in [(year, name) for year, name, _ in told["breaks"]]
    assert [year for year, _, _ in told["breaks"]] == sorted(year for year, _, _ in told["breaks"])
