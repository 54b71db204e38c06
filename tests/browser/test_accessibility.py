"""axe-core finds nothing on any page in light, dark and forced colours; the keyboard reaches everything; pages fit 320 px."""

from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.xdist_group("browser")

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
"""Run by the browser's own inspector: the page's policy lets no foreign script in."""

FOUND = """async rules => {
  const only = rules.length ? {runOnly: rules} : {};
  const found = await axe.run(document, {resultTypes: ['violations'], ...only});
  return found.violations.map(one => `${one.id}: ${one.nodes.length} (${one.nodes[0].html.slice(0, 120)})`);
}"""

OF_COLOURS = ["color-contrast", "link-in-text-block"]

LOOKS = {
    "light": ({"color_scheme": "light"}, []),
    "dark": ({"color_scheme": "dark"}, OF_COLOURS),
    "forced colours": ({"color_scheme": "dark", "forced_colors": "active"}, OF_COLOURS),
}
"""How the browser is set, and which rules are tried; none: all. The other rules judge alike in every look.

Colours are the same in both languages, so they alone are tried on the Swedish pages."""

NARROW = (320, 360)
"""A screen of 1280 pixels at 400 %, and a small telephone, to which the page is widened."""
REDRAWN = 200
"""So many milliseconds after a screen has become wider each chart is as wide as it."""


def settled(page: Page, file: Path) -> None:
    page.goto(file.as_uri())
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-figure]')].every(p => p.querySelector('.main-svg'))"
        " && (!document.getElementById('explorer') || document.getElementById('explorer').dataset.shown !== undefined)"
    )


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_any_page(browser: Browser, pages: list[Path], look: str):
    """Every rule of axe-core: those of WCAG 2.1 A and AA, and its best practices."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, **LOOKS[look][0])
    page = context.new_page()
    found, rules = {}, LOOKS[look][1]
    for file in (one for one in pages if not rules or one.parent.name != "en"):
        settled(page, file)
        page.evaluate(AXE)
        violations = page.evaluate(FOUND, rules)
        if violations:
            found[file.relative_to(file.parents[1]).as_posix()] = violations
    context.close()
    assert found == {}


def test_on_a_narrow_screen_no_page_scrolls_sideways(browser: Browser, pages: list[Path]):
    """Everything is within the screen's width, wide tables in their own frames."""
    context = browser.new_context()
    page = context.new_page()
    wide = []
    for file in pages:
        for width in NARROW:
            page.set_viewport_size({"width": width, "height": 2 * width})
            if width == NARROW[0]:
                settled(page, file)
            else:
                page.wait_for_timeout(REDRAWN)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((file.name, width))
    context.close()
    assert wide == []


@pytest.mark.parametrize("name", ["index.html", "trender.html", "kommun-2481.html", "kommuner.html"])
def test_the_keyboard_alone_reaches_every_control_and_table(browser: Browser, site: Path, name: str):
    """Tab comes to each link, list, box, button and table on the page, each with a visible ring, and never gets stuck."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    settled(page, site / name)
    wanted = page.evaluate(
        """() => {
          const seen = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')].filter(
            it => it.checkVisibility({visibilityProperty: true}) && !it.disabled && it.tabIndex >= 0
              && !(it.type === 'radio' && !it.checked));
          seen.forEach((it, at) => { it.dataset.stop = at; });
          return seen.length;
        }"""
    )
    reached, unseen = set(), []
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const it = document.activeElement, style = getComputedStyle(it);
              const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
              return [it.dataset.stop, ring, it.outerHTML.slice(0, 90)];
            }"""
        )
        if stop[0] is None:
            continue
        reached.add(int(stop[0]))
        unseen += [] if stop[1] else [stop[2]]
    context.close()
    assert reached == set(range(wanted))
    assert unseen == []


def test_charts_wear_the_systems_own_colours_where_they_are_forced(browser: Browser, site: Path):
    """With forced colours lines and words of a chart are drawn in colours that stand out from the system's ground."""
    context = browser.new_context(forced_colors="active", color_scheme="dark")
    page = context.new_page()
    settled(page, site / "trender.html")
    drawn = page.evaluate(
        """() => {
          const plot = document.querySelector('[data-figure]');
          const probe = document.body.appendChild(document.createElement('span'));
          probe.style.cssText = 'color: CanvasText; background: Canvas; forced-color-adjust: none';
          return [plot.layout.font.color, getComputedStyle(probe).color, plot.data[0].line.color];
        }"""
    )
    context.close()
    assert drawn[0] == drawn[1]
    assert drawn[2].startswith("rgb(")
