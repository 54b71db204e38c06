"""Seeded draws over whole arrays: days of a school year by season, categories by weight, pseudonyms. No county here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

OPEN = 10**6
"""The last day of what has no end yet, in days since 1970."""


def day(year: int, month: int, day_of_month: int) -> int:
    """A date in days since 1970, the unit of every day in this package."""
    return (date(year, month, day_of_month) - date(1970, 1, 1)).days


def generator(seed: int, *part: int) -> np.random.Generator:
    """A generator of its own for each part of the county, so that one part's draws do not move another's."""
    return np.random.default_rng([abs(seed), 1 if seed < 0 else 0, *part])


def month_starts(school_year: int) -> Ints:
    """The first days of July to June, and of the July after: 13 days."""
    return np.array([day(school_year + (6 + m) // 12, (6 + m) % 12 + 1, 1) for m in range(13)])


def seasonal_days(rng: np.random.Generator, count: int, season: Sequence[float], school_year: int) -> Ints:
    """``count`` days of a school year, months July to June by the weights of ``season``, even within a month."""
    month = categories(rng, count, season)
    starts = month_starts(school_year)
    lengths = np.diff(starts)[month]
    return starts[month] + (rng.random(count) * lengths).astype(np.int64)


def categories(rng: np.random.Generator, count: int, weights: Sequence[float] | Floats) -> Ints:
    """``count`` positions in ``weights``, each as often as its weight says."""
    cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(cumulative / cumulative[-1], rng.random(count), side="right").clip(0, len(cumulative) - 1)


def rows_of(rng: np.random.Generator, cumulative: Floats) -> Ints:
    """One position a row of ``cumulative`` (rows that rise to their sum); a row of zeros gives -1."""
    totals = cumulative[:, -1]
    drawn = (cumulative <= (rng.random(len(cumulative)) * totals)[:, None]).sum(axis=1)
    return np.where(totals > 0, np.minimum(drawn, cumulative.shape[1] - 1), -1)


def labels(rng: np.random.Generator, count: int, weights: Mapping[str, float]) -> NDArray[np.str_]:
    """``count`` keys of ``weights``, each as often as its weight says."""
    return np.array(list(weights))[categories(rng, count, list(weights.values()))]


def pseudonyms(rng: np.random.Generator, count: int) -> pl.Series:
    """``count`` pseudonyms of 64 hexadecimal digits, in the form of an HMAC-SHA-256 of an invented number."""
    if count == 0:
        return pl.Series("pseudonym", [], dtype=pl.String)
    digits = np.frombuffer(rng.bytes(32 * count).hex().encode(), dtype="S64").astype("U64")
    return pl.Series("pseudonym", digits, dtype=pl.String)
