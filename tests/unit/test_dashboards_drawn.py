"""What is drawn as SVG, and the funnel: from shown cells alone, every status with a look of its own, no script needed."""

import math
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from scipy.stats import binomtest

from avbrott.texts import load_texts
from dashboards.figures.funnel import funnel, points, verdicts
from dashboards.figures.map import bounds_between, tile_map
from dashboards.figures.multiples import multiples
from dashboards.grids import Grid, Item
from dashboards.intervals import Z_95, Z_998, around, wilson
from dashboards.places import Places, load_places
from dashboards.released import STATUSES, Cell
from dashboards.site import build_site
from dashboards.words import Words
from tests.mini_release import write_mini_release

SHOWN, HIDDEN = Cell("0.0800", "shown"), Cell(None, "hidden")
YEARS = ("2014/15", "2015/16", "2016/17", "2017/18")


@pytest.fixture(scope="module")
def words(contracts) -> Words:
    return Words("sv", load_texts(contracts.folder, "site"))


@pytest.fixture(scope="module")
def site(contracts, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_mini_release(folder, contracts)
    build_site(folder, contracts, folder / "site")
    return folder / "site"


def test_every_municipality_of_the_contracts_has_a_place_of_its_own(contracts):
    """The packaged map holds just the municipalities that the county publishes, other counties left out."""
    places = load_places(contracts.folder)
    codes = contracts.glossary.codes(contracts.dimensions[places.dimension].term)
    assert set(places.places) == {code.code for code in codes if code.level == "municipality" and code.code.isdigit()}


def test_two_on_one_place_are_refused():
    """A map with two codes on a place, or one outside it, is no map."""
    for places in ({"a": (0, 0), "b": (0, 0)}, {"a": (-1, 0)}):
        with pytest.raises(ValidationError):
            Places(dimension="d", places=places)


def test_codes_without_a_place_stand_below_the_others():
    """Those of the map keep their order, moved to the corner; the rest follow in rows, none on top of another."""
    places = Places(dimension="d", places={"a": (3, 2), "b": (4, 3), "z": (0, 0)})
    laid = places.laid(["x", "b", "a", "y", "w"])
    assert laid == {"a": (0, 0), "b": (1, 1), "x": (0, 2), "y": (1, 2), "w": (0, 3)}
    assert Places(dimension="d").laid(list("abcdefg"))["g"] == (1, 1)


def test_every_status_looks_and_reads_differently_on_the_map(words):
    """A hidden, an unreliable, an undelivered, an impossible and a zero tile share neither look nor words; none is shaded."""
    cells = {status: Cell(None, status) for status in STATUSES[1:]} | {"zero": Cell("0.0000", "shown"), "some": SHOWN}
    items = [Item(code, "Namn") for code in cells]
    laid = {code: (place, 0) for place, code in enumerate(cells)}
    drawn = tile_map("m", cells, items, laid, [Decimal("0.05")], {}, words)
    assert [tile.look for tile in drawn.tiles] == [*STATUSES[1:], "zero", "shade-2"]
    assert len({tile.figure for tile in drawn.tiles}) == len({tile.spoken for tile in drawn.tiles}) == len(cells)


def test_short_names_of_tiles_are_told_apart(words):
    """On a narrow screen a name is its beginning; two that begin alike have their ends too. The list has both whole."""
    names = ["Umeå", "Robertsfors", "Norra inlandet", "Norra innerstaden"]
    cells = dict.fromkeys(names, SHOWN) | {"Umeå": HIDDEN}
    laid = {name: (place, 0) for place, name in enumerate(names)}
    drawn = tile_map("m", cells, [Item(name, name) for name in names], laid, (), {}, words)
    assert [tile.short for tile in drawn.tiles] == ["Umeå", "Roberts.", "Norr\u2026det", "Norr\u2026den"]
    assert [tile.sign for tile in drawn.tiles][:2] == ["..", "8,0\u00a0%"]
    assert drawn.listed[0] == ("Umeå", words("status.hidden.mark"))
    assert [name for name, _ in drawn.listed] == names


def test_tiles_are_reached_in_the_order_in_which_they_stand(words):
    """Row by row from west to east, whatever order the code list has."""
    laid = {"a": (1, 1), "b": (0, 1), "c": (0, 0)}
    drawn = tile_map("m", dict.fromkeys(laid, SHOWN), [Item(code, code) for code in laid], laid, (), {}, words)
    assert [tile.lines for tile in drawn.tiles] == [("c",), ("b",), ("a",)]


def test_shades_part_the_shown_shares_evenly_at_readable_bounds():
    """Five shades of about as many shares each, at whole halves of a percentage point; alike shares have one."""
    shares = [f"{0.02 + place / 1000:.4f}" for place in range(50)]
    bounds = bounds_between(shares)
    assert len(bounds) == 4
    assert all(bound % Decimal("0.005") == 0 for bound in bounds)
    counts = [sum(low <= Decimal(s) < high for s in shares) for low, high in zip((0, *bounds), (*bounds, 1), strict=True)]
    assert min(counts) >= 5
    assert bounds_between(["0.0300", "0.0300", "0.0000"]) == bounds_between([]) == ()


def test_the_map_needs_no_script_and_hidden_tiles_all_say_the_same(site):
    """Tiles are links with words of their own; what a hidden one says beside its name is one sentence, without a digit."""
    text = (site / "karta.html").read_text("utf-8")
    tiles = re.findall(r'<a class="tile-([\w-]+)" href="(kommun-\d+\.html)" aria-label="([^"]+)">', text)
    assert len(tiles) == 15
    said = {spoken.split(": ", 1)[1] for look, _, spoken in tiles if look == "hidden"}
    assert len(said) == 1
    assert not re.search(r"\d", said.pop())
    assert {look for look, _, _ in tiles} >= {"hidden", "shade-1"}


def test_the_maps_of_all_school_years_share_their_shades_and_lead_to_each_other(site):
    """Each school year has a page with its map; the legend is the same on all, and the current year is marked."""
    pages = sorted(site.glob("karta-*.html"))
    assert len(pages) == 6
    legends = set()
    for page in pages:
        text = page.read_text("utf-8")
        legends |= set(re.findall(r"Andel, delad.*?ingen alls|Andel, delad.*?eller mer", text, re.DOTALL))
        assert text.count('aria-current="page">20') == 1
        assert set(re.findall(r'href="(karta-[^"]+)"', text)) == {other.name for other in pages}
    assert len({re.sub(r"\s+", " ", re.sub("<[^>]+>", "", legend)).split("eller mer")[0] for legend in legends}) == 1


def test_intervals_are_wilsons():
    """They agree with scipy's, and a share is outside the limits just when the whole is outside its interval."""
    for count, base in ((0, 12), (3, 40), (17, 50), (250, 6000), (9, 9)):
        low, high = wilson(count / base, base)
        expected = binomtest(count, base).proportion_ci(0.95, "wilson")
        assert math.isclose(low, expected.low, abs_tol=1e-6)
        assert math.isclose(high, expected.high, abs_tol=1e-6)
        for whole in (0.01, 0.04, 0.2, 0.4):
            for z in (Z_95, Z_998):
                within = around(whole, base, z)
                inner = wilson(count / base, base, z)
                assert (within[0] <= count / base <= within[1]) == (inner[0] <= whole <= inner[1])


def test_the_funnel_shows_what_is_shown_and_tells_who_is_outside(words):
    """A municipality without share or pupils is no point; each of the others is told by its distance from the county."""
    whole = Cell("0.0400", "shown")
    base = Cell("1000", "shown")
    places = [
        ("Mitt", Cell("0.0400", "shown"), base), ("Nära", Cell("0.0550", "shown"), base),
        ("Långt", Cell("0.0900", "shown"), base),
        ("Skyddad", HIDDEN, base), ("Okänd", SHOWN, HIDDEN),
    ]  # fmt: skip
    drawn = points(whole, places)
    assert [(point.label, point.kind) for point in drawn] == [("Mitt", "inside"), ("Nära", "between"), ("Långt", "outside")]
    said = " ".join(verdicts(drawn, words))
    assert said.index("Långt") < said.index("Nära") < said.index("1 av de 3")
    assert "Skyddad" not in str(funnel(Decimal(whole.value), "Länet", drawn, words))
    assert points(HIDDEN, places) == []


@pytest.mark.parametrize("least", [79, 83, 211, 5])
def test_the_line_of_the_county_begins_within_the_funnel(words, least):
    """Its name stands at its first point, and a point that is rounded out of the axis has none."""
    drawn = points(Cell("0.0400", "shown"), [("a", SHOWN, Cell(str(least), "shown")), ("b", SHOWN, Cell("4321", "shown"))])
    made = funnel(Decimal("0.04"), "Länet", drawn, words)
    level = next(trace for trace in made["data"] if trace["mode"] == "lines+text")
    low, high = made["layout"]["xaxis"]["range"]
    assert all(low <= math.log10(x) <= high for x in level["x"])


def multiples_of(values: dict[str, list[str | None]], pooled: dict[tuple[str, str], Cell], words: Words):
    rows, columns = tuple(Item(year, year) for year in YEARS), tuple(Item(code, code) for code in values)
    cells = {
        (year, code, "share"): Cell(value, "shown" if value else "hidden")
        for code, found in values.items()
        for year, value in zip(YEARS, found, strict=True)
    }
    grid = Grid(rows, columns, ("share",), cells, {}, "school_year", "home_municipality")
    return multiples(grid, columns[0], pooled, {"a": "a.html"}, words)


def test_small_multiples_share_one_scale(words):
    """The same share stands at the same height in every chart, and no point stands outside its chart."""
    county = ["0.0400"] * 4
    drawn = multiples_of({"Total": county, "a": ["0.0400", "0.0910", "0.0500", "0.0400"], "b": county}, {}, words)
    (first, second) = drawn.panels
    assert first.dots[0][1] == second.dots[0][1]
    assert all(0 < y <= drawn.size[2] for panel in drawn.panels for _, y in panel.dots)
    assert (first.href, second.href) == ("a.html", "")
    assert "10\u00a0%" in drawn.scale


def test_a_school_year_that_is_not_shown_is_a_gap_and_a_sign(words):
    """No line crosses it, no point stands for it, and what is spoken holds no figure of it."""
    drawn = multiples_of({"Total": ["0.0400"] * 4, "a": ["0.0400", None, "0.0600", "0.0500"]}, {}, words)
    (panel,) = drawn.panels
    assert [len(line.split()) for line in panel.lines] == [2]
    assert len(panel.dots) == 3
    assert [status for _, status in panel.signs] == ["hidden"]
    assert panel.spoken.endswith("Skyddad: 2015/16.")
    nothing = multiples_of({"Total": ["0.0400"] * 4, "a": [None] * 4}, {}, words)
    assert not re.search(r"\d", nothing.panels[0].spoken)


def test_pooled_years_stand_in_for_those_that_are_not_shown_and_no_others(words):
    """A level line is drawn over hidden years where the window is shown, never for years that are all shown."""
    early, late = "2014/15..2016/17", "2015/16..2017/18"
    values = {"Total": ["0.0400"] * 4, "a": [None, None, None, "0.0500"], "b": ["0.0300"] * 4, "c": [None, None, None, None]}
    pooled = {(window, code): Cell("0.0450", "shown") for window in (early, late) for code in "abc"}
    pooled[early, "c"] = HIDDEN
    a, b, c = multiples_of(values, pooled, words).panels
    assert len(a.pooled) == 1
    assert b.pooled == ()
    assert len(c.pooled) == 1
    assert a.pooled[0][0] < c.pooled[0][0]
    assert "4,5\u00a0%" in a.spoken


def test_small_multiples_are_told_in_words(words):
    """The county's line, the highest and lowest of the last school year, how many it shows none of, and pooled years."""
    values = {"Total": ["0.0400"] * 4, "a": ["0.0400", None, "0.0600", "0.0500"], "b": ["0.0300"] * 4, "c": [None] * 4}
    pooled = {("2014/15..2016/17", "c"): Cell("0.0450", "shown")}
    assert list(multiples_of(values, pooled, words).sentences) == [
        "Total: 4,0\u00a0% 2014/15, 4,0\u00a0% 2017/18.",
        "2017/18: högst av det som visas: a, 5,0\u00a0%. Lägst: b, 3,0\u00a0%.",
        "Visas inte för 2017/18: 1 av 3 kommuner (skyddad: 1).",
        "Kommuner där tre läsår sammanslagna visas i stället: 1.",
    ]


def test_places_are_data(contracts):
    """No municipality stands in the code that draws the map."""
    names = yaml.safe_load((contracts.folder / "map.yaml").read_text("utf-8"))["places"]
    code = "".join(file.read_text("utf-8") for file in Path("dashboards").rglob("*.py"))
    assert not [name for name in names if name in code]
