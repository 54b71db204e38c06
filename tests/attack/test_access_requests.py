"""Requests that somebody made with ill: other paths, other hosts, other sites' forms, and signs that end a line."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from avbrott.access.addresses import behind
from avbrott.access.app import application
from avbrott.access.signing_in import MINE, safe_next
from avbrott.registry import Contracts
from tests.access_case import NEWEST, ORIGIN, PASSWORD, SECRET, Server, access_of, csrf_of, server, sign_in, with_access

ELSEWHERE = (
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2f%2fevil.example",
    "/\tevil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "/mine?next=//evil.example",
    "/mine#x",
    "mine",
    "",
    "/.//evil.example",
    "/x/../..//evil.example",
    "/" + "a" * 500,
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, contracts: Contracts) -> Server:
    return server(tmp_path_factory.mktemp("hub") / "home", contracts)


@pytest.mark.parametrize(
    "path",
    [
        "/releases/../secret.key",
        "/releases/%2e%2e/secret.key",
        "/releases/%2e%2e%2fsecret.key",
        "/releases/..%5csecret.key",
        "/releases/%252e%252e/secret.key",
        "/releases//etc/passwd",
        "/releases/.lock",
        "/releases/.staging/index.html",
        "/releases/.staging/",
        "/releases/current/../.lock",
        "/releases/current/../../secret.key",
        "/releases/current/%2e%2e/%2e%2e/secret.key",
        f"/releases/{NEWEST}/site/..%2f..%2f..%2fsecret.key",
        f"/releases/{NEWEST}/site/%00",
        f"/releases/{NEWEST}/site/index.html%00.css",
        f"/releases/{NEWEST}/" + "a/" * 40,
        f"/releases/{NEWEST}/" + "a" * 5000,
        "/releases/current/site/link.key",
        f"/releases/{NEWEST}/outside/secret.key",
    ],
)
def test_no_path_leads_out_of_the_public_files(hub: Server, path: str) -> None:
    """Nor to what is hidden among them, nor by a link that lies there; nothing fails by it."""
    for name, target in (("site/link.key", hub.home.root / "secret.key"), ("outside", hub.home.root)):
        link = hub.home.release(NEWEST) / name
        if not link.is_symlink():
            link.symlink_to(target)
    answer = hub.browser().get(path)
    assert answer.status_code in (301, 400, 404), answer.status_code
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    "rest",
    [
        "../99248201/index.html",
        "%2e%2e/99248201/index.html",
        "..%2f99248201%2findex.html",
        "%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret.key",
    ],
)
def test_no_path_leads_to_another_schools_page(hub: Server, rest: str) -> None:
    """From one's own."""
    answer = hub.signed_in("rut").get(f"/schools/{NEWEST}/99248001/{rest}")
    assert answer.status_code in (403, 404)
    assert SECRET not in answer.text


@pytest.mark.parametrize("path", ELSEWHERE)
def test_nobody_is_sent_to_another_server(hub: Server, path: str) -> None:
    """By the address to go on to, in the form or in the page's own address."""
    assert safe_next(path) == MINE
    browser = hub.browser()
    page = browser.get("/sign-in", params={"next": path})
    assert f'name="next" value="{MINE}"' in page.text
    assert sign_in(browser, "ada", onward=path).headers["location"] == MINE


@pytest.mark.parametrize("path", [f"/schools/{NEWEST}/99248001/", "/coverage", "/deliveries/2480/HT2025/receipt", "/"])
def test_a_path_of_this_server_is_gone_on_to(hub: Server, path: str) -> None:
    """After signing in."""
    assert sign_in(hub.browser(), "ada", onward=path).headers["location"] == path


def test_another_host_is_never_repeated(hub: Server) -> None:
    """Whatever the request says of where it is: in no address, cookie or page."""
    browser = hub.browser()
    for path in ("/", "/mine", "/sign-in", "/sign-in/", "/releases", f"/releases/{NEWEST}/site", "/mine/"):
        answer = browser.get(path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
        assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("sign", ["\r\nX-Evil: 1", "%0d%0aX-Evil:%201", "\nX-Evil: 1", "%E5%98%8A%E5%98%8DX-Evil:1"])
def test_no_line_is_put_into_the_headers(hub: Server, sign: str) -> None:
    """Through what is asked for, gone on to, or typed."""
    browser = hub.browser()
    answers = [
        browser.get(f"/releases/{NEWEST}/site{sign if '%' in sign else ''}"),
        browser.get("/sign-in", params={"next": f"/mine{sign}"}),
        browser.get(f"/schools/{NEWEST}/99248001/%0d%0aX-Evil:1"),
        sign_in(browser, f"ada{sign}", onward=f"/mine{sign}"),
        sign_in(hub.browser(), "ada", onward=f"/mine{sign}"),
    ]
    assert not [answer for answer in answers if "x-evil" in answer.headers]


def test_every_answer_says_what_browsers_must_know(hub: Server) -> None:
    """Also one that is an error, sent elsewhere, public or private."""
    for browser in (hub.browser(), hub.signed_in("rut")):
        for path in ("/", "/mine", "/nowhere", "/sign-in", f"/releases/{NEWEST}/site/", f"/schools/{NEWEST}/99248001/"):
            told = browser.get(path).headers
            assert "frame-ancestors 'none'" in told["content-security-policy"]
            assert told["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
            assert told["strict-transport-security"].startswith("max-age=31536000")
            assert told["x-content-type-options"] == "nosniff"
            assert told["referrer-policy"] == "same-origin"
            assert "server" not in told


def test_what_is_private_is_kept_nowhere(hub: Server) -> None:
    """No browser's or proxy's memory; what is public may be."""
    assert hub.signed_in("rut").get(f"/schools/{NEWEST}/99248001/").headers["cache-control"] == "no-store"
    assert hub.signed_in("rut").get("/mine").headers["cache-control"] == "no-store"
    assert hub.browser().get(f"/releases/{NEWEST}/site/").headers["cache-control"].startswith("public")


def test_cookies_are_of_this_host_over_tls_and_no_scripts(hub: Server) -> None:
    """Those of the form and of the session."""
    browser = hub.browser()
    told = [browser.get("/sign-in").headers["set-cookie"], *sign_in(browser, "ada").headers.get_list("set-cookie")]
    assert len(told) == 3
    for cookie in told:
        assert re.match(r"__Host-avbrott[a-z-]*=", cookie)
        assert {"Path=/", "HttpOnly", "Secure", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://a]b"},
        {"origin": ORIGIN + "/"},
        {"origin": "null", "host": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_no_form_of_another_site_is_taken(hub: Server, headers: dict[str, str]) -> None:
    """Though it had the secret."""
    browser = hub.signed_in("bo")
    form = {"csrf": csrf_of(browser.get("/mine").text), "digest": "x"}
    answer = browser.post("/proposal/approve", data=form, headers=headers)
    assert answer.status_code == 403
    assert "annan webbplats" in answer.text
    assert browser.post("/proposal/approve", data=form, headers={"origin": ORIGIN}).status_code == 400  # nothing is proposed


@pytest.mark.parametrize("charset", ["unicode_escape", "undefined", "punycode", "utf-16", "no-such", ""])
def test_a_form_in_other_signs_is_no_fault_of_the_server(hub: Server, charset: str) -> None:
    """It is the request that is wrong; browsers send forms as their page is."""
    browser = hub.browser()
    secret = csrf_of(browser.get("/sign-in").text)
    fields = {"csrf": secret, "name": "\\ud800", "password": "\\ud800"}
    parts = [f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    for said, status in ((charset, 400), ("UTF-8", 401)):
        kind = {"content-type": f'multipart/form-data; boundary=X; charset="{said}"'}
        assert browser.post("/sign-in", content="".join(parts) + "--X--\r\n", headers=kind).status_code == status


def test_who_goes_away_in_the_middle_is_no_fault_of_the_server(hub: Server, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is raised, which would be a traceback in the journal, and nothing is said to have failed."""
    kind = b"application/x-www-form-urlencoded"
    messages = iter([{"type": "http.request", "body": b"csrf=", "more_body": True}, {"type": "http.disconnect"}])
    scope = {
        "type": "http", "method": "POST", "path": "/sign-in", "raw_path": b"/sign-in", "query_string": b"", "scheme": "https",
        "root_path": "", "headers": [(b"content-type", kind)], "client": ("192.0.2.1", 1), "server": ("x", 443),
        "http_version": "1.1",
    }  # fmt: skip
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(application(hub.hall)(scope, receive, send))
    assert sent[0]["status"] == 400
    assert "PAGE_FAILED" not in "".join(capfd.readouterr())


@pytest.mark.parametrize("secret", ["", "x", "å", None])
def test_no_form_is_taken_without_its_secret(hub: Server, secret: str | None) -> None:
    """Of the session, or before there is one of the browser."""
    form = {} if secret is None else {"csrf": secret}
    answers = [
        hub.signed_in("bo").post("/proposal/approve", data={"digest": "x", **form}),
        hub.browser().post("/sign-in", data={"name": "ada", "password": PASSWORD, **form}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403]


def test_another_sessions_secret_is_none(hub: Server) -> None:
    """Nor the one of the form to sign in."""
    other = csrf_of(hub.signed_in("eva").get("/mine").text)
    assert hub.signed_in("bo").post("/proposal/approve", data={"csrf": other, "digest": "x"}).status_code == 403


def test_signing_in_begins_a_session_of_its_own(hub: Server) -> None:
    """A token that the browser had before is not the one that it has then, and ends."""
    browser = hub.browser()
    sign_in(browser, "ada")
    before = browser.cookies["__Host-avbrott"]
    sign_in(browser, "rut")
    assert browser.cookies["__Host-avbrott"] != before
    stranger = hub.browser()
    stranger.cookies.set("__Host-avbrott", before)
    assert stranger.get("/mine").status_code == 303
    stranger.cookies.set("__Host-avbrott", "chosen-by-somebody-else")
    assert stranger.get("/mine").status_code == 303


def test_a_wrong_sign_in_says_the_same_whatever_is_wrong(tmp_path: Path, contracts: Contracts) -> None:
    """No such account, a wrong password, a locked one, a closed one; the log knows which, and not what was typed."""
    hub = server(tmp_path / "home", contracts, access_of(contracts, failures=2))
    told = set()
    for who, password in (("ada", "x" * 20), ("nobody-there", "x" * 20), ("ada", "x" * 20), ("ada", PASSWORD), ("", "")):
        answer = sign_in(hub.browser(), who, password)
        assert answer.status_code == 401
        told.add(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(told) == 1
    lines = [json.loads(line) for line in hub.home.access_log.read_text("utf-8").splitlines()]
    assert [(line["result"], line["who"]) for line in lines] == [
        ("refused", "ada"), ("refused", ""), ("locked", "ada"), ("locked", "ada"), ("refused", ""),
    ]  # fmt: skip
    assert "nobody-there" not in hub.home.access_log.read_text("utf-8")


def test_too_many_attempts_are_told_so(hub: Server, contracts: Contracts) -> None:
    """With when to come again, and noted; also the right password is not tried."""
    limited = with_access(hub, access_of(contracts, by_address=3))
    answers = [sign_in(limited.browser("198.51.100.7"), "ada", "x" * 20).status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    last = sign_in(limited.browser("198.51.100.7"), "ada")
    assert (last.status_code, last.headers["retry-after"]) == (429, "600")
    assert sign_in(limited.browser("198.51.100.8"), "ada").status_code == 303


def test_what_is_limited_fills_no_log(hub: Server, contracts: Contracts) -> None:
    """One line a window, however often somebody comes back."""
    limited = with_access(hub, access_of(contracts, by_address=2))
    browser = limited.browser("198.51.100.77")
    assert [sign_in(browser, "ada", "x" * 20).status_code for _ in range(6)] == [401] * 2 + [429] * 4
    lines = [json.loads(line) for line in hub.home.access_log.read_text("utf-8").splitlines()]
    assert [one["result"] for one in lines if one["address"] == "198.51.100.77"] == ["refused"] * 2 + ["limited"]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("203.0.113.5:5555", "203.0.113.5"),
        ("2001:db8::5", "2001:db8::5"),
        ("<script>", "10.0.0.1"),
        ("fe80::1%<script>", "10.0.0.1"),
        ("unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_what_a_proxy_hands_on_is_an_address(hub: Server, said: str, address: str) -> None:
    """Or is not believed: anybody can send such a header through it."""
    app = behind(application(hub.hall), ["10.0.0.1"])
    browser = TestClient(app, base_url=ORIGIN, follow_redirects=False, client=("10.0.0.1", 50000))
    browser.headers["X-Forwarded-For"] = said
    sign_in(browser, "nobody-there", "x" * 20)
    line = hub.home.access_log.read_text("utf-8").splitlines()[-1]
    assert json.loads(line)["address"] == address


def test_an_error_of_the_program_tells_nothing_of_itself(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text may hold a row's value."""
    from avbrott.access import private

    def fails(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(private, "coverage", fails)
    answer = hub.signed_in("ada").get("/coverage")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST"])
def test_no_other_method_is_taken(hub: Server, method: str) -> None:
    """Of public files nor of pages."""
    for path in (f"/releases/{NEWEST}/site/", "/coverage", "/"):
        assert hub.browser().request(method, path).status_code == 405


def test_an_error_of_the_hub_names_no_file_of_it(hub: Server) -> None:
    """Its code alone: here nothing was pulled, and the message of that names the home."""
    answer = hub.signed_in("ada").get("/coverage")
    assert answer.status_code == 400
    assert "NOTHING_PULLED" in answer.text
    assert str(hub.home.root) not in answer.text
