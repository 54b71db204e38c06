"""A release that two persons must approve: it is not made before, and not made of anything else than what they approved."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from avbrott.access import accounts
from avbrott.access.accounts import Person
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts, load_contracts
from avbrott.release import approvals, ledger
from pipelines import headless
from tests import access_case
from tests.access_case import PASSWORD, Server, access_of, csrf_of

pytestmark = pytest.mark.xdist_group("demonstration")


@pytest.fixture
def contracts(tmp_path: Path) -> Contracts:
    """The packaged contracts, by which two persons must approve."""
    return access_case.two_approve(tmp_path / "contracts")


@pytest.fixture
def hub(demonstration: Home, tmp_path: Path, contracts: Contracts) -> Server:
    """The demonstration's home, with two releasers and an analyst."""
    home = Home(tmp_path / "home")
    shutil.copytree(demonstration.root, home.root, symlinks=True)
    hall = access_case.server(tmp_path / "other", contracts).hall
    for who in ("bo", "eva"):
        accounts.add(home, contracts, access_of(contracts), Person(who, "releaser"), PASSWORD)
    return Server(home, replace(hall, home=home))


def approve(hub: Server, who: str, digest: str | None = None):
    """Read the proposal and send its form, or another digest."""
    page = hub.signed_in(who).get("/proposal").text
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    form = {"csrf": csrf_of(page), "digest": digest or (found[1] if found else "none")}
    return hub.signed_in(who).post("/proposal/approve", data=form)


def test_a_release_waits_for_two_persons_and_is_then_made(hub: Server, contracts: Contracts) -> None:
    """One of them twice is one. Each approval is noted, before it is given."""
    before = ledger.releases(hub.home)
    with pytest.raises(BadInput, match="RELEASE_UNAPPROVED") as told:
        headless.release(hub.home, contracts)
    assert (told.value.parameters["needed"], told.value.parameters["given"]) == ("2", "0")
    page = hub.signed_in("bo").get("/proposal").text
    assert "Godkänn utgåvan" in page
    assert contracts.tables["dropouts_by_municipality"].title.sv in page
    assert approve(hub, "bo").status_code == 303
    assert "Du har godkänt" in hub.signed_in("bo").get("/proposal").text
    digest = approvals.proposal(hub.home, contracts).digest
    assert approve(hub, "bo", digest).status_code == 400
    with pytest.raises(BadInput, match="given=1"):
        headless.release(hub.home, contracts)
    assert ledger.releases(hub.home) == before
    assert approve(hub, "eva").status_code == 303
    headless.release(hub.home, contracts)
    assert len(ledger.releases(hub.home)) == len(before) + 1
    lines = [json.loads(line) for line in hub.home.access_log.read_text("utf-8").splitlines()]
    given = [(one["who"], one["result"], one["what"]) for one in lines if one["event"] == "approval"]
    assert given == [("bo", "done", digest), ("bo", "refused", digest), ("eva", "done", digest)]


def test_another_proposal_is_not_the_one_that_was_approved(hub: Server, contracts: Contracts) -> None:
    """Neither for who sends an old form, nor for the release: whatever changed, a word in the contracts too."""
    with pytest.raises(BadInput, match="RELEASE_UNAPPROVED"):
        headless.release(hub.home, contracts)
    old = approvals.proposal(hub.home, contracts).digest
    for who in ("bo", "eva"):
        assert approve(hub, who).status_code == 303
    assert approvals.proposal(hub.home, contracts).lacking == 0
    file = contracts.folder / "texts" / "site.yaml"
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    assert approvals.proposal(hub.home, contracts).lacking == 2
    with pytest.raises(BadInput, match="RELEASE_UNAPPROVED"):
        approvals.refuse_unapproved(hub.home, contracts)
    refused = approve(hub, "bo", old)
    assert refused.status_code == 400
    assert "har ändrats" in refused.text
    cells = hub.home.protected("pupils") / "cells.parquet"
    before = approvals.proposal(hub.home, contracts).digest
    cells.write_bytes(cells.read_bytes() + b"x")
    assert approvals.proposal(hub.home, contracts).digest != before


def test_a_policy_that_asks_for_nobody_holds_nothing_back(demonstration: Home) -> None:
    """The packaged one: the demonstration has its releases."""
    packaged = load_contracts()
    assert approvals.needed(packaged) == 0
    approvals.refuse_unapproved(demonstration, packaged)
    assert not demonstration.approvals.exists()
