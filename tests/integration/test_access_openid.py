"""Signing in at a provider of OpenID Connect: a process on loopback that gives codes and signs tokens, right and wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import yaml
from starlette.testclient import TestClient

from avbrott.access.openid import person_of, read_provider
from avbrott.access.openid_settings import OpenId
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from tests import access_case
from tests.access_case import NEWEST, ORIGIN, SECRET, Server, access_of
from tests.servers.openid import CLIENT, OpenIdProvider
from tests.servers.openid import SECRET as CLIENT_SECRET

RULES = [
    {"claim": "groups", "value": "rektor", "role": "school_leader", "of": "school_unit"},
    {"claim": "groups", "value": "utgivare", "role": "releaser"},
]
RUT = {"sub": "4711", "groups": ["personal", "rektor"], "school_unit": "99248001"}
WAYS = ("issuer", "issuer of configuration", "audience", "expired", "nonce", "no nonce", "key", "unsigned")


def settings(issuer: str) -> dict[str, Any]:
    """The content of ``openid.yaml``."""
    return {"issuer": issuer, "client_id": CLIENT, "secret_file": "openid.secret", "address": ORIGIN, "rules": RULES}


@contextmanager
def hub_at(root: Path, contracts: Contracts, claims: dict[str, Any], wrong: str = "") -> Iterator[Server]:
    """A hub whose provider lets in whoever comes, with these claims."""
    provider = OpenIdProvider(claims, wrong)
    provider.start()
    try:
        one = access_case.server(root, contracts)
        one.home.openid.write_text(yaml.safe_dump(settings(provider.issuer)), "utf-8")
        (root / "openid.secret").write_text(CLIENT_SECRET + "\n", "utf-8")
        yield Server(one.home, replace(one.hall, provider=read_provider(one.home)))
    finally:
        provider.stop()


def sent_back(browser: TestClient, onward: str = "/mine") -> str:
    """Go to the provider and let it send back; the address that it sends to, without this server's name."""
    sent = browser.get("/sign-in/openid", params={"next": onward})
    assert sent.status_code == 303, sent.text
    back = httpx2.get(sent.headers["location"])
    assert back.status_code == 302
    assert back.headers["location"].startswith(f"{ORIGIN}/sign-in/back?")
    return back.headers["location"].removeprefix(ORIGIN)


def test_claims_give_a_role_and_its_object(tmp_path: Path, contracts: Contracts) -> None:
    """Who comes back is signed in, goes on to where she was going, and sees her own school's page alone; it is noted."""
    with hub_at(tmp_path / "home", contracts, RUT) as hub:
        browser = hub.browser()
        assert "/sign-in/openid" in browser.get("/sign-in").text
        own = f"/schools/{NEWEST}/99248001/"
        done = browser.get(sent_back(browser, own))
        assert (done.status_code, done.headers["location"]) == (303, own)
        assert SECRET in browser.get(own).text
        assert browser.get(f"/schools/{NEWEST}/99248201/").status_code == 403
        first = json.loads(hub.home.access_log.read_text("utf-8").splitlines()[0])
        assert (first["event"], first["who"], first["role"]) == ("sign_in", "openid:4711", "school_leader")


def test_coming_back_holds_once_and_in_the_same_browser(tmp_path: Path, contracts: Contracts) -> None:
    """Not for who was given the address, nor a second time, nor without it; a refusal signs nobody in."""
    with hub_at(tmp_path / "home", contracts, RUT) as hub:
        browser, stranger = hub.browser(), hub.browser()
        back = sent_back(browser)
        assert stranger.get(back).status_code == 403
        sent_back(stranger)
        assert stranger.get(back).status_code == 403
        assert browser.get(back).status_code == 303
        assert browser.get(back).status_code == 403
        for path in ("/sign-in/back", "/sign-in/back?code=x&state=y", "/sign-in/back?error=access_denied"):
            assert hub.browser().get(path).status_code == 403
        assert stranger.get("/mine").status_code == 303


@pytest.mark.parametrize("wrong", WAYS)
def test_a_token_that_does_not_hold_signs_nobody_in(tmp_path: Path, contracts: Contracts, wrong: str) -> None:
    """Another issuer, client, time, nonce or key, or no signature."""
    with hub_at(tmp_path / "home", contracts, RUT, wrong) as hub:
        browser = hub.browser()
        if wrong == "issuer of configuration":
            assert browser.get("/sign-in/openid").status_code == 400
            return
        assert browser.get(sent_back(browser)).status_code == 403
        assert "__Host-avbrott" not in browser.cookies
        assert browser.get("/mine").status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "1", "groups": ["personal"]},
        {"sub": "1"},
        {"sub": "1", "groups": "rektor", "school_unit": "99999999"},
        {"sub": "1", "groups": "rektor", "school_unit": ["99248001", "99248201"]},
        {"sub": "1", "groups": "rektor"},
    ],
)
def test_claims_that_no_rule_fits_sign_nobody_in(tmp_path: Path, contracts: Contracts, claims: dict[str, Any]) -> None:
    """Nor those of a school that is not known, or of several."""
    with hub_at(tmp_path / "home", contracts, claims) as hub:
        browser = hub.browser()
        assert browser.get(sent_back(browser)).status_code == 403
        assert browser.get("/mine").status_code == 303


def test_the_first_rule_that_fits_counts() -> None:
    """A text or a list of them; what is no text fits nothing."""
    found = OpenId.model_validate(settings("https://login.example.se"))
    both = person_of(found, {"sub": "1", "groups": ["utgivare", "rektor"], "school_unit": "99248001"})
    assert both is not None
    assert (both.who, both.role, both.of) == ("openid:1", "school_leader", "99248001")
    assert person_of(found, {"sub": "1", "groups": "utgivare"}) is not None
    for claims in ({"groups": "utgivare"}, {"sub": 1, "groups": "utgivare"}, {"sub": "a\nb", "groups": "utgivare"}):
        assert person_of(found, claims) is None
    assert person_of(found, {"sub": "1", "groups": [["utgivare"], 1, None]}) is None


def test_a_provider_that_does_not_answer_is_told_so(tmp_path: Path, contracts: Contracts) -> None:
    """The page says so, and no more; local accounts go on."""
    one = access_case.server(tmp_path / "home", contracts)
    one.home.openid.write_text(yaml.safe_dump(settings("http://127.0.0.1:9")), "utf-8")
    (one.home.root / "openid.secret").write_text("x", "utf-8")
    hub = Server(one.home, replace(one.hall, provider=read_provider(one.home)))
    assert hub.browser().get("/sign-in/openid").status_code == 400
    assert hub.signed_in("rut").get("/mine").status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rules": [{"claim": "groups", "value": "x", "role": "owner"}]}, "CONTRACT_INVALID"),
        ({"issuer": "login.example.se"}, "CONTRACT_INVALID"),
        ({"address": "https://a.example/b"}, "CONTRACT_INVALID"),
        ({"secret_file": "missing"}, "OPENID_SECRET"),
    ],
)
def test_settings_that_cannot_be_used_are_told_at_the_start(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    """With the file and its key."""
    home = Home(tmp_path)
    home.openid.write_text(yaml.safe_dump(settings("https://login.example.se") | change), "utf-8")
    with pytest.raises(BadInput, match=code):
        read_provider(home)


def test_what_was_agreed_is_of_each_visit(tmp_path: Path, contracts: Contracts) -> None:
    """Two browsers, two states and two challenges."""
    with hub_at(tmp_path / "home", contracts, RUT) as hub:
        asked = [parse_qs(urlsplit(hub.browser().get("/sign-in/openid").headers["location"]).query) for _ in range(2)]
        for name in ("state", "nonce", "code_challenge"):
            assert asked[0][name] != asked[1][name]


def test_coming_and_going_is_limited_by_address(tmp_path: Path, contracts: Contracts) -> None:
    """As passwords are: each way makes the server write, and one of them a line of the log."""
    with hub_at(tmp_path, contracts, RUT) as hub:
        few = access_case.with_access(hub, access_of(contracts, by_address=2))
        for path in ("/sign-in/openid", "/sign-in/back"):
            answers = [few.browser().get(path) for _ in range(4)]
            assert [answer.status_code for answer in answers[2:]] == [429, 429]
            assert 429 not in {answer.status_code for answer in answers[:2]}
            assert answers[-1].headers["retry-after"] == "600"
        assert few.browser("198.51.100.8").get("/sign-in/openid").status_code == 303
        lines = [json.loads(line) for line in hub.home.access_log.read_text("utf-8").splitlines()]
        assert [one["result"] for one in lines] == ["limited", "refused", "refused", "limited"]
