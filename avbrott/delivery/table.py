"""A file as columns of text, whatever form it came in: what every reader of this folder gives. No value is judged here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

SEPARATOR = ","
SEPARATORS = (SEPARATOR, ";", "\t")
"""What may separate the fields of a text file."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file as a file: a blocking finding that does not know its provider yet."""

    code: str
    field: str = ""
    rows: tuple[int, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Assumed:
    """What a reader took for granted, told with how often. ``doubtful``: it could as well be otherwise, and needs a look."""

    code: str
    field: str = ""
    rows: tuple[int, ...] = ()
    count: int = 1
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A file as columns of text by their place (``0``, ``1`` ...; null where empty), and ``row``: the physical line.

    In a workbook ``row`` is the sheet's row, in Parquet the number of the row, in JSON that of the object.
    """

    header: tuple[str, ...]
    frame: pl.DataFrame
    faults: tuple[Fault, ...] = ()
    encoding: str = "UTF-8"
    separator: str = SEPARATOR
    assumed: tuple[Assumed, ...] = ()
    below: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """The next few rows as they stand, with their numbers: one of them can be the header, under a title."""
    beside: tuple[tuple[str, ...], ...] = ()
    """The first rows of the workbook's sheets that were not read: there can be headers among them."""


def unusable(code: str, *, encoding: str = "UTF-8", rows: tuple[int, ...] = ()) -> Table:
    """A file that cannot be used at all: no column, and why."""
    return Table((), pl.DataFrame(), (Fault(code, rows=rows),), encoding)


def of_cells(header: Sequence[str], rows: Sequence[Sequence[str | None]], places: Sequence[int]) -> pl.DataFrame:
    """The frame of a table from rows of cells as wide as the header, and where each row stands."""
    schema = {str(place): pl.String for place in range(len(header))}
    frame = pl.DataFrame(list(rows), schema=schema, orient="row") if rows else pl.DataFrame(schema=schema)
    empty_is_null = pl.all().replace("", None)
    return frame.select(empty_is_null).with_columns(row=pl.Series("row", list(places), dtype=pl.Int64))
