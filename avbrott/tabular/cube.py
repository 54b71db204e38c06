"""Every cell of every table from base cells: those that hold anybody, and the zeros that may be hidden.

A combination that is not a cell is a zero, and known to be one. Where zeros may be hidden, every combination of codes that a
published table has a row for is a cell, or what is listed and hidden would be known to hold somebody. Not so what one code
alone divides: the code is there because somebody has it. Beside a sensitive code or a base zeros are cells there too: where
a total holds anybody, each part of it over the dimension of such a rule is a cell, or what is hidden there could only be the
total itself. In the crossings of latent tables, too, there are no other zeros.
"""

from __future__ import annotations

from itertools import product
from math import prod

import polars as pl

from avbrott.counting.spec import Dimension, Table
from avbrott.errors import BadInput
from avbrott.policy import Policy
from avbrott.table import TOTAL
from avbrott.tabular.layout import WINDOWS, Layout
from avbrott.tabular.read import Base

MOST = 100_000
"""How many crossings of levels a table may have: each is counted by itself, and holds a cell at least."""

Way = tuple[str | None, ...]
"""By dimension the level that a group of cells is at; None for the total."""


def count_cube(layout: Layout, base: Base, policy: Policy) -> pl.DataFrame:
    """The cells of ``layout``: the dimensions (String), ``count``, ``published``. Sorted by the dimensions."""
    dimensions = layout.system.dimensions
    held = base.frame.filter(pl.col("count") > 0)
    published = {way for table in layout.system.tables if not table.latent for way in _ways(dimensions, table)}
    grouped = {way: _grouped(dimensions, held, way) for way in _every_way(layout)}
    held_by = grouped
    for name in sorted(policy.ruled):
        grouped = {way: _with_zeros(dimensions, held, grouped, way, name) for way in grouped}
    if policy.zeros == "may_hide":
        grouped = {
            way: _with_all_zeros(dimensions, held_by, way, grouped[way]) if way in published else grouped[way]
            for way in grouped
        }
    parts = [frame.with_columns(published=pl.lit(way in published)) for way, frame in grouped.items()]
    return pl.concat(parts).sort(list(dimensions))


def count_parts(layout: Layout, base: Base) -> pl.DataFrame:
    """Whose persons the cells of ``layout`` hold: the dimensions, ``provider``, ``count``; a row where a provider has any.

    ``base`` is grouped by provider. Sorted.
    """
    dimensions = layout.system.dimensions
    held = base.frame.filter(pl.col("count") > 0)
    parts = [_grouped(dimensions, held, way, "provider") for way in _every_way(layout)]
    return pl.concat(parts).sort([*dimensions, "provider"]).select(*dimensions, "provider", "count")


def _every_way(layout: Layout) -> list[Way]:
    return sorted({way for table in layout.system.tables for way in _ways(layout.system.dimensions, table)}, key=str)


def _ways(dimensions: dict[str, Dimension], table: Table) -> set[Way]:
    choices: list[list[str | None]] = []
    for name, dimension in dimensions.items():
        total: list[str | None] = [None] if dimension.total else []
        windows = [WINDOWS] if name in table.windows else []
        choices.append([*total, *table.levels.get(name, ()), *windows])
    crossings = prod(map(len, choices))
    if crossings > MOST:
        raise BadInput("TABLE_TOO_WIDE", table=table.name, crossings=crossings, most=MOST)
    return set(product(*choices))


def _grouped(dimensions: dict[str, Dimension], held: pl.DataFrame, way: Way, *besides: str) -> pl.DataFrame:
    columns = []
    for (name, dimension), level in zip(dimensions.items(), way, strict=True):
        if level == WINDOWS:
            held = held.join(_windows(dimension, name), on=dimension.finest)
        columns.append((pl.lit(TOTAL) if level is None else pl.col(name if level == WINDOWS else level)).alias(name))
    return held.select(*columns, *besides, "count").group_by(*dimensions, *besides).agg(pl.col("count").sum())


def _windows(dimension: Dimension, name: str) -> pl.DataFrame:
    pairs = [(window, code) for window, codes in dimension.windows().items() for code in codes]
    return pl.DataFrame(pairs, schema={name: pl.String, dimension.finest: pl.String}, orient="row")


def _with_zeros(
    dimensions: dict[str, Dimension], held: pl.DataFrame, grouped: dict[Way, pl.DataFrame], way: Way, name: str
) -> pl.DataFrame:
    """The cells at ``way``, and the zeros into which the totals over ``name`` could be divided there."""
    at = list(dimensions).index(name)
    level = way[at]
    over = (*way[:at], None, *way[at + 1 :])
    if level is None or over not in grouped:
        return grouped[way]
    if level == WINDOWS:
        codes = (
            held.select(dimensions[name].finest).unique().join(_windows(dimensions[name], name), on=dimensions[name].finest)
        )
        parts = codes.select(name).unique()
    else:
        parts = held.select(pl.col(level).alias(name)).unique()
    found = grouped[way]
    zeros = grouped[over].drop(name).join(parts, how="cross").select(found.columns)
    zeros = zeros.with_columns(count=pl.lit(0, pl.Int64)).join(found, on=list(dimensions), how="anti")
    return pl.concat([found, zeros])


def _with_all_zeros(
    dimensions: dict[str, Dimension], held_by: dict[Way, pl.DataFrame], way: Way, found: pl.DataFrame
) -> pl.DataFrame:
    """The cells at ``way`` (``found``), and every other combination of the codes that somebody has in the same slice.

    A slice is a combination of codes of dimensions without a total. Not where one code alone divides a slice.
    """
    names = list(dimensions)
    slices = [name for name in names if not dimensions[name].total]
    coded = [name for name, level in zip(names, way, strict=True) if level is not None and name not in slices]
    if len(coded) < 2:
        return found
    every = held_by[tuple(level if name in slices else None for name, level in zip(names, way, strict=True))].select(names)
    for one in coded:
        alone = tuple(level if name in slices or name == one else None for name, level in zip(names, way, strict=True))
        codes = held_by[alone].select(*slices, one)
        every = every.drop(one).join(codes, on=slices) if slices else every.drop(one).join(codes, how="cross")
    zeros = every.join(found, on=names, how="anti").with_columns(count=pl.lit(0, pl.Int64))
    return pl.concat([found, zeros], how="diagonal")
