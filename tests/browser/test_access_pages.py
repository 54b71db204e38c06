"""The pages of access: axe-core finds nothing in any look, also where something was typed wrong, and they fit 320 px."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from avbrott.registry import Contracts
from tests import access_case
from tests.access_case import PASSWORD
from tests.browser.test_accessibility import AXE, FOUND, LOOKS
from tests.servers.hub import HubServer

pytestmark = pytest.mark.xdist_group("browser")

PAGES = {
    "dag": ("/mine", "/mine/password", "/deliveries/2480", "/schools/current/99248001/"),
    "bo": ("/mine",),
    "ada": ("/coverage",),
}
"""By who is signed in; the data owner's last is a school's, which is refused. A proposal needs a hub that has protected."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Iterator[str]:
    """A hub on loopback with an account of each role; browsers take its cookies from ``localhost`` without TLS."""
    hub = access_case.server(tmp_path_factory.mktemp("hub") / "home", contracts)
    server = HubServer(hub.home.root)
    server.start()
    yield f"http://localhost:{server.port}"
    server.stop()


def _sign_in(page: Page, address: str, who: str, password: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("[name=name]", who)
    page.fill("[name=password]", password)
    page.click("main button")
    page.wait_for_load_state()


def _tried(page: Page, look: str) -> list[str]:
    """What axe-core finds on a page, and whether it scrolls sideways at 320 px."""
    page.evaluate(AXE)
    found: list[str] = page.evaluate(FOUND, LOOKS[look][1])
    page.set_viewport_size({"width": 320, "height": 600})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found if wide <= 320 else [*found, f"{wide} px wide"]


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_on_the_pages_of_access(browser: Browser, address: str, look: str) -> None:
    """The form to sign in, every refusal, and what each role comes to."""
    found = {}
    for who, paths in PAGES.items():
        context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True, **LOOKS[look][0])
        page = context.new_page()
        _sign_in(page, address, who, "wrong")
        assert page.locator("form").count() == 1
        found[f"{who}, wrong password"] = _tried(page, look)
        _sign_in(page, address, who, PASSWORD)
        assert page.url == f"{address}/mine"
        for path in paths:
            page.goto(f"{address}{path}")
            found[f"{who} {path}"] = _tried(page, look)
        context.close()
    assert {name: violations for name, violations in found.items() if violations} == {}
