"""Pages of one reader each in a real browser: axe-core finds nothing, they fit a narrow screen, print, and fetch nothing."""

import json
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from avbrott.delivery.coverage import pulled_terms
from avbrott.expectations.docs import data_docs, own_frames
from avbrott.home import Home
from dashboards import build_provider_pages, build_school_pages
from tests.browser.conftest import listened
from tests.browser.test_accessibility import AXE, FOUND, LOOKS
from tests.provider_pages_case import checked_county, written

pytestmark = pytest.mark.xdist_group("browser")

DAY = date(2014, 9, 1)
SCHOOL = "Gammplatsbackensochförsamlingsbyns naturbruksgymnasium"
YEARS = ("2011/12", "2012/13", "2013/14")
CODES = {"Total": "Alla", "no_dropout": "Inget avbrott", "stayed": "Kvar", "dropout": "Avbrott"}


def school_figures(folder: Path) -> None:
    """A school of a long name, one year of which was not delivered; too few others to be compared with at last."""
    rows = [
        {"school_year": year, "outcome": code, "measure": measure, "value": value if year != YEARS[1] else None,
         "status": "shown" if year != YEARS[1] else "not_delivered"}
        for year in YEARS
        for code in CODES
        for measure, value in (("persons", "120"), ("share", "0.0750"))
    ]  # fmt: skip
    window = f"{YEARS[0]}..{YEARS[-1]}"
    pooled = [{**row, "school_year": window, "value": row["value"] or "9", "status": "shown"} for row in rows[:8]]
    compared = [
        {"school_year": window, "outcome": "dropout", "schools": None, "quartiles": None},
    ]
    labels = {code: {"sv": label, "en": label} for code, label in CODES.items()}
    years = {year: {"sv": year, "en": year} for year in (*YEARS, window)}
    content = {
        "format": 1,
        "system": "pupils",
        "school": {"code": "99000001", "name": SCHOOL},
        "labels": {"outcome": labels, "school_year": years},
        "tables": {"school_outcomes": rows, "school_comparison": pooled},
        "county": {"school_outcomes": rows, "school_comparison": pooled},
        "compared": {"school_outcomes": [], "school_comparison": compared},
    }
    file = folder / "schools" / "99000001" / "figures.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(content), "utf-8")


def deliveries(folder: Path) -> Path:
    """A release that says of deliveries that the newest are those of spring 2014: 2013/14 is preliminary."""
    (folder / "tables").mkdir()
    (folder / "datapackage.json").write_text("{}", "utf-8")
    rows = ["provider,term,extract,measure,value,status", "2480,VT2014,enrolments,delivered,1,shown"]
    (folder / "tables" / "coverage.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def pages(contracts, tmp_path_factory) -> list[Path]:
    """Every page of the largest provider, of one whose delivery was refused, and of a school."""
    home = Home(tmp_path_factory.mktemp("county"))
    checked_county(home, contracts)
    private = tmp_path_factory.mktemp("privat åäö")
    written(private, home, contracts)
    school_figures(private)
    docs = data_docs(own_frames(home, contracts, pulled_terms(home)), contracts)
    build_provider_pages(private, contracts, DAY, docs)
    build_school_pages(private, contracts, DAY, deliveries(tmp_path_factory.mktemp("release")))
    wanted = ("2480", "2404", "fri-ripan", "99000001")
    return sorted(file for file in private.rglob("*.html") if file.parent.name in wanted)


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing(browser: Browser, pages: list[Path], look: str):
    """On any page for one reader, in any look; and each is quiet."""
    assert len(pages) >= 10
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, **LOOKS[look][0])
    page = context.new_page()
    heard = listened(page)
    found = {}
    for file in pages:
        page.goto(file.as_uri())
        page.evaluate(AXE)
        violations = page.evaluate(FOUND, LOOKS[look][1])
        if violations:
            found[f"{file.parent.name}/{file.name}"] = violations
    context.close()
    assert found == {}
    assert heard.requests == []


def test_at_320_pixels_nothing_scrolls_sideways(browser: Browser, pages: list[Path]):
    """Neither with a long name of a school: it is divided."""
    context = browser.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    heard = listened(page)
    wide = {}
    for file in pages:
        page.goto(file.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            wide[f"{file.parent.name}/{file.name}"] = width
    context.close()
    assert wide == {}
    assert heard.errors == []


def test_fewer_schools_than_may_be_compared_are_not_counted(browser: Browser, pages: list[Path]):
    """The page says fewer than ten, and no number."""
    page = browser.new_page()
    for name, says in (("index.html", "färre än 10"), ("en.html", "fewer than 10")):
        page.goto(next(file for file in pages if file.parent.name == "99000001" and file.name == name).as_uri())
        assert says in page.locator("main").inner_text()
    page.close()


def test_a_preliminary_year_of_a_school_is_marked_as_such(browser: Browser, pages: list[Path]):
    """In its tables, and in its figures by a ring; years before are not, and what the mark means is said.

    Numbers of pupils along the last figure are round ones.
    """
    page = browser.new_page()
    page.goto(next(file for file in pages if file.parent.name == "99000001" and file.name == "index.html").as_uri())
    heads = page.locator("tbody th").all_inner_texts()
    assert heads == ["2011/12", "2012/13", "2013/14 (prel.)", *["2011/12..2013/14 (prel.)"] * 2]
    years, pooled, funnel = (page.locator("figure").nth(place) for place in range(3))
    assert [years.locator(f"circle.sketch-{kind}").count() for kind in ("dot", "open")] == [1, 1]
    assert [one.locator("circle.sketch-open").count() for one in (pooled, funnel)] == [1, 1]
    assert funnel.locator("text").all_text_contents()[-4:] == ["50", "100", "150", "200"]
    assert "sena rapporter kan saknas" in page.locator("main").inner_text()
    page.close()


def test_every_figure_is_told_in_words_and_in_a_table(browser: Browser, pages: list[Path]):
    """Each block with a figure has its summary and its table, of schools and providers, in both languages."""
    page, found = browser.new_page(), 0
    for file in pages:
        page.goto(file.as_uri())
        for block in page.locator("section.block:has(figure)").all():
            assert block.locator("p.summary strong").first.inner_text() in ("I korthet", "In short"), file
            assert block.locator("p.summary").first.inner_text().rstrip().endswith("."), file
            assert block.locator("tbody tr").count(), file
            found += 1
    page.close()
    assert found > 10


def test_a_page_prints_as_it_is(browser: Browser, pages: list[Path]):
    """Tables are not cut off on paper: nothing scrolls there, and the note that it is private is printed."""
    page = browser.new_page(viewport={"width": 674, "height": 900})
    page.emulate_media(media="print")
    for file in pages:
        page.goto(file.as_uri())
        assert page.locator(".warning").is_visible()
        cut = "() => [...document.querySelectorAll('.scroll')].some(e => getComputedStyle(e).overflowX !== 'visible')"
        assert not page.evaluate(cut)
    page.close()
