"""What looks like a person's identity in the content of an extract, whatever its column is called. Which rows, never what.

A value that keeps a form no identity can have (64 hexadecimal characters, a month, a listed code) needs no look, so
scanning clean data costs almost nothing. What is left is scanned as distinct values. Checksums are not asked for: an
identity number with a wrong one is still somebody's, written wrongly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, reduce

import polars as pl

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
    given_names: tuple[str, ...]
    surnames: tuple[str, ...]
    not_names: tuple[str, ...]


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
_SEPARATORS = rf"[\s\p{{Cf}}{_DASH}+./_]"
_EMAIL = r"[^\s@<>,;]+@[^\s@<>,;]+\.[A-Za-z]{2,}"
_PHONE = r"(?:^|[^0-9A-Za-z])(?:(?:\+|00)[1-9][0-9]|0[1-9])[0-9\s\-/()\x{2010}-\x{2015}]{6,15}(?:$|[^0-9A-Za-z])"
_PERIOD_OR_DAY = r"^[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}$"
_HASH = "^[0-9A-Fa-f]{32,128}$"
_NAMES = r"^\p{Lu}[\p{Ll}'’]+(?:[ ,-]+\p{Lu}\.?[\p{Ll}'’]*){1,3}$"
_WORD = r"\p{L}[\p{L}'’-]+"

# A form that keeps one of these could hide an identity; one that keeps none cannot.
_EXEMPLARS = (
    *("199705031234", "9705031234", "19970503-1234", "970503-1234", "970503+1234", "19970563TF12", "970503T123"),
    *("0701234567", "+46701234567", "anna.andersson@example.se", "Anna Andersson", "ANNA ANDERSSON", "Anna"),
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

    def identities(self, values: pl.Series, kind: str = "") -> pl.Series:
        """The distinct values of ``values`` that look like an identity. They must not leave the caller.

        ``kind`` is the type of the field (``year``: any date is one too many; ``date``: dates belong there).
        """
        distinct = values.drop_nulls().unique()
        if distinct.is_empty():
            return distinct
        text = distinct.str.normalize("NFKC").str.strip_chars().alias("text")
        bare = text.str.replace_all(_SEPARATORS, "").alias("bare")
        found = pl.DataFrame([distinct.alias("value"), text, bare]).filter(
            ~pl.col("text").str.contains(_HASH) & (self._looks_personal | self._birth_date(kind))
        )
        return found["value"]

    @cached_property
    def _looks_personal(self) -> pl.Expr:
        text = pl.col("text")
        digits = text.str.count_matches("[0-9]")
        phone = text.str.contains(_PHONE) & digits.is_between(8, 15) & ~text.str.contains(_PERIOD_OR_DAY)
        number = text.str.contains(_NUMBER) | pl.col("bare").str.contains(_WHOLE_NUMBER)
        return number | text.str.contains(_EMAIL) | phone | self._name_or_free_text

    @property
    def _name_or_free_text(self) -> pl.Expr:
        text = pl.col("text")
        words = text.str.to_lowercase().str.extract_all(_WORD)
        given = [name.lower() for name in self.contract.given_names]
        names = [*given, *(name.lower() for name in self.contract.surnames)]
        other = words.list.eval(pl.element().is_in(list(self.contract.not_names))).list.any()
        several = (words.list.len() > 1) & words.list.eval(pl.element().is_in(names)).list.any()
        listed = (several | words.list.eval(pl.element().is_in(given)).list.any()) & ~text.str.contains("[0-9]")
        free_text = words.list.len() >= self.contract.free_text_words
        return ((listed | text.str.contains(_NAMES)) & ~other) | free_text

    def _birth_date(self, kind: str) -> pl.Expr:
        """Whether the whole value is a day on which a pupil may have been born, in a field that holds no days."""
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
        oldest = self.term.year - self.contract.birth_age.maximum
        youngest = self.term.year - self.contract.birth_age.minimum
        return reduce(
            lambda left, right: left | right, (day.dt.year().is_between(oldest, youngest).fill_null(False) for day in days)
        )
