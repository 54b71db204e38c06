"""A small invented county whose deliveries are checked, and what each of its providers may read: for tests of their pages."""

from __future__ import annotations

from pathlib import Path

from avbrott import atomic
from avbrott.delivery.check import check_term
from avbrott.delivery.coverage import coverage, pulled_terms
from avbrott.delivery.pull import pull_many
from avbrott.expectations.frames import count_frames
from avbrott.expectations.kept import keep_counts
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.release.providers import PROVIDERS, Json, provider_figures
from avbrott.release.schools import FIGURES
from avbrott.synthetic.generate import generate
from avbrott.texts import load_messages


def checked_county(home: Home, contracts: Contracts) -> None:
    """Invent a county, take its deliveries in, and count what is watched."""
    county = generate(home, contracts, pupils=300, years=2, seed=3)
    terms = [Term.parse(term) for term in county.terms]
    members = {term: [supplier.id for supplier in contracts.suppliers.members(term)] for term in terms}
    pull_many(home, contracts, members)
    for term, providers in members.items():
        check_term(home, contracts, term, providers)
    keep_counts(home, count_frames(home, contracts, pulled_terms(home)))


def figures(home: Home, contracts: Contracts) -> dict[str, Json]:
    """By provider, what its page is made of."""
    return dict(provider_figures(home, contracts, load_messages(), coverage(home, contracts)))


def written(private: Path, home: Home, contracts: Contracts) -> None:
    """Write the figures where pages are made of them."""
    for code, page in figures(home, contracts).items():
        atomic.write_json(private / PROVIDERS / code / FIGURES, page)
