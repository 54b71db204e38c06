"""Frames read back from an output's files, in the engine's names and of the kinds that were written. Which: ``output``."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from avbrott.errors import BadInput
from avbrott.rights import forbidden
from avbrott.tabular.layout import Layout

MOST = 2**42
"""What a file holds is reckoned with, and must stay far below 2**63 where millions are added."""
WHOLE = "^(0|[1-9][0-9]{0,12})$"
"""A count as it is written in text, of as many persons as INPUT may have: no sign, blank, point or needless zero."""

Kind = type[pl.DataType]


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file must hold besides the dimensions: each column's kind, and those of them that may be empty."""

    kinds: Mapping[str, Kind]
    empty: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.kinds)


def read_csv(file: Path) -> pl.DataFrame:
    """A CSV file as text. ``BadInput`` where it cannot be read."""
    try:
        return pl.read_csv(file.read_bytes(), infer_schema=False)
    except PermissionError:
        raise forbidden(file) from None
    except (OSError, ValueError, pl.exceptions.PolarsError):
        raise BadInput("OUTPUT_UNREADABLE", file=file) from None


def read_parquet(file: Path) -> pl.DataFrame:
    """A Parquet file. ``BadInput`` where it cannot be read."""
    try:
        return pl.read_parquet(io.BytesIO(file.read_bytes()))
    except PermissionError:
        raise forbidden(file) from None
    except (OSError, ValueError, pl.exceptions.PolarsError):
        raise BadInput("OUTPUT_UNREADABLE", file=file) from None


def strange_notes(file: Path) -> int:
    """How many notes a Parquet file carries beside its columns, other than the form of these."""
    return len(pl.read_parquet_metadata(io.BytesIO(file.read_bytes())).keys() - {"ARROW:schema"})


def fitted(layout: Layout, frame: pl.DataFrame, columns: Iterable[str], file: Path) -> pl.DataFrame:
    """The dimensions, in the engine's names, and ``columns``. ``BadInput`` where one is missing or a cell lacks a code."""
    columns = tuple(columns)
    found = layout.unnamed(frame, columns)
    if {*layout.names, *columns} - set(found.columns):
        raise BadInput("OUTPUT_UNREADABLE", file=file)
    found = found.select(*layout.names, *columns)
    codes = found.select(*layout.names)
    if set(codes.dtypes) - {pl.String()} or any(codes.null_count().row(0)):
        raise BadInput("OUTPUT_UNREADABLE", file=file)
    return found


def strange_columns(layout: Layout, frame: pl.DataFrame, columns: Iterable[str]) -> int:
    """How many columns the file has besides the dimensions and ``columns``."""
    return len(set(layout.unnamed(frame, tuple(columns)).columns) - {*layout.names, *columns})


def whole(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column of whole numbers as Int64; null where it has something else, or one that cannot be reckoned with."""
    if not frame[name].dtype.is_integer():
        return pl.lit(None, pl.Int64).alias(name)
    number = pl.col(name).cast(pl.Int64, strict=False)
    return pl.when(number.is_between(-MOST, MOST)).then(number).alias(name)


def read_exactly(layout: Layout, columns: Columns, file: Path) -> pl.DataFrame:
    """A Parquet file of the record. ``BadInput`` where a column is not of its kind, or empty where it may not be."""
    found = fitted(layout, read_parquet(file), columns.names, file)
    found = found.with_columns(whole(found, name) for name, kind in columns.kinds.items() if kind is pl.Int64)
    for name, kind in columns.kinds.items():
        if found[name].dtype != kind or (name not in columns.empty and found[name].null_count()):
            raise BadInput("RECORD_UNREADABLE", file=file)
    return found
