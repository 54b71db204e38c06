"""What a reader waits for: how heavy each kind of page is, how soon its first chart is there, how soon a choice is drawn.

``python -m tests.benchmarks pages`` builds the site of a small county and of a nation of 290 municipalities, and opens main
pages in headless Chromium from the file system: a line each, the median of several times. The weight is the page and its own
data, without the one script that all pages share; an empty page with that script alone is the floor of each site. The first
chart is the first one that shows its figures and has been painted, as a still or by the script; all charts are there when
the script has drawn each, so that it answers; a redraw is from a choice to its chart.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from avbrott.registry import Contracts, load_contracts
from dashboards.site import build_site
from tests.browser.conftest import FLAGS
from tests.browser.ensure import found
from tests.large_release import nation
from tests.mini_release import write_mini_release

TIMES = 3
PAGES = ("index", "trender", "kommuner", "karta", "sida-vid-sida", "leveranser")
HEAD = f"{'site':<8}{'page':<18}{'kB':>7}{'first chart ms':>16}{'all charts ms':>15}{'redraw ms':>11}"

_WATCH = """() => {
  const charts = '.still, .drawn svg, [data-figure] .main-svg, [data-part=plot] .main-svg, body > svg:not([aria-hidden])';
  const seen = () => [...document.querySelectorAll(charts)].some(
    one => one.checkVisibility({visibilityProperty: true}) && one.getBoundingClientRect().height);
  const look = () => requestAnimationFrame(seen() ? () => { window.firstChart = performance.now(); } : look);
  look();
}"""
"""Notes in the page itself when the frame after the one that has a chart begins: the one that has it is painted then."""
_FIRST = "() => window.firstChart"
_ALL = "() => [...document.querySelectorAll('[data-figure]')].every(one => one.querySelector('.main-svg'))"
_NOW = "() => performance.now()"
_REDRAW = """async () => {
  const plot = document.querySelector('[data-part=plot]');
  const box = document.querySelector('#explorer [name=intervals], #explorer input[type=checkbox]');
  const took = [];
  for (let time = 0; time < 6; time++) {
    const drawn = new Promise(done => plot.once('plotly_afterplot', done));
    const begun = performance.now();
    box.click();
    await drawn;
    took.push(performance.now() - begun);
  }
  return took.slice(1);
}"""
"""Show or hide how far chance reaches, over and over; the first time warms up."""


@dataclass(frozen=True, slots=True)
class Waited:
    """One page: its weight in bytes, and milliseconds."""

    site: str
    page: str
    weight: int
    first: float
    every: float
    redraw: float | None

    def __str__(self) -> str:
        redraw = f"{self.redraw:11.0f}" if self.redraw is not None else f"{'-':>11}"
        return f"{self.site:<8}{self.page:<18}{self.weight / 1000:7.0f}{self.first:16.0f}{self.every:15.0f}{redraw}"


def main() -> None:
    """Print a line a page."""
    chromium = found()
    if chromium is None:
        print("no Chromium: make browser installs one")
        return
    contracts = load_contracts()
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, promised in (("county", contracts), ("nation", nation(contracts))):
            for waited in waits(browser, name, promised, Path(folder) / name):
                print(waited, flush=True)
        browser.close()


def waits(
    browser: Browser, name: str, contracts: Contracts, folder: Path, pages: tuple[str, ...] = PAGES
) -> Iterator[Waited]:
    """Build a site under ``folder`` and measure its ``pages``; the script alone comes first, as the floor."""
    write_mini_release(folder, contracts)
    site = folder / "site"
    build_site(folder, contracts, site)
    floor = site / "floor.html"
    shared = '<script src="static/plotly.min.js"></script><svg></svg>'
    floor.write_text(f"<!doctype html><title>floor</title>{shared}", "utf-8")
    for page in ("floor", *pages):
        yield _waited(browser, name, site / f"{page}.html")


def _waited(browser: Browser, name: str, file: Path) -> Waited:
    first, every, redraw = [], [], []
    for _ in range(TIMES):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.add_init_script(f"({_WATCH})()")
        first.append(_until(page, file, _FIRST))
        page.wait_for_function(_ALL)
        every.append(float(page.evaluate(_NOW)))
        if page.query_selector("#explorer"):
            page.wait_for_selector("[data-part=plot] .main-svg")
            redraw += page.evaluate(_REDRAW)
        context.close()
    median = statistics.median
    return Waited(name, file.stem, _weight(file), median(first), median(every), median(redraw) if redraw else None)


def _until(page: Page, file: Path, shown: str) -> float:
    """Milliseconds from asking for the page until ``shown``, which says when it came about."""
    page.goto(file.as_uri(), wait_until="commit")
    return float(page.wait_for_function(shown).json_value())


def _weight(file: Path) -> int:
    own = re.findall(r'src="((?:\.\./)?data/[^"]+)"', file.read_text("utf-8"))
    return file.stat().st_size + sum((file.parent / one).stat().st_size for one in own)
