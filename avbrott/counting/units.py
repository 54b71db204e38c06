"""Dimensions whose codes are school units: which unit a person counts at, and which units a school year cannot have.

A unit has a time, which everybody knows; outside it, and where the unit is not listed, a person is at another school.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from avbrott.counting.spec import Never
from avbrott.periods import SchoolYear
from avbrott.registry import Contracts
from avbrott.table import OTHER


def units_of(contracts: Contracts, system: str) -> list[str]:
    """The dimensions of ``system`` whose codes are school units."""
    return [name for name in contracts.systems[system].dimensions if contracts.dimensions[name].units_of]


def at_units(base: pl.DataFrame, contracts: Contracts, system: str) -> pl.DataFrame:
    """Base cells with the units of their school year, everybody else at ``other``; sorted as before."""
    for name in units_of(contracts, system):
        period = contracts.systems[system].period
        years = [SchoolYear.parse(each) for each in base[period].drop_nulls().unique().sort().to_list()]
        pairs = [(str(year), code) for year in years for code in _open_units(contracts, name, year)]
        known = pl.DataFrame(pairs, schema={period: pl.String, name: pl.String}, orient="row")
        names = [column for column in base.columns if column != "count"]
        elsewhere = base.join(known, on=[period, name], how="anti").with_columns(pl.lit(OTHER).alias(name))
        elsewhere = elsewhere.group_by(names).agg(pl.col("count").sum())
        base = pl.concat([base.join(known, on=[period, name], how="semi"), elsewhere]).sort(names)
    return base


def never_at_units(contracts: Contracts, system: str, years: Sequence[SchoolYear], found: pl.DataFrame) -> Iterator[Never]:
    """What no school year has: units outside their time, and another school where ``found`` has nobody there."""
    period = contracts.systems[system].period
    for name in units_of(contracts, system):
        codes = {code.code for code in contracts.codes(name)}
        elsewhere = set(found.filter(pl.col(name) == OTHER)[period].to_list())
        for year in years:
            open_ = {*_open_units(contracts, name, year), *([OTHER] if str(year) in elsewhere else [])}
            if codes - open_:
                yield Never(period, frozenset([str(year)]), name, frozenset(codes - open_))


def _open_units(contracts: Contracts, name: str, year: SchoolYear) -> list[str]:
    """The units that there are on the reference date of ``year``."""
    day = year.reference_date
    return [code.code for code in contracts.codes(name) if code.code != OTHER and code.is_valid(day, day)]
