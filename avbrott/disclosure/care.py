"""How much work a search does, by the size of a system: numbers that were tried on the benchmark tables. No clock.

What they give is printed by ``make bench``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Care:
    """How much the parts of a system are worked on."""

    asked: tuple[int, float]
    """For how many items a program is asked at the sweep's gain: at least, and of those in its part."""
    idle: int
    """After how many programs that served nobody a part is left."""
    gains: tuple[float, ...]
    """What it is worth to serve an item, by sweep: cheap ones are served first, and what is hidden for them serves others."""
    largest: int
    """About how many variables a part has."""
    hard: int
    """Steps of the simplex method in a program from which on parts are made smaller."""
    at_once: int
    """How many parts are under way at once, each without what those before it find; a number, so that every machine ends
    alike."""


@dataclass(frozen=True, slots=True)
class Cares:
    """Of one system: the first search, and each one after it within what is hidden already."""

    first: Care
    again: Care
    times: int
    """How many times it is searched again. Once more than that finds a hundredth less."""


MUCH = Cares(
    Care((15, 0.1), 2, (3, 5, 8, 12, 20, 40, 100, 1000), 4500, 6000, 1),
    Care((10, 0.1), 2, (4, 8, 12, 18, 30, 60, 1000), 4500, 6000, 1),
    2,
)
"""For a system that has windows: in smaller parts, or several at once, more would be hidden of it."""
ALONE = replace(MUCH, times=1)
"""For one that is one part: once more would take two fifths longer, and find a hundredth less."""
_GAINS = (4, 8, 16, 40, 300, 1000)
_LITTLE = Care((40, 0.15), 1, _GAINS, 1200, 2000, 4)
_WIDE = Care((40, 0.15), 1, _GAINS, 3000, 2000, 4)
LITTLE, WIDE, ONCE = Cares(_LITTLE, _LITTLE, 1), Cares(_WIDE, _WIDE, 1), Cares(_WIDE, _WIDE, 0)
"""For any other: of up to ``MANY`` variables, of up to ``MOST``, and of more, which are searched once."""
MANY, MOST = 40_000, 400_000
ONE = 3500
"""Up to so many variables that can be of use a system is one part."""
SMALLEST = 250
NEAR = (300, 1500)
"""The parts that an item alone is served in, before the whole system."""
WIDER = 4
"""Between these and all of a large system come parts so many times as large as the last, up to a part in so many."""
LATELY, HARDLY = 24, 0.03
"""A gain is raised as soon as so many parts on end served no more than this share of who was short in them: a large table is
not gone through in vain, and what is hidden for hardly anybody is hidden for nothing."""
AGAIN = 0.3
"""All is gone through once more at the last gain where it served more than this share of who was short."""
LARGE = 8000
"""Variables from which on the last items of a search within what is hidden are left to the differences that served them."""
APART = 40_000
"""Variables from which on parts are worked on by processes of their own: these take a second to start."""


def cares_of(size: int, moving: int, windows: bool) -> Cares:
    """How a system is worked on of so many variables, so many of which can be of use at first, with or without windows."""
    if windows:
        return MUCH
    if moving <= ONE:
        return ALONE
    return LITTLE if size <= MANY else WIDE if size <= MOST else ONCE


def widening(size: int) -> tuple[int, ...]:
    """The parts that an item alone is served in, in a system of so many variables: at last in all of it."""
    sizes = [*NEAR]
    while (wider := WIDER * sizes[-1]) * WIDER <= size:
        sizes.append(wider)
    return (*sizes, size)
