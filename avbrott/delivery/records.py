"""Where the records of a separated text file begin and end, and which of them can be used. What they mean is not here.

A record may span physical lines (line breaks inside quotation marks), and an empty line is no record, so a record's line in
the file is found from the bytes. Everything is vectorised: a file may hold millions of records.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

_LF, _CR, _QUOTE = 10, 13, 34
_NO_SEPARATOR = "\x01"
"""A character that no text holds: what is read with it is whole lines."""
_TELLING = 3
"""Fields of a record from which on its separators tell it from the words of one field."""
_SWALLOWED = 2
"""A record with so many lines that look like one is several: a line break in a field leaves at most one all separators."""
_WIDE = 200
"""A header of more fields is no delivery's, and too much for a regular expression."""


class NotSeparated(Exception):
    """The bytes cannot be read as records at all. Carries no content."""


@dataclass(frozen=True, slots=True)
class Records:
    """A table of text. ``frame`` has the columns ``0``, ``1`` ... (String, null where empty) and ``row`` (physical line)."""

    header: tuple[str, ...]
    frame: pl.DataFrame
    ragged: tuple[int, ...]
    """Physical lines of records whose number of fields is not the header's, or whose quotation marks do not pair.

    A mark that opens in one line and closes in another takes what is between for one field: each of these lines is told.
    """


def read_records(content: bytes, separator: str) -> Records | None:
    """Read UTF-8 ``content`` without a byte order mark; None where there is no record at all.

    Raises ``NotSeparated`` where polars sees other records than the bytes show.
    """
    records = _read_plain(content, separator) if _is_plain(content) else None
    return records or _read_lines(content, separator) or _read_any(content, separator)


def _is_plain(content: bytes) -> bool:
    """No quotation mark, no empty line, no carriage return but before a line feed: every line is a record."""
    return (
        bool(content)
        and b'"' not in content
        and not content.startswith((b"\n", b"\r"))
        and b"\n\n" not in content
        and b"\n\r" not in content
        and content.count(b"\r") == content.count(b"\r\n")
    )


def _read_plain(content: bytes, separator: str) -> Records | None:
    """The quick way; None where the widths of the lines differ."""
    first, _, rest = content.partition(b"\n")
    header = tuple(first.decode().rstrip("\r").split(separator))
    lines = rest.count(b"\n") + (not rest.endswith(b"\n") and rest != b"")
    if rest.count(separator.encode()) != (len(header) - 1) * lines:
        return None
    try:
        frame = _parse(rest, separator, len(header))
    except NotSeparated:
        return None
    if frame.height != lines:
        return None
    return Records(header, frame.with_columns(row=pl.int_range(2, lines + 2, dtype=pl.Int64)), ())


def _read_lines(content: bytes, separator: str) -> Records | None:
    """Nearly as quick, for quotation marks and faulty lines; None where a record may span lines."""
    if content.count(b"\r") != content.count(b"\r\n") or _NO_SEPARATOR.encode() in content:
        return None
    lines = pl.read_csv(
        content, has_header=False, schema={"line": pl.String}, separator=_NO_SEPARATOR, quote_char=None, raise_if_empty=False
    )["line"]
    filled = lines.is_not_null().arg_true()
    if filled.is_empty():
        return None
    header = _header(lines[filled[0]].encode(), separator)
    if len(header) > _WIDE:
        return None
    whole = lines.str.contains(_whole(separator, len(header)))
    faulty = lines.filter(~whole)
    if not whole[filled[0]] or (faulty.str.count_matches('"', literal=True) % 2 == 1).any():
        return None
    good = whole.fill_null(False).arg_true().slice(1)
    if len(good) == len(lines) - 1:
        frame = _parse(content[content.index(b"\n") + 1 :] if len(good) else b"", separator, len(header))
    else:
        frame = _parse(lines.gather(good).str.join("\n").item().encode(), separator, len(header))
    if frame.height != len(good):
        raise NotSeparated
    ragged = ((~whole).fill_null(False).arg_true() + 1).to_list()
    return Records(tuple(header), frame.with_columns(row=good.cast(pl.Int64) + 1), tuple(ragged))


def _whole(separator: str, width: int) -> str:
    """What a line of so many fields looks like, with quotation marks at the edges of a field alone and doubled inside."""
    between = re.escape(separator)
    field = f'(?:"(?:[^"]|"")*"|[^"{between}]*)'
    return f"^{field}(?:{between}{field}){{{width - 1}}}$"


def _read_any(content: bytes, separator: str) -> Records | None:
    buffer = np.frombuffer(content, dtype=np.uint8)
    inside = _inside_quotes(buffer)
    breaks = _line_breaks(buffer)
    ends = np.append(breaks[~inside[breaks]], len(buffer))
    starts = np.concatenate(([0], ends[:-1] + 1))
    first_line = np.searchsorted(breaks, starts) + 1
    stops = _without_carriage_return(buffer, starts, ends)
    filled = np.flatnonzero(stops > starts)
    if not len(filled):
        return None
    separators = np.flatnonzero((buffer == ord(separator)) & ~inside)
    widths = np.searchsorted(separators, stops) - np.searchsorted(separators, starts) + 1
    header = _header(content[starts[filled[0]] : stops[filled[0]]], separator)
    usable = widths == widths[filled[0]]
    usable[np.searchsorted(starts, _loose_quotes(buffer, ord(separator)), side="right") - 1] = False
    lines = _lines_like_records(buffer, breaks, ord(separator), int(widths[filled[0]]))
    last_line = np.append(first_line[1:], len(breaks) + 2) - 1
    usable &= np.searchsorted(lines, last_line, side="right") - np.searchsorted(lines, first_line) < _SWALLOWED
    good = filled[1:][usable[filled[1:]]]
    frame = _parse_records(buffer, inside, breaks, starts, ends, good, separator, len(header))
    rows = pl.Series("row", first_line[good].astype(np.int64))
    told = filled[~usable[filled]]
    inside_them = lines[~usable[np.searchsorted(first_line, lines, side="right") - 1]]
    ragged = np.union1d(first_line[told], inside_them).tolist()
    return Records(tuple(header), frame.with_columns(rows), tuple(ragged))


def _lines_like_records(
    buffer: npt.NDArray[np.uint8], breaks: npt.NDArray[np.int64], separator: int, width: int
) -> npt.NDArray[np.int64]:
    """The physical lines with as many separators as a record, in quotation marks or not; none where it has few fields."""
    if width < _TELLING:
        return np.zeros(0, np.int64)
    separators = np.flatnonzero(buffer == separator)
    numbers = np.diff(np.concatenate(([0], np.searchsorted(separators, breaks), [len(separators)])))
    return (np.flatnonzero(numbers >= width - 1) + 1).astype(np.int64)


def _header(line: bytes, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line.decode(), newline=""), delimiter=separator))
    except csv.Error:
        raise NotSeparated from None


def _inside_quotes(buffer: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """For each byte, whether an odd number of quotation marks lies before it; sums wrap, and their parity stays right."""
    sums = np.cumsum(buffer == _QUOTE, dtype=np.uint8)
    return (sums & 1).astype(np.bool_)


def _line_breaks(buffer: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Where physical lines end: a line feed, or a carriage return that none follows (old Macintosh files)."""
    lone = buffer == _CR
    lone[:-1] &= buffer[1:] != _LF
    return np.flatnonzero((buffer == _LF) | lone).astype(np.int64)


def _without_carriage_return(
    buffer: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    last = np.maximum(ends - 1, 0)
    return np.where((ends > starts) & (buffer[last] == _CR), ends - 1, ends) if len(buffer) else ends


def _loose_quotes(buffer: npt.NDArray[np.uint8], separator: int) -> npt.NDArray[np.int64]:
    """Quotation marks that open or close anywhere but at the edge of a field, and one that is never closed."""
    quotes = np.flatnonzero(buffer == _QUOTE)
    edges = np.array([separator, _LF, _CR, _QUOTE], dtype=np.uint8)
    padded = np.concatenate(([_LF], buffer, [_LF])).astype(np.uint8) if len(quotes) else buffer
    opens, closes = quotes[0::2], quotes[1::2]
    loose = [opens[~np.isin(padded[opens], edges)], closes[~np.isin(padded[closes + 2], edges)]]
    if len(quotes) % 2:
        loose.append(quotes[-1:])
    return np.concatenate(loose)


def _parse_records(
    buffer: npt.NDArray[np.uint8],
    inside: npt.NDArray[np.bool_],
    breaks: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    good: npt.NDArray[np.intp],
    separator: str,
    width: int,
) -> pl.DataFrame:
    """Parse the good records alone, each ended by one line feed."""
    ending = breaks[~inside[breaks]]
    whole = np.append(buffer, np.uint8(_LF))
    whole[ending] = _LF
    marks = np.zeros(len(whole) + 1, dtype=np.int8)
    marks[starts[good]] += 1
    marks[ends[good] + 1] -= 1
    kept = whole[np.cumsum(marks[:-1], dtype=np.int8).astype(np.bool_)]
    frame = _parse(kept.tobytes(), separator, width)
    if frame.height != len(good):
        raise NotSeparated
    return frame


def _parse(content: bytes, separator: str, width: int) -> pl.DataFrame:
    schema = {str(column): pl.String for column in range(width)}
    if not content:
        return pl.DataFrame(schema=schema)
    try:
        return pl.read_csv(
            content, has_header=False, schema=schema, separator=separator, null_values=[""], raise_if_empty=False
        )
    except pl.exceptions.PolarsError:
        raise NotSeparated from None
