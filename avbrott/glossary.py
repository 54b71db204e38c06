"""The glossary: every term of dropout work, once. Extract contracts, release tables, pages and labels all derive from it.

Files: ``contracts/glossary/*.yaml``, each ``terms: [...]``. Checks across contracts are in ``registry``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from avbrott.model import Model, Text

TermType = Literal["concept", "pseudonym", "code", "string", "integer", "boolean", "date", "month", "year"]


class Code(Model):
    """One value of a code list. ``level`` and ``parent`` make the list a hierarchy, coarse to fine."""

    code: str
    sv: str
    en: str
    synonyms: tuple[str, ...] = ()
    """What other systems write for it: read as it, whatever their letters' case, and told as assumed."""
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
    sum_of: tuple[str, ...] = ()
    """Codes of the list, each before this one and with nobody in common, that this one adds up across the hierarchy."""
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


def finest(codes: Iterable[Code]) -> list[Code]:
    """The codes that are neither another's parent nor a sum of others, in the order of the list."""
    listed = list(codes)
    parents = {code.parent for code in listed}
    return [code for code in listed if code.code not in parents and not code.sum_of]


def line(listed: dict[str, Code], code: Code) -> list[Code]:
    """The code and what it belongs to, coarsest first; it ends where a parent is not listed, or is the code itself again."""
    found = [code]
    while (above := listed.get(found[0].parent or "")) is not None and above not in found:
        found.insert(0, above)
    return found


def parts_of(listed: dict[str, Code], code: Code) -> list[Code]:
    """The finest codes that a code holds; of a sum those of all its parts, once for each part that holds them."""
    if code.sum_of:
        return [part for name in code.sum_of for part in parts_of(listed, listed[name])]
    return [part for part in finest(listed.values()) if code in line(listed, part)]


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
    synonyms: tuple[str, ...] = ()
    """What columns of the term are called in other systems; capitals, spaces and strokes do not count (``headers``)."""
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
    known_beside: str | None = None
    """The term whose codes need no warning in an open list, though the list does not have them: they count as others."""
    valid_from: date | None = None
    valid_to: date | None = None
    """The period in which what the term names existed; empty: before anyone knows, and still."""
    source: str
    status: Literal["agreed", "disputed"] = "agreed"
    readings: tuple[Reading, ...] = ()
    used: str | None = None
    """The reading that the statistics use; required where the term is disputed."""
    replaces: str | None = None
    """The sensitive term whose place it takes at the provider: a pseudonym stands for a personal identity number."""
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

    def known_codes(self, term: str) -> tuple[Code, ...]:
        """The code list of a term, and after it what is known beside it: what a value may be without a word."""
        listed, beside = self.codes(term), self.terms[term].known_beside
        codes = {code.code for code in listed}
        return (*listed, *(code for code in (self.codes(beside) if beside else ()) if code.code not in codes))
