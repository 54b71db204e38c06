"""Which school years are preliminary, as the release's deliveries tell it: the same on public pages and on schools' own."""

from __future__ import annotations

from collections.abc import Iterable

from avbrott.periods import SchoolYear, Term
from avbrott.registry import Contracts
from avbrott.table import WINDOW_SEPARATOR
from dashboards.released import Released


def preliminary(contracts: Contracts, released: Released, system: str, codes: Iterable[str]) -> frozenset[str]:
    """Of ``codes``, school years and windows of ``system``, those whose last term has been delivered only once.

    Late reports of them may be missing, until an extract of a later term has come. Nothing is preliminary where the release
    says nothing of deliveries.
    """
    found = contracts.systems.get(system)
    if found is None or found.delivery is None:
        return frozenset()
    newest = released.newest_terms.get(found.delivery.extract)
    if newest is None:
        return frozenset()
    return frozenset(code for code in codes if newest <= Term("HT", _last_year(code).start).next(found.delivery.terms - 1))


def _last_year(code: str) -> SchoolYear:
    return SchoolYear.parse(code.rpartition(WINDOW_SEPARATOR)[2])
