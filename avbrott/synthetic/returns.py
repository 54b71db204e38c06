"""Who comes back after a dropout or a pause: when, to which school and programme. The year itself is ``life``'s."""

from __future__ import annotations

import numpy as np

from avbrott.synthetic.county import County
from avbrott.synthetic.draws import Ints, categories, day
from avbrott.synthetic.pupils import (
    DROPOUT,
    PAUSE,
    RETURN,
    Pool,
    enrolled,
    introductory_programmes,
    joined,
    national_places,
    only,
    other_units,
    size,
)

OLDEST = 20
"""The age in whole years, by year of birth, at which one may still begin again in upper-secondary school."""


def returns(county: County, rng: np.random.Generator, pool: Pool, exit_day: Ints, exit_event: Ints) -> Pool:
    """Those who left or paused and will be back, as enrolled on their day of return."""
    pause = county.calibration.pause
    returns = county.calibration.dropout.returns
    left = only(pool, exit_event == DROPOUT)
    left_on = exit_day[exit_event == DROPOUT]
    quarters = [*returns.within_quarters, returns.later]
    quarter = categories(rng, len(left_on), [*quarters, max(0.0, 1 - sum(quarters))])
    months = np.where(quarter < 4, quarter * 3 + rng.random(len(left_on)) * 3, 12 + rng.random(len(left_on)) * 12)
    back = _school_day(left_on + 1 + (months * 30.4).astype(np.int64))
    comes = (quarter < 5) & (age(left, _year(back)) <= OLDEST)

    paused = only(pool, exit_event == PAUSE)
    paused_on = exit_day[exit_event == PAUSE]
    length = rng.integers(pause.shortest_months, pause.longest_months + 1, len(paused_on))
    resumed = _school_day(paused_on + (length * 30.4).astype(np.int64))
    resumes = (rng.random(len(paused_on)) < pause.returns) & (age(paused, _year(resumed)) <= OLDEST + 2)
    same = enrolled(county, rng, paused, paused["programme"], paused["unit"], resumed)
    again = _elsewhere(county, rng, left, back)
    found = joined([only(again, comes), only(same, resumes)])
    found["start_event"] = np.full(size(found), RETURN)
    return found


def _elsewhere(county: County, rng: np.random.Generator, left: Pool, back: Ints) -> Pool:
    """Where those who come back begin: the same school and programme for many, otherwise another or an introductory one."""
    returns = county.calibration.dropout.returns
    count = size(left)
    programme, unit = left["programme"].copy(), left["unit"].copy()
    if count:
        reference = int(back.min())
        drawn = rng.random(count)
        rows = np.flatnonzero((drawn >= returns.same_programme) & (drawn < returns.same_programme + returns.introductory))
        programme[rows] = introductory_programmes(county, rng, only(left, rows), reference)
        rows = np.flatnonzero(drawn >= returns.same_programme + returns.introductory)
        programme[rows], unit[rows] = national_places(county, rng, only(left, rows), reference)
        rows = np.flatnonzero((drawn < returns.same_programme) & (rng.random(count) >= returns.same_school))
        moving = only(left, rows)
        unit[rows] = other_units(county, rng, moving, reference)
        closed = ~county.open_units(int(back.max()))[unit]
        rows = np.flatnonzero(closed)
        programme[rows], unit[rows] = national_places(county, rng, only(left, rows), int(back.max()))
    return enrolled(county, rng, left, programme, unit, back)


def _school_day(days: Ints) -> Ints:
    """Days between 8 June and 17 August moved to 18 August, when school begins."""
    years = _year(days)
    june = _days_of(years, "06-08")
    august = _days_of(years, "08-18")
    return np.where((days >= june) & (days < august), august, days)


def age(pool: Pool, year: Ints | int) -> Ints:
    """What the pupils of a pool turn in a calendar year."""
    return year - _year(pool["birth"])


def _year(days: Ints) -> Ints:
    """The calendar year of days since 1970."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _days_of(years: Ints, month_and_day: str) -> Ints:
    """The same date in each of the years, in days since 1970."""
    first = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return first + (day(2001, int(month_and_day[:2]), int(month_and_day[3:])) - day(2001, 1, 1))
