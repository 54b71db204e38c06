"""An invented county whose every delivery is accepted and linked, for tests of linking. Not a test itself."""

from __future__ import annotations

from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import offered, pull_many
from avbrott.home import Home
from avbrott.linking.link import link
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.synthetic.generate import generate


def linked_county(home: Home, contracts: Contracts, *, pupils: int, years: int, seed: int) -> list[Term]:
    """Make it in ``home``; its terms."""
    generate(home, contracts, pupils=pupils, years=years, seed=seed)
    wanted: dict[Term, list[str]] = {}
    for offer in offered(home, contracts)[0]:
        wanted.setdefault(offer.term, []).append(offer.provider)
    pull_many(home, contracts, wanted)
    check_terms(home, contracts, wanted)
    link(home, contracts, wanted)
    return sorted(wanted)
