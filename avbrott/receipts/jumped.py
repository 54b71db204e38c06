"""Rows that jumped against an earlier delivery, by the measure of ``contracts/expectations.yaml``, in counts.

The hub watches the same when it links; here the provider whose delivery it is is told, from what its checks left.
"""

from __future__ import annotations

from avbrott.delivery.record import Delivery
from avbrott.delivery.settled import Mark, read_mark
from avbrott.expectations.contract import RowsWatched
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.receipt import Jump
from avbrott.registry import Contracts

_LONGEST = 20
"""So many terms are gone back at most."""


def jumped(home: Home, contracts: Contracts, delivery: Delivery, mark: Mark, extract: str) -> Jump | None:
    """What the accepted rows of an extract are held against, where they are out of the ordinary beside it."""
    watched = next((one for one in contracts.expectations.rows if one.extract == extract), None)
    bounds = [
        (one.minimum, one.maximum)
        for suite in contracts.expectations.suites
        for one in suite.expectations
        if suite.frame == "rows" and one.column == "ratio"
    ]
    if watched is None or not bounds or extract not in mark.accepted:
        return None
    found = _before(home, delivery, watched)
    if found is None:
        return None
    term, then = found
    now = mark.accepted[extract]
    ratio = now / max(then, 1)
    is_held = all((low is None or low <= ratio) and (high is None or ratio <= high) for low, high in bounds)
    if is_held or max(now, then) < watched.minimum:
        return None
    return Jump(term=str(term), accepted_then=then, accepted=now)


def terms_after(contracts: Contracts, term: Term) -> set[Term]:
    """The terms whose deliveries may be held against one of ``term``."""
    return {term.next(back) for back in {1, *(one.terms_back for one in contracts.expectations.rows)}}


def _before(home: Home, delivery: Delivery, watched: RowsWatched) -> tuple[Term, int] | None:
    """The latest comparable term of which something was accepted, and how many rows."""
    for back in range(watched.terms_back, _LONGEST + 1, watched.terms_back):
        term = delivery.term.next(-back)
        mark = read_mark(home, delivery.provider, term)
        if mark is not None and watched.extract in mark.accepted:
            return term, mark.accepted[watched.extract]
    return None
