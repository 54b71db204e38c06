"""The glossary: every term of dropout work, once. Extract contracts, release tables, pages and labels all derive from it.

Files: ``contracts/glossary/*.yaml``, each ``terms: [...]``. Checks across contracts are in ``registry``.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from avbrott.model import Model, Text

TermType = Literal["concept", "pseudonym", "code", "string", "integer", "boolean", "date", "month", "year"]


class Code(Model):
    """One value of a code list. ``level`` and ``parent`` make the list a hierarchy, coarse to fine."""

    code: str
    sv: str
    en: str
    level: str = ""
    parent: str | None = None
    valid_from: date | None = None
    """The first day the code may be used; empty: as long as anyone knows."""
    valid_to: date | None = None
    """The last day the code may be used; empty: still."""
    replaced_by: str | None = None
    """The code that came after it, and that it counts as."""
    counts_as: str | None = None
    """The code it counts as while it is valid in its own right: that of a new curriculum for the same programme."""
    horizon: int | None = None
    """Known only when this many years have passed since the school year's reference date; until then not applicable."""
    published: bool = True
    """False for a code that stands for "not known yet": it is counted, and never a row of a released table."""

    @property
    def counted_as(self) -> str | None:
        """The code in whose place this one was delivered; None for a code that is counted as itself."""
        return self.replaced_by or self.counts_as

    def is_valid(self, first: date, last: date) -> bool:
        """Whether the code may be used on any day from ``first`` to ``last``."""
        begun = self.valid_from is None or self.valid_from <= last
        return begun and (self.valid_to is None or first <= self.valid_to)


class Reading(Model):
    """One way in which a disputed term is understood."""

    id: str
    sv: str
    en: str
    source: str


class Term(Model):
    """A term: what it means, its form in an extract, where the definition is from, and whether it is agreed."""

    id: str
    name: Text
    definition: Text
    type: TermType
    unit: str | None = None
    pattern: str | None = None
    """A regular expression for the whole value (string and open code lists)."""
    shape: Text | None = None
    """What ``pattern`` says, in words."""
    minimum: int | None = None
    maximum: int | None = None
    codes: tuple[Code, ...] = ()
    codes_of: str | None = None
    """The term whose code list this one shares, e.g. home_municipality shares municipality's."""
    begins_with: str | None = None
    """The term one of whose codes a value begins with (a study path begins with its programme); the longest one counts."""
    open_list: bool = False
    """A code that keeps ``pattern`` but is not listed is accepted, and told about as a warning."""
    valid_from: date | None = None
    valid_to: date | None = None
    """The period in which what the term names existed; empty: before anyone knows, and still."""
    source: str
    status: Literal["agreed", "disputed"] = "agreed"
    readings: tuple[Reading, ...] = ()
    used: str | None = None
    """The reading that the statistics use; required where the term is disputed."""
    sensitive: bool = False
    """Must never be in an extract (names, personnummer, health ...): the scanner refuses it."""
    example: str | None = None


class Glossary(Model):
    """All terms by their id."""

    terms: dict[str, Term]

    def codes(self, term: str) -> tuple[Code, ...]:
        """The code list of a term, its own or the one it shares."""
        found = self.terms[term]
        return self.terms[found.codes_of].codes if found.codes_of else found.codes
