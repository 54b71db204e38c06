"""A text file as systems write it: its characters, its separator, its last row; and what is no text is told by its line."""

from __future__ import annotations

import pytest

from avbrott.delivery.table import Table
from avbrott.delivery.text import read_text
from avbrott.delivery.totals import is_total


def assumed(table: Table) -> list[str]:
    """The codes of what was assumed."""
    return [found.code for found in table.assumed]


@pytest.mark.parametrize(
    ("content", "encoding", "value"),
    [
        ("a,b\nå,1\n".encode(), "UTF-8", "å"),
        ("a,b\nå,1\n".encode("utf-8-sig"), "UTF-8-BOM", "å"),
        ("a,b\nå€,1\n".encode("cp1252"), "Windows-1252", "å€"),
        ("a,b\nå\x81,1\n".encode("latin-1"), "ISO-8859-1", "å\x81"),
        ("a,b\nUmeå,1\n".encode("cp850"), "CP850", "Umeå"),
        ("a,b\nÅsele Höör,1\n".encode("cp850"), "CP850", "Åsele Höör"),
        ("a,b\n„Umeå”,1\n".encode("cp1252"), "Windows-1252", "„Umeå”"),
        ("a,b\n„Hej”,1\n".encode("cp1252"), "Windows-1252", "„Hej”"),
        ("a,b\nå,1\n".encode("utf-16"), "UTF-16", "å"),
        ("a,b\nå,1\n".encode("utf-16-be"), "UTF-16", "å"),
        (b"a,b\nx,1\n", "UTF-8", "x"),
    ],
)
def test_the_characters_are_known_by_the_bytes(content: bytes, encoding: str, value: str) -> None:
    """Told by a name, with a mark or without, and told as an assumption where it is one."""
    table = read_text(content)
    assert (table.encoding, table.frame["0"].to_list()) == (encoding, [value])
    named = {
        "CP850": ["READ_CP850"],
        "Windows-1252": ["READ_WINDOWS_1252"],
        "ISO-8859-1": ["READ_ISO_8859_1"],
        "UTF-16": ["READ_UTF_16"],
    }
    assert assumed(table) == named.get(encoding, [])


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a,b\n1,\0\n", 2),
        (b"\x89PNG\r\n\x1a\n\xff\xd8", 1),
        (b"a,b\n1,2\n\x01\xe5,3\n", 3),
        ("a,b\n".encode("utf-32"), 1),
        (b"\xff\xfea\x00,\x00\x00\xd8\n\x00", 1),
        (b"\xef\xbb\xbfa,b\n\xe5,1\n", 2),
    ],
)
def test_what_is_no_text_is_told_by_its_line(content: bytes, line: int) -> None:
    """A picture, zero bytes, half a letter, a mark of UTF-8 before what is not."""
    table = read_text(content)
    assert [(fault.code, fault.rows) for fault in table.faults] == [("FILE_ENCODING", (line,))]


def test_exactly_is_utf_8_and_every_row() -> None:
    """As ``avbrott protect`` reads a table: nothing is dropped that nobody asked to drop."""
    assert read_text("a,b\nå,1\n".encode("latin-1"), exact=True).faults[0].code == "FILE_ENCODING"
    assert read_text(b"a,b,c,d\nSumma,1,,\n", exact=True).frame.height == 1


@pytest.mark.parametrize(
    ("content", "separator"),
    [
        (b"a;b,c;d\n1;2,5;3\n", ";"),
        (b'"a,b,c";d\n1;2\n', ";"),
        (b"a\tb\n1\t2\n", "\t"),
        (b"a,b\n1;2;3,4\n", ","),
        (b"a\n1\n", ","),
    ],
)
def test_the_separator_is_that_of_the_first_line(content: bytes, separator: str) -> None:
    """A comma inside quotation marks or of decimals is none."""
    assert read_text(content).separator == separator


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "last", ["Summa;3;;", "Summa;3;4;", "Totalt:;;3;", '"Antal rader: 2";;;', "TOTAL", "Antal elever;1 234,00"]
)
def test_a_last_row_of_totals_is_left_out_with_its_line(last: str, ends: str) -> None:
    """Also where it is shorter than the others, with any line end, with empty lines after it."""
    table = read_text(ends.join(["a;b;c;d", "1;2;3;4", "5;6;7;8", last, "", ""]).encode())
    assert table.frame.height == 2
    assert [found.rows for found in table.assumed if found.code == "READ_TOTAL_ROW"] == [(4,)]
    assert not table.faults


@pytest.mark.parametrize(
    "fields",
    [
        ["1", "", "", ""],
        ["Summa", "1", "2", "3"],
        ["Summa", "Anna", "", ""],
        ["Summa", "199705031234", "", ""],
        ["Summa", "970503-1234", "", ""],
        ["Summa av allt", "1", "", ""],
        ["", "", "", ""],
        ["Summa"],
    ],
)
def test_a_row_that_could_be_somebodys_is_none_of_totals(fields: list[str]) -> None:
    """Wholly full, with a word or an identity number beside, or the whole of a narrow file."""
    assert not is_total(fields, len(fields))


def test_only_the_last_row_is_one_of_totals() -> None:
    """One in the middle is a row to be told about."""
    table = read_text(b"a;b;c;d\nSumma;3;;\n1;2;3;4\n")
    assert table.frame.height == 2
    assert "READ_TOTAL_ROW" not in assumed(table)


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=,", "sep=\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_first_line_for_excel_is_no_header(first: str, ends: str) -> None:
    """The fields are separated as it says, and rows keep the lines that they stand on."""
    by = first.strip('"')[-1]
    table = read_text(ends.join([first, by.join("ab"), by.join("12"), ""]).encode())
    assert (table.header, table.separator, table.frame.rows()) == (("a", "b"), by, [("1", "2", 3)])
    assert "READ_SEPARATOR_LINE" in assumed(table)
    assert read_text(ends.join([first, by.join("ab"), ""]).encode(), exact=True).header != ("a", "b")


def test_letters_that_went_wrong_are_told_with_their_rows() -> None:
    """In the header and below; letters that are right are not."""
    text = "Kön,ort\nKvinna,Umeå\nMan,Paris\nMan,ÅSELE\n"
    table = read_text(text.encode().decode("cp1252", "replace").encode())
    (found,) = [one for one in table.assumed if one.code == "READ_GARBLED"]
    assert (found.rows, found.count, found.doubtful) == ((1, 2, 4), 3, True)
    assert "READ_GARBLED" not in assumed(read_text(text.encode()))
    assert "READ_GARBLED" not in assumed(read_text("a,b\nSÃO PAULO,1\n".encode()))


@pytest.mark.parametrize("above", [b"\n", b"\r\n"])
def test_a_header_far_below_empty_lines_is_found(above: bytes) -> None:
    """However many they are."""
    table = read_text(above * 70_000 + b"a;b\n1;2\n")
    assert table.header == ("a", "b")
    assert read_text(above * 70_000).faults[0].code == "FILE_EMPTY"


def test_a_first_line_of_more_columns_than_a_list_has_is_not_read() -> None:
    """Those within quotation marks are none."""
    assert [fault.code for fault in read_text(b";".join([b"a"] * 501) + b"\n1\n").faults] == ["FILE_TOO_WIDE"]
    assert read_text(b'"' + b";" * 600 + b'";b\n1;2\n').header == (";" * 600, "b")


def test_rows_without_a_value_are_not_read_and_told_with_their_lines() -> None:
    """Also after a row of totals; in a delivery, which no spreadsheet wrote, they are rows as any other."""
    content = b"a;b\n1;2\n;\n3;4\n;\nSumma;\n;\n"
    table = read_text(content)
    assert table.frame["row"].to_list() == [2, 4]
    assert [(one.code, one.rows, one.count) for one in table.assumed if one.code == "READ_BLANK_ROWS"] == [
        ("READ_BLANK_ROWS", (3, 5), 2)
    ]
    assert [one.rows for one in table.assumed if one.code == "READ_TOTAL_ROW"] == [(6,)]
    assert read_text(content, exact=True).frame.height == 6
