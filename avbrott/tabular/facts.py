"""Single cells that SPEC names by file: what the attacker has, and what must stay shown.

Not here: what earlier outputs showed (``previous``), and what the engine makes of either (``held``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from avbrott.counting.spec import Table
from avbrott.table import TOTAL
from avbrott.tabular.layout import WINDOWS, Layout
from avbrott.tabular.read import ROW, WHOLE, read_columns, refuse_rows, whole_number
from avbrott.tabular.spec import PUBLIC_COLUMNS, file_names
from avbrott.tabular.spec_file import SpecFile

COUNT = "count"


@dataclass(frozen=True, slots=True)
class Facts:
    """``known`` and ``keep``: dimensions (and ``count``), ``ROW`` and ``file``."""

    known: pl.DataFrame
    keep: pl.DataFrame


def read_facts(spec: SpecFile, layout: Layout) -> Facts:
    """Read the files that SPEC names. ``BadInput`` where one names a code that is not there."""
    known = [_cells(layout, spec.beside(name), counts=True) for name in spec.spec.known]
    keep = [_cells(layout, spec.beside(spec.spec.keep), counts=False)] if spec.spec.keep else []
    return Facts(_together(layout, known, counts=True), _together(layout, keep, counts=False))


def tables_of(layout: Layout, cells: Iterable[pl.DataFrame]) -> list[Table]:
    """Latent tables for the crossings of ``cells`` that no table of ``layout`` has."""
    names = list(layout.names)
    finest = {name: layout.system.dimensions[name].finest for name in names}
    found: dict[str, Table] = {}
    for frame in cells:
        for way in frame.select(way_of(layout)).unique().sort(names).iter_rows(named=True):
            wanted: dict[str, tuple[str, ...]] = {
                name: (finest[name] if level == WINDOWS else level,) for name, level in way.items() if level
            }
            pooled = frozenset(name for name, level in way.items() if level == WINDOWS)
            if not any(_has(table, wanted, pooled) for table in layout.system.tables):
                words = " x ".join(layout.names[name] for name in wanted)
                found[str(way)] = Table(words, wanted, windows=pooled, latent=True)
    return list(found.values())


def way_of(layout: Layout) -> list[pl.Expr]:
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
    read = read_columns(path, [*needed, *([COUNT] if counts else [])], [*outside], PUBLIC_COLUMNS)
    frame = read.rename({name: inside for name, inside in outside.items() if name in read.columns})
    frame = frame.with_columns(pl.lit(TOTAL).alias(name) for name in layout.names if name not in frame.columns)
    if counts:
        refuse_rows(frame, ~pl.col(COUNT).fill_null("").str.contains(WHOLE), "INPUT_COUNT", path, COUNT)
        frame = frame.with_columns(whole_number(COUNT))
    nobody = pl.col(COUNT) == 0 if counts else pl.lit(False)
    for name, inside in outside.items():
        strange = ~pl.col(inside).is_in(sorted(layout.level_of(inside))).fill_null(False)
        refuse_rows(frame, strange & ~nobody, "INPUT_CODE_UNKNOWN", path, name)
        frame = frame.filter(~strange)
    twice = pl.struct(list(layout.names)).is_duplicated()
    refuse_rows(frame, twice, "INPUT_CELL_TWICE", path, next(iter(outside)))
    return frame.with_columns(file=pl.lit(str(path)))
