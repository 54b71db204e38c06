"""What the schools report of what happened: enrolments and events of a term, as known when the term ends.

What is registered late is late here too: until then the enrolment looks as if it went on. No flaws: those are planted after.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from avbrott.periods import Term
from avbrott.synthetic.county import FOLK_HIGH_SCHOOL, UPPER_SECONDARY, County
from avbrott.synthetic.draws import OPEN, Ints, day, generator, labels
from avbrott.synthetic.pupils import (
    CERTIFICATE,
    DECEASED,
    DIPLOMA,
    DROPOUT,
    EMIGRATED,
    EVENTS,
    NONE,
    PAUSE,
    PROGRAMME_CHANGE,
    SCHOOL_CHANGE,
)
from avbrott.synthetic.simulation import Simulated

EARLY_ENDS = (DROPOUT, PAUSE, PROGRAMME_CHANGE, SCHOOL_CHANGE, EMIGRATED, DECEASED)
"""Events that end an enrolment before its time: it is delivered as cancelled."""

REGISTRATIONS = 4
"""The part of the county with a generator of its own."""


def days_of(term: Term) -> tuple[int, int]:
    """The first and the last day of a term, in days since 1970."""
    first, last = term.first_day, term.last_day
    return day(first.year, first.month, first.day), day(last.year, last.month, last.day)


def school_year_of(term: Term) -> int:
    """The school year that a term belongs to, by the year it starts in."""
    return term.year if term.season == "HT" else term.year - 1


def registered(county: County, simulated: Simulated, seed: int) -> pl.DataFrame:
    """The segments with what the schools will write of them: days of registration, causes, corrections, codes as text."""
    rng = generator(seed, REGISTRATIONS)
    frame = simulated.segments
    count = frame.height
    homes = pl.Series("home_municipality", county.homes, dtype=pl.String)
    paths = pl.Series("study_path", county.path_codes, dtype=pl.String)
    units = pl.Series("school_unit", [unit.code for unit in county.units], dtype=pl.String)
    persons = simulated.persons[frame["person"]]
    correction = rng.random(count) < county.calibration.reports.corrected_share
    introductory = county.introductory[frame["programme"].to_numpy()]
    ends, starts = frame["end"].to_numpy(), frame["start"].to_numpy()
    certified = np.isin(frame["end_event"].to_numpy(), (DIPLOMA, CERTIFICATE))
    return frame.with_columns(
        homes[persons["home"]],
        paths[frame["path"]],
        units[frame["unit"]],
        pl.Series("sex", np.where(persons["woman"].to_numpy() == 1, "Kvinna", "Man")),
        pl.from_epoch(persons["birth"], "d").dt.year().alias("birth_year"),
        pl.when("folk_high_school").then(pl.lit(FOLK_HIGH_SCHOOL)).otherwise(pl.lit(UPPER_SECONDARY)).alias("school_type"),
        pl.Series("introductory", introductory),
        pl.Series("end_registered", ends + np.where(certified, rng.integers(0, 8, count), _lags(county, rng, count))),
        pl.Series("start_registered", starts + _lags(county, rng, count)),
        pl.Series("cause", labels(rng, count, county.calibration.dropout.causes)),
        pl.Series("start_error", np.where(correction, rng.integers(1, 21, count), 0)),
        pl.Series("end_error", rng.random(count) < county.calibration.reports.corrected_share / 4),
    ).with_columns(
        # Two ends of one enrolment are never registered apart: what has no event is known at once.
        pl.when(pl.col("end_event") == NONE).then("end").otherwise("end_registered").alias("end_registered"),
        pl.when(pl.col("end_event") == DROPOUT).then("cause").alias("cause"),
    )


def enrolments(reported: pl.DataFrame, term: Term) -> pl.DataFrame:
    """The enrolments of a term: those that ran, and those that still seem to because their end is not registered."""
    first, last = days_of(term)
    ended = (pl.col("end") <= last) & (pl.col("end_registered") <= last)
    seems = (pl.col("end") < first) & (pl.col("end_registered") > last) & (pl.col("end_event") != NONE)
    ran = (pl.col("school_year") == school_year_of(term)) & (pl.col("start") <= last) & (pl.col("end") >= first)
    begins = pl.col("spell_start").is_between(first, last - 30) & (pl.col("end") > last)
    autumn = pl.lit(term.season == "HT")
    end = pl.when(ended).then("end").when(autumn & pl.col("end_error") & (pl.col("end") == OPEN) & ran).then(last - 11)
    start = pl.col("spell_start") + pl.when(autumn & begins).then("start_error").otherwise(0)
    return reported.filter(ran | seems).select(
        "person",
        "provider",
        "birth_year",
        "sex",
        "home_municipality",
        "school_unit",
        "school_type",
        "study_path",
        pl.when(~pl.col("folk_high_school") & ~pl.col("introductory")).then("study_year").alias("study_year"),
        start.pipe(_date).alias("start_date"),
        end.pipe(_date).alias("end_date"),
        (ended & pl.col("end_event").is_in(EARLY_ENDS)).alias("cancelled"),
    )


def events(reported: pl.DataFrame, term: Term) -> pl.DataFrame:
    """The events that were registered in a term, whenever they took place."""
    first, last = days_of(term)
    names = pl.Series("event", EVENTS)
    ends = reported.filter((pl.col("end_event") != NONE) & pl.col("end_registered").is_between(first, last)).select(
        "person",
        "provider",
        "school_unit",
        pl.col("end_event").alias("event"),
        _date(pl.col("end")).alias("event_date"),
        _date(pl.col("end_registered")).alias("registered_date"),
        "cause",
    )
    begins = reported.filter(
        (pl.col("start_event") != NONE)
        & (pl.col("start") == pl.col("spell_start"))
        & pl.col("start_registered").is_between(first, last)
    ).select(
        "person",
        "provider",
        "school_unit",
        pl.col("start_event").alias("event"),
        _date(pl.col("start")).alias("event_date"),
        _date(pl.col("start_registered")).alias("registered_date"),
        pl.lit(None, dtype=pl.String).alias("cause"),
    )
    found = pl.concat([ends, begins])
    return found.with_columns(names[found["event"]].alias("event"))


def _lags(county: County, rng: np.random.Generator, count: int) -> Ints:
    """Days between what happens and its registration: few for most, up to months for the late."""
    reports = county.calibration.reports
    usual = rng.integers(0, reports.usual_days + 1, count)
    late = rng.integers(reports.late_first_days, reports.late_last_days + 1, count)
    return np.where(rng.random(count) < reports.late_share, late, usual)


def _date(days: pl.Expr) -> pl.Expr:
    return pl.from_epoch(days.cast(pl.Int32), "d")
