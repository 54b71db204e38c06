"""Who begins, and who goes where: draws of new pupils, of schools and of programmes. What a year does to them is ``life``'s.

A pool is a dict of arrays of one length, a row a pupil who is enrolled or about to be: see ``POOL``.
"""

from __future__ import annotations

import numpy as np

from avbrott.synthetic.county import County
from avbrott.synthetic.draws import Bools, Ints, categories, day, rows_of

Pool = dict[str, Ints]

POOL = (
    "person",  # position in the table of persons
    "home",  # position in County.homes
    "woman",  # 1 or 0
    "birth",  # day of birth
    "unit",  # position in County.units
    "programme",  # position in County.programmes
    "path",  # position in County.path_codes
    "study_year",  # 1 to 4
    "years",  # school years since the first
    "spell_start",  # first day of the enrolment
    "since",  # from which day on this school year can happen to the pupil
    "start_event",  # how the enrolment began: EVENTS
)

EVENTS = ("", "AVB", "UPP", "PBY", "SBY", "ATG", "EXA", "STB", "UTF", "AVL")
"""How an enrolment began or ended; positions are the codes of columns of events. Empty: nothing is reported."""
NONE, DROPOUT, PAUSE, PROGRAMME_CHANGE, SCHOOL_CHANGE, RETURN, DIPLOMA, CERTIFICATE, EMIGRATED, DECEASED = range(10)


def joined(pools: list[Pool]) -> Pool:
    """All rows of the pools, in their order."""
    return {name: np.concatenate([pool[name] for pool in pools]) for name in pools[0]} if pools else nobody()


def nobody() -> Pool:
    """A pool without rows."""
    return {name: np.zeros(0, dtype=np.int64) for name in POOL}


def only(pool: Pool, rows: Bools | Ints) -> Pool:
    """The rows of a pool that ``rows`` selects."""
    return {name: column[rows] for name, column in pool.items()}


def size(pool: Pool) -> int:
    """How many rows a pool has."""
    return len(pool["person"])


def entrants(county: County, rng: np.random.Generator, count: int, school_year: int) -> Pool:
    """``count`` pupils who begin in August of a school year; fewer only where no unit offers anything."""
    woman = (rng.random(count) < county.women_share).astype(np.int64)
    home = categories(rng, count, county.home_weights)
    start = day(school_year, 8, 16) + rng.integers(0, 8, count)
    start += np.where(rng.random(count) < 0.03, rng.integers(7, 40, count), 0)
    programme, unit = places(county, rng, home, woman, int(day(school_year, 8, 20)))
    older = categories(rng, count, [0.855, 0.11, 0.035])
    older = np.where(county.introductory[programme] & (rng.random(count) < 0.35), np.minimum(older + 1, 2), older)
    year = np.full(count, school_year) - 16 - older
    birth = np.array([day(school_year - 20 + y, 1, 1) for y in range(6)])[year - (school_year - 20)] + rng.integers(
        0, 365, count
    )
    pool: Pool = {
        "person": np.zeros(count, dtype=np.int64),
        "home": home,
        "woman": woman,
        "birth": birth,
        "unit": unit,
        "programme": programme,
        "path": county.paths(programme, start, rng.random(count)),
        "study_year": np.ones(count, dtype=np.int64),
        "years": np.zeros(count, dtype=np.int64),
        "spell_start": start,
        "since": start,
        "start_event": np.zeros(count, dtype=np.int64),
    }
    return only(pool, unit >= 0)


def places(county: County, rng: np.random.Generator, home: Ints, woman: Ints, on: int) -> tuple[Ints, Ints]:
    """A programme and a unit for each pupil; a unit of -1 where nothing is offered anywhere."""
    choices = county.choices(on)
    offered = choices[:, :, -1] > 0
    women, men = county.programme_weights
    programme = np.zeros(len(home), dtype=np.int64)
    for sex, weights in ((1, women), (0, men)):
        mine = woman == sex
        programme[mine] = rows_of(rng, np.cumsum(offered[home[mine]] * weights, axis=1))
    unit = np.where(programme >= 0, rows_of(rng, choices[home, programme]), -1)
    return np.maximum(programme, 0), unit


def other_programmes(county: County, rng: np.random.Generator, pool: Pool, on: int) -> Ints:
    """Another programme of the same unit for each pupil, national; the same where the unit has no other."""
    table = county.within_unit(on)[pool["unit"]]
    weights = np.diff(table, axis=1, prepend=0.0)
    weights[:, county.introductory] = 0.0
    weights[np.arange(len(weights)), pool["programme"]] = 0.0
    drawn = rows_of(rng, np.cumsum(weights, axis=1))
    return np.where(drawn >= 0, drawn, pool["programme"])


def introductory_programmes(county: County, rng: np.random.Generator, pool: Pool, on: int) -> Ints:
    """An introductory programme of the same unit for each pupil; the same programme where the unit has none."""
    weights = np.diff(county.within_unit(on)[pool["unit"]], axis=1, prepend=0.0) * county.introductory
    drawn = rows_of(rng, np.cumsum(weights, axis=1))
    return np.where(drawn >= 0, drawn, pool["programme"])


def national_places(county: County, rng: np.random.Generator, pool: Pool, on: int) -> tuple[Ints, Ints]:
    """A national programme and a unit that has it for each pupil; both unchanged where there is none."""
    choices = county.choices(on)
    offered = (choices[:, :, -1] > 0) & ~county.introductory
    women, men = county.programme_weights
    weights = np.where(pool["woman"][:, None] == 1, women, men)
    programme = rows_of(rng, np.cumsum(offered[pool["home"]] * weights, axis=1))
    unit = rows_of(rng, choices[pool["home"], np.maximum(programme, 0)])
    there = (programme >= 0) & (unit >= 0)
    return np.where(there, programme, pool["programme"]), np.where(there, unit, pool["unit"])


def other_units(county: County, rng: np.random.Generator, pool: Pool, on: int) -> Ints:
    """Another unit with the same programme for each pupil; the same unit where there is none."""
    weights = np.diff(county.choices(on)[pool["home"], pool["programme"]], axis=1, prepend=0.0)
    weights[np.arange(len(weights)), pool["unit"]] = 0.0
    drawn = rows_of(rng, np.cumsum(weights, axis=1))
    return np.where(drawn >= 0, drawn, pool["unit"])


def enrolled(county: County, rng: np.random.Generator, pool: Pool, programme: Ints, unit: Ints, start: Ints) -> Pool:
    """The pool as enrolled anew on a day."""
    return pool | {
        "programme": programme,
        "unit": unit,
        "path": county.paths(programme, start, rng.random(size(pool))),
        "spell_start": start,
        "since": start,
        "start_event": np.zeros(size(pool), dtype=np.int64),
    }
