"""What a school year does to pupils: changes, pauses, exits, certificates, returns. Whole arrays, no loop over persons.

A year gives *segments*: the part of one enrolment that lies in one school year (1 July to 30 June). A pupil leaves the year
still enrolled (``staying``), or away with a day of return (``returning``), or for good.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avbrott.synthetic.county import County
from avbrott.synthetic.draws import OPEN, Bools, Floats, Ints, day, seasonal_days
from avbrott.synthetic.pupils import (
    CERTIFICATE,
    DECEASED,
    DIPLOMA,
    DROPOUT,
    EMIGRATED,
    NONE,
    PAUSE,
    PROGRAMME_CHANGE,
    SCHOOL_CHANGE,
    Pool,
    enrolled,
    introductory_programmes,
    joined,
    national_places,
    only,
    other_programmes,
    other_units,
    size,
)
from avbrott.synthetic.returns import OLDEST, age, returns

Segments = dict[str, Ints]
"""Columns of a pool, and ``school_year``, ``end`` (last day, ``OPEN`` while it runs) and ``end_event``."""


@dataclass(frozen=True)
class Year:
    """What came of a pool in a school year."""

    segments: Segments
    staying: Pool
    returning: Pool


def live(county: County, rng: np.random.Generator, pool: Pool, school_year: int) -> Year:
    """Let one school year happen to a pool, from each pupil's ``since`` to 30 June."""
    last = day(school_year + 1, 6, 30)
    exit_day, exit_event = _exits(county, rng, pool, school_year)
    moved, moved_day, moved_event = _changes(county, rng, pool, school_year, exit_day)
    changed = moved_event != NONE
    now = {name: np.where(changed, moved[name], pool[name]) for name in pool}
    _finish(county, rng, now, school_year, exit_day, exit_event)

    before = only(pool, changed) | {"end": moved_day[changed], "end_event": moved_event[changed]}
    after = now | {"end": exit_day, "end_event": exit_event}
    segments = joined([before, after])
    segments["school_year"] = np.full(size(segments), school_year)

    stays = exit_day == OPEN
    staying = only(now, stays)
    staying["since"] = np.full(size(staying), last + 1)
    restarts = (
        changed[stays]
        & (moved_event[stays] == PROGRAMME_CHANGE)
        & (rng.random(size(staying)) < county.calibration.change.restart)
    )
    staying["study_year"] = np.minimum(staying["study_year"] + np.where(restarts, 0, 1), 4)
    staying["years"] = staying["years"] + 1
    staying = _into_national(county, rng, staying, segments, stays, school_year)
    return Year(segments, staying, returns(county, rng, now, exit_day, exit_event))


def recoded(county: County, rng: np.random.Generator, staying: Pool, segments: Segments, school_year: int) -> Pool:
    """End enrolments whose code ends on the year's last day, and begin them again with the new code: no event."""
    last = day(school_year + 1, 6, 30)
    for until, programmes in county.recodings:
        if until == last:
            mine = np.isin(staying["programme"], programmes) & (staying["spell_start"] <= last)
            _end(segments, staying["person"][mine], last, NONE)
            again = enrolled(county, rng, staying, staying["programme"], staying["unit"], np.full(size(staying), last + 1))
            staying = {name: np.where(mine, again[name], staying[name]) for name in staying}
    return staying


def rehoused(county: County, rng: np.random.Generator, staying: Pool, segments: Segments, school_year: int) -> Pool:
    """Move pupils of units that close over the summer to another unit in August: a change of school."""
    start = day(school_year + 1, 8, 18)
    closing = ~county.open_units(start)[staying["unit"]]
    if not closing.any():
        return staying
    unit = other_units(county, rng, staying, start)
    programme, elsewhere = national_places(county, rng, staying, start)
    same = county.open_units(start)[unit]
    chosen = np.where(same, staying["programme"], programme), np.where(same, unit, elsewhere)
    still = closing & (staying["spell_start"] <= start - 1)
    for rows, event in ((still & same, SCHOOL_CHANGE), (still & ~same, PROGRAMME_CHANGE)):
        _end(segments, staying["person"][rows], day(school_year + 1, 6, 14), event)
    again = enrolled(county, rng, staying, *chosen, np.full(size(staying), start))
    return {name: np.where(closing, again[name], staying[name]) for name in staying}


def _end(segments: Segments, persons: Ints, on: int, event: int) -> None:
    """End the running segments of some persons."""
    rows = (segments["end"] == OPEN) & np.isin(segments["person"], persons)
    segments["end"][rows] = on
    segments["end_event"][rows] = event


def _hazard(county: County, pool: Pool, school_year: int) -> Floats:
    """The share of each pupil's like that leave in the year."""
    dropout = county.calibration.dropout
    by_programme = county.per_type(dropout.by_type, dropout.default) * np.array(
        [dropout.by_programme.get(code, 1.0) for code in county.programmes]
    )
    by_sex = np.where(pool["woman"] == 1, dropout.women, dropout.men)
    by_study_year = np.array(dropout.by_study_year)[pool["study_year"] - 1]
    hazard: Floats = by_programme[pool["programme"]] * by_sex * by_study_year * trend(dropout.by_school_year, school_year)
    return hazard


def trend(by_school_year: dict[int, float], school_year: int) -> float:
    """The factor of a school year; that of the nearest one where it is not listed."""
    if not by_school_year:
        return 1.0
    return by_school_year[min(by_school_year, key=lambda listed: (abs(listed - school_year), listed))]


def _exits(county: County, rng: np.random.Generator, pool: Pool, school_year: int) -> tuple[Ints, Ints]:
    """The day and event of each pupil's exit before the end of the year; ``OPEN`` and none for most."""
    count = size(pool)
    calibration = county.calibration
    events = np.array([NONE, DROPOUT, PAUSE, EMIGRATED, DECEASED, SCHOOL_CHANGE])
    shares = np.cumsum(
        np.stack(
            [
                _hazard(county, pool, school_year),
                np.full(count, calibration.pause.share),
                np.full(count, calibration.exits.emigrated),
                np.full(count, calibration.exits.deceased),
                np.full(count, calibration.exits.other_county),
            ]
        ),
        axis=0,
    )
    drawn = rng.random(count)
    kind = np.where(drawn < shares[-1], (drawn[None, :] >= shares).sum(axis=0) + 1, 0)
    on = seasonal_days(rng, count, calibration.dropout.season, school_year)
    on = np.where(events[kind] == PAUSE, seasonal_days(rng, count, calibration.pause.season, school_year), on)
    early = on < pool["since"] + 7
    begins = pool["since"] < day(school_year, 9, 15)
    on = np.where(early & begins, pool["since"] + 7 + rng.integers(0, 45, count), on)
    leaves = (kind > 0) & (begins | ~early) & (on <= day(school_year + 1, 6, 30))
    return np.where(leaves, on, OPEN), np.where(leaves, events[kind], NONE)


def _changes(
    county: County, rng: np.random.Generator, pool: Pool, school_year: int, exit_day: Ints
) -> tuple[Pool, Ints, Ints]:
    """Each pupil's enrolment after a change, its last day before it, and the event; none for most."""
    count = size(pool)
    change = county.calibration.change
    at = pool["study_year"] - 1
    national = ~county.introductory[pool["programme"]]
    shares = np.cumsum(
        np.stack(
            [
                np.array(change.programme_by_study_year)[at] * national,
                np.array(change.introductory_by_study_year)[at] * national,
                np.array(change.school_by_study_year)[at],
            ]
        ),
        axis=0,
    )
    drawn = rng.random(count)
    kind = (drawn[None, :] >= shares).sum(axis=0)
    on = seasonal_days(rng, count, change.season, school_year)
    possible = (on > pool["since"] + 7) & (on < exit_day - 14) & (on < day(school_year + 1, 5, 25))
    possible &= age(pool, school_year + 1) <= OLDEST + 2
    kind = np.where(possible, kind, 3)
    reference = day(school_year, 8, 20)

    programme, unit = pool["programme"].copy(), pool["unit"].copy()
    within = kind == 0
    stays_at_school = rng.random(count) < change.same_school
    rows = np.flatnonzero(within & stays_at_school)
    programme[rows] = other_programmes(county, rng, only(pool, rows), reference)
    rows = np.flatnonzero(within & ~stays_at_school)
    programme[rows], unit[rows] = national_places(county, rng, only(pool, rows), reference)
    rows = np.flatnonzero(kind == 1)
    programme[rows] = introductory_programmes(county, rng, only(pool, rows), reference)
    rows = np.flatnonzero(kind == 2)
    unit[rows] = other_units(county, rng, only(pool, rows), reference)

    other_programme = programme != pool["programme"]
    event = np.where(other_programme, PROGRAMME_CHANGE, np.where(unit != pool["unit"], SCHOOL_CHANGE, NONE))
    event = np.where(kind < 3, event, NONE)
    return enrolled(county, rng, pool, programme, unit, on + 1), on, event


def _finish(county: County, rng: np.random.Generator, pool: Pool, school_year: int, exit_day: Ints, exit_event: Ints) -> None:
    """Let pupils in their third and fourth year finish in June, and those too long on an introductory programme leave."""
    count = size(pool)
    finish = county.calibration.finish
    by = pool["programme"]
    final = pool["study_year"] >= 4
    diploma = np.where(final, finish.fourth_year.diploma, county.per_type(finish.diploma, 0.85)[by])
    certificate = np.where(final, finish.fourth_year.certificate, county.per_type(finish.certificate, 0.08)[by])
    june = day(school_year + 1, 6, 4) + rng.integers(0, 10, count)
    drawn = rng.random(count)
    national = ~county.introductory[by]
    reaches = national & (pool["study_year"] >= 3) & (exit_day >= june) & (pool["since"] < june - 120)
    event = np.where(drawn < diploma, DIPLOMA, np.where(drawn < diploma + certificate, CERTIFICATE, NONE))
    event = np.where(final & (event == NONE), DROPOUT, event)
    event = np.where(reaches, event, NONE)
    years = pool["years"] + 1 >= county.calibration.introductory.longest_years
    too_long = ~national & years & (exit_day == OPEN)
    event = np.where(too_long, DROPOUT, event)
    done = event != NONE
    exit_day[done] = june[done]
    exit_event[done] = event[done]


def _into_national(
    county: County, rng: np.random.Generator, staying: Pool, segments: Segments, stays: Bools, school_year: int
) -> Pool:
    """Move part of the introductory pupils to national programmes in August; their enrolments end in June with an event."""
    introductory = county.calibration.introductory
    share = np.array([introductory.to_national.get(code, introductory.to_national_default) for code in county.programmes])
    wanted = county.introductory[staying["programme"]] & (rng.random(size(staying)) < share[staying["programme"]])
    start = day(school_year + 1, 8, 18)
    programme, unit = national_places(county, rng, staying, start)
    goes = wanted & (programme != staying["programme"]) & (age(staying, school_year + 1) <= OLDEST + 1)
    rows = np.flatnonzero(stays)[goes] + size(segments) - len(stays)
    segments["end"][rows] = day(school_year + 1, 6, 14)
    segments["end_event"][rows] = PROGRAMME_CHANGE
    moved = enrolled(county, rng, staying, programme, unit, np.full(size(staying), start))
    moved["study_year"] = np.ones(size(staying), dtype=np.int64)
    moved["years"] = staying["years"]
    return {name: np.where(goes, moved[name], staying[name]) for name in staying}
