"""Which deliveries came, of those that were expected: read from the store, after checking. No row of a person is read.

What a missing delivery means for a figure is ``release``'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from avbrott.delivery.due import due
from avbrott.delivery.pull import Delivery, delivered, stored
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term, terms_between
from avbrott.registry import Contracts
from avbrott.retention.erased import was_accepted

COVERAGE: dict[str, type[pl.DataType]] = {
    "provider": pl.String,
    "term": pl.String,
    "extract": pl.String,
    "delivered": pl.Boolean,
    "late": pl.Boolean,
    "refused": pl.Boolean,
}
"""One row an extract that was expected of a provider for a term: whether something acceptable came, whether late, and whether
what came was refused."""


def pulled_terms(home: Home) -> list[Term]:
    """Every term from the first to the last that anything was pulled of; ``BadInput`` where nothing was."""
    found = [term for provider, term in stored(home) if not _is_too_early(delivered(home, provider, term))]
    if not found:
        raise BadInput("NOTHING_PULLED", home=home.root)
    return terms_between(min(found), max(found))


def _is_too_early(delivery: Delivery) -> bool:
    """Whether nothing is there but what was refused as of a term that had not begun: it would make years of no deliveries."""
    came = delivery.extracts or delivery.history or delivery.unexpected
    return not came and {one.code for one in delivery.refused} == {"TERM_NOT_BEGUN"}


def coverage(home: Home, contracts: Contracts) -> pl.DataFrame:
    """What was expected of every member for every pulled term, and what came of it: a frame of ``COVERAGE``, sorted."""
    rows = []
    for term in pulled_terms(home):
        latest = due(contracts, term)
        for supplier in contracts.suppliers.members(term):
            delivery = delivered(home, supplier.id, term)
            # A delivery that has been judged has findings, be they none; what of it is not accepted was refused.
            judged = home.findings(supplier.id, str(term)).is_file()
            held = {one.name for one in delivery.extracts} | {one.extract for one in delivery.refused} if judged else set()
            for extract in supplier.extracts:
                came = was_accepted(home, extract, supplier.id, term)
                late = came and delivery.came_on(extract) > latest
                rows.append((supplier.id, str(term), extract, came, late, not came and extract in held))
    return pl.DataFrame(rows, schema=COVERAGE, orient="row").sort("provider", "term", "extract")


def awaited(home: Home, contracts: Contracts, terms: Iterable[Term]) -> list[Delivery]:
    """The deliveries of ``terms`` that were expected, their providers being members then, and of which nothing came."""
    expected = [delivered(home, supplier.id, term) for term in terms for supplier in contracts.suppliers.members(term)]
    return [delivery for delivery in expected if not delivery.came]


def last_delivery(home: Home, contracts: Contracts) -> date:
    """The date of the newest delivery that was accepted, in whole or in part."""
    return max(delivery.created for delivery in _accepted(home, contracts))


def _accepted(home: Home, contracts: Contracts) -> list[Delivery]:
    found = [
        delivered(home, supplier.id, term)
        for term in pulled_terms(home)
        for supplier in contracts.suppliers.members(term)
        if any(home.accepted(extract, supplier.id, str(term)).is_file() for extract in supplier.extracts)
    ]
    if not found:
        raise BadInput("NOTHING_ACCEPTED", home=home.root)
    return found
