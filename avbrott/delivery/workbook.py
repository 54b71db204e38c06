"""A sheet of an .xlsx workbook as a table, by the sheet's rows. Old .xls is not read.

A workbook is an archive, and one made with ill will asks for more memory than there is: how large its parts say they are is
looked at before any is opened, and what they hold while they are read.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from avbrott.delivery.table import Assumed, Fault, Table, of_cells, unusable
from avbrott.delivery.totals import is_total

LARGEST = 500_000_000
"""Bytes that all parts of a workbook may hold, unpacked: every row that a sheet has, with some hundred letters in each."""
_PARTS, _ROWS, _COLUMNS = 2_000, 1_048_576, 500
_LIST = 3
"""A sheet whose first row has as many fields is a list, and not a page of text."""
_ENCODING = "Excel"

Cells = list[str]


class _TooMuch(Exception):
    """More rows or columns than a sheet has, or than a delivery needs."""


def read_workbook(content: bytes) -> Table:
    """Read the bytes of an .xlsx file; a table with faults where they are none, or unpack to too much."""
    if _is_bomb(content):
        return unusable("FILE_TOO_LARGE", encoding=_ENCODING)
    try:
        with warnings.catch_warnings(action="ignore"):
            sheets = _sheets(content)
    except _TooMuch:
        return unusable("FILE_TOO_LARGE", encoding=_ENCODING)
    except Exception:  # noqa: BLE001  whatever a damaged archive makes its reader do; what it says may hold a value
        return unusable("FILE_UNREADABLE", encoding=_ENCODING)
    if not sheets:
        return unusable("FILE_EMPTY", encoding=_ENCODING)
    lists = [sheet for sheet in sheets if len(sheet[0][1]) >= _LIST]
    table = _table((lists or sheets)[0])
    assumed = [Assumed("READ_FIRST_SHEET", count=len(sheets) - 1)] if len(sheets) > 1 else []
    return Table(table.header, table.frame, table.faults, _ENCODING, "", (*assumed, *table.assumed))


def _is_bomb(content: bytes) -> bool:
    """Whether the archive says that it holds too much; what it says is all that is unpacked of it. No archive is no bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return len(parts) > _PARTS or sum(part.file_size for part in parts) > LARGEST


def _sheets(content: bytes) -> list[list[tuple[int, Cells]]]:
    """The rows of every sheet that is shown and not empty, each with its number and without empty cells at its end."""
    from openpyxl import load_workbook

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        found = [list(_rows(sheet)) for sheet in shown]
    finally:
        workbook.close()
    return [rows for rows in found if rows]


def _rows(sheet: Any) -> Iterator[tuple[int, Cells]]:
    sheet.reset_dimensions()  # what a workbook says of its own size is often wrong
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > _ROWS or len(values) > _COLUMNS:
            raise _TooMuch
        cells = [_text(value) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield number, cells


def _table(rows: list[tuple[int, Cells]]) -> Table:
    header = tuple(rows[0][1])
    width = len(header)
    assumed = []
    if len(rows) > 1 and is_total(rows[-1][1], width):
        assumed.append(Assumed("READ_TOTAL_ROW", rows=(rows[-1][0],)))
        rows = rows[:-1]
    wide = tuple(number for number, cells in rows[1:] if len(cells) > width)
    good = [(number, cells) for number, cells in rows[1:] if len(cells) <= width]
    frame = of_cells(header, [cells + [""] * (width - len(cells)) for _, cells in good], [number for number, _ in good])
    faults = (Fault("ROW_WIDTH", rows=wide, count=len(wide)),) if wide else ()
    return Table(header, frame, faults, assumed=tuple(assumed))


def _text(value: object) -> str:
    """A cell as it would stand in a text file: whole numbers without decimals, days by ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case _:
            return str(value)
