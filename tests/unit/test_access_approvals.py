"""Approvals: the log says what came of them, and they count as long as who gave them may approve."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import pytest

from avbrott import atomic
from avbrott.access import accounts, database
from avbrott.errors import BadInput
from avbrott.lock import hold, holding, let_go
from avbrott.registry import Contracts
from avbrott.release import approvals
from avbrott.upkeep.notices import look
from tests import access_case
from tests.access_case import Server, csrf_of


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    """The packaged contracts, by which two persons must approve."""
    return access_case.two_approve(tmp_path / "contracts")


@pytest.fixture
def hub(tmp_path: Path, contracts: Contracts) -> Server:
    """A hub of two releasers, where every system has been protected; what is in them is not looked at here."""
    hub = access_case.server(tmp_path / "home", contracts)
    for system in contracts.systems:
        hub.home.protected(system).mkdir(parents=True)
        (hub.home.protected(system) / "system.json").write_text("{}", "utf-8")
    return hub


def approve(hub: Server, who: str, digest: str | None = None):
    """Send the form of the page, or another digest."""
    found = digest or approvals.proposal(hub.home, hub.hall.contracts).digest
    form = {"csrf": csrf_of(hub.signed_in(who).get("/mine").text), "digest": found}
    return hub.signed_in(who).post("/proposal/approve", data=form)


def results(hub: Server) -> list[tuple[str, str]]:
    """What the log says of approvals."""
    lines = [json.loads(line) for line in hub.home.access_log.read_text("utf-8").splitlines()]
    return [(one["who"], one["result"]) for one in lines if one["event"] == "approval"]


def test_the_log_says_of_approvals_what_came_of_them(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused is what was not given, for whatever reason, also where it could not be kept. Another is waited for."""
    approve(hub, "bo", "0" * 64)
    assert results(hub) == [("bo", "refused")]
    atomic.private_folder(hub.home.approvals)
    monkeypatch.setattr(approvals, "_WAIT_SECONDS", 0.2)
    with holding(hub.home.approvals / ".lock") as is_held:
        assert is_held
        assert "Någon annan godkänner" in approve(hub, "bo").text
    assert results(hub)[1:] == [("bo", "refused")]
    monkeypatch.setattr(approvals, "_WAIT_SECONDS", 60.0)
    descriptor = hold(hub.home.approvals / ".lock")
    assert descriptor is not None
    other = Timer(1.0, let_go, (hub.home.approvals / ".lock", descriptor))
    other.start()
    assert approve(hub, "bo").status_code == 303
    other.join()
    assert results(hub)[2:] == [("bo", "done")]

    def full(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(approvals, "atomic", SimpleNamespace(write_json=full, private_folder=atomic.private_folder))
        assert approve(hub, "eva").status_code == 500
    assert results(hub)[3:] == [("eva", "done"), ("eva", "refused")]


def test_an_approval_that_cannot_be_noted_is_not_given(hub: Server, contracts: Contracts) -> None:
    """The page says that it is out of order."""
    digest = approvals.proposal(hub.home, contracts).digest

    def fails() -> None:
        raise BadInput("ACCESS_LOG_UNWRITABLE", file="x")

    with pytest.raises(BadInput, match="ACCESS_LOG_UNWRITABLE"):
        approvals.approve(hub.home, contracts, digest, "bo", fails)
    assert approvals.proposal(hub.home, contracts).approvals == ()


def test_an_approval_counts_as_long_as_its_account_may_approve(hub: Server, contracts: Contracts) -> None:
    """Not where it was closed since, or has another role; whom another service knows, that service answers for."""
    digest = approvals.proposal(hub.home, contracts).digest
    for who in ("bo", "eva"):
        assert approve(hub, who).status_code == 303
    approvals.refuse_unapproved(hub.home, contracts)
    accounts.disable(hub.home, "eva")
    with pytest.raises(BadInput, match="given=1"):
        approvals.refuse_unapproved(hub.home, contracts)
    with database.opened(hub.home) as file:
        file.execute("UPDATE accounts SET role = 'analyst' WHERE name = 'bo'")
    assert approvals.proposal(hub.home, contracts).approvals == ()
    for who in ("openid:1", "openid:2"):
        approvals.approve(hub.home, contracts, digest, who, lambda: None)
    approvals.refuse_unapproved(hub.home, contracts)


def test_health_tells_of_a_release_that_waits(hub: Server, contracts: Contracts) -> None:
    """As long as fewer have approved than must; nothing where nothing is proposed."""

    def told() -> list[dict[str, object]]:
        found = look(hub.home, contracts, date(2026, 1, 31))
        return [one.parameters for one in found.notices if one.code == "HEALTH_UNAPPROVED"]

    assert told() == [{"needed": 2, "given": 0}]
    approve(hub, "bo")
    assert told() == [{"needed": 2, "given": 1}]
    approve(hub, "eva")
    assert told() == []
    for system in contracts.systems:
        (hub.home.protected(system) / "system.json").unlink()
    assert told() == []
