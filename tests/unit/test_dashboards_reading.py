"""What is said of a figure is true of what it shows: ties are named, and sums of others are set aside and said to be."""

import pytest

from avbrott.table import TOTAL
from avbrott.texts import load_texts
from dashboards.grids import Grid, Item
from dashboards.reading import summary
from dashboards.released import Cell
from dashboards.words import Words


def said(contracts, shares, depths=None, language="sv"):
    """The summary of bars of these shares (None: hidden), the first of all."""
    names = [f"k{place}" for place in range(len(shares))]
    depths = depths or [0] * len(shares)
    rows = (Item(TOTAL, "Länet"), *(Item(name, name, depth) for name, depth in zip(names, depths, strict=True)))
    cells = {(TOTAL, TOTAL, "share"): Cell("0.03", "shown")} | {
        (name, TOTAL, "share"): Cell(share, "shown" if share else "hidden") for name, share in zip(names, shares, strict=True)
    }
    grid = Grid(rows, (Item(TOTAL, ""),), ("share",), cells, {}, "area", None)
    words = Words(language, load_texts(contracts.folder, "site"))
    return " ".join(summary(grid, words, over_time=False)).replace("\u00a0", " ")


def test_the_highest_and_the_lowest_are_named(contracts):
    """Among those that are shown; the whole is none of them."""
    assert said(contracts, ["0.02", None, "0.05"]) == "Högst av det som visas: k2, 5,0 %. Lägst: k0, 2,0 %."


@pytest.mark.parametrize("language", ["sv", "en"])
def test_all_that_lie_alike_are_named(contracts, language):
    """As they are written: a reader sees no difference between 2,01 and 2,04 per cent."""
    assert "k0, k1, 2" in said(contracts, ["0.0201", "0.0204", "0.05"], language=language)


def test_where_all_lie_alike_there_is_no_highest(contracts):
    """It would be the lowest as well."""
    assert said(contracts, ["0.03", "0.03"]) == "Lika för alla som visas: 3,0 %."


def test_that_groups_are_set_aside_is_said(contracts):
    """A group may lie above all its parts' neighbours."""
    assert said(contracts, ["0.09", None, "0.02", "0.05"], [0, 1, 0, 0]) == (
        "Högst av det som visas, grupperna undantagna: k3, 5,0 %. Lägst: k2, 2,0 %."
    )


def test_many_that_lie_alike_are_counted(contracts):
    """A list of them would say less."""
    assert "Lägst: 7 lika, 2,0 %" in said(contracts, ["0.02"] * 7 + ["0.05"])


def test_a_bar_alone_is_told_and_a_line_of_fewer_than_two_points_too(contracts):
    """Every chart has its words: the only figure, or that none is shown and why."""
    assert said(contracts, [None, "0.05"]) == "Det enda som visas: k1, 5,0 %."
    assert said(contracts, [None, None]) == "Det enda som visas: Länet, 3,0 %."
    rows, columns = (Item("2019", "2019"), Item("2020", "2020")), (Item("a", "A"), Item("b", "B"))
    cells = {(row.code, column.code, "share"): Cell(None, "hidden") for row in rows for column in columns}
    cells["2020", "a", "share"] = Cell("0.05", "shown")
    words = Words("en", load_texts(contracts.folder, "site"))
    lines = summary(Grid(rows, columns, ("share",), cells, {}, "school_year", "c"), words, over_time=True)
    assert lines == ["A: 5.0% in 2020.", "B: no figure is shown (protected)."]
