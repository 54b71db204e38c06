"""What looks like a person's identity or health in the content of an extract, whatever its column is called.

Which values, to find their rows by; the values themselves must not leave the caller.

A value that keeps a form no identity can have (64 hexadecimal characters, a month, a listed code) needs no look, so
scanning clean data costs almost nothing. A code of eight figures needs one: a birth date keeps its form. What is left is
scanned as distinct values. Checksums are not asked for: an identity number with a wrong one is still somebody's, written
wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import polars as pl

from avbrott.delivery.health import HealthWords, health
from avbrott.delivery.names import NameWords, free_text, in_free_codes, is_code_like, names, readable
from avbrott.delivery.typed import form
from avbrott.delivery.written_numbers import LEAST_DIGITS, is_number
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
    digits_alike: dict[str, str]
    """By digit, the letters that look as it."""
    names: NameWords
    health: HealthWords


_MONTH = "(?:0[1-9]|1[0-2])"
_DAY = "(?:0[1-9]|[12][0-9]|3[01]|[678][0-9]|9[01])"
"""Of a number: a samordningsnummer has sixty more."""
_AT = r"\s*(?:@|[(\[{]\s*at\s*[)\]}])\s*"
_EMAIL = rf"(?i)[^\s@<>,;]+{_AT}[^\s@<>,;]+[.,][a-z]{{2,}}"
"""Also with blanks around the sign, with the sign written out in brackets, and with a comma for the full stop."""
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
    *("20040312AB", "20040312", "ADHD", "Depression", "F90"),
)


@dataclass(frozen=True)
class Scanner:
    """The scanner of one installation, for deliveries of one term (None: birth dates only where years belong)."""

    contract: ScannerContract
    term: SchoolTerm | None = None
    beginnings: tuple[str, ...] = ()
    """What codes that no list has begin with, as a study path does with its programme's code."""

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

        ``kind`` is the type of the field (``year``: any date is one too many; ``date``: dates belong there; ``string``: codes
        that no list has, which anybody may make up).
        """
        if values.null_count() == len(values):
            return  # to ask a long list of names of nothing takes as long as of a thousand values
        frame = _distinct(values)
        for code, found in ((IDENTITY, self._identities(frame, kind)), (HEALTH, self._health(frame))):
            if len(found):
                yield code, found

    def identities(self, values: pl.Series, kind: str = "") -> pl.Series:
        """The distinct values that look like an identity."""
        return self._identities(_distinct(values), kind)

    def health(self, values: pl.Series) -> pl.Series:
        """The distinct values that tell of health."""
        return self._health(_distinct(values))

    def names_somebody(self, text: str) -> bool:
        """Whether a short text, as the name of a file, has a person's number or name in it; what else it is, is not asked."""
        words = re.findall(r"[^\W\d_]+", text.lower())
        frame = readable(pl.Series([text, *words, *map(" ".join, pairwise(words))]))
        return bool(frame.select((is_number(self.contract.digits_alike) | names(self.contract.names)).any()).item())

    def _identities(self, frame: pl.DataFrame, kind: str) -> pl.Series:
        found = self._looking_like(frame, kind)
        if kind != "string" or not self.beginnings:
            return found
        # A programme's code of 2025 ends in figures, which hide those that follow: it is looked at without them too.
        values = frame["value"]
        other = values.str.replace(rf"^(\s*(?:{'|'.join(self.beginnings)}))25", "$1")
        changed = other != values
        if not changed.any():
            return found
        again = self._looking_like(_distinct(other.filter(changed)), kind)
        return pl.concat([found, values.filter(changed & other.is_in(again.implode()))]).unique(maintain_order=True)

    def _looking_like(self, frame: pl.DataFrame, kind: str) -> pl.Series:
        in_digits = frame.filter(pl.col("digits") >= LEAST_DIGITS).filter(self._in_digits)["value"]
        in_codes = self._in_free_codes if kind == "string" else pl.lit(value=False)
        in_words = self._in_words | in_codes | self._birth_date(kind)
        return frame.filter(in_words | pl.col("value").is_in(in_digits.implode()))["value"]

    def _health(self, frame: pl.DataFrame) -> pl.Series:
        return frame.filter(health(self.contract.health))["value"]

    @cached_property
    def _in_words(self) -> pl.Expr:
        in_words = names(self.contract.names) | free_text(self.contract.free_text_words)
        return in_words | pl.col("text").str.contains(_EMAIL)

    @cached_property
    def _in_free_codes(self) -> pl.Expr:
        return in_free_codes(self.contract.names, self.beginnings)

    @cached_property
    def _in_digits(self) -> pl.Expr:
        """Of values with at least ``LEAST_DIGITS`` digits."""
        text, digits = pl.col("text"), pl.col("digits")
        phone = text.str.contains(_PHONE) & digits.is_between(8, 15) & ~text.str.contains(_PERIOD_OR_DAY)
        return is_number(self.contract.digits_alike) | phone | text.str.contains(_BARE_PHONE)

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


def _distinct(values: pl.Series) -> pl.DataFrame:
    """The distinct values in a frame of ``readable``, with how many ``digits`` each has; random marks are left out."""
    frame = readable(values.drop_nulls().unique()).filter(~pl.col("text").str.contains(_HASH))
    return frame.with_columns(digits=pl.col("text").str.count_matches("[0-9]"))


def _inside(text: pl.Expr, pattern: str, read_by: str) -> pl.Expr:
    """The first day in a text that stands apart from other figures; null where there is none."""
    found = text.str.extract(rf"(?:^|[^0-9])({pattern})(?:$|[^0-9])").str.replace_all("[^0-9]", "")
    return found.str.to_date(read_by, strict=False)
