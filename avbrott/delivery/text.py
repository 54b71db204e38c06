"""A separated text file as a table: in which characters it is written, what separates its fields, and where it ends.

Systems of the Nordic countries write UTF-8 with and without a mark, Windows-1252, ISO-8859-1, code page 850 and UTF-16, with
semicolons as often as with commas. What was taken for granted is told. Where records begin and end is ``records``'.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import polars as pl

from avbrott.delivery.garbled import IN_BYTES, garbled
from avbrott.delivery.headings import rows_below, without_header_again
from avbrott.delivery.records import NotSeparated, read_records
from avbrott.delivery.table import SEPARATOR, Assumed, Fault, Table, unusable
from avbrott.delivery.totals import is_total
from avbrott.findings import ROWS_KEPT

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""UTF-8's."""
_MARKS = ((BYTE_ORDER_MARK, "utf-8", "UTF-8-BOM"), (b"\xff\xfe", "utf-16-le", "UTF-16"), (b"\xfe\xff", "utf-16-be", "UTF-16"))
_TOLD = {"CP850": "READ_CP850", "Windows-1252": "READ_WINDOWS_1252", "ISO-8859-1": "READ_ISO_8859_1", "UTF-16": "READ_UTF_16"}
_EXACT = ("UTF-8", "UTF-8-BOM")
_FIRST_LINE = 65536
"""A header is no longer than this."""
MOST_COLUMNS = 500
"""Of a list; no contract has a tenth of it, and each column costs a look."""
_OTHER_SEPARATORS = {";": "READ_SEMICOLON", "\t": "READ_TAB"}
_QUOTED = re.compile(rb'"[^"]*"')
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
"""What no text begins with; a spreadsheet, an archive or a damaged file does."""
_BEGINNING = 4096
_OF_DOS = re.compile(rb"[A-Za-z][\x84\x94][A-Za-z]|[A-Za-z]\x86|[\x8e\x8f\x99][A-Za-z]{2}")
"""Swedish letters of code page 850 inside words; in Windows-1252 they are quotation marks and daggers."""
_OF_WINDOWS = re.compile(rb"[A-Za-z][\xe5\xe4\xf6\xc5\xc4\xd6]|[\xe5\xe4\xf6\xc5\xc4\xd6][A-Za-z]")
_SAID_SEPARATOR = re.compile(rb'^"?sep=([,;\t])"?(?=[\r\n])', re.IGNORECASE)
"""The first line by which a file tells Excel what separates its fields."""


def read_text(content: bytes, *, exact: bool = False) -> Table:
    """Read the bytes of a text file; a table with faults where they are no text.

    ``exact``: UTF-8 alone, and the last row whatever it looks like.
    """
    read = _decoded(content)
    if read is None or (exact and read[1] not in _EXACT):
        return unusable("FILE_ENCODING", encoding="?", rows=(_first_foreign_line(content),))
    content, encoding = read
    said = None if exact else _SAID_SEPARATOR.match(content)
    content = content[said.end() :] if said else content  # its line stays, empty, so that lines keep their numbers
    separator = said[1].decode() if said else _separator(content)
    if _width(content, separator) > MOST_COLUMNS:
        return unusable("FILE_TOO_WIDE", encoding=encoding)
    assumed = [Assumed(_TOLD[encoding])] if encoding in _TOLD else []
    assumed += [Assumed("READ_SEPARATOR_LINE", rows=(1,))] if said else []
    if separator != SEPARATOR:
        assumed.append(Assumed(_OTHER_SEPARATORS[separator], rows=(1,)))
    if not exact:
        content, total = _without_total(content, separator)
        assumed += [Assumed("READ_TOTAL_ROW", rows=(total,))] if total is not None else []
    try:
        records = read_records(content, separator)
    except NotSeparated:
        return unusable("FILE_UNREADABLE", encoding=encoding)
    if records is None:
        return unusable("FILE_EMPTY", encoding=encoding)
    faults = (Fault("ROW_WIDTH", rows=records.ragged, count=len(records.ragged)),) if records.ragged else ()
    below = () if exact else rows_below(content)
    frame, blank = (records.frame, []) if exact else _without_blank(records.frame)
    frame, again = (frame, []) if exact else without_header_again(records.header, frame)
    table = Table(records.header, frame, faults, encoding, separator, (*assumed, *blank, *again), below)
    return replace(table, assumed=(*table.assumed, *garbled(table))) if IN_BYTES in content and not exact else table


def _decoded(content: bytes) -> tuple[bytes, str] | None:
    """The text in UTF-8 without a mark, and how it was written; None where it is no text."""
    for mark, marked, name in _MARKS:
        if content.startswith(mark):
            return _as_utf_8(content[len(mark) :], marked, name)
    if (codec := _unmarked_utf_16(content)) is not None:
        return _as_utf_8(content, codec, "UTF-16")
    if not _is_text(content):
        return None
    return (
        ((content, "UTF-8") if content.isascii() else None)
        or _as_utf_8(content, "utf-8", "UTF-8")
        or (_as_utf_8(content, "cp850", "CP850") if _OF_DOS.search(content) and not _OF_WINDOWS.search(content) else None)
        or _as_utf_8(content, "cp1252", "Windows-1252")
        or _as_utf_8(content, "latin-1", "ISO-8859-1")
    )


def _as_utf_8(content: bytes, codec: str, name: str) -> tuple[bytes, str] | None:
    try:
        text = content.decode(codec)
        written = content if codec == "utf-8" else text.encode("utf-8")
    except UnicodeError:
        return None
    return (written, name) if _is_text(written) else None


def _is_text(content: bytes) -> bool:
    return b"\0" not in content and not _CONTROL.search(content, 0, _BEGINNING)


def _unmarked_utf_16(content: bytes) -> str | None:
    """The order of bytes of UTF-16 without a mark: of a text in Swedish nearly every other byte is zero."""
    begins = content[:2048]
    if len(content) % 2 or not begins:
        return None
    high, low = begins[1::2].count(0), begins[0::2].count(0)
    if min(high, low) == 0 and max(high, low) * 2 > len(begins[0::2]):
        return "utf-16-le" if high else "utf-16-be"
    return None


def _separator(content: bytes) -> str:
    """What separates the fields of the first line, outside quotation marks."""
    bare = _QUOTED.sub(b"", _first_line(content))
    return max((SEPARATOR, *_OTHER_SEPARATORS), key=lambda separator: bare.count(separator.encode()))


def _width(content: bytes, separator: str) -> int:
    """The fields of the first line."""
    return _QUOTED.sub(b"", _first_line(content)).count(separator.encode()) + 1


def _first_line(content: bytes) -> bytes:
    """The first line that is not empty, as far as a header is long; empty where there is none."""
    return b"".join(content.lstrip(b"\r\n")[:_FIRST_LINE].splitlines()[:1])


def _without_total(content: bytes, separator: str) -> tuple[bytes, int | None]:
    """The content without a last row of sums, and the line on which that stood."""
    start, last = _last_line(content)
    while start and not last.strip(separator.encode() + b" "):
        start, last = _last_line(content[:start])
    if start == 0 or len(last) > _FIRST_LINE or last.count(b'"') % 2:
        return content, None
    first = _first_line(content)
    try:
        fields = next(csv.reader([last.decode()], delimiter=separator), [])
    except csv.Error:
        return content, None
    if not is_total(fields, first.count(separator.encode()) + 1):
        return content, None
    ends = content.count(b"\n", 0, start) if b"\n" in content else content.count(b"\r", 0, start)
    return content[:start], ends + 1


def _last_line(content: bytes) -> tuple[int, bytes]:
    """Where the last line that is not empty begins, and the line."""
    whole = content.rstrip(b"\r\n")
    start = max(whole.rfind(b"\n"), whole.rfind(b"\r")) + 1
    return start, whole[start:]


def _without_blank(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Assumed]]:
    """The rows that have a value in some field: a spreadsheet writes the empty ones among them too."""
    blank = frame.select(pl.all_horizontal(pl.exclude("row").is_null()).alias("blank"))["blank"]
    if frame.width < 2 or not blank.any():
        return frame, []
    rows = frame["row"].filter(blank)
    return frame.filter(~blank), [Assumed("READ_BLANK_ROWS", rows=tuple(rows.head(ROWS_KEPT)), count=rows.len())]


def _first_foreign_line(content: bytes) -> int:
    """The first line with what no text in UTF-8 holds."""
    found = _CONTROL.search(content, 0, _BEGINNING)
    places = [content.find(b"\0"), found.start() if found else -1]
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        places.append(error.start)
    return content.count(b"\n", 0, min((place for place in places if place >= 0), default=0)) + 1
