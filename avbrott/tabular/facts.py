"""Single cells that SPEC names by file: what the attacker has, what must stay shown, what earlier outputs showed.

Not here: what the engine makes of them (``disclosure``), nor how an output is written (``write``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from avbrott.counting.spec import Table
from avbrott.disclosure.protect import Protection
from avbrott.errors import BadInput
from avbrott.table import TOTAL
from avbrott.tabular.layout import WINDOWS, Layout
from avbrott.tabular.output import Output, read_output
from avbrott.tabular.read import ROW, WHOLE, read_columns, refuse_rows
from avbrott.tabular.spec import PUBLIC_COLUMNS, RECORD_COLUMNS, WITNESS_COLUMNS, file_names
from avbrott.tabular.spec_file import SpecFile

COUNT = "count"


@dataclass(frozen=True, slots=True)
class Facts:
    """``known`` and ``keep``: dimensions (and ``count``), ``ROW`` and ``file``. ``previous``: earlier outputs' records."""

    known: pl.DataFrame
    keep: pl.DataFrame
    previous: tuple[Previous, ...] = ()


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier output: where it lies, its cells (as in its record) and its witnesses, in the dimensions of now."""

    folder: Path
    cells: pl.DataFrame
    witnesses: pl.DataFrame
    codes: dict[str, set[str]] = field(default_factory=dict)


def read_facts(spec: SpecFile, layout: Layout, zeros: str) -> Facts:
    """Read the files that SPEC names. ``BadInput`` where one names a code that is not there."""
    known = [_cells(layout, spec.beside(name), counts=True) for name in spec.spec.known]
    keep = [_cells(layout, spec.beside(spec.spec.keep), counts=False)] if spec.spec.keep else []
    previous = tuple(_previous(layout, read_output(spec.beside(name)), zeros) for name in spec.spec.previous)
    return Facts(_together(layout, known, counts=True), _together(layout, keep, counts=False), previous)


def tables_of(layout: Layout, cells: Iterable[pl.DataFrame]) -> list[Table]:
    """Latent tables for the crossings of ``cells`` that no table of ``layout`` has."""
    names = list(layout.names)
    finest = {name: layout.system.dimensions[name].finest for name in names}
    found: dict[str, Table] = {}
    for frame in cells:
        for way in frame.select(_way(layout)).unique().sort(names).iter_rows(named=True):
            wanted: dict[str, tuple[str, ...]] = {
                name: (finest[name] if level == WINDOWS else level,) for name, level in way.items() if level
            }
            pooled = frozenset(name for name, level in way.items() if level == WINDOWS)
            if not any(_has(table, wanted, pooled) for table in layout.system.tables):
                words = " x ".join(layout.names[name] for name in wanted)
                found[str(way)] = Table(words, wanted, windows=pooled, latent=True)
    return list(found.values())


def _way(layout: Layout) -> list[pl.Expr]:
    """By dimension the level of a cell's code; empty for the total."""
    return [pl.col(name).replace_strict(layout.level_of(name), return_dtype=pl.String) for name in layout.names]


def _has(table: Table, wanted: dict[str, tuple[str, ...]], pooled: frozenset[str]) -> bool:
    return pooled <= table.windows and all(set(levels) <= set(table.levels.get(name, ())) for name, levels in wanted.items())


def _together(layout: Layout, frames: list[pl.DataFrame], *, counts: bool) -> pl.DataFrame:
    schema: dict[str, type[pl.DataType]] = dict.fromkeys(layout.names, pl.String)
    schema |= {COUNT: pl.Int64} if counts else {}
    empty = pl.DataFrame(schema={**schema, ROW: pl.Int64, "file": pl.String})
    return pl.concat([empty, *(frame.select(empty.columns) for frame in frames)])


def _cells(layout: Layout, path: Path, *, counts: bool) -> pl.DataFrame:
    """Cells listed in a file: a column a dimension (left out: the total), and their counts."""
    outside = dict(zip(file_names(list(layout.names.values()), PUBLIC_COLUMNS), layout.names, strict=True))
    additive = {name: layout.system.dimensions[inside].total for name, inside in outside.items()}
    needed = [name for name, total in additive.items() if not total]
    read = read_columns(path, [*needed, *([COUNT] if counts else [])], [*outside])
    frame = read.rename({name: inside for name, inside in outside.items() if name in read.columns})
    frame = frame.with_columns(pl.lit(TOTAL).alias(name) for name in layout.names if name not in frame.columns)
    if counts:
        refuse_rows(frame, ~pl.col(COUNT).fill_null("").str.contains(WHOLE), "INPUT_COUNT", path, COUNT)
        frame = frame.with_columns(pl.col(COUNT).cast(pl.Int64))
    nobody = pl.col(COUNT) == 0 if counts else pl.lit(False)
    for name, inside in outside.items():
        strange = ~pl.col(inside).is_in(sorted(layout.level_of(inside))).fill_null(False)
        refuse_rows(frame, strange & ~nobody, "INPUT_CODE_UNKNOWN", path, name)
        frame = frame.filter(~strange)
    twice = pl.struct(list(layout.names)).is_duplicated()
    refuse_rows(frame, twice, "INPUT_CELL_TWICE", path, next(iter(outside)))
    return frame.with_columns(file=pl.lit(str(path)))


def _previous(layout: Layout, output: Output, zeros: str) -> Previous:
    """An earlier output in the dimensions of now: a new one stands at its total, one that is gone must have stood there."""
    record = output.record()
    if record.policy.zeros == "shown" and zeros != "shown":
        raise BadInput("PREVIOUS_ZEROS", folder=output.folder)
    inside = {outside: name for name, outside in layout.names.items()}
    cells, witnesses = record.cells, record.witnesses
    frames = []
    for frame in (cells, witnesses):
        placed = frame
        for old, outside in record.names.items():
            if outside not in inside:
                _refuse(placed.filter(pl.col(old) != TOTAL), output.folder, outside)
                placed = placed.drop(old)
        placed = placed.rename({old: f"_{old}" for old, outside in record.names.items() if outside in inside})
        placed = placed.rename({f"_{old}": inside[outside] for old, outside in record.names.items() if outside in inside})
        placed = placed.with_columns(pl.lit(TOTAL).alias(name) for name in layout.names if name not in placed.columns)
        frames.append(placed)
    told = frames[0]
    for name, outside in layout.names.items():
        _refuse(told.filter(~pl.col(name).is_in(sorted(layout.level_of(name)))), output.folder, outside)
    codes = {name: set(told[name].to_list()) for name in layout.names}
    order = list(layout.names)
    return Previous(
        output.folder,
        told.select(*order, *RECORD_COLUMNS),
        frames[1].select(WITNESS_COLUMNS[0], *order, WITNESS_COLUMNS[1]),
        codes,
    )


def _refuse(rows: pl.DataFrame, folder: Path, dimension: str) -> None:
    if rows.height:
        raise BadInput("PREVIOUS_CODE_UNKNOWN", folder=folder, dimension=dimension, cells=rows.height)


@dataclass(frozen=True, slots=True)
class Held:
    """The facts held against the cells of now: what the engine is given."""

    earlier: pl.DataFrame
    known: pl.DataFrame
    keep: pl.DataFrame
    previous: Protection | None
    dearness: pl.DataFrame | None
    """By cell of an earlier output what ``cost: previous`` makes of it."""


SHOWN_BEFORE, HIDDEN_BEFORE = 10.0, 0.1
"""How dear a cell is to hide that readers had the last time, and one that they did not have."""


def hold_facts(layout: Layout, facts: Facts, cells: pl.DataFrame) -> Held:
    """Facts beside ``cells`` (``cube``). ``BadInput`` where a known count is another, or an earlier cell has changed."""
    names = list(layout.names)
    now = cells.select(*names, "published", _now=COUNT)
    beside = facts.known.join(now, on=names, how="left")
    for file in facts.known["file"].unique().sort():
        wrong = pl.col(COUNT) != pl.col("_now").fill_null(0)
        refuse_rows(beside.filter(pl.col("file") == file), wrong, "KNOWN_DIFFERS", Path(file), COUNT)
    shown, taken = [], [beside.filter(pl.col("_now").is_not_null()).select(*names, COUNT)]
    for previous in facts.previous:
        same = _same(layout, previous, now)
        both = previous.cells.join(now.drop("published"), on=names, how="inner")
        shown.append(both.filter((pl.col("status") == "shown") & (pl.col("published"))).select(*names, COUNT))
        shown.append(same)
        taken.append(both.filter(pl.col("fact") == "known").select(*names, COUNT))
    earlier = pl.concat([facts.known.select(*names, COUNT).clear(), *shown]).unique(names)
    public = earlier.join(now.filter("published"), on=names, how="semi").sort(names)
    latent = earlier.join(now.filter(~pl.col("published")), on=names, how="semi")
    known = pl.concat([*taken, latent]).unique(names).join(public, on=names, how="anti").sort(names)
    before = _before(names, facts.previous)
    dearness = None
    if before is not None:
        dear = pl.when(pl.col("status") == "shown").then(SHOWN_BEFORE).otherwise(HIDDEN_BEFORE)
        dearness = before.cells.select(*names, dearness=dear)
    return Held(public, known, facts.keep, before, dearness)


def _same(layout: Layout, previous: Previous, now: pl.DataFrame) -> pl.DataFrame:
    """Zeros that ``previous`` did not list, and everybody therefore knows; every cell it had is what it was."""
    names = list(layout.names)
    beside = previous.cells.join(now, on=names, how="left")
    changed = beside.filter(pl.col(COUNT) != pl.col("_now").fill_null(0)).height
    inside = [pl.col(name).is_in(sorted(codes)) for name, codes in previous.codes.items()]
    level = [expression.name.prefix("_") for expression in _way(layout)]
    ways = previous.cells.filter("published").select(level).unique()
    unlisted = now.filter(pl.all_horizontal(inside)).join(previous.cells, on=names, how="anti")
    unlisted = unlisted.with_columns(level).join(ways, on=ways.columns, how="semi")
    changed += unlisted.filter(pl.col("_now") > 0).height
    if changed:
        raise BadInput("PREVIOUS_CHANGED", folder=previous.folder, cells=changed)
    return unlisted.select(*names, pl.col("_now").alias(COUNT))


def _before(names: list[str], previous: tuple[Previous, ...]) -> Protection | None:
    """Earlier outputs as one protection; the last that SPEC names has the word on a cell."""
    if not previous:
        return None
    cells = pl.concat([one.cells for one in reversed(previous)]).unique(names, keep="first", maintain_order=True)
    parts, start = [], 0
    for one in previous:
        parts.append(one.witnesses.with_columns(pl.col("witness") + start))
        start += one.witnesses["witness"].n_unique() and int(one.witnesses["witness"].to_numpy().max()) + 1
    return Protection(cells, pl.concat(parts))
