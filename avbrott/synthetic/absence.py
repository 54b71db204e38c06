"""Absence by pupil and month, in minutes, as schools report it. A level belongs to a pupil, a year and a month."""

from __future__ import annotations

import numpy as np
import polars as pl

from avbrott.periods import Term
from avbrott.synthetic.county import County
from avbrott.synthetic.draws import Floats, Ints, day, generator
from avbrott.synthetic.pupils import DROPOUT
from avbrott.synthetic.reports import school_year_of

LEVELS, MONTHS = 5, 6
"""Parts of the county with a generator of their own."""

DAYS_BEFORE_DROPOUT = 100
"""For how long before a dropout absence is higher."""


def levels(county: County, reported: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The segments that have absence, with each pupil's level of invalid absence in the year as a factor."""
    rng = generator(seed, LEVELS)
    calibration = county.calibration.absence
    delivering = [supplier.id for supplier in county.suppliers if "absence" in supplier.extracts]
    frame = reported.filter(pl.col("provider").is_in(delivering) & ~pl.col("folk_high_school"))
    persons = frame["person"].to_numpy()
    count = len(persons)
    own = rng.standard_normal(int(persons.max(initial=0)) + 1)[persons]
    spread = np.exp(calibration.invalid_spread * (np.sqrt(0.7) * own + np.sqrt(0.3) * rng.standard_normal(count)))
    by_type = county.per_type(calibration.by_type, 1.0)[frame["programme"].to_numpy()]
    never = rng.random(count) < calibration.none_share
    return frame.select("person", "provider", "school_unit", "school_year", "start", "end", "end_event").with_columns(
        pl.Series("level", np.where(never, 0.0, calibration.invalid_median_share * spread * by_type))
    )


def absence(county: County, leveled: pl.DataFrame, term: Term, seed: int) -> pl.DataFrame:
    """One row a pupil and month of the term, for the school where the pupil was on the 15th."""
    frame = leveled.filter(pl.col("school_year") == school_year_of(term))
    half = 0 if term.season == "HT" else 6
    months = [
        _month(county, frame, term.year, month, offered, generator(seed, MONTHS, term.year, month))
        for month, offered in enumerate(county.calibration.absence.offered_by_month[half : half + 6], 7 - half)
        if offered > 0
    ]
    return pl.concat(months)


def _month(
    county: County, frame: pl.DataFrame, year: int, month: int, offered: float, rng: np.random.Generator
) -> pl.DataFrame:
    calibration = county.calibration.absence
    middle = day(year, month, 15)
    there = frame.filter((pl.col("start") <= middle) & (pl.col("end") >= middle))
    count = there.height
    time = np.round(offered * (0.9 + 0.2 * rng.random(count))).astype(np.int64)
    before = (there["end_event"].to_numpy() == DROPOUT) & (there["end"].to_numpy() - middle < DAYS_BEFORE_DROPOUT)
    factor = np.where(before, calibration.before_dropout, 1.0)
    noise = np.exp(calibration.invalid_month_spread * rng.standard_normal(count))
    share = np.minimum(there["level"].to_numpy() * factor * noise, calibration.highest_share)
    valid = np.minimum(rng.gamma(0.8, calibration.valid_mean_share / 0.8, count), 1 - calibration.highest_share)
    drawn = rng.random(count)
    unreported = drawn < calibration.unreported_share
    partly = ~unreported & (drawn < calibration.unreported_share + calibration.partly_reported_share)
    reported = np.where(unreported, 0, np.where(partly, (time * (0.6 + 0.4 * rng.random(count))).astype(np.int64), time))
    return there.select("person", "provider", "school_unit").with_columns(
        pl.lit(f"{year}-{month:02d}").alias("month"),
        pl.Series("offered_minutes", time),
        pl.Series("valid_absence_minutes", _fives(reported * valid)),
        pl.Series("invalid_absence_minutes", _fives(reported * share)),
        pl.Series("reported_minutes", reported),
    )


def _fives(minutes: Floats) -> Ints:
    """Minutes rounded down to fives, as a teacher writes them."""
    fives: Ints = (minutes // 5).astype(np.int64) * 5
    return fives
