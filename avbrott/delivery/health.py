"""Words and codes of illness, disability and care among values: sensitive personal data that no extract may hold.

Which words and codes is data (``contracts/scanner.yaml``). Which fields are looked at is ``scan``'s.
"""

from __future__ import annotations

import polars as pl

from avbrott.delivery.names import fold
from avbrott.model import Model

_WORD = r"\p{L}+"


class HealthWords(Model):
    """What tells of somebody's health."""

    words: tuple[str, ...]
    """Whole words."""
    parts: tuple[str, ...]
    """Found anywhere in a value, also inside a code: what stands in no word but those of health."""
    codes: tuple[str, ...]
    """Regular expressions for the whole value in capitals: diagnoses by ICD-10."""


def health(known: HealthWords) -> pl.Expr:
    """Whether a row of ``names.readable`` is or holds something about health."""
    folded = pl.col("folded")
    words = folded.str.extract_all(_WORD)
    whole = words.list.eval(pl.element().is_in([fold(word) for word in known.words])).list.any()
    inside = folded.str.contains_any([fold(part) for part in known.parts])
    return whole | inside | pl.col("text").str.to_uppercase().str.contains(f"^(?:{'|'.join(known.codes)})$")
