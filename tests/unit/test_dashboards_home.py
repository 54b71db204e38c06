"""The first page of a release: its headline figures, what chance makes of them, and what the release's files say of it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from avbrott.texts import load_texts
from dashboards.grids import Source
from dashboards.layout import Tile, load_layout
from dashboards.pages.context import Context
from dashboards.pages.home import home_page
from dashboards.pages.series import preliminary_years
from dashboards.pages.tiles import tile_view
from dashboards.places import load_places
from dashboards.released import Cell, Released, Table, read_release
from dashboards.words import Words
from tests.mini_release import write_mini_release

YEARS = [f"{year}/{year + 1 - 2000}" for year in range(2014, 2020)]


@pytest.fixture(scope="module")
def folder(contracts, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    write_mini_release(folder, contracts)
    return folder


def context(contracts, released: Released, language="sv") -> Context:
    layout = load_layout(contracts.folder)
    words = Words(language, load_texts(contracts.folder, "site"))
    return Context(
        contracts, layout, released, words, Source(released, layout, language, {}), places=load_places(contracts.folder)
    )


def facts(contracts, folder: Path, language="sv") -> dict[str, list[str]]:
    here = context(contracts, read_release(folder), language)
    return dict(home_page(here, here.layout.page("start")).values["facts"])


def test_the_facts_are_those_of_the_releases_own_files(contracts, folder):
    """Date, school years, coverage, what is preliminary, and what came to, was filled in and was revised since the last."""
    said = facts(contracts, folder)
    assert said["Publicerad"] == ["2020-12-31"]
    assert said["Läsår"] == ["2014/15–2019/20 (ungdomar, elever)"]
    assert re.fullmatch(r"\d+ av \d+ väntade utdrag har kommit och godkänts, från \d+ uppgiftslämnare\.", *said["Underlag"])
    (late,) = said["Preliminärt"]
    assert late.startswith("2019/20 (ungdomar, elever).")
    added, filled, revised = said["Sedan utgåvan 2019-12-13"]
    assert added == "Nytt: 2019/20 (ungdomar, elever)."
    assert filled.startswith("1\u00a0244 uppgifter")
    assert "Examen inom tre, fyra och fem år (1\u00a0203); Återgång inom tolv månader (41)" in filled
    assert revised == "7 uppgifter har reviderats: Avbrott efter orsak (7)."


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (None, {"Since the last release": ["This is the first release."]}),
        (
            {"release": "2019-12-13", "added": {"kaa": []}, "filled": {}, "revised": {}},
            {
                "Since the release of 2019-12-13": [
                    "No school year has been added.", "No published figure on persons has been revised.",
                ]
            },
        ),
        (
            {"release": "2019-12-13", "added": {"kaa": []}, "filled": {}, "revised": {}, "coverage": 3},
            {
                "Since the release of 2019-12-13": [
                    "No school year has been added.", "No published figure on persons has been revised.",
                    "Extracts whose delivery is now told otherwise than then (come, late or refused): 3.",
                ]
            },
        ),
        ("", {}),
    ],
)  # fmt: skip
def test_a_release_without_one_before_or_without_changes_says_so(contracts, folder, tmp_path, since, said):
    """The first release; one that changes nothing; and one that was made before releases told what changed."""
    shutil.copytree(folder, tmp_path / "release")
    package = tmp_path / "release" / "datapackage.json"
    content = json.loads(package.read_text("utf-8"))
    content["avbrott"].pop("since")
    package.write_text(json.dumps(content | {"avbrott": content["avbrott"] | ({} if since == "" else {"since": since})}))
    found = facts(contracts, tmp_path / "release", "en")
    assert {name: text for name, text in found.items() if name.startswith("Since")} == said


def test_a_year_is_preliminary_until_a_later_term_has_been_delivered(contracts, folder):
    """A year's outcome is read in the autumn after it: with spring 2020 as the newest term 2019/20 waits."""
    here = context(contracts, read_release(folder))
    tables = contracts.published
    assert preliminary_years(here, tables["dropouts_by_municipality"]) == {"2019/20"}
    assert preliminary_years(here, tables["dropouts_pooled"]) == {"2017/18..2019/20"}
    assert preliminary_years(here, tables["kaa_registrations"]) == {"2019/20"}
    assert preliminary_years(here, tables["agency_counts"]) == frozenset()


def tile(contracts, parts: list[int | None], measure="share", language="sv", **more) -> dict[str, str]:
    """The tile of dropouts where so many of 8 000 pupils left each year; None is hidden."""
    names = ("school_year", "home_municipality", "sex", "outcome")
    cells: dict[tuple[str, ...], Cell] = {}
    for year, part in zip(YEARS, parts, strict=True):
        at = (year, "Total", "Total")
        cells[(*at, "Total", "persons")] = Cell("8000", "shown")
        cells[(*at, "dropout", "persons")] = Cell(str(part), "shown") if part is not None else Cell(None, "hidden")
        cells[(*at, "dropout", "share")] = Cell(f"{part / 8000:.4f}", "shown") if part is not None else Cell(None, "hidden")
    table = Table("dropouts_by_municipality", names, cells)
    here = context(contracts, Released(Path(), {}, {table.name: table}, {}), language)
    return tile_view(here, Tile(id="dropout", table=table.name, at={"outcome": "dropout"}, measure=measure, **more), None)


def test_a_tile_says_what_chance_can_make_of_a_change_and_of_a_trend(contracts):
    """A small change is one that chance makes; years that fall steadily are a trend, with its bounds."""
    made = tile(contracts, [400, 380, 360, 340, 320, 300])
    assert made["change"] == "0,3 procentenheter lägre än 2018/19"
    assert made["chance"] == "Så stor skillnad kan slumpen ensam ge (95\u00a0% säkert: −0,8 till 0,3)."
    assert made["trend"].startswith(
        "Sedan 2014/15 minskar andelen, i genomsnitt 0,25 procentenheter per läsår (−0,40 till −0,10"
    )
    assert "no certain rise" in tile(contracts, [300, 310, 290, 305, 295, 302], language="en")["trend"]


def test_a_large_change_is_told_as_one_and_a_number_has_its_own_bounds(contracts):
    """Twice as many is more than chance; a number is compared as a number, and has no trend of shares."""
    assert tile(contracts, [300, 300, 300, 300, 300, 600])["chance"].startswith("Det är en större skillnad än slumpen")
    number = tile(contracts, [300, 300, 300, 300, 300, 310], "persons")
    assert number["chance"] == "Så stor skillnad kan slumpen ensam ge (95\u00a0% säkert: −38 till 58)."
    assert number["trend"] == ""
    assert tile(contracts, [300, 300, 300, 300, 300, 310], "persons", chance=False)["chance"] == ""


def test_a_change_that_rounds_to_nothing_is_none(contracts):
    """3.34 and 3.35 per cent are written 3.3 and 3.4, and nobody is told that one is 0.0 points higher."""
    assert tile(contracts, [300, 300, 300, 300, 267, 268])["change"] == "Oförändrat sedan 2018/19"
    assert tile(contracts, [300, 300, 300, 300, 267, 280])["change"] == "0,2 procentenheter högre än 2018/19"


def test_nothing_is_said_of_what_is_hidden(contracts):
    """A hidden latest year has no change and no chance; a hidden year before neither; trends come from shown years alone."""
    hidden = tile(contracts, [400, 380, 360, 340, 320, None])
    assert (hidden["cell"], hidden["change"], hidden["chance"]) == (Cell(None, "hidden"), "", "")
    before = tile(contracts, [400, 380, 360, 340, None, 300])
    assert (before["change"], before["chance"]) == ("2018/19: skyddad", "")
    assert tile(contracts, [None, 380, 360, 340, None, 300])["trend"] == ""
    assert "0,25 procentenheter per läsår" in tile(contracts, [400, 380, None, 340, 320, 300])["trend"]
