"""The stages of the main path as a benchmark runs them, by name. Their processes are ``stage``'s; floors are not here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from avbrott.at_rest.files import write_frame
from avbrott.at_rest.vault import vault_of
from avbrott.counting.from_contracts import count_system
from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import pull_many
from avbrott.expectations.frames import count_frames
from avbrott.expectations.process import watch_apart
from avbrott.home import Home
from avbrott.linking.link import link
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.release.stage import DECISIONS, draft_release, linking, protect_system
from avbrott.release.writer import seal
from dashboards import build_site

Wanted = dict[Term, list[str]]
"""Providers by term."""


def delivered(home: Home, contracts: Contracts, wanted: Wanted) -> None:
    """Pull every delivery; a second time there is nothing new to pull."""
    pull_many(home, contracts, wanted)


def accepted(home: Home, contracts: Contracts, wanted: Wanted) -> None:
    """Check every delivery against its contract."""
    check_terms(home, contracts, wanted)


def linked(home: Home, contracts: Contracts, wanted: Wanted) -> None:
    """Join the accepted rows by pseudonym, and note what a frozen year would read otherwise."""
    with linking(home):
        write_frame(vault_of(home), home.linked(DECISIONS), link(home, contracts, list(wanted)).decisions)


def watched(home: Home, contracts: Contracts, wanted: Wanted) -> None:
    """Count frames of deliveries and have Great Expectations look at them; its process starts cold here."""
    watch_apart(count_frames(home, contracts, list(wanted)), contracts)


def counted(home: Home, contracts: Contracts, _: Wanted) -> None:
    """Count every cell of every system."""
    for system in contracts.systems:
        count_system(home, contracts, system)


def protected(home: Home, contracts: Contracts, _: Wanted) -> None:
    """Hide, and prove it."""
    for system in contracts.systems:
        protect_system(home, contracts, system)


def released(home: Home, contracts: Contracts, _: Wanted) -> None:
    """Write the release and its site, check the proof, seal it."""
    with draft_release(home, contracts) as draft:
        build_site(draft.folder, contracts, draft.folder / "site")
        seal(draft, contracts)


def site(home: Home, contracts: Contracts, _: Wanted) -> None:
    """The site alone, built once more beside the release."""
    build_site(home.current.resolve(), contracts, home.root / "site")


STAGES: dict[str, Callable[[Home, Contracts, Wanted], None]] = {
    stage.__name__: stage for stage in (delivered, accepted, linked, watched, counted, protected, released, site)
}
"""In the order in which they need each other."""


def members(contracts: Contracts, terms: Iterable[Term], only: Collection[str] = ()) -> Wanted:
    """Who is to deliver which term; of them ``only`` those that are named, where any are."""
    of = {term: [supplier.id for supplier in contracts.suppliers.members(term)] for term in terms}
    return {term: [one for one in all_of if not only or one in only] for term, all_of in of.items()}
