"""Charts before and after their script is there: the still stands first, shows what the script will, and gives way."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import listened
from tests.browser.test_accessibility import AXE, FOUND

pytestmark = pytest.mark.xdist_group("browser")

PAGES = ("trender", "kommuner", "kommun-2481", "orsaker-och-atergang", "overgangar", "leveranser", "karta")
PLOTS = "[data-figure], .explorer:not([hidden]) [data-part=plot]"
HEIGHTS = f"() => [...document.querySelectorAll('{PLOTS}')].map(p => [p.dataset.figure, p.offsetHeight])"
DRAWN = f"() => [...document.querySelectorAll('{PLOTS}')].every(p => p.querySelector('.main-svg'))"
"""Each figure of a page, the tool's own among them."""


@pytest.fixture(scope="module")
def halted(site: Path, tmp_path_factory) -> Path:
    """The site as it is while plotly.js has not come: without it."""
    folder = tmp_path_factory.mktemp("halted")
    shutil.copytree(site.parent, folder / "release")
    (folder / "release" / "site" / "static" / "plotly.min.js").write_text("", "utf-8")
    return folder / "release" / "site"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def begun(page: Page, halted: Path, address: str) -> None:
    """Open a page that plotly.js does not come to, and let its own scripts run."""
    page.goto("about:blank")
    page.goto(f"{(halted / address.partition('#')[0]).as_uri()}#{address.partition('#')[2]}".rstrip("#"))
    if page.locator("#explorer").count():
        page.wait_for_selector("#explorer[data-shown]")


@pytest.mark.parametrize("width", [360, 1280])
def test_each_still_is_seen_and_is_as_high_as_the_chart_that_takes_its_place(browser, site, halted, width):
    """Every chart of the kinds of figure there are, on a narrow and a wide screen; none is left when the script has drawn."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    heard = listened(page)
    for name in PAGES:
        begun(page, halted, f"{name}.html")
        stills = page.locator(f":is({PLOTS}) > .still")
        assert stills.count() == page.locator(PLOTS).count() > 0
        assert all(still.is_visible() for still in stills.all()), name
        before = page.evaluate(HEIGHTS)
        page.goto((site / f"{name}.html").as_uri())
        page.wait_for_function(DRAWN)
        assert page.evaluate(HEIGHTS) == before, name
        assert page.locator(".still").count() == 0
    context.close()
    assert heard.errors == []
    assert heard.requests == []


def test_without_javascript_the_stills_are_the_charts(browser, site):
    """They are seen, the page says what they are, and of lines to choose among the drawn ones alone are listed."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "kommuner.html").as_uri())
    assert page.locator(".still").count() == page.locator("[data-figure]").count() == 3
    assert all(still.bounding_box()["height"] > 100 for still in page.locator(".still").all())
    listed = page.locator("[data-legend=compare_municipalities] li:visible")
    assert listed.count() == 3
    drawn = page.locator("[data-figure=compare_municipalities] .still g[color]").all()
    colours = {one.get_attribute("color").removeprefix("var(--series-").rstrip(")") for one in drawn}
    swatches = {one.get_attribute("class").rpartition("-")[2] for one in listed.locator(".swatch").all()}
    assert swatches == colours == {"1", "2", "3"}
    expect(page.locator("noscript .note").first).to_contain_text("stillbilder")
    context.close()


@pytest.mark.parametrize(
    ("address", "plot"),
    [
        ("kommuner.html#choose.compare_municipalities=2481", "compare_municipalities"),
        ("trender.html#table=returns&measure=share&line=Total,within_12", None),
    ],
)
def test_an_address_that_says_a_choice_shows_no_still_of_another(page, halted, address, plot):
    """Its place is kept; charts that nobody chooses in stand as they do. Without the choice the still is there again."""
    begun(page, halted, address)
    own = f"[data-figure={plot}]" if plot else "[data-part=plot]"
    expect(page.locator(f"{own} > .still")).to_be_hidden()
    assert page.locator(own).bounding_box()["height"] > 200
    others = page.locator(".block:not(:has([data-choose]), .explorer) .still")
    assert others.count() > 0
    assert all(still.is_visible() for still in others.all())
    begun(page, halted, address.partition("#")[0])
    expect(page.locator(f"{own} > .still")).to_be_visible()


def test_a_choice_made_before_the_script_is_there_hides_the_still(page, halted):
    """A reader who ticks a box at once sees no chart of something else; the first chart of the page stays."""
    begun(page, halted, "kommuner.html")
    page.check("[data-legend=compare_municipalities] [data-series='2481'] input")
    expect(page.locator("[data-figure=compare_municipalities] > .still")).to_be_hidden()
    expect(page.locator("[data-figure=latest_municipalities] > .still")).to_be_visible()


def test_a_picture_can_be_saved_when_the_chart_is_drawn_and_not_before(page, site, halted):
    """The buttons stand there from the beginning, so that nothing moves when they can be pressed."""
    begun(page, halted, "kommun-2481.html")
    saving = page.locator(".save button")
    assert saving.count() == 2 * page.locator("[data-figure]").count()
    assert not any(button.is_enabled() for button in saving.all())
    page.goto((site / "kommun-2481.html").as_uri())
    page.wait_for_function(DRAWN)
    assert all(button.is_enabled() for button in saving.all())


def test_no_sign_of_a_still_is_missing_and_no_name_runs_into_another(browser, halted):
    """Every sign that is drawn is defined on its page; names along an axis and beside bars have room at 360 px."""
    context = browser.new_context(viewport={"width": 360, "height": 900})
    page = context.new_page()
    for name in (*PAGES, "en/causes-and-returns", "en/deliveries"):
        begun(page, halted, f"{name}.html")
        missing, crossing, outside = page.evaluate(
            """() => {
              const over = (a, b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
              const crossing = [], outside = [];
              for (const still of document.querySelectorAll('.still')) {
                if (!still.checkVisibility()) continue;
                const names = '.still-names > text, .still-side text, .still-goals text, .still-rows span';
                const seen = [...still.querySelectorAll(names)]
                  .filter(one => one.textContent && one.getClientRects().length);
                const boxes = seen.map(one => one.getBoundingClientRect());
                boxes.forEach((one, at) => boxes.slice(at + 1).forEach((other, place) => {
                  if (over(one, other)) crossing.push([seen[at].textContent, seen[at + 1 + place].textContent]);
                }));
                const beyond = boxes.map(one => one.left < 0 || one.right > innerWidth);
                outside.push(...seen.filter((_, at) => beyond[at]).map(one => one.textContent));
              }
              const uses = [...document.querySelectorAll('.still use')].map(one => one.getAttribute('href'));
              return [uses.filter(one => !document.querySelector(one)), crossing, outside];
            }"""
        )
        assert (missing, crossing, outside) == ([], [], []), name
    context.close()


@pytest.mark.parametrize("look", [{"color_scheme": "light"}, {"color_scheme": "dark", "forced_colors": "active"}])
def test_axe_finds_nothing_while_the_stills_stand(browser, halted, look):
    """A still is within its chart, which is a picture with a name."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, **look)
    page = context.new_page()
    found = {}
    for name in PAGES:
        begun(page, halted, f"{name}.html")
        page.evaluate(AXE)
        found |= {name: violations} if (violations := page.evaluate(FOUND, [])) else {}
    context.close()
    assert found == {}


def test_paper_has_the_stills_where_the_script_has_not_come(browser, halted):
    """A reader in dark mode prints at once: stills are in the colours of paper, and no wider than it."""
    context = browser.new_context(viewport={"width": 680, "height": 900}, color_scheme="dark")
    page = context.new_page()
    begun(page, halted, "kommun-2481.html")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    still = page.locator("[data-figure] > .still").first
    assert still.is_visible()
    colour = still.evaluate("one => getComputedStyle(one.querySelector('g[color]')).color")
    assert colour == "rgb(11, 83, 148)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    context.close()
