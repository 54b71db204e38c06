"""Headers that do not stand on the first row, as in lists with a title above them, or nowhere, or more than once.

What stands above a header can say anything, so the rows are not read from below it: it is told where the headers are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Sequence

import polars as pl

from avbrott.delivery.table import SEPARATORS, Assumed, Table
from avbrott.findings import ROWS_KEPT

SEARCHED = 10
"""Headers are looked for on so many rows."""
_LINE = 65536
_FIGURES = re.compile(r"[\s.,:/+-]*\d[\s\d.,:/+-]*")
"""A number or a day, which no column is called."""
_LIST = 3
"""So many fields make a list: a row of fewer can have a header's words by chance."""
_FEW = 2
"""Of a header, so many columns may be called by figures: those of years, for example."""

Below = tuple[tuple[int, tuple[str, ...]], ...]


def rows_below(content: bytes) -> Below:
    """The rows of a text in UTF-8 among the first that are not the first, with their lines, each by its own separator."""
    lines = [(place, line) for place, line in enumerate(content[:_LINE].splitlines()[:SEARCHED], start=1) if line.strip()]
    return tuple((place, _fields(line)) for place, line in lines[1:])


def headers_below(table: Table, terms: Collection[str], names: Callable[[Sequence[str]], list[str]]) -> int | None:
    """The row that has the headers of ``terms``, where the first row has few of them; None where there is none.

    ``names``: what the columns of a header are called.
    """
    wanted = set(terms)
    if 2 * len(wanted & set(names(table.header))) >= len(wanted):
        return None
    return next((row for row, cells in table.below if 2 * len(wanted & set(names(cells))) >= len(wanted)), None)


def has_no_headers(table: Table, terms: Collection[str], names: Callable[[Sequence[str]], list[str]]) -> bool:
    """Whether the first row is no header but one of values: its figures are more than the columns of ``terms`` in it."""
    figures = sum(_FIGURES.fullmatch(cell) is not None for cell in table.header)
    return figures > max(_FEW, len(set(terms) & set(names(table.header))))


def without_header_again(header: Sequence[str], frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Assumed]]:
    """The rows that are not the header once more, as where lists were put one below the other."""
    if len(header) < _LIST or not header[0]:
        return frame, []
    alike = frame.filter(pl.col("0") == header[0])
    again = alike.filter(pl.all_horizontal(pl.col(str(place)).fill_null("") == name for place, name in enumerate(header)))
    if again.is_empty():
        return frame, []
    rows = again["row"]
    told = Assumed("READ_HEADER_AGAIN", rows=tuple(rows.head(ROWS_KEPT)), count=rows.len())
    return frame.filter(~pl.col("row").is_in(rows.implode())), [told]


def _fields(line: bytes) -> tuple[str, ...]:
    text = line.decode("utf-8", "replace")
    separator = max(SEPARATORS, key=text.count)
    try:
        return tuple(next(csv.reader([text], delimiter=separator), []))
    except csv.Error:
        return ()
