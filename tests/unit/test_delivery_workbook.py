"""A workbook as it is kept by people: sheets beside the list, cells of every kind, rows by the sheet's own numbers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook, load_workbook

from avbrott import sheets
from avbrott.delivery import workbook
from avbrott.delivery.table import Table
from avbrott.delivery.workbook import read_workbook
from avbrott.forms.template import template_bytes
from avbrott.registry import Contracts


def made(*sheets: list[list[object]], hidden: tuple[int, ...] = ()) -> bytes:
    """A workbook of these sheets."""
    book = Workbook()
    book.remove(book.active)
    for place, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Blad {place}")
        sheet.sheet_state = "hidden" if place in hidden else "visible"
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _at(hour: int, minute: int = 0) -> datetime:
    """A time of day on a day; workbooks know no time zones."""
    return datetime(2013, 10, 15, hour, minute)  # noqa: DTZ001  a sheet knows no zones


def codes(table: Table) -> list[str]:
    """What is wrong with it."""
    return [fault.code for fault in table.faults]


def test_a_cell_is_read_as_a_text_file_would_have_it() -> None:
    """Whole numbers without decimals, days by ISO 8601, truth in lower case, nothing where nothing is."""
    values = [
        "x",
        684,
        2480.0,
        5.5,
        True,
        date(2013, 10, 15),
        _at(0),
        _at(8, 30),
        time(8),
        None,
    ]
    read = read_workbook(made([[f"c{place}" for place in range(10)], values]))
    assert read.frame.drop("row").row(0) == (
        "x", "684", "2480", "5.5", "true", "2013-10-15", "2013-10-15", "2013-10-15 08:30:00", "08:00:00", None,
    )  # fmt: skip


def test_rows_have_the_numbers_of_the_sheet() -> None:
    """Empty rows before and between are no rows, and count."""
    read = read_workbook(made([[], [], ["a", "b", "c"], ["1"], [], ["2", None, "3"], [None, None, "4"]]))
    assert read.header == ("a", "b", "c")
    assert read.frame["row"].to_list() == [4, 6, 7]
    assert read.frame.drop("row").rows() == [("1", None, None), ("2", None, "3"), (None, None, "4")]


def test_the_first_list_that_is_shown_is_read() -> None:
    """Not a page of instructions, not a hidden sheet; that there are others is told."""
    page, other, listed = [["Läs detta"], ["först"]], [["x", "y", "z"]], [["a", "b", "c"], ["1", "2", "3"]]
    read = read_workbook(made(page, other, listed, hidden=(1,)))
    assert read.header == ("a", "b", "c")
    told = [(found.code, found.field, found.count, found.doubtful) for found in read.assumed]
    assert told == [("READ_FIRST_SHEET", "#2", 1, False), ("SHEETS_HIDDEN", "", 1, True)]
    assert read.beside == (("Läs detta",), ("x", "y", "z"))
    assert read_workbook(made(listed)).assumed == ()
    assert read_workbook(made([], listed)).assumed == (), "an empty sheet is none"


def test_a_second_list_of_the_same_headers_stops_the_file() -> None:
    """Its rows would be lost: one sheet for each school, say."""
    one, other = [["a", "b", "c"], ["1", "2", "3"]], [["A ", "b", "c"], ["4", "5", "6"], ["7", "8", "9"]]
    read = read_workbook(made(one, other))
    assert [(fault.code, fault.count) for fault in read.faults] == [("SHEETS_ALIKE", 2)]
    assert not read_workbook(made(one, other, hidden=(1,))).faults
    assert not read_workbook(made(one, [["a", "b", "c"]])).faults


def test_a_second_list_under_a_title_stops_the_file_and_one_of_other_headers_is_doubted() -> None:
    """Whichever of the two has the title. A list as wide under other headers, or under none, may be more of the same."""
    one, other = [["a", "b", "c"], ["1", "2", "3"]], [["Elever"], ["a", "B", "c"], ["4", "5", "6"]]
    for both in ((one, other), (other, one)):
        assert [(fault.code, fault.count) for fault in read_workbook(made(*both)).faults] == [("SHEETS_ALIKE", 1)]
    for more in ([["x", "y", "z"], ["4", "5", "6"]], [["4", "5", "6"]]):
        read = read_workbook(made(one, more))
        assert not read.faults
        assert [(found.code, found.doubtful) for found in read.assumed] == [("READ_FIRST_SHEET", True)]


@pytest.mark.parametrize("prefix", [b"", b"x:"])
def test_hidden_rows_stop_the_file(prefix: bytes) -> None:
    """By a filter, a group or by hand, whatever the sheet calls its parts; empty ones, and those above the header, do not."""
    book = load_workbook(io.BytesIO(made([["a", "b", "c"], *([str(row), "2", "3"] for row in range(3)), []])))
    sheet = book.worksheets[0]
    sheet.auto_filter.ref = "A1:C4"
    book.save(saved := io.BytesIO())
    assert not read_workbook(_prefixed(saved.getvalue(), prefix)).faults, "a filter that hides nothing"
    for row in (3, 6):
        sheet.row_dimensions[row].hidden = True
    book.save(saved := io.BytesIO())
    read = read_workbook(_prefixed(saved.getvalue(), prefix))
    assert [(fault.code, fault.rows, fault.count) for fault in read.faults] == [("ROWS_HIDDEN", (3,), 1)]


def test_hidden_rows_that_do_not_say_which_they_are_stop_the_file() -> None:
    """Some programs write rows without their numbers."""
    book = load_workbook(io.BytesIO(made([["a", "b", "c"], ["1", "2", "3"]])))
    book.worksheets[0].row_dimensions[2].hidden = True
    book.save(saved := io.BytesIO())
    unnumbered = _changed(saved.getvalue(), lambda text: text.replace(b'<row r="2"', b"<row"))
    assert [(fault.code, fault.rows) for fault in read_workbook(unnumbered).faults] == [("ROWS_HIDDEN", ())]


def test_hidden_columns_are_read_and_told() -> None:
    """By their places; those beyond the list are none of it."""
    book = load_workbook(io.BytesIO(made([["a", "b", "c", "d"], ["1", "2", "3", "4"]])))
    for letter in ("B", "C", "H"):
        book.worksheets[0].column_dimensions[letter].hidden = True
    book.save(saved := io.BytesIO())
    read = read_workbook(saved.getvalue())
    assert read.frame.drop("row").row(0) == ("1", "2", "3", "4")
    assert [(found.code, found.field, found.count) for found in read.assumed] == [("COLUMNS_HIDDEN", "#2, #3", 2)]


def _changed(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook whose first sheet has another text."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, change(text) if part.endswith("sheet1.xml") else text)
    return out.getvalue()


def _prefixed(content: bytes, prefix: bytes) -> bytes:
    """A workbook whose sheet's parts have names with a prefix, as some programs write them."""
    if not prefix:
        return content

    def prefixed(text: bytes) -> bytes:
        return re.sub(rb"<(/?)([a-zA-Z])", rb"<\1" + prefix + rb"\2", text).replace(b"xmlns=", b"xmlns:x=")

    return _changed(content, prefixed)


def test_the_sheets_of_our_own_template_are_no_remark(contracts: Contracts) -> None:
    """Instructions and codes stand behind the rows, and stay there when somebody fills them in and saves the file."""
    book = load_workbook(io.BytesIO(template_bytes(contracts.extracts["events"], contracts, "xlsx")))
    book.worksheets[0].append(["1"])
    saved = io.BytesIO()
    book.save(saved)
    read = read_workbook(saved.getvalue())
    assert (read.frame.height, read.assumed) == (1, ())
    book.move_sheet(book.worksheets[0], offset=3)
    book.save(saved := io.BytesIO())
    assert [(found.code, found.field) for found in read_workbook(saved.getvalue()).assumed] == [("READ_FIRST_SHEET", "#3")]


def test_cells_beyond_the_header_are_a_fault_of_their_row() -> None:
    """The other rows are read."""
    read = read_workbook(made([["a", "b", "c"], ["1", "2", "3", "4"], ["5"]]))
    assert [(fault.code, fault.rows) for fault in read.faults] == [("ROW_WIDTH", (2,))]
    assert read.frame.height == 1


@pytest.mark.parametrize(
    ("merged", "rows"), [("C3:C5", (4, 5)), ("B5:C6", (6,)), ("A2:C2", ()), ("A1:A2", ()), ("C7:C9", ())]
)
def test_cells_that_are_one_over_several_rows_stop_the_file(merged: str, rows: tuple[int, ...]) -> None:
    """Only the first of them has the value: a mark of protection would hold for one pupil of three."""
    book = load_workbook(io.BytesIO(made([["a", "b", "c"], *([str(row), "2", "ja"] for row in range(5))])))
    book.worksheets[0].merge_cells(merged)
    book.save(saved := io.BytesIO())
    found = [(fault.code, fault.rows) for fault in read_workbook(saved.getvalue()).faults]
    assert found == ([("CELLS_MERGED", rows)] if rows else [])


def test_merged_cells_of_a_large_sheet_are_seen_where_its_text_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text is read in pieces, and a mention of merged cells may stand across two."""
    book = load_workbook(io.BytesIO(made([["a", "b", "c"], *([str(row), "2", "ja"] for row in range(40))])))
    for first in range(2, 40, 3):
        book.worksheets[0].merge_cells(f"C{first}:C{first + 1}")
    book.save(saved := io.BytesIO())
    monkeypatch.setattr(sheets, "_PIECE", 300)
    (fault,) = read_workbook(saved.getvalue()).faults
    assert fault.rows == tuple(range(3, 41, 3))


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04" + bytes(40), b"x" * 100, made([["a", "b"]])[:-40], made([["a"]])[:300]],
    ids=["begun", "no archive", "end cut off", "half"],  # a workbook's bytes hold the time, and would be the test's name
)
def test_a_damaged_workbook_cannot_be_read(content: bytes) -> None:
    """No archive, a torn one, one without a workbook."""
    assert codes(read_workbook(content)) == ["FILE_UNREADABLE"]


def test_any_damaged_byte_is_a_table_or_a_fault() -> None:
    """Whatever its reader makes of it."""
    content = made([["a", "b", "c"], ["1", "2", "3"]])
    for place in range(0, len(content), 97):
        read = read_workbook(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        assert read.header or read.faults


def test_a_mistake_of_this_program_is_no_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the library's own work is told as a file that cannot be read."""
    monkeypatch.setattr(workbook, "is_total", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        read_workbook(made([["a", "b", "c"], ["1", "2", "3"]]))


def bomb(part: str, content: bytes) -> bytes:
    """A workbook one of whose parts is replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made([["a", "b", "c"]]))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, content if name == part else source.read(name))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"


def test_an_archive_that_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what it says of itself, and by how many parts it has; before its reader is loaded."""
    monkeypatch.setattr(sheets, "_read", lambda *_: pytest.fail("it was opened"))
    assert codes(read_workbook(bomb(SHEET, HEAD + b" " * (workbook.LIMITS.unpacked_bytes + 1) + TAIL))) == ["FILE_TOO_LARGE"]
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for place in range(2001):
            archive.writestr(f"{place}", b"")
    assert codes(read_workbook(many.getvalue())) == ["FILE_TOO_LARGE"]


@pytest.mark.parametrize("part", [SHEET, "xl/styles.xml"])
def test_a_part_of_the_same_over_and_over_is_not_opened(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty thousand bytes that its reader would need minutes for."""
    monkeypatch.setattr(sheets, "_read", lambda *_: pytest.fail("it was opened"))
    content = bomb(part, b"<si/>" * 1_000_000)
    assert len(content) < 20_000
    assert codes(read_workbook(content)) == ["FILE_TOO_LARGE"]


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="999999999"><c r="A999999999"><v>1</v></c></row>',
        b'<row r="1"><c r="ZZA1"><v>1</v></c></row>',
        b"".join(b'<row r="%d"><c r="SF%d"><v>1</v></c></row>' % (row, row) for row in range(1, 81_000)),
    ],
)
def test_a_sheet_larger_than_sheets_are_is_refused(cells: bytes) -> None:
    """A row number or a column that would be filled up to with nothing, and many rows that are each filled up."""
    assert codes(read_workbook(bomb(SHEET, HEAD + cells + TAIL))) in (["FILE_TOO_LARGE"], ["FILE_UNREADABLE"])


def test_entities_within_entities_are_not_unfolded() -> None:
    """A page of XML that would be a billion of letters."""
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (place, b"&l%d;" % (place - 1) * 10) for place in range(1, 12))
    text = b'<!DOCTYPE x [<!ENTITY l0 "lol">' + laughs + b"]>" + HEAD
    text += b'<row r="1"><c r="A1" t="inlineStr"><is><t>&l11;</t></is></c></row>' + TAIL
    assert codes(read_workbook(bomb(SHEET, text))) == ["FILE_UNREADABLE"]
