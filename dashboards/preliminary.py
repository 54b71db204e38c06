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
    newest = _newest_term(released, found.delivery.extract)
    if newest is None:
        return frozenset()
    return frozenset(code for code in codes if newest <= Term("HT", _last_year(code).start).next(found.delivery.terms - 1))


def _last_year(code: str) -> SchoolYear:
    return SchoolYear.parse(code.rpartition(WINDOW_SEPARATOR)[2])


def _newest_term(released: Released, extract: str) -> Term | None:
    """The newest term of which anybody has delivered ``extract``."""
    coverage = released.tables.get("coverage")
    if coverage is None:
        return None
    came = (
        Term.parse(term)
        for (_, term, name, measure), cell in coverage.cells.items()
        if name == extract and measure == "delivered" and cell.value == "1"
    )
    return max(came, default=None)
