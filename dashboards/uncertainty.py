"""What chance alone can make of a figure: intervals of 95 % for a difference and for a change per year.

The pupils are all there are, no sample. The intervals answer another question: how different the figure could as well have
been where nothing but chance differs from person to person. Everything is reckoned from figures that are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from dashboards.intervals import Z_95, wilson

STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110,
    2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""The same of Student's distribution with 1, 2, ... degrees of freedom."""

LEAST_YEARS = 5
"""Of fewer years nothing is said about a trend."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and where it lies with 95 % certainty."""

    estimate: float
    low: float
    high: float

    @property
    def way(self) -> int:
        """1 or -1 where the whole interval lies above or below zero, else 0."""
        return (self.low > 0) - (self.high < 0)


@dataclass(frozen=True, slots=True)
class Counted:
    """``part`` persons of ``whole``."""

    part: int
    whole: int

    @property
    def share(self) -> float:
        return self.part / self.whole


def difference(now: Counted, before: Counted) -> Interval:
    """Newcombe's interval of a difference of shares, from Wilson's of each (Stat. Med. 17, 1998, method 10)."""
    (low, high), (low_before, high_before) = (wilson(one.share, one.whole) for one in (now, before))
    below = sqrt((now.share - low) ** 2 + (high_before - before.share) ** 2)
    above = sqrt((high - now.share) ** 2 + (before.share - low_before) ** 2)
    estimate = now.share - before.share
    return Interval(estimate, estimate - below, estimate + above)


def number_difference(now: int, before: int) -> Interval:
    """The difference of two numbers of events that happen by chance: each varies as much as it is large."""
    half = Z_95 * sqrt(now + before)
    return Interval(float(now - before), now - before - half, now - before + half)


def yearly_change(years: Sequence[tuple[int, Counted]]) -> Interval | None:
    """The straight line through the shares of ``years``: by how much the share changes a year; None for fewer than five.

    Each year weighs as many persons as it holds. Where years differ from the line by more than chance between persons
    explains, the interval is wider by as much; with few years by Student's distribution. None where all shares are 0 or 1.
    """
    persons = sum(counted.whole for _, counted in years)
    overall = sum(counted.part for _, counted in years) / persons if persons else 0.0
    if len(years) < LEAST_YEARS or not 0 < overall < 1:
        return None
    middle = sum(year * counted.whole for year, counted in years) / persons
    spread = sum(counted.whole * (year - middle) ** 2 for year, counted in years)
    slope = sum(counted.whole * (year - middle) * counted.share for year, counted in years) / spread
    variance = overall * (1 - overall)
    off = sum(c.whole * (c.share - overall - slope * (year - middle)) ** 2 for year, c in years) / variance
    free = len(years) - 2
    half = STUDENT[min(free, len(STUDENT)) - 1] * sqrt(max(off / free, 1.0) * variance / spread)
    return Interval(slope, slope - half, slope + half)
