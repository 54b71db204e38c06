"""What the codes of time stand for: school years, several of them together, and terms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from avbrott.periods import SchoolYear, Term
from avbrott.table import WINDOW_SEPARATOR

_YEAR = re.compile(r"[0-9]{4}/[0-9]{2}")
_TERM = re.compile(r"(?:HT|VT)[0-9]{4}")


def time_of(code: str) -> SchoolYear | Term | None:
    """The school year or the term that a code is; None for another."""
    if _YEAR.fullmatch(code):
        return SchoolYear.parse(code)
    return Term.parse(code) if _TERM.fullmatch(code) else None


def days_of(code: str) -> Iterator[date]:
    """The first and last days of what a code stands for; none where it is no time."""
    for part in code.split(WINDOW_SEPARATOR):
        time = time_of(part)
        if isinstance(time, SchoolYear):
            autumn, spring, _ = time.needed_terms
            yield from (autumn.first_day, spring.last_day)
        elif time is not None:
            yield from (time.first_day, time.last_day)
