"""How dear each cell is to hide: what readers had the last time, known bases, or public figures. Never a hidden count.

A public figure belongs to codes. It is found by them for every cell, whether INPUT has a row for it or not: which rows there
are hangs on the counts. Not here: what structure makes of costs (``disclosure``).
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import polars as pl

from avbrott.errors import BadInput
from avbrott.table import TOTAL
from avbrott.tabular.facts import way_of
from avbrott.tabular.held import Held
from avbrott.tabular.layout import Layout
from avbrott.tabular.read import Base
from avbrott.tabular.spec import Spec

DEAREST, CHEAPEST = 100.0, 0.1
"""How far a public figure can make a cell dearer or cheaper to hide than the mean."""


def dearness_of(source: Path, spec: Spec, layout: Layout, base: Base, cells: pl.DataFrame, held: Held) -> pl.DataFrame | None:
    """By cell how dear it is to hide; None: structure alone decides. ``source`` is the INPUT that messages name."""
    if spec.cost == "one":
        return None
    if spec.cost == "previous":
        return held.dearness
    names = list(layout.names)
    figure = _known_bases(spec, layout, cells) if spec.cost == "base" else _figures(source, spec, layout, base, cells)
    # Which cells no published table has hangs on who is in them.
    mean = float(figure.join(cells.filter("published"), on=names, how="semi").select(pl.col("_figure").mean()).item() or 0.0)
    return figure.select(*names, dearness=(pl.col("_figure") / (mean or 1.0)).clip(CHEAPEST, DEAREST).fill_null(1.0))


def _known_bases(spec: Spec, layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """By cell the total over the dimension of the rule; null where no table divides it, so that it is no base."""
    assert spec.policy.base is not None
    at = next(name for name, outside in layout.names.items() if outside == spec.policy.base.dimension)
    names = list(layout.names)
    others = [name for name in names if name != at]
    ways = [f"{name} " for name in others]
    placed = cells.with_columns(expression.name.suffix(" ") for expression in way_of(layout))
    divided = placed.filter(pl.col(at) != TOTAL).select(pl.lit(value=True).alias("_divided"), *ways).unique()
    bases = cells.filter(pl.col(at) == TOTAL).select(*others, _base="count")
    if others:
        found = placed.join(divided, on=ways, how="left").join(bases, on=others, how="left")
    else:
        found = placed.join(divided, how="cross").join(bases, how="cross")
    return found.select(*names, _figure=pl.when("_divided").then(pl.col("_base").fill_null(0).cast(pl.Float64)))


def _figures(source: Path, spec: Spec, layout: Layout, base: Base, cells: pl.DataFrame) -> pl.DataFrame:
    """By cell the largest figure of the codes in it."""
    carriers = _carriers(source, spec, layout, base)
    finest = {name: layout.system.dimensions[name].finest for name in carriers}
    told = base.frame.select(*finest.values(), _figure="figure").unique()
    places = cells.select(carriers).unique()
    for name, level in finest.items():
        dimension = layout.system.dimensions[name]
        inside = dimension.belongs(dimension.levels, windows=True).rename({"code": name, "finest": level})
        places = places.join(inside, on=name)
    if not carriers:
        return cells.select(list(layout.names)).join(told, how="cross")
    largest = places.join(told, on=list(finest.values())).group_by(carriers).agg(pl.col("_figure").max())
    return cells.select(list(layout.names)).join(largest, on=carriers, how="left")


def _carriers(source: Path, spec: Spec, layout: Layout, base: Base) -> list[str]:
    """The fewest dimensions whose codes settle the figure.

    ``BadInput`` where these are several and INPUT lacks a combination of their codes: that nobody is there would tell.
    """
    dimensions = layout.system.dimensions
    sets = (list(chosen) for size in range(len(dimensions) + 1) for chosen in combinations(dimensions, size))
    carriers = next(chosen for chosen in sets if _settled_by(base, [dimensions[name].finest for name in chosen]))
    levels = [dimensions[name].finest for name in carriers]
    every = 1
    for level in levels:
        every *= base.frame[level].n_unique()
    if levels and (missing := every - base.frame.select(levels).n_unique()):
        columns = ", ".join(spec.columns[int(level[1:])] for level in levels)
        raise BadInput("INPUT_FIGURE_MISSING", file=source, column=spec.cost, columns=columns, missing=missing)
    return carriers


def _settled_by(base: Base, levels: list[str]) -> bool:
    """Whether rows with the same codes at ``levels`` have the same figure."""
    told = base.frame.select(*levels, "figure").unique()
    return told.height == (told.select(levels).n_unique() if levels else 1)
