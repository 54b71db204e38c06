"""A check's page in a real browser, from the file system: narrow, wide and on paper, it shows all and asks for nothing."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from rich.console import Console

from avbrott.delivery.command import check_command
from avbrott.registry import Contracts
from tests.browser.conftest import listened

FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"
FAULTY = ("name_in_sex.csv", "duplicated_key.csv", "semicolons.csv", "code_of_a_group.csv", "empty_file.csv")
CONTRAST = """() => {
  const lit = c => { const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = c.match(/[0-9.]+/g).map(Number); return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  return Math.min(...[...document.querySelectorAll('h1, h2, h3, p, dt, dd, li, span, code')].map(
    e => 1.05 / (lit(getComputedStyle(e).color) + 0.05)));
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Path:
    """The page of several faulty files."""
    file = tmp_path_factory.mktemp("en rapport") / "rapport.html"
    files = [FIXTURES / name for name in FAULTY]
    check_command(files, contracts, contract="enrolments", report=file, console=Console(file=io.StringIO()))
    return file


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_and_stands_alone(report: Path, browser: Browser, width: int) -> None:
    """No sideways scrolling, no request, nothing said on the console, text that can be read on its ground."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    heard = listened(page)
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) >= 4.5
    assert page.evaluate("document.documentElement.lang") == "sv"
    assert heard.errors == []
    assert heard.requests == []
    page.close()


def test_headings_lead_through_the_page(report: Path, browser: Browser) -> None:
    """One for the page, one a file and one a finding, none skipped, each section called by its file."""
    page = browser.new_page()
    page.goto(report.as_uri())
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert levels.count(2) == len(FAULTY) == page.get_by_role("region").count()
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    page.close()


def test_the_page_prints_in_black_on_white(report: Path, browser: Browser) -> None:
    """Nothing is hidden on paper."""
    page = browser.new_page()
    page.goto(report.as_uri())
    seen = page.locator("article:visible").count()
    page.emulate_media(media="print")
    assert page.locator("article:visible").count() == seen >= len(FAULTY)
    page.close()
