"""A last row of sums, which many systems put under a list: how it is told from a row that someone delivered."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORDS = "summa|totalsumma|totalt|total|totals|sum|antal|antal rader|antal poster|antal elever|grand total"
_LABEL = re.compile(rf"(?:{_WORDS})\s*:?\s*[0-9]{{0,7}}", re.IGNORECASE)
_FIGURE = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u202f]?[0-9]{3}){0,2}(?:[.,][0-9]{1,2})?")


def is_total(fields: Sequence[str], width: int) -> bool:
    """Whether a row is one of sums: a word for it, then nothing but figures, and not every field filled.

    The figures are too short to be an identity number, so that nothing is lost to the scanner.
    """
    filled = [field.strip() for field in fields if field.strip()]
    if not filled or len(filled) >= max(width, len(fields)):
        return False
    return _LABEL.fullmatch(filled[0]) is not None and all(_FIGURE.fullmatch(field) for field in filled[1:])
