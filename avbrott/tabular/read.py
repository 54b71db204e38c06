"""INPUT read: persons one a row, or counts in long form, into base cells. What cannot be used is told by its place.

An error names file, line and column, never a value. Not here: which cells there are (``cube``).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import polars as pl

from avbrott.delivery.read import Table, read_content
from avbrott.errors import BadInput
from avbrott.table import TOTAL
from avbrott.tabular.spec import Spec

WHOLE = r"^[0-9]{1,12}$"
FIGURE = r"^[0-9]{1,15}(\.[0-9]{1,15})?$"
MOST = 2**40
"""The engine reckons with fewer persons than this."""

ROW = "\0row"
"""A name that no column of a CSV file has."""
_FAULTS = {
    "FILE_EMPTY": "INPUT_EMPTY",
    "FILE_UNREADABLE": "INPUT_UNREADABLE",
    "FILE_ENCODING": "INPUT_ENCODING",
    "ROW_WIDTH": "INPUT_ROW_WIDTH",
}


@dataclass(frozen=True, slots=True)
class Base:
    """Rows of INPUT grouped by all levels: ``l0``, ``l1`` ... (String, in the order of ``Spec.columns``), ``count`` Int64.

    With a column of public figures also ``figure`` Float64; with one of providers grouped by ``provider`` (String) as well.
    Sorted; groups without persons are kept.
    """

    frame: pl.DataFrame


def read_base(path: Path, spec: Spec) -> Base:
    """Read INPUT. ``BadInput`` names the file, and the first line and the column of what is wrong."""
    wanted = [*spec.columns, *filter(None, (spec.count, spec.cost_column, spec.provider_column))]
    table = read_columns(path, wanted)
    names = {column: f"l{place}" for place, column in enumerate(spec.columns)}
    frame = table.select(
        *(pl.col(column).alias(names[column]) for column in spec.columns), *_measures(spec, path, table), ROW
    )
    by = list(names.values())
    if spec.provider_column is not None:
        whose = pl.Series("provider", table[spec.provider_column], pl.String)
        frame = frame.with_columns(whose)
        refuse_rows(
            frame, pl.col("provider").fill_null("").str.strip_chars() == "", "INPUT_CODE_EMPTY", path, spec.provider_column
        )
        by.append("provider")
    for column, name in names.items():
        refuse_rows(frame, pl.col(name).fill_null("").str.strip_chars() == "", "INPUT_CODE_EMPTY", path, column)
        refuse_rows(frame, pl.col(name) == TOTAL, "INPUT_CODE_RESERVED", path, column)
    for dimension in spec.dimensions:
        _refuse_hierarchy(frame, path, spec, dimension, names)
    if frame["count"].cast(pl.Float64).sum() >= MOST:
        raise BadInput("INPUT_TOO_MANY", file=path)
    figures = [pl.col("figure").max()] if spec.cost_column else []
    grouped = frame.group_by(by).agg(pl.col("count").sum(), *figures)
    return Base(grouped.sort(by))


def read_columns(path: Path, wanted: Sequence[str], optional: Sequence[str] = ()) -> pl.DataFrame:
    """Columns of a CSV (also .gz) or Parquet file as text, and ``ROW``: the physical line, in Parquet the row number."""
    table = _table(path)
    header = [name.strip() for name in table.header]
    wanted = list(dict.fromkeys([*wanted, *(column for column in optional if column in header)]))
    for column in wanted:
        if column not in header:
            raise BadInput("INPUT_COLUMN_MISSING", file=path, column=column)
        if header.count(column) > 1:
            raise BadInput("INPUT_COLUMN_TWICE", file=path, column=column)
    if not table.frame.height:
        raise BadInput("INPUT_EMPTY", file=path)
    return table.frame.select(*(pl.col(str(header.index(name))).alias(name) for name in wanted), pl.col("row").alias(ROW))


def _table(path: Path) -> Table:
    if not path.is_file():
        raise BadInput("INPUT_MISSING", file=path)
    try:
        content = path.read_bytes()
        if path.suffix.lower() == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise BadInput("INPUT_UNREADABLE", file=path) from None
    table = read_content(content, parquet=path.suffix.lower() == ".parquet")
    for fault in table.faults:
        raise BadInput(_FAULTS[fault.code], file=path, line=fault.rows[0] if fault.rows else 1, rows=fault.count)
    return table


def refuse_rows(frame: pl.DataFrame, wrong: pl.Expr, code: str, path: Path, column: str) -> None:
    """``BadInput`` where ``wrong`` holds for a row: its first line, and how many there are."""
    rows = frame.filter(wrong)[ROW]
    if len(rows):
        raise BadInput(code, file=path, line=rows.min(), column=column, rows=len(rows))


def _measures(spec: Spec, path: Path, table: pl.DataFrame) -> list[pl.Expr]:
    measures = [pl.lit(1, pl.Int64).alias("count")]
    if spec.count is not None:
        refuse_rows(table, ~pl.col(spec.count).fill_null("").str.contains(WHOLE), "INPUT_COUNT", path, spec.count)
        measures = [pl.col(spec.count).cast(pl.Int64).alias("count")]
    if spec.cost_column is not None:
        column = spec.cost_column
        refuse_rows(table, ~pl.col(column).fill_null("").str.contains(FIGURE), "INPUT_FIGURE", path, column)
        measures.append(pl.col(column).cast(pl.Float64).alias("figure"))
    return measures


def _refuse_hierarchy(frame: pl.DataFrame, path: Path, spec: Spec, dimension: str, names: dict[str, str]) -> None:
    """Each code stands at one level and under one code of each level above it."""
    levels = spec.levels(dimension)
    codes = frame.select(*(names[level] for level in levels), ROW).group_by([names[level] for level in levels])
    lines = codes.agg(pl.col(ROW).min()).sort(ROW)
    taken = pl.DataFrame(schema={"code": pl.String})
    for level in levels:
        refuse_rows(lines, pl.col(names[level]).is_in(taken["code"].implode()), "INPUT_CODE_LEVELS", path, level)
        taken = pl.concat([taken, lines.select(code=pl.col(names[level])).unique()])
    for hierarchy in spec.dimensions[dimension]:
        for coarse, fine in pairwise(hierarchy):
            first = pl.col(names[coarse]).first().over(names[fine])
            refuse_rows(lines, pl.col(names[coarse]) != first, "INPUT_CODE_PARENTS", path, fine)
