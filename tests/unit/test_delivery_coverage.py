"""What was expected and what came of it: members alone, each by its own period."""

from __future__ import annotations

from pathlib import Path

import yaml

from avbrott.delivery.coverage import awaited
from avbrott.delivery.pull import pull_many
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts

BEFORE, AFTER = Term("VT", 2016), Term("HT", 2016)
"""The last term in which Malå (2418) is a member before a year outside, and the first outside."""


def test_only_members_are_awaited(tmp_path: Path, contracts: Contracts) -> None:
    """A municipality that has left is missed by nobody; a member that sent only what no contract knows has sent something."""
    home = Home(tmp_path)
    sources = {}
    for number, supplier in enumerate(contracts.suppliers.suppliers):
        if supplier.id == "2418":
            continue
        sources[supplier.id] = {"folder": f"providers/{supplier.id}/outbox", "plain": True}
        for term in (BEFORE, AFTER):
            outbox = home.outbox(supplier.id, str(term))
            outbox.mkdir(parents=True)
            (outbox / ("notes.txt" if number == 0 else f"{supplier.extracts[0]}.csv")).write_text("x\n")
    home.sources.write_text(yaml.safe_dump({"sources": sources}))
    assert {delivery.term for delivery in awaited(home, contracts, [BEFORE, AFTER])} == {BEFORE, AFTER}
    pull_many(home, contracts, {term: list(sources) for term in (BEFORE, AFTER)})
    found = awaited(home, contracts, [BEFORE, AFTER])
    assert [(delivery.provider, delivery.term) for delivery in found] == [("2418", BEFORE)]
