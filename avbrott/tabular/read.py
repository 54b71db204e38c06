"""INPUT read: persons one a row, or counts in long form, into base cells. What cannot be used is told by its place.

An error names file, line and column, never a value. Not here: which cells there are (``cube``).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import polars as pl

from avbrott.delivery.read import read_content
from avbrott.delivery.table import Table
from avbrott.errors import BadInput
from avbrott.rights import forbidden
from avbrott.table import TOTAL
from avbrott.tabular.kind import is_parquet, refuse_other_kind, refuse_quoted_rows
from avbrott.tabular.spec import Spec
from avbrott.tabular.words import words

WHOLE = r"^[0-9]{1,12}(\.0)?$"
"""A whole number, also as a column of Parquet has it that could hold fractions."""
FIGURE = r"^[0-9]{1,15}(\.[0-9]{1,15})?$"
YEAR = r"^(19|20|21)[0-9]{2}$"
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
    rows: int
    """How many rows INPUT has."""
    unused: tuple[str, ...]
    """Columns of INPUT that SPEC does not use."""
    countlike: tuple[str, ...]
    """Those of them that look like counts, where SPEC names no column of counts."""
    digest: str
    """The sha256 of the file."""


def read_base(path: Path, spec: Spec) -> Base:
    """Read INPUT. ``BadInput`` names the file, and the first line and the column of what is wrong."""
    wanted = [*spec.columns, *filter(None, (spec.count, spec.cost_column, spec.provider_column))]
    content = _content(path)
    read = _table(path, content)
    table = _chosen(path, read, wanted)
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
        spaced = pl.col("provider").str.strip_chars() != pl.col("provider")
        refuse_rows(frame, spaced, "INPUT_CODE_SPACES", path, spec.provider_column)
        by.append("provider")
    for column, name in names.items():
        code = pl.col(name)
        refuse_rows(frame, code.fill_null("").str.strip_chars() == "", "INPUT_CODE_EMPTY", path, column)
        refuse_rows(frame, code.str.strip_chars() != code, "INPUT_CODE_SPACES", path, column)
        refuse_rows(frame, code.str.to_lowercase().is_in([TOTAL.lower(), *words().sums]), "INPUT_CODE_SUM", path, column)
    for dimension in spec.dimensions:
        _refuse_hierarchy(frame, path, spec, dimension, names)
    if spec.cost_column is not None:
        other = pl.col("figure") != pl.col("figure").first().over(list(names.values()))
        refuse_rows(frame, other, "INPUT_FIGURE_VARIES", path, spec.cost_column)
    if frame["count"].cast(pl.Float64).sum() >= MOST:
        raise BadInput("INPUT_TOO_MANY", file=path)
    figures = [pl.col("figure").first()] if spec.cost_column else []
    grouped = frame.group_by(by).agg(pl.col("count").sum(), *figures)
    unused = {name.strip(): place for place, name in enumerate(read.header) if name.strip() not in {*wanted, ""}}
    counts = () if spec.count is not None else _countlike(read, unused, single=grouped.height == frame.height)
    return Base(grouped.sort(by), frame.height, tuple(unused), counts, hashlib.sha256(content).hexdigest())


def read_columns(
    path: Path, wanted: Sequence[str], optional: Sequence[str] = (), besides: Collection[str] = ()
) -> pl.DataFrame:
    """Columns of a file of cells as text, and ``ROW``. ``besides``: names of columns that it may have and that tell nothing.

    Any other column is refused: a name that is mistyped would otherwise stand for no column at all.
    """
    table = _table(path, _content(path))
    header = [name.strip() for name in table.header]
    allowed = [*dict.fromkeys([*wanted, *optional])]
    strange = [place for place, name in enumerate(header) if name not in {*allowed, *besides}]
    if strange:
        # Without a header line a row stands in its place, and is not told.
        known = set(header) & {*allowed, *besides}
        told = [header[place] if known and header[place] else f"#{place + 1}" for place in strange]
        raise BadInput("INPUT_COLUMN_UNKNOWN", file=path, columns=", ".join(told), allowed=", ".join(allowed))
    return _chosen(path, table, [*wanted, *(column for column in optional if column in header)])


def whole_number(column: str) -> pl.Expr:
    """A column of text that matches ``WHOLE``, as a number."""
    return pl.col(column).str.strip_suffix(".0").cast(pl.Int64).alias(column)


def refuse_rows(frame: pl.DataFrame, wrong: pl.Expr, code: str, path: Path, column: str) -> None:
    """``BadInput`` where ``wrong`` holds for a row: its first line, and how many there are."""
    rows = frame.filter(wrong)[ROW]
    if len(rows):
        raise BadInput(code, file=path, line=rows.min(), column=column, rows=len(rows))


def _chosen(path: Path, table: Table, wanted: Sequence[str]) -> pl.DataFrame:
    """The columns that are wanted, and ``ROW``: the physical line, in Parquet the row number."""
    header = [name.strip() for name in table.header]
    wanted = list(dict.fromkeys(wanted))
    for column in wanted:
        if column not in header:
            refuse_quoted_rows(path, header)
            raise BadInput("INPUT_COLUMN_MISSING", file=path, column=column)
        if header.count(column) > 1:
            raise BadInput("INPUT_COLUMN_TWICE", file=path, column=column)
    if not table.frame.height:
        raise BadInput("INPUT_EMPTY", file=path)
    return table.frame.select(*(pl.col(str(header.index(name))).alias(name) for name in wanted), pl.col("row").alias(ROW))


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise BadInput("INPUT_IS_FOLDER", folder=path)
    if not path.is_file():
        raise BadInput("INPUT_MISSING", file=path)
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix.lower() == ".gz" else content
    except PermissionError:
        raise forbidden(path) from None
    except (OSError, EOFError, zlib.error):
        raise BadInput("INPUT_UNREADABLE", file=path) from None


def _table(path: Path, content: bytes) -> Table:
    parquet = is_parquet(path)
    refuse_other_kind(path, content)
    table = read_content(content, kind=".parquet" if parquet else ".csv", exact=True)
    for fault in table.faults:
        if fault.code in _FAULTS:
            refuse_quoted_rows(path, table.header)
            code = "INPUT_PARQUET" if parquet and fault.code == "FILE_UNREADABLE" else _FAULTS[fault.code]
            raise BadInput(code, file=path, line=fault.rows[0] if fault.rows else 1, rows=fault.count)
    return _without_fractions(table, content) if parquet else table


def _without_fractions(table: Table, content: bytes) -> Table:
    """Whole numbers that Parquet holds as floats, as whoever wrote them reads them: a year with a gap is 2020, not 2020.0."""
    floats = [str(at) for at, kind in enumerate(pl.read_parquet_schema(io.BytesIO(content)).values()) if kind.is_float()]
    return replace(table, frame=table.frame.with_columns(pl.col(floats).str.replace(r"\.0$", "")))


def _measures(spec: Spec, path: Path, table: pl.DataFrame) -> list[pl.Expr]:
    measures = [pl.lit(1, pl.Int64).alias("count")]
    if spec.count is not None:
        refuse_rows(table, ~pl.col(spec.count).fill_null("").str.contains(WHOLE), "INPUT_COUNT", path, spec.count)
        measures = [whole_number(spec.count).alias("count")]
    if spec.cost_column is not None:
        column = spec.cost_column
        refuse_rows(table, ~pl.col(column).fill_null("").str.contains(FIGURE), "INPUT_FIGURE", path, column)
        measures.append(pl.col(column).cast(pl.Float64).alias("figure"))
    return measures


def _countlike(table: Table, unused: dict[str, int], *, single: bool) -> tuple[str, ...]:
    """Columns of whole numbers that are called as counts are, or are no years in a file where no combination comes twice."""

    def holds_counts(name: str, place: int) -> bool:
        column = table.frame[str(place)]
        if not column.fill_null("").str.contains(WHOLE).all():
            return False
        return name.lower() in words().counts or (single and not column.str.contains(YEAR).all())

    return tuple(name for name, place in unused.items() if holds_counts(name, place))


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
