"""The county's years one after the other, until its last: who begins, and every segment of every enrolment.

The stock is kept at the wanted number on each 15 October: whoever is missing begins. A few years run before the first one
that is delivered, so that the first year has pupils in every year of study.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from avbrott.synthetic.county import County
from avbrott.synthetic.draws import OPEN, day, generator, month_starts, pseudonyms
from avbrott.synthetic.life import Segments, Year, live, recoded, rehoused
from avbrott.synthetic.pupils import DROPOUT, Pool, entrants, joined, nobody, only, size

YEARS_BEFORE = 5
"""School years that are lived before the first delivered one."""

PERSONS, LIVES, FOLK_HIGH_SCHOOLS = 1, 2, 3
"""Parts of the county with a generator of their own."""


@dataclass(frozen=True)
class Simulated:
    """Persons (``pseudonym``, home, woman, birth; the row is the person) and their segments, sorted by person and start."""

    persons: pl.DataFrame
    segments: pl.DataFrame


def simulate(county: County, *, pupils: int, first: int, last: int, seed: int) -> Simulated:
    """Live the school years ``first`` to ``last`` with ``pupils`` enrolled on each 15 October."""
    rng = generator(seed, LIVES)
    staying, waiting = nobody(), nobody()
    begun: list[Pool] = []
    segments: list[Segments] = []
    school_years = range(first - YEARS_BEFORE, last + 1)
    for school_year in school_years:
        ending = day(school_year + 1, 6, 30)
        back = waiting["since"] <= ending
        known = _whole_year(county, rng, joined([staying, only(waiting, back)]), school_year)
        wanted = pupils - _enrolled_on(known.segments, day(school_year, 10, 15))
        if school_year < first:
            wanted = min(wanted, -(-pupils // 3))
        new = _beginners(county, rng, max(wanted, 0), school_year, sum(map(size, begun)))
        begun.append(new[0])
        of_year = joined([known.segments, new[1].segments])
        staying = joined([known.staying, new[1].staying])
        staying = recoded(county, rng, staying, of_year, school_year)
        staying = rehoused(county, rng, staying, of_year, school_year)
        waiting = joined([only(waiting, ~back), known.returning, new[1].returning])
        segments.append(of_year)
    after = _folk_high_school(county, joined(segments), school_years, seed)
    return _tables(county, joined(begun), joined([*segments, after]), seed)


def _whole_year(county: County, rng: np.random.Generator, pool: Pool, school_year: int) -> Year:
    """Live a year, and again for those who come back before it ends."""
    ending = day(school_year + 1, 6, 30)
    years: list[Year] = []
    away: list[Pool] = []
    while size(pool) or not years:
        year = live(county, rng, pool, school_year)
        soon = year.returning["since"] <= ending
        years.append(year)
        away.append(only(year.returning, ~soon))
        pool = only(year.returning, soon)
    return Year(joined([y.segments for y in years]), joined([y.staying for y in years]), joined(away))


def _beginners(county: County, rng: np.random.Generator, wanted: int, school_year: int, base: int) -> tuple[Pool, Year]:
    """As many entrants as it takes for ``wanted`` of them to be enrolled on 15 October, and their first year."""
    drawn = entrants(county, rng, wanted + wanted // 12 + 20 if wanted else 0, school_year)
    drawn["person"] = base + np.arange(size(drawn))
    year = _whole_year(county, rng, drawn, school_year)
    there = year.segments["person"][_covering(year.segments, day(school_year, 10, 15))]
    last = np.sort(there)[wanted - 1] if 0 < wanted <= len(there) else base + (size(drawn) if wanted else 0) - 1
    chosen = Year(*(only(part, part["person"] <= last) for part in (year.segments, year.staying, year.returning)))
    return only(drawn, drawn["person"] <= last), chosen


def _covering(segments: Segments, on: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return (segments["since"] <= on) & (segments["end"] >= on)


def _enrolled_on(segments: Segments, on: int) -> int:
    return int(_covering(segments, on).sum())


def _folk_high_school(county: County, segments: Segments, school_years: range, seed: int) -> Segments:
    """Enrolments at a folk high school of part of those who left and did not come back, cut into school years."""
    rng = generator(seed, FOLK_HIGH_SCHOOLS)
    calibration = county.calibration.dropout.folk_high_school
    units = np.flatnonzero(county.is_folk_high_school)
    latest = np.zeros(int(segments["person"].max(initial=0)) + 1, dtype=np.int64)
    np.maximum.at(latest, segments["person"], segments["since"])
    gone = (segments["end_event"] == DROPOUT) & (segments["since"] == latest[segments["person"]])
    rows = np.flatnonzero(gone & (rng.random(size(segments)) < calibration.share)) if len(units) else np.zeros(0, np.int64)
    left = only(segments, rows)
    months = rng.integers(calibration.first_month, calibration.last_month + 1, len(rows))
    start = left["end"] + months * 30
    end = start + rng.integers(120, 290, len(rows))
    path = county.path_codes.index(calibration.study_path)
    spell = left | {
        "unit": units[rng.integers(0, max(len(units), 1), len(rows))] if len(units) else left["unit"],
        "path": np.full(len(rows), path),
        "programme": np.full(len(rows), -1),
        "spell_start": start,
        "start_event": np.zeros(len(rows), np.int64),
        "end_event": np.zeros(len(rows), np.int64),
    }
    cut: list[Segments] = [only(spell | {"end": end}, np.zeros(0, np.int64))]
    for school_year in school_years:
        opening, *_, closing = month_starts(school_year).tolist()
        inside = (start < closing) & (end >= opening)
        part = spell | {
            "since": np.maximum(start, opening),
            "end": np.where(end < closing, end, OPEN),
            "school_year": np.full(len(rows), school_year),
        }
        cut.append(only(part, inside))
    return joined(cut)


def _tables(county: County, begun: Pool, segments: Segments, seed: int) -> Simulated:
    """Persons and segments as frames."""
    names = generator(seed, PERSONS)
    persons = pl.DataFrame({name: begun[name] for name in ("person", "home", "woman", "birth")})
    persons = persons.with_columns(pseudonyms(names, persons.height))
    frame = pl.DataFrame({name: column for name, column in segments.items() if name not in ("woman", "birth", "home")})
    units = pl.DataFrame(
        {
            "unit": range(len(county.units)),
            "provider": [supplier.id for supplier in county.suppliers],
            "folk_high_school": county.is_folk_high_school,
        },
        schema_overrides={"unit": pl.Int64, "provider": pl.String},
    )
    frame = frame.rename({"since": "start"}).join(units, on="unit", how="left", maintain_order="left")
    return Simulated(persons, frame.sort("person", "start"))
