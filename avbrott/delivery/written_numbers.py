"""Personnummer, samordningsnummer and TF-numbers inside values, however they are written. Checksums are not asked for.

Looked for in texts of ``signs.plain_signs``: with and without separators of any kind, also between all digits; with letters
before or straight after; with letters that look as the digit whose place they have (97O503-l234); and as a spreadsheet shows
a number. Which letters look as which digit is data (``contracts/scanner.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

LEAST_DIGITS = 4
"""Fewer digits than these no number has, the letters in the places of digits aside."""

_OTHER = r"[^\p{L}\p{N}]"
"""What may separate parts of a number."""
_BETWEEN = f"{_OTHER}{{0,3}}"
_APART = f"{_OTHER}{{1,3}}"
_DAY_OR_TIME = r"^[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}[ T]{1,2}[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?$"


def is_number(digits_alike: Mapping[str, str]) -> pl.Expr:
    """Whether ``text`` holds an identity number. ``digits_alike``: by digit, the letters that are read as it."""
    text = pl.col("text")
    bare = pl.when(~text.str.contains(_DAY_OR_TIME)).then(text.str.replace_all(_OTHER, ""))
    front, joined, last, letters = _parts(digits_alike)
    inside = rf"(?:^|[^0-9])(?:{front}|{joined}){_BETWEEN}(?:{last}(?:$|[^0-9])|{letters}(?:$|[^0-9A-Za-z]))"
    alone = f"^[^0-9]*{joined}(?:{last}|{letters})[^0-9]*$"
    return text.str.contains(inside) | bare.str.contains(alone).fill_null(value=False) | text.str.contains(_SPREADSHEET)


def _parts(digits_alike: Mapping[str, str]) -> tuple[str, str, str, str]:
    """The day with its parts apart, and joined; the last four digits, and those that begin with letters."""

    def one_of(digits: str) -> str:
        return f"[{re.escape(digits + ''.join(digits_alike.get(digit, '') for digit in digits))}]"

    any_digit, zero, one, some = one_of("0123456789"), one_of("0"), one_of("1"), one_of("123456789")
    year = f"(?:(?:{one}[89]|2{zero})?{any_digit}{{2}})"
    month = f"(?:{zero}{some}|{one}{one_of('012')})"
    # A day, also as in a samordningsnummer: sixty more, and 00 for what is not known of it.
    more = f"(?:[678]{any_digit}|9{one_of('01')})"
    day = f"(?:{zero}{some}|{one_of('12')}{any_digit}|3{one_of('01')}|{more})"
    apart, joined = (f"(?:{month}{sign}{day}|{zero}{zero}{sign}{more})" for sign in (_APART, ""))
    letters = f"(?:[A-Za-z]{{2}}{any_digit}{{2}}|[A-Za-z]{any_digit}{{3}})"
    return f"{year}{_APART}{apart}", f"{year}{joined}", f"{any_digit}{{4}}", letters


# As a spreadsheet shows a number: with a power of ten, or without the zero that the year began with.
_SPREADSHEET = (
    r"^(?:[0-9][.,][0-9]{2,}[Ee]\+?0*(?:9|10|11)"
    r"|[1-9](?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]|[678][0-9]|9[01])|00(?:[678][0-9]|9[01]))[0-9]{4}(?:[.,]0+)?)$"
)
