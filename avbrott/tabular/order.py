"""The order of codes in time, for windows: numbers, terms (``HT2025``), school years, and what begins with a year.

Not here: which windows there are (``layout``), and what terms are (``avbrott.periods``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise

from avbrott.errors import BadInput
from avbrott.periods import SchoolYear, Term

_YEAR_FIRST = re.compile("(19|20|21)[0-9]{2}([^0-9].*)?")
MOST_TOLD = 5
"""How many missing codes are named."""


def in_order(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes in the order of windows: in that of time where it is known, else by their letters."""
    found = sorted(codes)
    places = _places(found)
    return tuple(found) if places is None else tuple(code for _, code in sorted(zip(places, found, strict=True)))


def is_ordered(codes: Iterable[str]) -> bool:
    """Whether the order of ``codes`` is known: by their letters only where they begin with a year and are alike in form."""
    found = sorted(codes)
    if _places(found) is not None:
        return True
    return all(map(_YEAR_FIRST.fullmatch, found)) and len({re.sub("[0-9]", "9", code) for code in found}) == 1


def missing(codes: Iterable[str]) -> tuple[str, ...]:
    """What lies between ``codes`` and is none of them, at most ``MOST_TOLD``: a window over it is shorter than its name."""
    found = sorted(codes)
    places = _places(found)
    if not places:
        return ()
    gaps: list[str] = []
    have = sorted(set(places))
    for first, last in pairwise(have):
        gaps += [_told(found[0], place) for place in range(first + 1, min(last, first + 1 + MOST_TOLD))]
    return tuple(gaps[:MOST_TOLD])


def _places(codes: list[str]) -> list[int] | None:
    """A number a code; consecutive codes differ by one. None where they are not all of one known kind."""
    if all(code.isascii() and code.isdigit() for code in codes):
        return [int(code) for code in codes]
    kinds: tuple[Callable[[str], int], ...] = (lambda code: Term.parse(code).index, lambda code: SchoolYear.parse(code).start)
    for place in kinds:
        try:
            return list(map(place, codes))
        except BadInput:
            continue
    return None


def _told(like: str, place: int) -> str:
    """The code at ``place``, in the form of ``like``."""
    if like.isdigit():
        return str(place)
    if like[0].isdigit():
        return str(SchoolYear(place)) if "/" in like else SchoolYear(place).path
    return str(Term.from_index(place))
