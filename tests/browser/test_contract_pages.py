"""The pages of ``avbrott contracts docs`` in a real browser: on a telephone, on paper, with nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from avbrott.documentation.html import html_pages
from avbrott.documentation.pages import pages
from avbrott.documentation.words import Words
from tests.browser.conftest import listened

pytestmark = pytest.mark.xdist_group("browser")

SHOWN = ["contracts/index.html", "contracts/extracts/enrolments.html", "contracts/releases/returns.html", "glossary.html"]


@pytest.fixture(scope="module")
def docs(contracts, tmp_path_factory) -> Path:
    """The pages, in a folder whose name has a space and an å."""
    folder = tmp_path_factory.mktemp("på disk")
    for name, text in html_pages(pages(contracts), Words(contracts.folder)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 360, "height": 740})
    yield opened
    opened.close()


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_fits_a_telephone(page: Page, docs: Path, name: str) -> None:
    """At 360 px nothing is wider than the screen, each cell says its column, and nothing is fetched or complained of."""
    heard = listened(page)
    page.goto((docs / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    wide = "[...document.querySelectorAll('main *')].filter(one => one.getBoundingClientRect().right > 361).length"
    assert page.evaluate(wide) == 0
    cells = page.locator("td:not(.empty)")
    if cells.count():
        label = cells.first.evaluate("cell => getComputedStyle(cell, '::before').content")
        assert str(cells.first.get_attribute("data-label")) in label
    assert heard.errors == []
    assert heard.requests == []


def test_a_page_is_a_table_on_paper(page: Page, docs: Path) -> None:
    """Whatever the screen: head rows are seen, ways around the site are not."""
    page.goto((docs / SHOWN[1]).as_uri())
    assert page.evaluate("getComputedStyle(document.querySelector('tr')).display") == "block"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"
    assert page.evaluate("getComputedStyle(document.querySelector('tbody tr')).display") == "table-row"
    assert page.evaluate("getComputedStyle(document.querySelector('header')).display") == "none"


def test_a_link_leads_to_a_term_and_back(page: Page, docs: Path) -> None:
    """From a field to its term, and from the glossary to the contracts."""
    page.goto((docs / SHOWN[1]).as_uri())
    page.locator("td a", has_text="Studievägskod").first.click()
    assert page.url.endswith("glossary.html#study_path")
    assert page.locator("#study_path").is_visible()
    page.locator("header a").first.click()
    assert page.url.endswith("contracts/index.html")
