"""One delivery that is changed is taken up alone: what was delivered and accepted of the others is not written again."""

from __future__ import annotations

from pathlib import Path

from avbrott.delivery.check import check_term
from avbrott.delivery.pull import offered, pull_many
from avbrott.delivery.settled import waiting
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.write import write_receipts
from avbrott.registry import Contracts
from avbrott.synthetic.correct import correct
from avbrott.synthetic.generate import generate


def _written(home: Home) -> dict[str, int]:
    """When each file of the stages before linking was written."""
    layers = ("delivered", "accepted", "quarantine", "findings", "settled")
    files = [file for layer in layers for file in (home.store / layer).rglob("*") if file.is_file()]
    return {str(file.relative_to(home.store)): file.stat().st_mtime_ns for file in files}


def _take_up(home: Home, contracts: Contracts) -> list[tuple[str, Term]]:
    """Pull, check and answer what waits, as a run does; which partitions it was."""
    found = [(one.provider, one.term) for one in waiting(home, offered(home, contracts)[0])]
    wanted = {term: [provider for provider, of in found if of == term] for _, term in found}
    pull_many(home, contracts, wanted)
    for term, providers in wanted.items():
        check_term(home, contracts, term, providers)
    write_receipts(home, contracts, wanted)
    return found


def test_what_is_before_linking_is_made_anew_for_one_provider_and_term(tmp_path: Path, contracts: Contracts) -> None:
    """The partition of the provider's term, and no other one; and nothing waits afterwards."""
    home = Home(tmp_path)
    generate(home, contracts, pupils=300, years=1, seed=3, flaws="none")
    assert len(_take_up(home, contracts)) > 40
    before = _written(home)
    provider, term = correct(home, contracts).split()
    assert _take_up(home, contracts) == [(provider, Term.parse(term))]
    after = _written(home)
    assert before.keys() == after.keys()
    anew = {name for name in after if after[name] != before[name]}
    own = {name for name in after if provider in name and term in name}
    assert anew <= own, "another partition was made anew"
    assert {name.split("/")[0] for name in anew} >= {"delivered", "accepted", "settled"}
    assert len(own) < len(after) / 20
    assert _take_up(home, contracts) == []
