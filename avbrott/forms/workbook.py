"""Spreadsheets (.xlsx) whose bytes follow from their content: no clock, no user's name. What stands in them is elsewhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from avbrott.sheets import OURS

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MADE = datetime(2012, 7, 1, tzinfo=UTC).replace(tzinfo=None)
"""The day that every file says it was made: the first of the first contract. A day of today would change the bytes."""
_ENTRY_DATE = (2012, 7, 1, 0, 0, 0)
_CORE = "docProps/core.xml"
_LAST = b"</sheetData>"
_SIZE = re.compile(rb'(<dimension ref="[A-Z]+[0-9]+:[A-Z]+)([0-9]+)(?=")')
"""How far a sheet says that it goes: readers that are not told read it once more to find out."""
LAST_ROW = 1_048_576
"""The last row of a sheet."""
_HEAD = "1F4E79"
_SOFT = "E5EEF7"


def new_workbook(title: str) -> Workbook:
    """A workbook without sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title = title
    book.properties.creator = OURS
    return book


def workbook_bytes(book: Workbook, rows: Mapping[str, str] = {}) -> bytes:
    """The bytes of a workbook; the library's own time of writing is left out of them.

    ``rows``: by sheet, rows in the form of the file, to stand after those that the sheet has: for very many of them.
    """
    from openpyxl.xml.functions import tostring

    written = io.BytesIO()
    book.save(written)
    book.properties.created = book.properties.modified = MADE
    core: bytes = tostring(book.properties.to_tree())
    result = io.BytesIO()
    added = {f"xl/worksheets/sheet{book.sheetnames.index(name) + 1}.xml": text for name, text in rows.items()}
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = core if entry.filename == _CORE else old.read(entry)
            if entry.filename in added:
                content = _longer(content, added[entry.filename])
            info = zipfile.ZipInfo(entry.filename, _ENTRY_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, content)
    return result.getvalue()


def _longer(sheet: bytes, rows: str) -> bytes:
    """A sheet's XML with rows after its last."""
    added = rows.count("<row ")
    sized = _SIZE.sub(lambda found: found[1] + str(int(found[2]) + added).encode(), sheet, count=1)
    return sized.replace(_LAST, rows.encode() + _LAST, 1)


def write_heading(sheet: Worksheet, row: int, texts: Sequence[str]) -> None:
    """Write a row of headings, white on dark, wrapped."""
    from openpyxl.styles import Alignment, Font, PatternFill

    for column, text in enumerate(texts, start=1):
        cell = sheet.cell(row, column, text)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", start_color=_HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def write_rows(sheet: Worksheet, row: int, rows: Iterable[Sequence[str]]) -> int:
    """Write rows of text as text, wrapped; return the row after them."""
    from openpyxl.styles import Alignment

    for texts in rows:
        for column, text in enumerate(texts, start=1):
            cell = sheet.cell(row, column, text)
            cell.number_format = "@"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        row += 1
    return row


def write_title(sheet: Worksheet, row: int, text: str, *, size: int = 14) -> int:
    """Write a title; return the row after it."""
    from openpyxl.styles import Font

    sheet.cell(row, 1, text).font = Font(bold=True, size=size, color=_HEAD)
    return row + 1


def write_paragraph(sheet: Worksheet, row: int, text: str, columns: int) -> int:
    """Write a text over several columns, with a row as high as it needs; return the row after it."""
    from openpyxl.styles import Alignment

    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
    sheet.cell(row, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
    width = sum(sheet.column_dimensions[chr(64 + column)].width for column in range(1, columns + 1))
    sheet.row_dimensions[row].height = 15 * (1 + int(len(text) * 1.1 // width))
    return row + 1


def is_answer(sheet: Worksheet, row: int, column: int) -> None:
    """Make a cell one to fill in: text, on a light ground."""
    from openpyxl.styles import Alignment, PatternFill

    cell = sheet.cell(row, column)
    cell.number_format = "@"
    cell.fill = PatternFill("solid", start_color=_SOFT)
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def drop_down(sheet: Worksheet, cells: str, source: str, *, title: str, said: str, strict: bool = True) -> None:
    """Let ``cells`` be chosen from the range ``source``; what is not there is refused, or asked about."""
    from openpyxl.worksheet.datavalidation import DataValidation

    choice = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    choice.errorStyle = "stop" if strict else "warning"
    choice.errorTitle, choice.error = title[:31], said[:220]
    choice.add(cells)
    sheet.add_data_validation(choice)
