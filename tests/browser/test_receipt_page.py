"""A receipt's page in a real browser, from the file system: narrow, wide and on paper, it shows all and asks for nothing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from avbrott.home import Home
from avbrott.receipts.receipt import receipt_names
from avbrott.registry import Contracts
from tests.browser.conftest import listened
from tests.browser.test_check_report import CONTRAST
from tests.receipt_case import ACCEPTED, BEFORE, PROVIDER, REFUSED, SET_ASIDE, TERM, deliver, receive

DELIVERIES = {"accepted": ACCEPTED, "set aside": SET_ASIDE, "refused": REFUSED}


@pytest.fixture(scope="module", params=DELIVERIES)
def receipt(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Path:
    """The page of a receipt, as it lies in its provider's place."""
    home = Home(tmp_path_factory.mktemp("ett kvitto"))
    for term, files in ((BEFORE, ACCEPTED), (TERM, DELIVERIES[request.param])):
        deliver(home, files | {"datapackage.json": '{"created": "2014-03-01"}'}, term=term)
        receive(home, contracts, term=term)
    return home.outbox(PROVIDER, str(TERM)).parent / "receipts" / str(TERM) / receipt_names(PROVIDER, TERM)[0]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_and_stands_alone(receipt: Path, browser: Browser, width: int) -> None:
    """No sideways scrolling, no request, nothing said on the console, text that can be read on its ground."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    heard = listened(page)
    page.goto(receipt.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) >= 4.5
    assert page.evaluate("document.documentElement.lang") == "sv"
    assert page.locator("h2").first.bounding_box()["y"] < 500
    assert heard.errors == []
    assert heard.requests == []
    page.close()


def test_headings_lead_through_the_page(receipt: Path, browser: Browser) -> None:
    """One for the page, then what became of it, what to do, the extracts, the findings; none skipped."""
    page = browser.new_page()
    page.goto(receipt.as_uri())
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert (levels.count(1), levels.count(2)) == (1, 4)
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    page.close()


def test_the_page_prints_whole(receipt: Path, browser: Browser) -> None:
    """Nothing is hidden on paper."""
    page = browser.new_page()
    page.goto(receipt.as_uri())
    shown = "article:visible, pre:visible, dl:visible, p:visible"
    seen = page.locator(shown).count()
    page.emulate_media(media="print")
    assert page.locator(shown).count() == seen > 10
    page.close()
