"""Whether so many rows of an export would be set aside that it was asked for wrongly, and of which term its rows are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from avbrott import clock
from avbrott.delivery.judge import Judged
from avbrott.delivery.rules import Situation, row_rules
from avbrott.findings import Finding, Severity, is_blocked
from avbrott.glossary import Glossary
from avbrott.periods import Term

_OF_TERM = frozenset({"overlaps_term", "within_term"})
"""The rules that say which term a row is of."""
_FAR = 10
"""Terms on either side among which the rows' own is looked for."""


@dataclass(frozen=True, slots=True)
class OtherTerm:
    """The term that more rows are of than the one that was given."""

    term: Term
    rows: int
    of: int


def all_aside(judged: Judged, found: Sequence[Finding], provider: str, term: str) -> list[Finding]:
    """That there are rows and each would be set aside, unless something else of what was ``found`` refuses the delivery."""
    rows = judged.frame.height
    if is_blocked(found) or not 0 < rows == judged.set_aside.height:
        return []
    return [Finding(provider, term, judged.contract.name, "ROWS_ALL_ASIDE", Severity.BLOCKING, count=rows)]


def other_term(judged: Judged, glossary: Glossary, given: Term) -> OtherTerm | None:
    """The term nearest to the one given that most rows are of, where fewer than half of them are of that."""
    rows, of_given = judged.frame.height, _rows_of(judged, glossary, given)
    if of_given is None or 2 * of_given >= rows:
        return None
    known = [term for term in (given.next(step) for step in range(-_FAR, _FAR + 1)) if term.first_day <= clock.today()]
    counts = {term: _rows_of(judged, glossary, term) or 0 for term in known}
    best = min(known, key=lambda term: (-counts[term], abs(term.index - given.index)), default=given)
    return OtherTerm(best, counts[best], rows) if counts.get(best, 0) > of_given else None


def _rows_of(judged: Judged, glossary: Glossary, term: Term) -> int | None:
    """How many rows are of a term; None where the contract does not say."""
    rules = row_rules(judged.contract, glossary, Situation(term))
    held = [holds.fill_null(value=False) for rule, holds in rules if rule.kind in _OF_TERM]
    return int(judged.frame.select(pl.all_horizontal(held).sum()).item()) if held else None
