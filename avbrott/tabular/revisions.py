"""What has changed since earlier outputs: which slices need vintages, these vintages, and the list of what was decided.

A slice is one combination of codes of the dimensions without a total; sums never leave it, but windows and coarser codes of
these dimensions do. Only slices in which a count has changed, and those that they tie to these, are kept in vintages. Not
here: what the engine makes of them (``disclosure``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import polars as pl

from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.disclosure.protect import Protection
from avbrott.tabular.facts import COUNT, way_of
from avbrott.tabular.layout import Layout
from avbrott.tabular.output import Vintages
from avbrott.tabular.previous import Previous
from avbrott.tabular.spec import PART_COLUMNS, RECORD_COLUMNS, VINTAGE

HIDDEN, SHOWN = "hidden", "shown"
"""What can be decided about a new figure beside an old one."""


@dataclass(frozen=True, slots=True)
class Since:
    """An earlier output beside the cells of now."""

    output: Previous
    same: pl.DataFrame
    """Its cells in slices where every count is what it was."""
    other: pl.DataFrame
    """Its cells in the other slices, and in those that windows and coarser codes tie to these."""
    zeros: pl.DataFrame
    """Cells of now in unchanged slices that it did not list: zero, and everybody knows it (dimensions, ``count``)."""


def compare(layout: Layout, output: Previous, cells: pl.DataFrame, parts: pl.DataFrame | None) -> Since:
    """``output`` beside ``cells`` (``cube``), which has every crossing of it.

    ``parts`` say whose persons the cells hold: where these are others' a slice has changed, though no count has.
    """
    names = list(layout.names)
    now = cells.select(*names, _now=COUNT)
    beside = output.cells.join(now, on=names, how="left")
    level = [expression.name.prefix("_") for expression in way_of(layout)]
    ways = output.cells.filter("published").select(level).unique()
    inside = [pl.col(name).is_in(sorted(codes)) for name, codes in output.codes.items()]
    unlisted = now.filter(pl.all_horizontal(inside)).join(output.cells, on=names, how="anti")
    unlisted = unlisted.with_columns(level).join(ways, on=ways.columns, how="semi")
    changed = [
        frame.select(names)
        for frame in (
            beside.filter(pl.col(COUNT) != pl.col("_now").fill_null(0)),
            unlisted.filter(pl.col("_now") > 0),
            _of_others(names, output, parts),
        )
    ]
    slices = [name for name in names if not layout.system.dimensions[name].total]
    touched = _tied(layout, slices, set(pl.concat(changed).select(slices).iter_rows()))
    if slices:
        rows = pl.DataFrame(sorted(touched), schema=dict.fromkeys(slices, pl.String), orient="row")
        split = [
            (frame.join(rows, on=slices, how="anti"), frame.join(rows, on=slices, how="semi"))
            for frame in (output.cells, unlisted)
        ]
    else:
        any_changed = bool(sum(frame.height for frame in changed))
        split = [(frame.clear(), frame) if any_changed else (frame, frame.clear()) for frame in (output.cells, unlisted)]
    (same, other), (zeros, _) = split
    return Since(output, same, other, zeros.select(*names, pl.col("_now").alias(COUNT)))


def _of_others(names: list[str], output: Previous, parts: pl.DataFrame | None) -> pl.DataFrame:
    """Cells of ``output`` of which a provider has more or fewer now."""
    if output.parts is None or parts is None:
        return output.cells.clear()
    both = output.parts.join(parts.rename({COUNT: "_now"}), on=[*names, "provider"], how="full", coalesce=True)
    other = both.filter(pl.col(COUNT).fill_null(0) != pl.col("_now").fill_null(0))
    return output.cells.join(other, on=names, how="semi")


def with_hidden_zeros(layout: Layout, cells: pl.DataFrame, since: tuple[Since, ...]) -> pl.DataFrame:
    """``cells`` with the zeros that an earlier output listed as hidden and no table lists now: they can be somebody still.

    In slices in which nothing has changed since any output. Elsewhere a zero of one vintage alone would be a difference.
    """
    names = list(layout.names)
    slices = [name for name in names if not layout.system.dimensions[name].total]
    hidden = [
        one.same.filter("published", pl.col("status") != SHOWN, pl.col(COUNT) == 0).select(*names, COUNT, published=False)
        for one in since
    ]
    if not hidden:
        return cells
    zeros = pl.concat(hidden).unique(names).join(cells, on=names, how="anti")
    # A table of now lists what it hides: what it does not list is zero to everybody.
    ways = [expression.name.suffix(" ") for expression in way_of(layout)]
    listed = cells.filter("published").select(ways).unique()
    zeros = zeros.with_columns(ways).join(listed, on=listed.columns, how="anti")
    for one in since:
        if slices:
            zeros = zeros.join(one.other, on=slices, how="anti")
        elif one.other.height:
            zeros = zeros.clear()
    return pl.concat([cells, zeros.select(cells.columns)]).sort(names)


def _tied(layout: Layout, slices: list[str], touched: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Slices with the windows and coarser codes that hold them, and all that is in these: every sum with all its parts."""
    for up in (True, False):
        for at, name in enumerate(slices):
            others: dict[str, list[str]] = {}
            for over, under in _holding(layout.system.dimensions[name]):
                here, there = (under, over) if up else (over, under)
                others.setdefault(here, []).append(there)
            touched |= {(*one[:at], there, *one[at + 1 :]) for one in touched for there in others.get(one[at], ())}
    return touched


def _holding(dimension: Dimension) -> set[tuple[str, str]]:
    """Every code or window with each finer code that it holds."""
    found = {(window, code) for window, codes in dimension.windows().items() for code in codes}
    for hierarchy in dimension.hierarchies:
        for over, under in combinations(hierarchy, 2):
            found.update(dimension.members.select(over, pl.col(under).alias(f"{under} ")).iter_rows())
    return found


def with_vintages(layout: Layout, since: tuple[Since, ...]) -> Vintages | None:
    """The system with what earlier outputs had of the slices that differ; None where nothing does."""
    revised = [one for one in since if one.other.height]
    if not revised:
        return None
    codes = [f"{place:03}" for place in range(len(revised) + 1)]
    names = list(layout.names)
    shown = (pl.col("status") == "shown") & pl.col("published")
    fact = pl.when(shown).then(pl.lit("previous")).when(pl.col("fact") == "known").then(pl.lit("known")).alias("fact")
    cells = [
        one.other.with_columns(pl.lit(code).alias(VINTAGE), fact).select(VINTAGE, *names, *RECORD_COLUMNS)
        for code, one in zip(codes, revised, strict=False)
    ]
    vintage = Dimension(VINTAGE, pl.DataFrame({VINTAGE: codes}), ((VINTAGE,),), total=False)
    spec = SystemSpec(
        layout.system.name,
        layout.system.dimensions | {VINTAGE: vintage},
        _tables([*(one.output.tables for one in revised), layout.system.tables], codes),
        vintage=VINTAGE,
        observed=layout.system.observed,
    )
    kinds = {"witness": pl.Int64(), **dict.fromkeys([VINTAGE, *names], pl.String()), "delta": pl.Int64()}
    ids = {code: one.output.id for code, one in zip(codes, revised, strict=False)}
    moves, parts = pl.DataFrame(schema=kinds), _parts(names, dict(zip(codes, revised, strict=False)))
    return Vintages(spec, ids, pl.concat(cells).sort(VINTAGE, *names), moves, parts)


def _parts(names: list[str], revised: dict[str, Since]) -> pl.DataFrame | None:
    """Whose persons the cells of the vintages hold; None where one has no record of it."""
    found = []
    for code, one in revised.items():
        if one.output.parts is None:
            return None
        held = one.output.parts.join(one.other, on=names, how="semi")
        found.append(held.select(pl.lit(code).alias(VINTAGE), *names, *PART_COLUMNS))
    return pl.concat(found).sort(VINTAGE, *names, "provider")


def _tables(by_vintage: list[tuple[Table, ...]], codes: list[str]) -> tuple[Table, ...]:
    """The tables of every vintage: those that all of them have once, the others for each that has them."""
    alike: dict[str, tuple[Table, list[str]]] = {}
    for tables, code in zip(by_vintage, codes, strict=True):
        for table in tables:
            key = repr((sorted(table.levels.items()), sorted(table.windows), table.latent))
            held = alike.setdefault(key, (table, []))[1]
            if code not in held:
                held.append(code)
    found = []
    for table, held in alike.values():
        if held == codes:
            found.append(replace(table, levels={**table.levels, VINTAGE: (VINTAGE,)}))
        else:
            found += [replace(table, where={VINTAGE: code}) for code in held]
    return tuple(replace(table, name=f"{at}. {table.name.split('. ', 1)[-1]}") for at, table in enumerate(found, start=1))


def divided(whole: Protection, vintages: Vintages | None) -> tuple[Protection, Vintages | None]:
    """The protection of the cells of now, and what its witnesses move of earlier vintages."""
    if vintages is None:
        return whole, None
    of_now = pl.col(VINTAGE) == vintages.now
    cells = whole.cells.filter(of_now).drop(VINTAGE)
    counted = {status: int((cells["status"] == status).sum()) for status in ("unsafe", "complementary")}
    now = Protection(
        cells,
        whole.witnesses.filter(of_now).drop(VINTAGE),
        {**whole.summary, "cells": cells.height, **counted},
        whole.seconds,
    )
    return now, replace(vintages, witnesses=whole.witnesses.filter(~of_now))


def revision_rows(layout: Layout, vintages: Vintages, cells: pl.DataFrame) -> pl.DataFrame:
    """Every published figure that is another than in an earlier vintage, and what was decided about the new one.

    ``cells`` is the record of now. Columns ``VINTAGE`` (the earlier one's), the dimensions, ``old``, ``new``, ``decision``.
    """
    names = list(layout.names)
    told = [VINTAGE, *names]
    now = cells.select(*names, new=COUNT, _status="status", _row="published")
    rows = []
    for code in vintages.ids:
        old = vintages.cells.filter(pl.col(VINTAGE) == code).select(*names, old=COUNT, _was="published")
        slices = [name for name in names if not layout.system.dimensions[name].total]
        here = now.join(old.select(slices).unique(), on=slices, how="semi") if slices else now
        both = here.join(old, on=names, how="full", coalesce=True).with_columns(pl.lit(code).alias(VINTAGE))
        public = pl.col("_row").fill_null(value=False) | pl.col("_was").fill_null(value=False)
        both = both.with_columns(pl.col("old").fill_null(0), pl.col("new").fill_null(0))
        rows.append(both.filter(public & (pl.col("old") != pl.col("new"))))
    decision = pl.when(pl.col("_status").fill_null(SHOWN) == SHOWN).then(pl.lit(SHOWN)).otherwise(pl.lit(HIDDEN))
    return pl.concat(rows).select(*told, "old", "new", decision=decision).sort(told)
