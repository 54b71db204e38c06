"""Somebody changes her own password: by her own form, with the one that she has, once, and nobody else does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from avbrott.access import accounts, log, sessions
from avbrott.access.accounts import Person
from avbrott.access.cookies import SESSION
from avbrott.registry import Contracts
from tests.access_case import PASSWORD, Server, access_of, csrf_of, server, sign_in, with_access

NEW = "annan ko i hagen"
PAGE = "/mine/password"
FIELDS = {"password": PASSWORD, "new": NEW, "again": NEW}


@pytest.fixture
def hub(tmp_path: Path, contracts: Contracts) -> Server:
    return server(tmp_path / "home", contracts)


def change(browser: TestClient, **fields: str):
    """Fill in the form and send it."""
    page = browser.get(PAGE)
    assert page.status_code == 200
    return browser.post(PAGE, data={"csrf": csrf_of(page.text), **FIELDS, **fields})


def events(hub: Server) -> list[tuple[str, str, str, str]]:
    told = [json.loads(line) for line in hub.home.access_log.read_text("utf-8").splitlines()]
    return [(one["event"], one["result"], one["who"], one["what"]) for one in told if one["event"] != "sign_in"]


def test_it_is_changed_and_every_session_ends(hub: Server) -> None:
    """In this browser and others; the new one signs in and the old one does not; it is noted, and no password anywhere."""
    other = hub.browser()
    sign_in(other, "dag")
    browser = hub.signed_in("dag")
    assert PAGE in browser.get("/mine").text
    answer = change(browser)
    assert answer.status_code == 200
    assert "Lösenordet är bytt" in answer.text
    assert SESSION not in browser.cookies
    for signed_out in (browser, other):
        assert signed_out.get("/mine").status_code == 303
    assert not [one for one in sessions.open_sessions(hub.home, hub.hall.access.session) if one.person.who == "dag"]
    assert sign_in(hub.browser(), "dag").status_code == 401
    form = {"csrf": csrf_of(answer.text), "name": "dag", "password": NEW, "next": "/mine"}
    assert browser.post("/sign-in", data=form).status_code == 303
    assert events(hub) == [("account", "done", "dag", "password")]
    assert log.verify(hub.home).lines == 5
    held = [file for file in hub.home.root.rglob("*") if file.is_file() and NEW.encode() in file.read_bytes()]
    assert held == []
    assert NEW not in answer.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "a wrong one"}, "är fel, eller kontot är låst"),
        ({"password": ""}, "är fel, eller kontot är låst"),
        ({"again": NEW + "x"}, "inte lika"),
        ({"new": "kort", "again": "kort"}, "tecken"),
        ({"new": "x" * 1001, "again": "x" * 1001}, "tecken"),
        ({"new": "dag och natt igen", "again": "dag och natt igen"}, "kontots namn"),
        ({"new": PASSWORD, "again": PASSWORD}, "det som du har"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_changed(hub: Server, fields: dict[str, str], said: str) -> None:
    """On the form, in both languages; she stays signed in."""
    browser = hub.signed_in("dag")
    answer = change(browser, **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert browser.get("/mine").status_code == 200
    assert accounts.try_password(hub.home, hub.hall.access, "dag", PASSWORD).person is not None
    wanted = [("account", "refused", "dag", "password")] if "password" in fields else []
    assert events(hub) == wanted


def test_nobody_else_changes_it(hub: Server) -> None:
    """Not by a form of another session's or site's, nor without one; the one who is named by a field is not looked at."""
    browser, other = hub.signed_in("dag"), hub.signed_in("rut")
    secret = csrf_of(other.get(PAGE).text)
    assert browser.post(PAGE, data={"csrf": secret, **FIELDS}).status_code == 403
    assert browser.post(PAGE, data=FIELDS).status_code == 403
    own = {"csrf": csrf_of(browser.get(PAGE).text), **FIELDS}
    assert browser.post(PAGE, data=own, headers={"Origin": "https://evil.example"}).status_code == 403
    assert hub.browser().post(PAGE, data=own).status_code == 403
    assert change(other, name="dag", who="dag").status_code == 200
    assert accounts.try_password(hub.home, hub.hall.access, "dag", PASSWORD).person is not None
    assert accounts.try_password(hub.home, hub.hall.access, "rut", NEW).person is not None


def test_it_cannot_be_tried_again_and_again(tmp_path: Path, contracts: Contracts) -> None:
    """By a session that somebody else has taken: wrong ones lock the account, and there is a limit besides."""
    hub = server(tmp_path / "home", contracts, access_of(contracts, failures=2))
    browser = hub.signed_in("dag")
    for _ in range(2):
        assert change(browser, password="a wrong one").status_code == 400
    assert change(browser).status_code == 400
    assert [result for _, result, *_ in events(hub)] == ["refused", "locked", "locked"]
    few = with_access(hub, access_of(contracts, by_account=3))
    assert sign_in(few.browser(), "eva").status_code == 303
    browser = few.signed_in("eva")
    assert change(browser, password="a wrong one").status_code == 400
    answer = change(browser)
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers
    assert accounts.try_password(hub.home, hub.hall.access, "eva", PASSWORD).person is not None


def test_who_is_signed_in_by_another_service_has_none_here(hub: Server) -> None:
    """She is told so; and an account of her name is not changed."""
    person = Person("dag", "data_owner", "2480")
    token = sessions.begin(hub.home, hub.hall.access.session, person, None)
    assert token is not None
    browser = hub.browser()
    browser.cookies.set(SESSION, token)
    assert PAGE not in browser.get("/mine").text
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert "genom din organisation" in page.text
    assert 'type="password"' not in page.text
    answer = browser.post(PAGE, data={"csrf": csrf_of(page.text), **FIELDS})
    assert (answer.status_code, "genom din organisation" in answer.text) == (400, True)
    assert accounts.try_password(hub.home, hub.hall.access, "dag", PASSWORD).person is not None


def test_an_account_that_was_closed_meanwhile_stays_closed(hub: Server) -> None:
    """Her new password opens nothing, and is not said to be one."""
    kept = accounts.try_password(hub.home, hub.hall.access, "dag", PASSWORD).kept
    accounts.disable(hub.home, "dag")
    assert not accounts.change_password(hub.home, hub.hall.access, "dag", kept, NEW, lambda: pytest.fail("noted"))
    assert accounts.try_password(hub.home, hub.hall.access, "dag", NEW).person is None
    accounts.set_password(hub.home, hub.hall.access, "dag", PASSWORD)
    assert accounts.try_password(hub.home, hub.hall.access, "dag", NEW).person is None


def test_what_cannot_be_noted_is_not_changed(hub: Server) -> None:
    """The page says that it is out of order."""
    browser = hub.signed_in("dag")
    page = browser.get(PAGE).text
    hub.home.access_log.unlink()
    hub.home.access_log.mkdir()
    assert browser.post(PAGE, data={"csrf": csrf_of(page), **FIELDS}).status_code == 503
    assert accounts.try_password(hub.home, hub.hall.access, "dag", PASSWORD).person is not None
