"""A row's own identity number, or a part of it, in another column: what no scanner sees that does not know the number.

The first eight digits of a number in the place of a school unit keep that field's form, and the last four that of a
municipality. The hub knows no number and cannot see it. Which rows, and never a value.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from avbrott.glossary import Glossary, Term

_LEAST = 6
"""Fewer digits are a number's by chance, but for a code that its list does not have, and a year that cannot be."""
_FOUR = (2, 4, 8)
"""Where four digits begin that mean something by themselves: year and month, month and day, the last four."""
_LAST = _FOUR[-1]
_SEVERAL, _SHARE = 3, 0.01
"""Longer values that end in a row's own last four do so by chance in one row of ten thousand, not in so many of a file."""
_DIGITS, _IDENTITY = "#digits", "#identity"


def own_digits(frame: pl.DataFrame, identities: pl.Series, terms: Iterable[Term], glossary: Glossary) -> dict[str, list[int]]:
    """By term, the rows whose value is a part of their own identity (twelve characters; null where it cannot be read)."""
    found: dict[str, list[int]] = {}
    whole = frame.with_columns(identities.alias(_IDENTITY))
    for term in terms:
        if (is_own := _is_own(term, glossary)) is not None:
            digits = pl.col(term.id).str.replace_all("[^0-9]", "").alias(_DIGITS)
            held = whole.select("row", term.id, _IDENTITY, digits)
            rows = set(held.filter(is_own)["row"].to_list())
            ending = held.filter(_ends_in_own())["row"].to_list() if term.type in ("string", "code") else []
            if len(ending) >= max(_SEVERAL, _SHARE * held.height):
                rows.update(ending)
            if rows:
                found[term.id] = sorted(rows)
    return found


def _ends_in_own() -> pl.Expr:
    """Whether a value's digits end in the last four of its row's identity."""
    digits = pl.col(_DIGITS)
    return (digits.str.len_bytes() > 4) & (digits.str.tail(4) == pl.col(_IDENTITY).str.slice(_LAST))


def _is_own(term: Term, glossary: Glossary) -> pl.Expr | None:
    """Whether a value is of its row's identity; None for what is counted, or has a form that no part of one can keep."""
    identity, digits = pl.col(_IDENTITY), pl.col(_DIGITS)
    four = pl.any_horizontal(pl.col(term.id) == identity.str.slice(start, 4) for start in _FOUR)
    day, month, year = (identity.str.slice(start, length) for start, length in ((6, 2), (4, 2), (0, 4)))
    born = [pl.concat_str(day, month, year), pl.concat_str(month, day, year), pl.concat_str(day, month, year.str.slice(2))]
    match term.type:
        case "date":
            return (digits.str.len_bytes() == 8) & (digits == identity.str.slice(0, 8))
        case "string" | "code":
            part = (digits.str.len_bytes() >= _LEAST) & identity.str.contains(digits, literal=True)
            part |= pl.any_horizontal(digits == one for one in born)
            part |= digits.str.contains(identity.str.slice(2), literal=True)
            listed = [code.code for code in glossary.known_codes(term.id)]
            part |= (digits == identity.str.slice(_LAST)) & ~pl.col(term.id).is_in(listed)
            return part | (four & ~pl.col(term.id).is_in(listed)) if listed else part
        case "year" | "integer" if term.minimum is not None and term.maximum is not None:
            can_be = pl.col(term.id).cast(pl.Int64, strict=False).is_between(term.minimum, term.maximum)
            part = (digits.str.len_bytes() >= _LEAST - 1) & identity.str.contains(digits, literal=True)
            return (four | part) & ~can_be
        case _:
            return None
