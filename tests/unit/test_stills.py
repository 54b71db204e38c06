"""Stills: numbers in, coordinates out. What is not shown is drawn nowhere, and words and signs are those of the figure."""

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest

from avbrott.texts import load_texts
from dashboards.figures.bars import bars
from dashboards.figures.flows import flows
from dashboards.figures.funnel import funnel, points
from dashboards.figures.lines import lines
from dashboards.figures.style import STATUS_SYMBOLS, SYMBOLS, figure
from dashboards.figures.survival import accumulated, survival
from dashboards.grids import Grid, Item
from dashboards.released import Cell
from dashboards.stills.axes import step_of, thinned, value_axis, written
from dashboards.stills.parts import SIGNS, short, symbols
from dashboards.stills.still import still
from dashboards.words import Words
from tests.unit.test_dashboards_figures import BANDS, HIDDEN, MISSING, SHOWN, UNRELIABLE, ZERO, grid

NO_BREAK = "\u00a0"


@pytest.fixture(scope="module")
def words(contracts) -> Words:
    return Words("sv", load_texts(contracts.folder, "site"))


def paths(html: str) -> list[str]:
    """What each path with a colour of its own goes along."""
    return re.findall(r'<path color="[^"]*"[^>]* d="([^"]*)"/>', html)


def signs(html: str) -> list[tuple[str, float, float]]:
    """Each sign: its name, how many percent of the width it stands at, and its height."""
    return [(one, float(x), float(y)) for one, x, y in re.findall(r'href="#sign-([\w-]+)" x="([\d.]+)%" y="([\d.]+)"', html)]


def test_a_line_is_drawn_where_its_values_are(words):
    """Of 0, 6 and 12 %: the first on the axis, the second halfway to the third, as far apart as school years are."""
    cells = [Cell(value, "shown") for value in ("0.0000", "0.0600", "0.1200")]
    drawn = still(lines(grid(cells), words), "one")
    at = signs(drawn)
    (x0, low), (x1, middle), (x2, high) = [(x, y) for _, x, y in at]
    foot = float(re.search(r'still-axis" d="M0 ([\d.]+)H1000', drawn)[1])
    assert low == foot
    assert middle == pytest.approx((low + high) / 2, abs=0.11)
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.11)
    assert paths(drawn) == [f"M{x0 * 10:.0f} {short(low)}L{x1 * 10:.0f} {short(middle)} {x2 * 10:.0f} {short(high)}"]


@pytest.mark.parametrize("cell", [HIDDEN, UNRELIABLE, MISSING])
def test_what_is_not_shown_is_a_gap_and_a_sign_below_the_axis(words, cell):
    """The line ends before it and begins after it; nothing stands at its place as high as a value, least of all at 0."""
    drawn = still(lines(grid([SHOWN, SHOWN, cell, ZERO, SHOWN]), words), "one")
    assert paths(drawn)[0].count("M") == 2
    found = signs(drawn)
    assert [name for name, _, _ in found].count("circle") == 4
    (below,) = [one for one in found if one[0] != "circle"]
    zero = found[2][2]
    assert below[2] > zero
    assert not any(x == below[1] for name, x, _ in found if name == "circle")


def test_a_line_does_not_cross_a_break(words):
    """It ends before the school year that a break stands before; the break has its line and its words there."""
    years = ["2010/11", "2011/12", "2012/13", "2013/14"]
    drawn = still(lines(grid([SHOWN] * 4, codes=years), words, breaks={"Total": ["2012/13"]}), "one")
    line, mark = paths(drawn)
    assert line.count("M") == 2
    assert re.match(r"M500 [\d.]+V", mark)
    assert f">{words('break.mark')}</text>" in drawn


def test_a_preliminary_year_is_open_and_the_way_to_it_dotted(words):
    """As in the figure; the year before has its own full sign alone."""
    made = grid([SHOWN] * 3)
    drawn = still(lines(replace(made, rows=(*made.rows[:2], replace(made.rows[2], preliminary=True))), words), "one")
    assert re.search(r'stroke-dasharray="[^"]+" d="M[\d.]+ [\d.]+L', drawn)
    _, opened = drawn.split("still-open")
    assert len(signs(opened)) == 1
    assert len(signs(drawn)) == 3


def test_intervals_reach_above_and_below_their_points(words):
    """And the axis reaches as high as the highest of them; where there is none nothing is drawn."""
    made = grid([SHOWN, HIDDEN, SHOWN])
    drawn = still(lines(made, words, intervals={("2010", "Total"): (0.06, 0.24), ("2011", "Total"): (0.1, 0.9)}), "one")
    whiskers = paths(drawn)[0]
    low, high = map(float, re.fullmatch(r"M\d+ ([\d.]+)V([\d.]+)", whiskers).groups())
    foot = float(re.search(r'still-grid" d="M0 ([\d.]+)H1000', drawn)[1])
    assert (foot - low) * 4 == pytest.approx(foot - high, abs=0.5)
    assert high > 0


def test_steps_go_level_and_then_up(words):
    """Shares over time are steps, in bands; whiskers stand where no step follows."""
    counts = [Cell("100", "shown"), Cell("3", "shown"), Cell("4", "shown"), HIDDEN, HIDDEN]
    made = accumulated(grid(counts, "persons", BANDS))
    drawn = still(survival(made, {"Total": Cell("100", "shown")}, words), "one")
    steps = [path for path in paths(drawn) if "H" in path]
    assert len(steps) == 1
    assert re.fullmatch(r"M0 [\d.]+(H\d+V[\d.]+){2}", steps[0])
    assert re.search(r'fill="var\(--band-1\)" d="M[^"]*z"', drawn)
    assert f">{words('axis.months')}</text>" in drawn


def test_a_bar_is_as_long_as_its_value_and_none_stands_for_what_is_not_shown(words):
    """Half the value is half the length; what is hidden has its mark, what is 0 its 0, and neither has a length."""
    half = Cell("0.0600", "shown")
    drawn = still(bars(grid([SHOWN, half, HIDDEN, ZERO]), words), "one")
    rows = drawn.split("<span>")[1:5]
    lengths = [float(found[1]) if (found := re.search(r'<rect [^>]*width="([\d.]+)%"', row)) else None for row in rows]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=0.11)
    assert lengths[2:] == [None, 0]
    assert f">12,0{NO_BREAK}%</text>" in rows[0]
    assert f">{words('status.hidden.mark')}</text>" in rows[2]
    assert not re.search(r">[^<]*\d[^<]*</text>", rows[2])


def test_stacked_bars_stand_on_each_other_with_their_patterns(words):
    """A bar without a value takes no room; each pattern has a name of its own on the page."""
    names = ["a", "b"]
    marker = {"color": "var(--state-late)", "pattern": {"shape": "/"}}
    traces = [
        {"type": "bar", "x": names, "y": [2, None], "marker": {"color": "var(--state-in_time)", "pattern": {"shape": ""}}},
        {"type": "bar", "x": names, "y": [1, 3], "marker": marker},
    ]
    said = {"categoryarray": names}
    made = figure(traces, words, height=200, barmode="stack", bargap=0.2, xaxis=said, yaxis={"nticks": 5})
    drawn = still(made, "deliveries")
    found = [tuple(map(float, one)) for one in re.findall(r'<rect [^>]*y="([\d.]+)" height="([\d.]+)"/>', drawn)]
    below, above, alone = found
    assert above[0] + above[1] == pytest.approx(below[0], abs=0.11)
    assert alone[0] == above[0]
    assert alone[1] == pytest.approx(3 * above[1], abs=0.3)
    assert drawn.count('id="deliveries-1"') == drawn.count('fill="url(#deliveries-1)"') == 1
    assert 'id="deliveries-0"' not in drawn


def test_a_flow_is_as_wide_as_its_persons(words):
    """Twice as many are twice as wide, and what is hidden is a flow of its own to no status."""
    rows, columns = (Item("new", "Nya"),), tuple(Item(code, code) for code in ("Total", "stayed", "pause", "dropout"))
    cells = [Cell("100", "shown"), Cell("60", "shown"), Cell("30", "shown"), Cell(None, "hidden")]
    made = {("new", column.code, "persons"): cell for column, cell in zip(columns, cells, strict=True)}
    drawn = still(flows(Grid(rows, columns, ("persons",), made, {}, "origin", "outcome"), words), "flows")
    wide = [float(one) for one in re.findall(r"1000 [\d.]+v([\d.]+)C", drawn)]
    assert wide[0] == pytest.approx(2 * wide[1], abs=0.2)
    assert wide[1] == pytest.approx(3 * wide[2], abs=0.2)
    assert 'fill="var(--flow-protected)"' in drawn
    assert ">dropout<" not in drawn


def test_a_funnel_has_its_limits_points_and_names(words):
    """On the logarithm of numbers; a point beyond a limit is named."""
    whole = Cell("0.1000", "shown")
    drawn = points(
        whole,
        [("A & B", Cell("0.1100", "shown"), Cell("500", "shown")), ("Ort", Cell("0.4000", "shown"), Cell("900", "shown"))],
    )
    made = still(funnel(Decimal("0.1"), "Länet", drawn, words), "funnel")
    assert ">Ort</text>" in made
    assert "A &" not in made
    assert f">Länet 10,0{NO_BREAK}%</text>" in made
    assert made.count('href="#sign-') == 2


def test_signs_on_one_spot_are_all_seen(words):
    """The lower of two is larger than the one that lies on it."""
    cells = {(row, one, "share"): SHOWN for row in ("2010", "2011") for one in "ab"}
    made = replace(grid([SHOWN, SHOWN]), columns=tuple(Item(one, one) for one in "ab"), cells=cells)
    drawn = still(lines(made, words), "one")
    assert re.findall(r'sign-(\w+)" transform="scale\(([\d.]+)\)"', drawn) == [("circle", "1.88")] * 2


def test_an_axis_has_round_steps_in_the_signs_of_the_page():
    """From 0 to a little above the highest; decimals only where steps need them; thousands apart."""
    said = {"nticks": 6, "ticksuffix": "%"}
    axis = value_axis(said, [19.0], ".,")
    assert [name for _, name in axis.ticks] == ["0%", "5%", "10%", "15%", "20%"]
    assert axis.part(0) == 0
    assert axis.part(19) == pytest.approx(0.95)
    assert [name for _, name in value_axis(said | {"ticksuffix": f"{NO_BREAK}%"}, [0.8], f",{NO_BREAK}").ticks] == [
        f"{name}{NO_BREAK}%" for name in ("0,0", "0,2", "0,4", "0,6", "0,8")
    ]
    assert [step_of(rough) for rough in (0.14, 1.9, 2.1, 12.8)] == [0.2, 2, 5, 20]
    assert written(12345.5, 1, f",{NO_BREAK}") == f"12{NO_BREAK}345,5"


def test_names_along_an_axis_do_not_run_into_each_other():
    """As many as there is room for, from the last one; each name that is kept stands about its place."""
    ticks = [(place / 10 + 0.05, "2014/15") for place in range(10)]
    for width in (260, 450, 2000):
        kept = thinned(ticks, width, 7.2)
        assert kept[-1] == 9
        assert all((ticks[then][0] - ticks[now][0]) * width >= 7 * 7.2 - 12 for now, then in pairwise(kept))
    assert len(thinned(ticks, 2000, 7.2)) == 10


def test_every_sign_that_a_figure_has_is_drawn():
    """None is asked for that a page does not define; numbers are short and none is a minus zero."""
    assert {*SYMBOLS, *(name for name, _ in STATUS_SYMBOLS.values())} <= SIGNS.keys()
    assert all(f'id="sign-{name}"' in symbols() for name in SIGNS)
    assert [short(one) for one in (-0.04, 100.0, 0.25, 7)] == ["0", "100", "0.2", "7"]
    assert short(100, 0) == "100"


def test_a_still_is_the_same_each_time_and_lets_nothing_through(words):
    """Same figure, same bytes; what a label says is text, whatever it looks like."""
    cells = {(row, "x", "share"): SHOWN for row in ("2010", "2011")}
    made = replace(grid([SHOWN, SHOWN]), columns=(Item("x", "<script>"),), cells=cells)
    named = replace(made, rows=tuple(replace(row, label=f'{row.label} & "co"') for row in made.rows))
    for drawn in (lines(named, words), bars(named, words)):
        assert still(drawn, "one") == still(drawn, "one")
        assert "<script" not in still(drawn, "one")
        assert "& " not in still(drawn, "one").replace("&amp; ", "")
