"""The signs of values as they are compared: one form for each letter and digit, and none that nobody sees.

A digit of any script is the one that is meant, compositions are one sign (NFKC), and marks that hang on nothing and signs
without a width are gone. What the text then says is ``scan``'s and ``names``'.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import polars as pl

_FOREIGN = r"[^\x00-\x7F]"
_OTHER_DIGITS = r"[\p{Nd}\p{No}]"
_MARKS = r"\p{M}"
_UNSEEN = r"[\p{M}\p{Cf}]"


def plain_signs(values: pl.Series) -> pl.Series:
    """Values with plain digits, composed letters and no sign that is not seen; without blanks around."""
    return _of_foreign(values, _plain).str.strip_chars()


def folded(texts: pl.Series) -> pl.Series:
    """Texts of ``plain_signs`` in small letters without their marks."""
    return _of_foreign(texts.str.to_lowercase(), lambda some: some.str.normalize("NFKD").str.replace_all(_MARKS, ""))


def _plain(some: pl.Series) -> pl.Series:
    composed = some.str.normalize("NFKC")
    others = composed.str.extract_all(_OTHER_DIGITS).explode().drop_nulls().unique()
    meant = {sign: str(unicodedata.digit(sign)) for sign in others if unicodedata.digit(sign, None) is not None}
    if meant:
        composed = composed.str.replace_many(list(meant), list(meant.values()))
    return composed.str.replace_all(_UNSEEN, "")


def _of_foreign(values: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Values with those changed that are not ASCII."""
    places = values.str.contains(_FOREIGN).arg_true()
    return values.clone().scatter(places, change(values.gather(places))) if len(places) else values
