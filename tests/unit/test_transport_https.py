"""What a web server that is broken, or means ill, can answer: an error of its own place, soon, and little of it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from socket import socket

import pytest

from avbrott.transport import https
from avbrott.transport.address import HttpsAddress
from avbrott.transport.https import HttpsTarget
from avbrott.transport.target import Access, Patience
from tests.servers.case import refused
from tests.servers.raw import RawServer, head, page


@pytest.fixture
def server() -> Iterator[RawServer]:
    one = RawServer()
    yield one
    one.stop()


@pytest.fixture
def target(server: RawServer) -> HttpsTarget:
    return HttpsTarget(HttpsAddress(server.url), Access(patience=Patience(5, 5, ())))


@pytest.mark.parametrize("content", ["", "\n", "two\nlines", "{\n}", "a b", "\u00e5"])
def test_a_token_that_is_none_is_told_as_that(server: RawServer, tmp_path: Path, content: str) -> None:
    """As a file of something else is: not as a server that could not be reached. What stands in it is not told."""
    (tmp_path / "token").write_text(content, "utf-8")
    access = Access(patience=Patience(5, 5, ()), token=tmp_path / "token")
    told = refused(lambda: HttpsTarget(HttpsAddress(server.url), access), "HTTPS_TOKEN_UNREADABLE")
    assert told.parameters == {"file": str(tmp_path / "token")}


def test_a_name_with_signs_of_control_is_none(server: RawServer, target: HttpsTarget) -> None:
    """It would lead to an error of the system, or do something on a screen."""
    odd = (b"a%00b", b"%1b[2J", b"%0a%0dq", b"%7f", b"%c2%85", b"%e2%80%ae", b"..%2fx", b"%2e%2e")
    names = [b"VT2025/", b"%c3%a5%20b.zip.age", *(one + b".zip.age" for one in odd), *(one + b"/" for one in odd)]
    server.answer = page(b"".join(b'<a href="%s">x</a>' % one for one in names))
    there = target.listing("")
    assert (there.folders, list(there.files)) == (("VT2025",), ["å b.zip.age"])


@pytest.mark.parametrize("length", [b"9" * 5000, b"-1", b"1e3", b"\xb2"])
def test_a_length_that_is_none_promises_nothing(server: RawServer, target: HttpsTarget, length: bytes) -> None:
    """However many digits it has."""
    server.answer = head(b"Content-Length: " + length)
    assert target.size("VT2025/x") is None


@pytest.mark.parametrize("body", [b"<![x]>", b'<a href="&#' + b"9" * 5000 + b'">'])
def test_a_page_that_is_no_html_is_no_listing(server: RawServer, target: HttpsTarget, body: bytes) -> None:
    """The place is told, and what was wrong by its kind alone."""
    server.answer = page(body)
    assert refused(lambda: target.listing(""), "TARGET_FAILED").parameters["kind"] == "listing"


@pytest.mark.parametrize("place", [b"http://[", b"/\xff\xfe", b"http://a:99999999/", b"//", b"/elsewhere"])
def test_where_an_answer_leads_is_not_looked_at(server: RawServer, target: HttpsTarget, place: bytes) -> None:
    """Nor is anything asked for there."""
    server.answer = head(b"Content-Length: 0", b"Location: " + place, status=b"302 Found")
    assert refused(lambda: target.listing(""), "TARGET_FAILED").parameters["kind"] == "HTTP 302"
    assert server.asked == ["GET / HTTP/1.1"]


def test_the_rest_of_an_answer_that_leads_elsewhere_is_not_read(server: RawServer, target: HttpsTarget) -> None:
    """However much there is."""
    sent = [0]

    def without_end(connection: socket, method: str) -> None:  # noqa: ARG001  a server's form
        connection.sendall(head(b"Location: /x", status=b"302 Found"))
        for _ in range(200):
            connection.sendall(bytes(1 << 20))
            sent[0] += 1

    server.answer = without_end
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(lambda: target.listing(""), "TARGET_FAILED")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10
    assert sent[0] < 50


def test_an_answer_that_is_packed_is_not_unpacked(server: RawServer, target: HttpsTarget) -> None:
    """Nobody asked for it, and little becomes much."""
    server.answer = head(b"Content-Encoding: gzip", b"Content-Length: 4") + b"\x1f\x8b\x08\x00"
    assert refused(lambda: target.listing(""), "TARGET_FAILED").parameters["kind"] == "Content-Encoding"


def _piecewise(begun: bytes, piece: bytes) -> Callable[[socket, str], None]:
    """Something every fifth of a second, so that each single wait is short."""

    def answer(connection: socket, method: str) -> None:  # noqa: ARG001  a server's form
        with suppress(OSError):
            connection.sendall(begun)
            for _ in range(60):
                connection.sendall(piece)
                time.sleep(0.2)

    return answer


SLOW = {
    "head": _piecewise(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "one line of the head": _piecewise(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "not yet": _piecewise(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body with its length": _piecewise(head(b"Content-Length: 1000000"), b"x"),
    "body without its length": _piecewise(head(), b"x"),
    "in chunks": _piecewise(head(b"Transfer-Encoding: chunked"), b"1\r\nx\r\n"),
    "the size of a chunk": _piecewise(head(b"Transfer-Encoding: chunked"), b"0"),
}


@pytest.mark.parametrize("part", SLOW)
def test_a_server_that_always_sends_a_little_is_ended(server: RawServer, part: str) -> None:
    """The time is of the whole answer, and what had come is not taken for all there is."""
    server.answer, patience = SLOW[part], Patience(connect_seconds=5, answer_seconds=1, pauses=())
    target, began = HttpsTarget(HttpsAddress(server.url), Access(patience=patience)), time.monotonic()
    assert refused(lambda: target.read("VT2025/x", 1 << 20), "TARGET_LOST").parameters["kind"] == "Timeout"
    assert time.monotonic() - began < 5


def test_more_names_than_are_looked_at_are_counted_first(server: RawServer, target: HttpsTarget) -> None:
    """Nothing is asked of any of them; of as many as are looked at, of each."""
    server.answer = page(b"".join(b'<a href="%d">x</a>' % number for number in range(4)))
    refused(lambda: target.listing("VT2025", 3), "LAID_TOO_MANY")
    assert server.asked == ["GET /VT2025/ HTTP/1.1"]
    assert len(target.listing("VT2025", 4).files) == 4
    assert len(server.asked) == 6


def test_being_told_of_files_slowly_has_an_end(
    server: RawServer, target: HttpsTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though each is told within its time."""
    monkeypatch.setattr(https, "_EACH_SECONDS", -2.0)
    server.answer = page(b'<a href="1">x</a><a href="2">x</a><a href="3">x</a>')
    refused(lambda: target.listing(""), "TARGET_LOST")
