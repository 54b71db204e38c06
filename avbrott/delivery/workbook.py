"""A sheet of an .xlsx workbook as a table, by the sheet's rows. Old .xls is not read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from avbrott.delivery.garbled import garbled
from avbrott.delivery.headings import SEARCHED, without_header_again
from avbrott.delivery.table import Assumed, Fault, Table, of_cells, unusable
from avbrott.delivery.totals import is_total
from avbrott.sheets import UNNUMBERED, Book, Limits, NotAWorkbook, Sheet, TooLarge, read_book

LIMITS = Limits(unpacked_bytes=500_000_000, rows=1_048_576, columns=500)
"""Every row that a sheet can have, with some hundred letters in each."""
_LIST = 3
"""A sheet whose first row has as many fields is a list, and not a page of text."""
_TITLES = 4
"""Where its headers stand below a title, they are among as many rows."""
_ENCODING = "Excel"

Cells = list[str]


def read_workbook(content: bytes) -> Table:
    """Read the bytes of an .xlsx file; a table with faults where they are none, or unpack to too much."""
    try:
        book = read_book(content, LIMITS)
    except TooLarge:
        return unusable("FILE_TOO_LARGE", encoding=_ENCODING)
    except NotAWorkbook:
        return unusable("FILE_UNREADABLE", encoding=_ENCODING)
    filled = [_Filled(sheet, rows) for sheet in book.sheets if (rows := list(_rows(sheet)))]
    shown = [one for one in filled if one.sheet.shown]
    if not shown:
        return unusable("FILE_EMPTY", encoding=_ENCODING)
    lists = [one for one in shown if len(one.rows[0][1]) >= _LIST]
    titled = [one for one in shown if any(len(cells) >= _LIST for _, cells in one.rows[:_TITLES])]
    # In our own template the list stands first, also where somebody put a title above it.
    read = shown[0] if book.is_ours and titled[:1] == shown[:1] else (lists or titled or shown)[0]
    table = _table(read.rows, read.sheet)
    unread = sum(_rows_alike(one.rows, read.rows) for one in shown if one is not read)
    faults = (Fault("SHEETS_ALIKE", count=unread),) if unread else ()
    return replace(
        table,
        encoding=_ENCODING,
        separator="",
        faults=(*table.faults, *faults),
        assumed=(*_unread(book, filled, read), *table.assumed, *garbled(table)),
        beside=tuple(tuple(one.rows[0][1]) for one in filled if one is not read),
    )


@dataclass(frozen=True, slots=True)
class _Filled:
    """A sheet with something on it, and its rows that are not empty."""

    sheet: Sheet
    rows: list[tuple[int, Cells]]


def _unread(book: Book, filled: Sequence[_Filled], read: _Filled) -> Iterator[Assumed]:
    """Which sheet was read where there are others, counted among those that are seen; and that some are hidden."""
    shown = [sheet for sheet in book.sheets if sheet.shown]
    others = sum(one.sheet.shown for one in filled) - 1
    # Our own template has its codes and instructions on the sheets behind the first.
    if others and (read.sheet is not shown[0] or not book.is_ours):
        place = next(place for place, sheet in enumerate(shown, start=1) if sheet is read.sheet)
        width = len(read.rows[0][1])
        is_doubtful = any(len(one.rows[-1][1]) >= width >= _LIST for one in filled if one.sheet.shown and one is not read)
        yield Assumed("READ_FIRST_SHEET", f"#{place}", count=others, doubtful=is_doubtful)
    if hidden := sum(not one.sheet.shown for one in filled):
        yield Assumed("SHEETS_HIDDEN", count=hidden, doubtful=True)


def _rows_alike(sheet: list[tuple[int, Cells]], read: list[tuple[int, Cells]]) -> int:
    """How many rows of ``sheet`` stand under the headers of ``read``, be it that either has titles above them."""
    headers = [_label(cells) for _, cells in read[:_TITLES] if len(cells) >= _LIST][:1] or [_label(read[0][1])]
    return next((len(sheet) - place - 1 for place, (_, cells) in enumerate(sheet[:_TITLES]) if _label(cells) in headers), 0)


def _label(cells: Cells) -> list[str]:
    """Headers as they are compared with another sheet's."""
    return [cell.strip().casefold() for cell in cells]


def _rows(sheet: Sheet) -> Iterator[tuple[int, Cells]]:
    """The rows that are not empty, each with its number and without empty cells at its end."""
    for number, values in enumerate(sheet.rows, start=1):
        cells = [_text(value) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield number, cells


def _table(rows: list[tuple[int, Cells]], sheet: Sheet) -> Table:
    top, header = rows[0][0], tuple(rows[0][1])
    width = len(header)
    assumed = []
    if len(rows) > 1 and is_total(rows[-1][1], width):
        assumed.append(Assumed("READ_TOTAL_ROW", rows=(rows[-1][0],)))
        rows = rows[:-1]
    wide = tuple(number for number, cells in rows[1:] if len(cells) > width)
    good = [(number, cells) for number, cells in rows[1:] if len(cells) <= width]
    frame = of_cells(header, [cells + [""] * (width - len(cells)) for _, cells in good], [number for number, _ in good])
    frame, again = without_header_again(header, frame)
    assumed += again
    faults: tuple[Fault, ...] = (Fault("ROW_WIDTH", rows=wide, count=len(wide)),) if wide else ()
    without = _without_value([(first, last) for first, last in sheet.merged if first > top])
    if emptied := tuple(number for number, _ in rows[1:] if number in without):
        faults += (Fault("CELLS_MERGED", rows=emptied, count=len(emptied)),)
    if unseen := tuple(number for number, _ in rows[1:] if number in sheet.hidden_rows):
        faults += (Fault("ROWS_HIDDEN", rows=unseen, count=len(unseen)),)
    elif UNNUMBERED in sheet.hidden_rows:
        faults += (Fault("ROWS_HIDDEN"),)
    places = range(1, width + 1)
    if columns := [f"#{place}" for place in places if any(first <= place <= last for first, last in sheet.hidden_columns)]:
        assumed.append(Assumed("COLUMNS_HIDDEN", ", ".join(columns), count=len(columns), doubtful=True))
    below = tuple((number, tuple(cells)) for number, cells in rows[1:SEARCHED])
    return Table(header, frame, faults, assumed=tuple(assumed), below=below)


def _without_value(merged: list[tuple[int, int]]) -> set[int]:
    """The rows of merged cells (by their first and last row) but each one's first; no row is gone through twice."""
    found: set[int] = set()
    reached = 0
    for first, last in sorted(merged):
        found.update(range(max(first, reached) + 1, min(last, LIMITS.rows) + 1))
        reached = max(reached, last)
    return found


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
