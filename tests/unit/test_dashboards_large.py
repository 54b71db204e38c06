"""A site of 290 municipalities: no page grows with their number, and each municipality is found."""

import re
from pathlib import Path

import pytest

from dashboards.site import build_site
from tests.large_release import GROUPS, MUNICIPALITIES, nation
from tests.mini_release import write_mini_release

pytestmark = pytest.mark.xdist_group("large")

HEAVIEST = 150_000


@pytest.fixture(scope="module")
def site(contracts, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("nation")
    large = nation(contracts)
    write_mini_release(folder, large)
    build_site(folder, large, folder / "site")
    return folder / "site"


def test_every_page_is_light(site):
    """With its data each page stays within the weight that one of a county has."""
    heavy = {}
    for file in site.rglob("*.html"):
        text = file.read_text("utf-8")
        data = [file.parent / name for name in re.findall(r'src="((?:\.\./)?data/[^"]+)"', text)]
        weight = file.stat().st_size + sum(one.stat().st_size for one in data)
        if weight > HEAVIEST:
            heavy[file.name] = weight
    assert heavy == {}


def test_a_page_of_many_municipalities_shows_the_groups_and_leads_to_a_page_of_each(site):
    """The page itself has the groups alone; each group's page has its municipalities, and leads to the others and back."""
    for page in ("kommuner", "karta", "sida-vid-sida", "aktivitetsansvaret", "myndigheter"):
        text = (site / f"{page}.html").read_text("utf-8")
        found = set(re.findall(rf'href="({page}-grp-\d+\.html)"', text))
        assert len(found) == GROUPS, page
        part = (site / f"{page}-grp-07.html").read_text("utf-8")
        assert set(re.findall(rf'href="({page}-grp-\d+\.html)"', part)) == found
        assert f'href="{page}.html"' in part
        assert ": Grupp 7</h1>" in part


def test_the_parts_hold_every_municipality_once(site):
    """Nobody is lost between the parts of the map, and nobody is on two."""
    tiles = [
        code
        for file in sorted(site.glob("karta-grp-*.html"))
        for code in re.findall(r'<a class="tile-[\w-]+" href="kommun-(\d+)\.html"', file.read_text("utf-8"))
    ]
    assert len(tiles) == len(set(tiles)) == MUNICIPALITIES


def test_every_municipality_is_in_the_list(site):
    """The list that leads to the pages has all, within a frame of its own."""
    text = (site / "kommuner.html").read_text("utf-8")
    frame = text.split('class="long"')[1].split("</section>")[0]
    assert len(set(re.findall(r'href="kommun-(\d+)\.html"', frame))) == MUNICIPALITIES


def test_a_map_of_a_school_year_has_parts_too(site):
    """The group's page of a school year leads back to the map of that year."""
    text = (site / "karta-2018-19-grp-07.html").read_text("utf-8")
    assert "2018/19: Grupp 7</h1>" in text
    assert '<p class="up"><a href="karta-2018-19.html">' in text
