"""An alert is taken by everybody who can be reached, and whoever did not take it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.upkeep.alerts import Failure, tell
from tests.servers.listening import MailServer
from tests.servers.raw import RawServer, head, page

FAILURE = Failure("release", "run", ("linked",), ("CODE",))
PROBLEMS = {
    "503": (head(b"Content-Length: 0", status=b"503 Down"), "HTTP 503"),
    "elsewhere": (head(b"Content-Length: 0", b"Location: /login", status=b"302 Found"), "HTTP 302"),
    "nowhere": (head(b"Content-Length: 0", b"Location: http://[", status=b"302 Found"), "HTTP 302"),
    "no text": (head(b"Content-Length: 0", b"Location: /\xff\xfe", status=b"301 Moved"), "HTTP 301"),
    "not changed": (head(status=b"304 Not Modified"), "HTTP 304"),
    "nothing": (b"", "ConnectionError"),
}


@pytest.fixture
def hook() -> Iterator[RawServer]:
    one = RawServer(page(b"ok"))
    yield one
    one.stop()


@pytest.fixture
def post() -> Iterator[MailServer]:
    one = MailServer()
    yield one
    one.shutdown()
    one.server_close()


@pytest.fixture
def home(hook: RawServer, post: MailServer, tmp_path: Path) -> Home:
    home = Home(tmp_path)
    (home.root / "hook").write_text(f"{hook.url}hooks/hemligt\n")
    mail = f"{{to: [drift@example.se], sender: avbrott@example.se, host: 127.0.0.1, port: {post.port}}}"
    home.alerts.write_text(f"webhook_file: hook\nmail: {mail}\n")
    return home


def test_everybody_is_told(home: Home, contracts: Contracts, post: MailServer, hook: RawServer) -> None:
    """By webhook and mail; one that answers that it has taken it, in whichever words, has."""
    for answer in (page(b"ok"), head(status=b"204 No Content")):
        hook.answer = answer
        assert tell(home, contracts, FAILURE) == 2
    assert (len(hook.asked), len(post.heard)) == (2, 2)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_webhook_that_did_not_take_it_keeps_no_mail_back(
    home: Home, contracts: Contracts, post: MailServer, hook: RawServer, name: str
) -> None:
    """It is told after the mail was sent, by its kind and without its address."""
    hook.answer, kind = PROBLEMS[name]
    with pytest.raises(BadInput, match="ALERT_WEBHOOK") as told:
        tell(home, contracts, FAILURE)
    assert told.value.parameters["kind"] == kind
    assert "hemligt" not in str(told.value)
    assert len(post.heard) == 1


def test_where_nobody_can_be_told_all_are_named(home: Home, contracts: Contracts, hook: RawServer) -> None:
    """Also an address that is none, and a sender that is two lines."""
    (home.root / "hook").write_text("http://[hemligt/\n")
    home.alerts.write_text(
        'webhook_file: hook\nmail: {to: [a@example.se], sender: "a@example.se\\nBcc: b", host: 127.0.0.1}\n'
    )
    with pytest.raises(BadInput, match="ALERT_WEBHOOK") as told:
        tell(home, contracts, FAILURE)
    assert [note.partition(" ")[0] for note in told.value.__notes__] == ["ALERT_MAIL"]
    assert hook.asked == []
