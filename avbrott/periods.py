"""Terms (``HT2025``), school years (``2025/26``) and the reference date of 15 October. No calendar of holidays here.

A school year's outcome is read on 15 October of its start and again on 15 October a year later: Skolverket's own
definition of a change, an interruption or a completion between two years (``contracts/glossary/time.yaml``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import total_ordering

from avbrott.errors import BadInput

_YEAR = "(?:19|20|21)[0-9]{2}"
"""The years that there can be deliveries of: any other is a slip, and most calendars end before the year 10 000."""
_TERM = re.compile(f"(HT|VT)({_YEAR})")
_SCHOOL_YEAR = re.compile(f"({_YEAR})[/-]([0-9]{{2}})")


@total_ordering
@dataclass(frozen=True, slots=True)
class Term:
    """A half-year of school: ``VT`` is January to June, ``HT`` is July to December."""

    season: str
    year: int

    @classmethod
    def parse(cls, text: str) -> Term:
        """Read ``HT2025``; anything else is ``BadInput`` with the code ``TERM_UNREADABLE``."""
        found = _TERM.fullmatch(text)
        if found is None:
            raise BadInput("TERM_UNREADABLE", term=text)
        return cls(found[1], int(found[2]))

    @classmethod
    def said(cls, text: str) -> Term:
        """Read what a person writes in a command, ``ht2025`` too. What files and folders are called is ``parse``'s."""
        return cls.parse(text.strip().upper())

    def __str__(self) -> str:
        return f"{self.season}{self.year}"

    def __lt__(self, other: Term) -> bool:
        return self.index < other.index

    @property
    def index(self) -> int:
        """Half-years since year 0; consecutive terms differ by one."""
        return self.year * 2 + (1 if self.season == "HT" else 0)

    @classmethod
    def from_index(cls, index: int) -> Term:
        """The inverse of ``index``."""
        return cls("HT" if index % 2 else "VT", index // 2)

    @classmethod
    def holding(cls, day: date) -> Term:
        """The term that ``day`` lies in."""
        return cls("HT" if day.month >= 7 else "VT", day.year)

    @property
    def first_day(self) -> date:
        return date(self.year, 7 if self.season == "HT" else 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 12, 31) if self.season == "HT" else date(self.year, 6, 30)

    def next(self, steps: int = 1) -> Term:
        """The term ``steps`` half-years later (earlier where negative)."""
        return Term.from_index(self.index + steps)


def terms_between(first: Term, last: Term) -> list[Term]:
    """All terms from ``first`` to ``last``, both included."""
    return [Term.from_index(index) for index in range(first.index, last.index + 1)]


@total_ordering
@dataclass(frozen=True, slots=True)
class SchoolYear:
    """A school year by the year it starts in: 2012 is ``2012/13``."""

    start: int

    @classmethod
    def parse(cls, text: str) -> SchoolYear:
        """Read ``2012/13`` or the form for paths, ``2012-13``."""
        found = _SCHOOL_YEAR.fullmatch(text)
        if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
            raise BadInput("SCHOOL_YEAR_UNREADABLE", school_year=text)
        return cls(int(found[1]))

    def __str__(self) -> str:
        return f"{self.start}/{(self.start + 1) % 100:02d}"

    def __lt__(self, other: SchoolYear) -> bool:
        return self.start < other.start

    @property
    def path(self) -> str:
        """The form for file names: ``2012-13``."""
        return str(self).replace("/", "-")

    @property
    def reference_date(self) -> date:
        """15 October of the year it starts in: who is enrolled then is the year's population."""
        return date(self.start, 10, 15)

    @property
    def outcome_date(self) -> date:
        """15 October a year later: where each of the population is then is the year's outcome."""
        return date(self.start + 1, 10, 15)

    @property
    def needed_terms(self) -> tuple[Term, Term, Term]:
        """The terms whose deliveries the year's outcome is read from."""
        return Term("HT", self.start), Term("VT", self.start + 1), Term("HT", self.start + 1)
