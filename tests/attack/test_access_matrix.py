"""Who is let in where: every route of the application, by every role, to what is her own and to what is others'.

The routes are those that the application has: one that is not in the table below fails, so that none is forgotten.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.routing import Route

from avbrott.access.app import build
from avbrott.registry import Contracts
from tests.access_case import NEWEST, ROLES_OF, SECRET, Server, csrf_of, server

EVERYBODY = ("nobody", *ROLES_OF)
SIGNED_IN = tuple(ROLES_OF)
RELEASERS = ("bo", "eva")
PUBLIC = f"/releases/{NEWEST}/site/index.html"

ALLOWED: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("GET", "/releases/{path:path}"): {PUBLIC: EVERYBODY, "/releases/current/downloads/all.csv": EVERYBODY},
    ("GET", "/"): {"/": EVERYBODY},
    ("GET", "/style.css"): {"/style.css": EVERYBODY},
    ("GET", "/openapi.json"): {"/openapi.json": EVERYBODY},
    ("GET", "/sign-in"): {"/sign-in": EVERYBODY},
    ("POST", "/sign-in"): {"/sign-in": EVERYBODY},
    ("POST", "/sign-out"): {"/sign-out": SIGNED_IN},
    ("GET", "/mine"): {"/mine": SIGNED_IN},
    ("GET", "/mine/password"): {"/mine/password": SIGNED_IN},
    ("POST", "/mine/password"): {"/mine/password": SIGNED_IN},
    ("GET", "/schools/{release}/{unit}/{file:path}"): {
        f"/schools/{NEWEST}/99248001/": ("rut",),
        f"/schools/{NEWEST}/99248201/index.html": ("ruben",),
        "/schools/current/99248001/": ("rut",),
        f"/schools/{NEWEST}/2480/": (),
        f"/schools/{NEWEST}/none/": (),
    },
    ("GET", "/providers/{release}/{provider}/{file:path}"): {
        f"/providers/{NEWEST}/2480/": ("dag",),
        f"/providers/{NEWEST}/2482/index.html": ("dora",),
        f"/providers/{NEWEST}/99248001/": (),
    },
    ("GET", "/coverage"): {"/coverage": ("ada", *RELEASERS)},
    ("GET", "/proposal"): {"/proposal": RELEASERS},
    ("POST", "/proposal/approve"): {"/proposal/approve": RELEASERS},
    ("GET", "/deliveries/{provider}"): {"/deliveries/2480": ("dag",), "/deliveries/2482": ("dora",), "/deliveries/none": ()},
    ("POST", "/deliveries/{provider}"): {"/deliveries/2480": ("dag",), "/deliveries/2482": ("dora",)},
    ("GET", "/deliveries/{provider}/{term}/receipt"): {
        "/deliveries/2480/HT2025/receipt": ("dag",),
        "/deliveries/2482/HT2025/receipt": ("dora",),
    },
}
"""By method and route, who is let in at which address."""

REFUSED = {401, 403}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Server:
    return server(tmp_path_factory.mktemp("hub") / "home", contracts)


def routes(hub: Server) -> set[tuple[str, str]]:
    """What the application has, by method and path."""
    found = set()
    for route in build(hub.hall).routes:
        assert isinstance(route, Route)
        found |= {(method, route.path) for method in route.methods or {"GET"} if method != "HEAD"}
    return found


def test_every_route_is_in_the_table(hub: Server) -> None:
    """A new one fails here until somebody says who is let in; one that is gone too."""
    assert routes(hub) == set(ALLOWED)


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize(
    ("method", "path", "address"), [(*route, address) for route, addresses in ALLOWED.items() for address in addresses]
)
def test_who_is_let_in(hub: Server, who: str, method: str, path: str, address: str) -> None:
    """As the table says: nobody else, and whoever is nobody is sent to the form. A refusal holds nothing of the page."""
    browser = hub.browser() if who == "nobody" else hub.signed_in(who)
    if method == "GET":
        answer = browser.get(address)
    else:
        page = browser.get("/sign-in" if who == "nobody" else "/mine")
        answer = browser.post(address, data={"csrf": csrf_of(page.text), "name": "nobody", "password": "a wrong one"})
        if address == "/sign-out":
            hub.clients.pop(who, None)
    is_sent_away = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    is_in = answer.status_code not in REFUSED - ({401} if address == "/sign-in" else set()) and not is_sent_away
    assert is_in == (who in ALLOWED[method, path][address]), answer.text
    assert answer.status_code != 500
    if not is_in:
        assert SECRET not in answer.text
        if who == "nobody" and method == "GET":
            assert is_sent_away


@pytest.mark.parametrize("who", SIGNED_IN)
def test_own_pages_are_those_that_my_page_leads_to(hub: Server, who: str) -> None:
    """Every link of it opens, and it leads to nobody else's."""
    browser = hub.signed_in(who)
    page = browser.get("/mine").text
    for kind, of in (("schools", "99248201"), ("providers", "2482")):
        assert (f'href="/{kind}/{NEWEST}/{of}/"' in page) == (ROLES_OF[who][1] == of)
    if ROLES_OF[who][0] in ("school_leader", "data_owner"):
        kind = {"school_leader": "schools", "data_owner": "providers"}[ROLES_OF[who][0]]
        assert SECRET in browser.get(f"/{kind}/{NEWEST}/{ROLES_OF[who][1]}/").text


def test_whether_a_page_is_there_is_not_told_to_those_without_a_right(hub: Server) -> None:
    """The answer is the same for a school that is there, one that is not, and none at all."""
    browser = hub.signed_in("rut")
    there, lacking = browser.get(f"/schools/{NEWEST}/99248201/"), browser.get(f"/schools/{NEWEST}/99999999/")
    assert (there.status_code, there.content) == (lacking.status_code, lacking.content)


def test_a_school_of_two_codes_is_one(hub: Server) -> None:
    """Where a policy says that codes are one reader's."""
    from dataclasses import replace

    from avbrott.access.accounts import Person
    from avbrott.access.guard import may

    policy = hub.hall.contracts.policies["default"]
    assert policy.pages is not None
    pages = policy.pages.model_copy(update={"together": (("99248001", "99248003"),)})
    changed = replace(
        hub.hall.contracts, policies={**hub.hall.contracts.policies, "default": policy.model_copy(update={"pages": pages})}
    )
    rut = Person("rut", "school_leader", "99248001")
    assert may(hub.hall.access, changed, rut, "school_pages", "99248003")
    assert not may(hub.hall.access, changed, rut, "school_pages", "99248002")
    assert not may(hub.hall.access, hub.hall.contracts, rut, "school_pages", "99248003")


def test_every_look_at_what_is_not_public_is_noted(tmp_path: Path, contracts: Contracts) -> None:
    """Also one that is refused; public pages are not."""
    import json

    hub = server(tmp_path / "home", contracts)
    browser = hub.signed_in("rut")
    browser.get(PUBLIC)
    browser.get(f"/schools/{NEWEST}/99248001/")
    browser.get(f"/schools/{NEWEST}/99248201/")
    browser.get("/coverage")
    told = [json.loads(line) for line in hub.home.access_log.read_text("utf-8").splitlines()]
    assert [(one["event"], one["result"], one["who"], one["what"]) for one in told] == [
        ("sign_in", "done", "rut", ""),
        ("view", "done", "rut", f"/schools/{NEWEST}/99248001/"),
        ("view", "refused", "rut", f"/schools/{NEWEST}/99248201/"),
        ("view", "refused", "rut", "/coverage"),
    ]


def test_nothing_is_shown_that_cannot_be_noted(tmp_path: Path, contracts: Contracts) -> None:
    """The page says that it is out of order."""
    hub = server(tmp_path / "home", contracts)
    browser = hub.signed_in("rut")
    hub.home.access_log.unlink()
    hub.home.access_log.mkdir()
    answer = browser.get(f"/schools/{NEWEST}/99248001/")
    assert answer.status_code == 503
    assert SECRET not in answer.text
