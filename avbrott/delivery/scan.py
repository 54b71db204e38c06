"""What looks like a person's identity or health in the content of an extract, whatever its column is called.

Which values, to find their rows by; the values themselves must not leave the caller.

A value that keeps a form no identity can have (64 hexadecimal characters, a month, a listed code) needs no look, so
scanning clean data costs almost nothing. What is left is scanned as distinct values. Checksums are not asked for: an
identity number with a wrong one is still somebody's, written wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from avbrott.delivery.health import HealthWords, health
from avbrott.delivery.names import NameWords, free_text, is_code_like, names, readable
from avbrott.delivery.typed import form
from avbrott.glossary import Term
from avbrott.model import Model
from avbrott.periods import Term as SchoolTerm


class Ages(Model):
    """From and to, in years."""

    minimum: int
    maximum: int


class ScannerContract(Model):
    """File: ``contracts/scanner.yaml``."""

    headers: tuple[str, ...]
    free_text_words: int
    birth_age: Ages
    names: NameWords
    health: HealthWords


_BLANKS = r"[\s\p{Cf}]"
_DASH = r"\-\x{2010}-\x{2015}\x{2212}"
_YEAR = "(?:(?:18|19|20)[0-9]{2}|[0-9]{2})"
_MONTH = "(?:0[1-9]|1[0-2])"
# A day, also as in a samordningsnummer: sixty more.
_DAY = "(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"
_LAST_FOUR = "(?:[0-9]{4}|[A-Za-z]{2}[0-9]{2}|[A-Za-z][0-9]{3})"
_BETWEEN = rf"{_BLANKS}?[{_DASH}./]?{_BLANKS}?"
_NUMBER = (
    rf"(?:^|[^0-9]){_YEAR}{_BETWEEN}{_MONTH}{_BETWEEN}{_DAY}"
    rf"{_BLANKS}?[{_DASH}+_/.:]?{_BLANKS}?{_LAST_FOUR}(?:$|[^0-9A-Za-z])"
)
_WHOLE_NUMBER = f"^{_YEAR}{_MONTH}{_DAY}{_LAST_FOUR}$"
# As a spreadsheet shows a number: with a power of ten, or without the zero that the year began with.
_SPREADSHEET = rf"^(?:[0-9][.,][0-9]{{2,}}[Ee]\+?0*(?:9|10|11)|[1-9]{_MONTH}{_DAY}[0-9]{{4}}(?:[.,]0+)?)$"
_SEPARATORS = rf"[\s\p{{Cf}}{_DASH}+./_]"
_EMAIL = r"[^\s@<>,;]+@[^\s@<>,;]+\.[A-Za-z]{2,}"
_PHONE = r"(?:^|[^0-9A-Za-z])(?:(?:\+|00)[1-9][0-9]|0[1-9])[0-9\s\-/()\x{2010}-\x{2015}]{6,15}(?:$|[^0-9A-Za-z])"
_BARE_PHONE = "^(?:46[1-9][0-9]{7,9}|7[02369][0-9]{7})$"
"""Without the plus sign or the zero that a spreadsheet takes away."""
_PERIOD_OR_DAY = r"^[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?$"
_HASH = "^(?:[0-9A-Fa-f]{32,128}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$"
_DATE_LENGTH = 20
"""A longer value that holds a date is something else: a random mark, or free text."""
_PLAIN_DAY = "(?:0[1-9]|[12][0-9]|3[01])"
_APART = "[-./ ]?"
# Dates inside a value, each with the form it is read by once its separators are gone.
_DATES_INSIDE = ((rf"(?:19|20)[0-9]{{2}}{_APART}{_MONTH}{_APART}{_PLAIN_DAY}", "%Y%m%d"),)
_DATES_IN_CODES = ((rf"{_PLAIN_DAY}{_MONTH}(?:19|20)[0-9]{{2}}", "%d%m%Y"), (rf"[0-9]{{2}}{_MONTH}{_PLAIN_DAY}", "%y%m%d"))

IDENTITY = "IDENTITY_CONTENT"
HEALTH = "HEALTH_CONTENT"
"""The codes of what is found."""

# A form that keeps one of these could hide an identity; one that keeps none cannot.
_EXEMPLARS = (
    *("199705031234", "9705031234", "19970503-1234", "970503-1234", "970503+1234", "19970563TF12", "970503T123"),
    *("0701234567", "+46701234567", "anna.andersson@example.se", "Anna Andersson", "ANNA ANDERSSON", "Anna", "SVENSSON"),
    *("20040312AB", "ADHD", "Depression", "F90"),
)


@dataclass(frozen=True)
class Scanner:
    """The scanner of one installation, for deliveries of one term (None: birth dates only where years belong)."""

    contract: ScannerContract
    term: SchoolTerm | None = None

    def is_open(self, term: Term) -> bool:
        """Whether a value that keeps the term's form could still be an identity."""
        pattern = form(term)
        if term.type == "integer":
            return term.maximum is None or term.maximum >= 10**8
        if pattern is None:
            return term.type == "string" or (term.type == "code" and term.open_list)
        return any(re.fullmatch(pattern, exemplar) for exemplar in _EXEMPLARS)

    def scan(self, values: pl.Series, kind: str = "") -> Iterator[tuple[str, pl.Series]]:
        """By the code of the finding, the distinct values of ``values`` that must not be delivered; nothing where all may.

        ``kind`` is the type of the field (``year``: any date is one too many; ``date``: dates belong there).
        """
        for code, found in ((IDENTITY, self.identities(values, kind)), (HEALTH, self.health(values))):
            if len(found):
                yield code, found

    def identities(self, values: pl.Series, kind: str = "") -> pl.Series:
        """The distinct values that look like an identity."""
        return _found(values, self._looks_personal | self._birth_date(kind))

    def health(self, values: pl.Series) -> pl.Series:
        """The distinct values that tell of health."""
        return _found(values, health(self.contract.health))

    @cached_property
    def _looks_personal(self) -> pl.Expr:
        text = pl.col("text")
        digits = text.str.count_matches("[0-9]")
        phone = text.str.contains(_PHONE) & digits.is_between(8, 15) & ~text.str.contains(_PERIOD_OR_DAY)
        phone |= text.str.contains(_BARE_PHONE)
        number = text.str.contains(_NUMBER) | text.str.contains(_SPREADSHEET) | pl.col("bare").str.contains(_WHOLE_NUMBER)
        in_words = names(self.contract.names) | free_text(self.contract.free_text_words)
        return number | text.str.contains(_EMAIL) | phone | in_words

    def _birth_date(self, kind: str) -> pl.Expr:
        """Whether a value is or holds a day on which a pupil may have been born, in a field that holds no days."""
        if kind == "date":
            return pl.lit(False)
        text = pl.col("text")
        days = [
            text.str.to_date(form, strict=False)
            for form in ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y.%m.%d")
        ]
        if kind == "year":
            short = text.str.contains(rf"^[0-9]{{2}}{_MONTH}{_DAY}$")
            return pl.any_horizontal(day.is_not_null() for day in days) | short
        if self.term is None:
            return pl.lit(False)
        short = text.str.len_chars() <= _DATE_LENGTH
        days += [pl.when(short).then(_inside(text, *date)) for date in _DATES_INSIDE]
        days += [pl.when(short & is_code_like()).then(_inside(text, *date)) for date in _DATES_IN_CODES]
        oldest = self.term.year - self.contract.birth_age.maximum
        youngest = self.term.year - self.contract.birth_age.minimum
        return pl.any_horizontal(day.dt.year().is_between(oldest, youngest).fill_null(False) for day in days)


def _found(values: pl.Series, personal: pl.Expr) -> pl.Series:
    """The distinct values of which ``personal`` is true, in a frame of ``readable`` with ``bare``: no separators."""
    distinct = values.drop_nulls().unique()
    if distinct.is_empty():
        return distinct
    frame = readable(distinct).filter(~pl.col("text").str.contains(_HASH))
    return frame.with_columns(bare=pl.col("text").str.replace_all(_SEPARATORS, "")).filter(personal)["value"]


def _inside(text: pl.Expr, pattern: str, read_by: str) -> pl.Expr:
    """The first day in a text that stands apart from other figures; null where there is none."""
    found = text.str.extract(rf"(?:^|[^0-9])({pattern})(?:$|[^0-9])").str.replace_all("[^0-9]", "")
    return found.str.to_date(read_by, strict=False)
