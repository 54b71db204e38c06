"""Axes of stills: from a figure's values to parts of an axis, and where names stand along it.

As Plotly chooses them, so that nothing seems to move when it takes over: from 0 to a little above the highest, in steps of
1, 2 or 5 times a power of ten.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

ABOVE = 0.95
"""Where the highest value stands on an axis that no range is said of."""
STEPS = (2, 5, 10)
BEYOND = 12
"""So far beyond the field a name reaches at most, in pixels."""

Value = str | float


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``least`` to ``most``; ``ticks`` are places along it, from 0 to 1, and what they are called."""

    least: float
    most: float
    ticks: tuple[tuple[float, str], ...] = ()
    names: tuple[str, ...] = ()
    """The categories that stand at 0, 1, 2 ..., where it is an axis of names."""
    logarithmic: bool = False

    def part(self, value: Value) -> float:
        """Where a value, or a category, stands: 0 at the beginning, 1 at the end."""
        at = float(self.names.index(value)) if isinstance(value, str) else float(value)
        return (math.log10(at) - self.least if self.logarithmic else at - self.least) / (self.most - self.least)


def category_axis(said: dict[str, Any]) -> Axis:
    """The axis of names that a layout says."""
    names = tuple(said["categoryarray"])
    least, most = said.get("range", (-0.5, len(names) - 0.5))
    axis = Axis(least, most, (), names)
    ticks = tuple((axis.part(name), name) for name in names) if said.get("showticklabels", True) else ()
    return Axis(least, most, ticks, names)


def value_axis(said: dict[str, Any], values: Iterable[float], separators: str) -> Axis:
    """The axis of numbers that a layout says, as high as ``values`` need; its names in the language of ``separators``."""
    logarithmic = said.get("type") == "log"
    least, most = said.get("range") or (0, (max(values, default=0) or 1) / ABOVE)
    axis = Axis(least, most, (), (), logarithmic)
    if not said.get("showticklabels", True):
        return axis
    suffix = said.get("ticksuffix", "")
    at: Sequence[float] = said.get("tickvals") or []
    step = 1.0
    if not at:
        step = said.get("dtick") or step_of((most - least) / said["nticks"])
        at = [step * place for place in range(math.ceil(least / step - 1e-9), math.floor(most / step + 1e-9) + 1)]
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    named = tuple((axis.part(one), written(one, places, separators) + suffix) for one in at)
    return Axis(least, most, named, (), logarithmic)


def step_of(rough: float) -> float:
    """The round step that is at least ``rough``."""
    power = math.floor(math.log10(rough))
    times = next(one for one in STEPS if one * 10.0**power >= rough - 1e-12)
    return round(times * 10.0**power, max(0, -power))


def written(value: float, places: int, separators: str) -> str:
    """A number with the decimal sign and the sign between thousands that a layout says."""
    decimal, thousands = separators[0], separators[1]
    return f"{value:,.{places}f}".translate({ord(","): thousands, ord("."): decimal})


def thinned(ticks: Sequence[tuple[float, str]], width: float, character: float) -> list[int]:
    """The places in ``ticks`` of those that do not run into each other where the field is ``width`` wide; the last is one.

    Names stand about their places, and none reaches more than ``BEYOND`` pixels beyond the field.
    """
    kept, room = [], math.inf
    for place in range(len(ticks) - 1, -1, -1):
        at, half = ticks[place][0] * width, half_of(ticks[place][1], character)
        begin = min(at - half, width + BEYOND - 2 * half)
        if begin + 2 * half + character <= room:
            kept.append(place)
            room = begin
    return kept[::-1]


def half_of(name: str, character: float) -> float:
    """Half the width of a name along an axis, in pixels."""
    return max(len(line) for line in name.split("<br>")) * character / 2
