"""Many terms at once come to what one after the other comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.delivery.check import check_term
from avbrott.delivery.many import FEW, alone, check_terms
from avbrott.delivery.pull import pull_many
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term, terms_between
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate


def test_two_processes_find_what_one_finds(tmp_path: Path, contracts: Contracts) -> None:
    """The same outcomes in the same order, and the same bytes in the store."""
    home = Home(tmp_path)
    summary = generate(home, contracts, pupils=150, years=3)
    terms = terms_between(Term.parse(summary.terms[0]), Term.parse(summary.terms[-1]))
    wanted = {term: [supplier.id for supplier in contracts.suppliers.members(term)] for term in terms}
    assert len(wanted) > FEW
    pull_many(home, contracts, wanted)
    one_by_one = [outcome for term, providers in wanted.items() for outcome in check_term(home, contracts, term, providers)]
    before = {file: file.read_bytes() for file in home.store.rglob("*.parquet")}
    assert check_terms(home, contracts, wanted) == one_by_one
    assert {file: file.read_bytes() for file in home.store.rglob("*.parquet")} == before


def test_one_run_at_a_time_checks(tmp_path: Path) -> None:
    """Another waits, and is told when it has waited too long; what is held is let go with the block."""
    home = Home(tmp_path)
    with alone(home), pytest.raises(BadInput, match="CHECK_BUSY"), alone(home, 0):
        pytest.fail("two at once")
    with alone(home, 0):
        pass
