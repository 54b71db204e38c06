"""Figures: plotly.py accepts them, and nothing in them stands for a value that is not shown."""

import json
import re
from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
import pytest

from avbrott.texts import load_texts
from dashboards.figures.bars import bars
from dashboards.figures.flows import flows
from dashboards.figures.flows import sentences as flow_sentences
from dashboards.figures.lines import lines
from dashboards.figures.style import wrapped
from dashboards.figures.survival import accumulated, survival
from dashboards.figures.survival import sentences as survival_sentences
from dashboards.grids import Grid, Item
from dashboards.intervals import wilson
from dashboards.released import Cell, Table
from dashboards.shares import shared_over
from dashboards.site import build_site
from dashboards.words import Words
from tests.mini_release import write_mini_release


@pytest.fixture(scope="module")
def words(contracts) -> Words:
    return Words("sv", load_texts(contracts.folder, "site"))


def grid(cells: list[Cell], measure="share", codes=None) -> Grid:
    rows = tuple(Item(code, code) for code in codes or [f"20{place:02d}" for place in range(10, 10 + len(cells))])
    column = Item("Total", "Alla")
    found = {(row.code, "Total", measure): cell for row, cell in zip(rows, cells, strict=True)}
    return Grid(rows, (column,), (measure,), found, {}, "school_year", None)


SHOWN, ZERO, HIDDEN = Cell("0.1200", "shown"), Cell("0.0000", "shown"), Cell(None, "hidden")
UNRELIABLE, MISSING, NOT_APPLICABLE = Cell(None, "unreliable"), Cell(None, "not_delivered"), Cell(None, "not_applicable")


@pytest.fixture(scope="module")
def site(contracts, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_mini_release(folder, contracts)
    build_site(folder, contracts, folder / "site")
    return folder / "site"


def test_every_figure_of_a_site_is_valid_plotly(site):
    """plotly.py validates the figures of every page, and of one of each kind that is made for each code."""
    figures = 0
    for file in sorted((site / "data").glob("*.js")):
        if re.match(r"en-|series-|kommun-(?!2481)|program-(?!na)", file.name):
            continue
        content = json.loads(file.read_text("utf-8").removeprefix("window.AVBROTT = ").removesuffix(";\n"))
        for figure in content["figures"].values():
            go.Figure(data=figure["data"], layout=figure["layout"])
            figures += 1
    assert figures > 30


def test_a_line_has_a_gap_and_no_zero_where_a_value_is_not_shown(words):
    """Whatever the reason, y is null; only the shown zero is 0. The line does not bridge the gap."""
    line, strip = lines(grid([SHOWN, HIDDEN, ZERO, UNRELIABLE, MISSING, NOT_APPLICABLE]), words)["data"]
    assert line["y"] == [12.0, None, 0.0, None, None, None]
    assert line["connectgaps"] is False
    assert strip["x"] == ["2011", "2013", "2014"]
    assert len(set(strip["marker"]["symbol"])) == 3


def test_an_interval_reaches_from_its_point_and_nothing_stands_where_none_is(words):
    """Bars are as long as the bounds lie off the share; where the share or a number that it is made of is hidden, none."""
    made = grid([SHOWN, HIDDEN, SHOWN, ZERO])
    line = lines(
        made, words, intervals={("2010", "Total"): (0.1, 0.15), ("2011", "Total"): (0.2, 0.3), ("2013", "Total"): (0, 0.02)}
    )
    bars = line["data"][0]["error_y"]
    assert bars["arrayminus"] == [2.0, 0, 0, 0]
    assert bars["array"] == [3.0, 0, 0, 2.0]
    assert "error_y" not in lines(made, words)["data"][0]


def test_lines_with_intervals_stand_beside_each_other(words):
    """Each has a place of its own at every year, its signs of what is not shown too; without intervals none has."""
    cells = {("2010", one, "share"): cell for one, cell in {"a": SHOWN, "b": SHOWN, "c": HIDDEN}.items()}
    made = replace(grid([SHOWN]), columns=tuple(Item(one, one) for one in "abc"), cells=cells)
    drawn = lines(made, words, intervals={("2010", "a"): (0.1, 0.15), ("2010", "b"): (0.1, 0.15)})
    assert [(trace["meta"], trace["offsetgroup"]) for trace in drawn["data"]] == [(one, one) for one in "abcc"]
    assert drawn["layout"]["scattermode"] == "group"
    assert "scattermode" not in lines(made, words)["layout"]


def test_hover_says_why_a_value_is_not_shown(words):
    """A point without a value says its status's one sentence, and no number."""
    line = lines(grid([HIDDEN, SHOWN]), words)["data"][0]
    assert line["customdata"] == [words("status.hidden.sentence"), "12,0\u00a0%"]
    assert not any(sign.isdigit() for sign in line["customdata"][0])


def test_a_bar_that_is_not_shown_has_its_mark_and_no_length(words):
    """The bar's value is null and its text empty; the mark is an annotation."""
    figure = bars(grid([SHOWN, HIDDEN, ZERO]), words)
    assert figure["data"][0]["x"] == [12.0, None, 0.0]
    assert figure["data"][0]["text"] == ["12,0\u00a0%", "", "0,0\u00a0%"]
    assert [note["y"] for note in figure["layout"]["annotations"]] == ["2011"]


BANDS = ["Total", "m00_03", "m04_06", "m07_12", "not_left"]


def shares_so_far(counts: list[int | None], codes: list[str] = BANDS) -> list[str | None]:
    """The values of the accumulated shares; None is a hidden count, and must be a hidden share."""
    cells = [Cell(None, "hidden") if count is None else Cell(str(count), "shown") for count in counts]
    found = accumulated(grid(cells, "persons", codes))
    shares = [found.cell(row, found.columns[0], "share") for row in found.rows]
    assert all(share.status == ("hidden" if share.value is None else "shown") for share in shares)
    return [share.value for share in shares]


def test_a_sum_ends_where_a_part_is_hidden():
    """Shares add up over bands until one is hidden; from there on the sum is hidden too."""
    assert shares_so_far([100, 3, None, 2, None]) == ["0.0300", None, None]
    assert shares_so_far([None, 3, 2, 2, 93]) == [None, None, None]


def test_a_sum_is_taken_from_all_that_left_where_an_early_part_is_hidden():
    """All who left less the later bands gives a share that the hidden first band does not; the hidden ones stay hidden."""
    assert shares_so_far([100, None, None, 2, 90]) == [None, "0.0800", "0.1000"]


def test_all_that_returned_is_the_code_above_the_bands():
    """Where the bands stand under a code that is shown, it is their sum, whatever else of the total is hidden."""
    codes = ["Total", "within_12", "m01_03", "m04_06", "not_within_12"]
    cells = [Cell(value, "shown" if value else "hidden") for value in ("50", "20", None, None, None)]
    made = grid(cells, "persons", codes)
    found = accumulated(replace(made, rows=tuple(replace(row, depth=int(row.code[0] == "m")) for row in made.rows)))
    assert [found.cell(row, found.columns[0], "share").value for row in found.rows] == [None, "0.4000"]


def test_what_is_protected_of_a_total_is_one_flow_of_its_own(words):
    """Shown flows are drawn as they are; what the shown total leaves goes to one place, and no node is without a flow."""
    rows, columns = (Item("new", "Nya"),), tuple(Item(code, code) for code in ("Total", "stayed", "pause", "dropout"))
    found = [Cell("100", "shown"), Cell("80", "shown"), Cell("0", "shown"), Cell(None, "hidden")]
    cells = {("new", column.code, "persons"): cell for column, cell in zip(columns, found, strict=True)}
    trace = flows(Grid(rows, columns, ("persons",), cells, {}, "origin", "outcome"), words)["data"][0]
    assert trace["node"]["label"] == ["Nya", "stayed", words("flows.protected")]
    assert trace["link"]["value"] == [80, 20]


@pytest.mark.parametrize("ends", [2, 6, 12])
def test_nodes_of_flows_have_the_room_that_their_places_assume(words, ends):
    """Between them the nodes leave at least the gaps that their places are reckoned with, or the last would be cut off."""
    rows, columns = (Item("new", "Nya"),), tuple(Item(f"to{place}", f"Till {place}") for place in range(ends))
    cells = {("new", column.code, "persons"): Cell("10", "shown") for column in columns}
    figure = flows(Grid(rows, columns, ("persons",), cells, {}, "origin", "outcome"), words)
    node, height = figure["data"][0]["node"], figure["layout"]["height"]
    last = node["y"][-1] * height + (height - node["pad"] * (ends - 1)) / ends / 2
    assert last <= height + 1


def test_a_long_name_is_broken_at_a_space():
    """Names of programmes keep their room on a narrow screen, and no letter is lost."""
    name = "Försäljnings- och serviceprogrammet"
    assert wrapped(name).replace("<br>", " ") == name
    assert max(len(line) for line in wrapped(name).split("<br>")) <= 24


def test_breaks_stand_between_their_school_years(words):
    """A break is drawn before its first school year, and not at all where the figure does not cross it."""
    figure = lines(grid([SHOWN, SHOWN, SHOWN]), words, breaks={"Total": ["2011", "2010", "1999"]})
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [0.5]


def test_no_line_is_drawn_over_a_break(words):
    """Between the points on either side stands one without a value; each point keeps its value and its words."""
    found = lines(grid([SHOWN, SHOWN, SHOWN]), words, breaks={"Total": ["2011"]})["data"][0]
    value = lines(grid([SHOWN, SHOWN, SHOWN]), words)["data"][0]["y"][0]
    assert (found["x"], found["y"]) == (["2010", "2011", "2011", "2012"], [value, None, value, value])
    assert [bool(said) for said in found["customdata"]] == [True, False, True, True]
    assert lines(grid([SHOWN, SHOWN, SHOWN]), words, breaks={"k": ["2011"]})["data"][0]["y"] == [value] * 3


def test_no_path_of_the_machine_is_in_a_site(site):
    """Files of the site do not say where they were made."""
    texts = [file for file in site.rglob("*") if file.suffix in (".html", ".js") and "plotly" not in file.name]
    assert texts
    assert not [file for file in texts if str(site.parent) in file.read_text("utf-8")]


def risk_table(*counts: int | None) -> Grid:
    """Who came back within each band of ``counts``, of 200 persons, 140 of whom never did; None: hidden."""
    codes = ("Total", "m01_03", "m04_06", "m07_09", "not_back")
    shown = dict(zip(codes, (200, *counts, 140), strict=True))
    cells = {
        (code, "Total", "persons"): HIDDEN if count is None else Cell(str(count), "shown") for code, count in shown.items()
    }
    rows = tuple(Item(code, code) for code in codes)
    return Grid(rows, (Item("Total", "Alla"),), ("persons",), cells, {}, "return_time", None)


def test_time_is_drawn_in_steps_within_wilsons_band(words):
    """Each step keeps its share to the end of the next band; the area around it is the interval of that share."""
    band, steps = survival(accumulated(risk_table(10, 20, 30)), {"Total": Cell("200", "shown")}, words)["data"]
    assert (steps["line"]["shape"], steps["x"], steps["y"]) == ("hv", [0, 3, 6, 9], [0, 5, 15, 30])
    low, high = wilson(0.05, 200)
    assert band["y"][5:9] == [round(low * 100, 2)] * 2 + [round(high * 100, 2)] * 2
    assert steps["error_y"]["array"][:3] == [0, 0, 0]
    assert steps["error_y"]["array"][3] > 0


def test_a_hidden_step_has_neither_line_nor_band(words):
    """What is not known is a gap, and nothing is drawn where the number at the start is not shown."""
    band, steps = survival(accumulated(risk_table(None, None, 30)), {"Total": Cell("200", "shown")}, words)["data"]
    assert steps["y"] == [None, None, 15, 30]
    assert [x for x in band["x"] if x is not None] == [6, 9, 9, 6]
    hidden = survival(accumulated(risk_table(10, 20, 30)), {"Total": HIDDEN}, words)["data"]
    assert hidden[1]["y"][1:] == [None] * 3
    assert hidden[0]["y"] == []


def test_whiskers_of_one_month_stand_beside_each_other(words):
    """Several lines that reach the same share in the same month are each seen, with an edge about its own band."""
    one = risk_table(10, 20, 30)
    columns = tuple(Item(code, code) for code in ("a", "b", "c"))
    cells = {(row, column.code, measure): cell for (row, _, measure), cell in one.cells.items() for column in columns}
    grid = accumulated(replace(one, columns=columns, cells=cells))
    drawn = survival(grid, dict.fromkeys("ab", Cell("200", "shown")), words)
    bands, steps = drawn["data"][::2], drawn["data"][1::2]
    last = [trace["x"][-1] for trace in steps[:2]]
    assert last[0] < 9 < last[1]
    assert last[1] - 9 == 9 - last[0] > 0.01 * 9 / 2
    assert [band["x"][1] for band in bands[:2]] == [trace["x"][1] for trace in steps[:2]]
    assert len({(band["line"]["color"], band["line"]["dash"]) for band in bands}) == 3
    left, right = drawn["layout"]["xaxis"]["range"]
    assert all(left <= x <= right for trace in steps for x in trace["x"])


def test_names_of_flows_stand_beside_them(words):
    """Each node is named once, outside the flows, at its own height; nothing is written on top of a flow."""
    rows, columns = (Item("a", "Kvar"), Item("b", "Ny")), (Item("Total", "Alla"), Item("x", "Examen"), Item("y", "Avbrott"))
    cells = {(row.code, column.code, "persons"): Cell("50", "shown") for row in rows for column in columns[1:]}
    cells |= {(row.code, "Total", "persons"): Cell("100", "shown") for row in rows}
    drawn = flows(Grid(rows, columns, ("persons",), cells, {}, "origin", "outcome"), words)
    (trace,) = drawn["data"]
    assert trace["textfont"]["color"] == "rgba(0,0,0,0)"
    names = drawn["layout"]["annotations"]
    assert [name["text"] for name in names] == ["Kvar", "Ny", "Examen", "Avbrott"]
    assert [round(1 - name["y"], 4) for name in names] == trace["node"]["y"]
    assert [name["xanchor"] for name in names] == ["right", "right", "left", "left"]


def test_a_share_is_worked_out_of_shown_numbers_only():
    """Of a hidden part or base none, of too small a base none that is reliable; rounded half up as released ones are."""
    table = Table("t", ("band", "outcome"), {
        ("a", "Total", "persons"): Cell("800", "shown"), ("b", "Total", "persons"): HIDDEN,
        ("c", "Total", "persons"): Cell("44", "shown"), ("d", "Total", "persons"): Cell("800", "shown"),
    })  # fmt: skip
    rows = tuple(Item(code, code) for code in "abcd")
    parts = {"a": Cell("1", "shown"), "b": Cell("9", "shown"), "c": Cell("9", "shown"), "d": HIDDEN}
    cells = {(code, "Total", "persons"): cell for code, cell in parts.items()}
    cut = Grid(rows, (Item("Total", "Alla"),), ("share", "persons"), cells, {"outcome": "dropout"}, "band", None)
    worked = shared_over(cut, table, "outcome", 45)
    assert [worked.cell(row, cut.columns[0]) for row in rows] == [Cell("0.0013", "shown"), HIDDEN, UNRELIABLE, HIDDEN]


def test_pooled_and_preliminary_school_years_stand_on_two_lines(words):
    """Their labels are too long to stand beside each other on one."""
    cut = grid([SHOWN, SHOWN], codes=["2014/15\u20132016/17", "2017/18 (prel.)"])
    assert lines(cut, words)["data"][0]["x"] == ["2014/15\u2013<br>2016/17", "2017/18<br>(prel.)"]


def test_flows_are_told_in_words_and_what_is_protected_as_that(words):
    """The largest that are shown, largest first; the protected ones together as they are drawn; how many are not shown."""
    rows, columns = (Item("new", "Nya"), Item("old", "Kvar")), tuple(Item(c, c) for c in ("Total", "a", "b", "c"))
    found = {
        "new": [Cell("100", "shown"), Cell("80", "shown"), Cell("0", "shown"), HIDDEN],
        "old": [HIDDEN, HIDDEN, Cell("90", "shown"), MISSING],
    }
    cells = {
        (row.code, column.code, "persons"): cell
        for row in rows
        for column, cell in zip(columns, found[row.code], strict=True)
    }
    assert flow_sentences(Grid(rows, columns, ("persons",), cells, {}, "origin", "outcome"), words) == [
        "Störst av det som visas: Kvar, sedan b: 90; Nya, sedan a: 80.",
        "Ritade tillsammans i grått, efter var de börjar: Nya, 20.",
        "Visas inte var för sig: 3 av 6 flöden (skyddad: 2, ej levererad: 1).",
    ]


def test_a_line_over_time_is_told_at_its_last_point_and_hidden_ones_as_hidden(words):
    """With its interval, as it is drawn; of a line that is not drawn the reason, and no number."""
    drawn = accumulated(risk_table(None, None, 30))
    shown, missing = survival_sentences(drawn, {"Total": Cell("200", "shown")}, words)
    assert re.fullmatch(r"Alla: 30,0\u00a0% \(2\d,\d\u201336,\d\u00a0%\) inom 9 månader\.", shown)
    assert missing == "Visas inte: 1 av 3 uppgifter (skyddad: 1)."
    nothing, counted = survival_sentences(accumulated(risk_table(None, None, None)), {"Total": HIDDEN}, words)
    assert nothing == "Alla: ingen uppgift visas (skyddad)."
    assert counted == "Visas inte: 2 av 3 uppgifter (skyddad: 2)."
