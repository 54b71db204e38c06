"""What a search is after: how far each item that is short should still move. Who is looking decides which are short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.witness import Shown


@dataclass(frozen=True, slots=True)
class Aim:
    """By item, as things stand."""

    short: Mask
    up: Ints
    """How far an item should move to reach what it must; 0 where it does already."""
    down: Ints
    """The same downwards, never above 0."""
    left: int
    """How much there is to do."""

    def at(self, items: Ints) -> Aim:
        """The same of some items."""
        return Aim(self.short[items], self.up[items], self.down[items], self.left)


View = Callable[[], Aim]
"""Asked again whenever a difference was found."""


@dataclass(frozen=True, slots=True)
class Goals:
    """By number the low and the high value that together keep the promise."""

    low: Ints
    high: Ints

    @classmethod
    def of(cls, floor: Ints, top: Ints, span: Ints, bottom: Ints) -> Goals:
        """Of numbers that are at least ``floor``; they must reach ``top`` and ``bottom`` and span ``span``."""
        low = np.minimum(np.maximum(floor, top - span), bottom)
        return cls(low, np.maximum(top, low + span))

    def up(self, value: Ints, high: Ints) -> Ints:
        """How far up from ``value`` the high value is, where ``high`` does not reach it; else 0."""
        return np.where(high < self.high, self.high - value, 0)

    def down(self, value: Ints, low: Ints) -> Ints:
        """How far down (below 0) the low value is, where ``low`` does not reach it; else 0."""
        return np.where(low > self.low, self.low - value, 0)

    def aim(self, value: Ints, shown: Shown, short: Mask) -> Aim:
        """What is still to be shown of numbers that are ``value`` in truth."""
        return Aim(short, self.up(value, shown.high), self.down(value, shown.low), int(short.sum()))
