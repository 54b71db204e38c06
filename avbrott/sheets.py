"""The sheets of an .xlsx workbook, cell for cell as its library gives them. What they mean is their readers'.

A workbook is an archive, and one made with ill will asks for more memory than there is: how large its parts say they are is
looked at before any is opened, and how many rows and columns they hold while they are read.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from dataclasses import dataclass, field
from typing import Any

_PARTS = 2_000
_SMALL = 4_000_000
_PACKED = 200
"""Of a part of more bytes than that, unpacked, each packed byte holds at most so many. Real sheets have some thirty."""
_CELLS = 40_000_000
"""Of all sheets, gaps included: twenty columns of the longest sheet twice over. A file of few bytes can have more gaps."""

_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]*?ref=["'][A-Z]+(\d{1,7}):[A-Z]+(\d{1,7})["']""")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\s(?:[^<>]*?\s)?hidden=["'](?:1|true)["'][^<>]*>""")
_HIDDEN_COLUMN = re.compile(rb"""<(?:\w+:)?col\s(?:[^<>]*?\s)?hidden=["'](?:1|true)["'][^<>]*>""")
_NUMBER = {name: re.compile(rb"""\s%s=["'](\d{1,7})["']""" % name) for name in (b"r", b"min", b"max")}
_PIECE = 1 << 20
_LONGEST = 1024
"""No mention of merged cells, of a row or of columns has so many bytes."""
UNNUMBERED = 0
"""A hidden row that does not say which it is."""

Row = tuple[object, ...]


class NotAWorkbook(Exception):
    """The bytes are no workbook, or a damaged one. Says nothing of what stands in them."""


class TooLarge(Exception):
    """The workbook unpacks to more than its reader takes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader takes: bytes of all parts, unpacked; rows and columns of a sheet."""

    unpacked_bytes: int
    rows: int
    columns: int


OURS = "Avbrott"
"""Whom a workbook that this program makes names as its creator; a spreadsheet program leaves that as it is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet and its rows from the first; None where a cell is empty."""

    title: str
    shown: bool
    rows: list[Row]
    merged: list[tuple[int, int]] = field(default_factory=list)
    """The first and the last row of cells that are one cell over several rows: only the first row has their value."""
    hidden_rows: frozenset[int] = frozenset()
    """Those that nobody sees, by a filter, a group or by hand; ``UNNUMBERED`` among them where it is not said which."""
    hidden_columns: tuple[tuple[int, int], ...] = ()
    """The first and the last of columns that nobody sees, from 1."""


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook: its sheets in their order, and whether this program made it, for somebody to fill in."""

    sheets: list[Sheet]
    is_ours: bool


def read_book(content: bytes, limits: Limits, first: int | None = None) -> Book:
    """Read the bytes of an .xlsx file: all sheets, or the ``first`` ones. ``NotAWorkbook``, ``TooLarge``."""
    if _unpacked(content) > limits.unpacked_bytes:
        raise TooLarge
    try:
        with warnings.catch_warnings(action="ignore"):
            return _read(content, limits, first)
    except (TooLarge, MemoryError):
        raise
    except Exception:  # noqa: BLE001  the library alone is asked here, and has no error of its own for what is damaged
        raise NotAWorkbook from None


def _unpacked(content: bytes) -> int:
    """How many bytes the archive says that it holds, which is all that is unpacked of it; ``TooLarge`` for a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise NotAWorkbook from None
    if len(parts) > _PARTS or any(one.file_size > max(_SMALL, _PACKED * one.compress_size) for one in parts):
        raise TooLarge
    return sum(part.file_size for part in parts)


def _read(content: bytes, limits: Limits, first: int | None) -> Book:
    from openpyxl import load_workbook

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        room = [_CELLS]
        sheets = [
            Sheet(one.title, one.sheet_state == "visible", _rows(one, limits, room), *_drawn(content, one))
            for one in workbook.worksheets[:first]
        ]
        return Book(sheets, workbook.properties.creator == OURS)
    finally:
        workbook.close()


def _rows(sheet: Any, limits: Limits, room: list[int]) -> list[Row]:
    """The rows of a sheet; its cells are taken from the ``room`` that all sheets have together."""
    sheet.reset_dimensions()  # what a workbook says of its own size is often wrong
    found: list[Row] = []
    for row in sheet.iter_rows(values_only=True):
        room[0] -= len(row)
        if len(found) == limits.rows or len(row) > limits.columns or room[0] < 0:
            raise TooLarge
        found.append(row)
    return found


def _drawn(content: bytes, sheet: Any) -> tuple[list[tuple[int, int]], frozenset[int], tuple[tuple[int, int], ...]]:
    """What the sheet's own text says of merged cells and hidden rows and columns.

    Its library says it only of sheets that it holds whole.
    """
    merged, rows, columns = set[tuple[int, int]](), set[int](), set[tuple[int, int]]()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(sheet._worksheet_path) as text:  # noqa: SLF001  its only name
        before = b""
        while piece := text.read(_PIECE):
            seen = before + piece
            if b"mergeCell" in seen:
                merged |= {(int(first), int(last)) for first, last in _MERGED.findall(seen)}
            if b"hidden" in seen:  # which most sheets have nowhere
                rows |= {_said(b"r", mention, UNNUMBERED) for mention in _HIDDEN_ROW.findall(seen)}
                columns |= {(_said(b"min", each, 1), _said(b"max", each, 1)) for each in _HIDDEN_COLUMN.findall(seen)}
            before = piece[-_LONGEST:]
    return sorted((first, last) for first, last in merged if last > first), frozenset(rows), tuple(sorted(columns))


def _said(name: bytes, mention: bytes, otherwise: int) -> int:
    found = _NUMBER[name].search(mention)
    return int(found[1]) if found else otherwise
