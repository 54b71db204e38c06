"""From a file to the text columns that a contract names, and what was assumed on the way. No value is judged here.

What cannot be read is a finding with line numbers, never an exception of a library, and never a value. A column that the
contract does not name is called by its place (``#3``) unless its header is a word that any reader may see: in a file
without a header line the first row's values stand there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.delivery.parquet import read_parquet
from avbrott.delivery.records import NotSeparated, read_records

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SUFFIXES = (".csv", ".parquet")
SEPARATOR = ","
_FIRST_LINE = 65536
"""A header is no longer than this."""
_OTHER_SEPARATORS = (";", "\t")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file as a file: a blocking finding that does not know its provider yet."""

    code: str
    field: str = ""
    rows: tuple[int, ...] = ()
    count: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A file as columns of text by their place, whatever they are called."""

    header: tuple[str, ...]
    frame: pl.DataFrame
    faults: tuple[Fault, ...] = ()
    encoding: str = "UTF-8"
    separator: str = SEPARATOR


@dataclass(frozen=True, slots=True)
class Reading:
    """One extract of one provider, held against the contract's columns.

    ``frame`` has every term of the contract (String; null where the column is missing) and ``row`` (physical line, header 1;
    in Parquet the number of the row). ``unknown`` has the columns the contract does not name, and ``row``.
    """

    frame: pl.DataFrame
    unknown: pl.DataFrame
    missing: tuple[str, ...]
    faults: tuple[Fault, ...]
    foreign_headers: tuple[str, ...]
    """What stands in the header of columns that the contract does not name: for the scanner alone."""
    encoding: str
    separator: str


def read_table(path: Path) -> Table:
    """Read a ``.csv`` or ``.parquet`` file. A file that cannot be used at all is a table without columns and with faults."""
    try:
        content = path.read_bytes()
    except OSError:
        return _unusable("FILE_UNREADABLE")
    return read_content(content, parquet=path.suffix.lower() == ".parquet")


def read_content(content: bytes, *, parquet: bool) -> Table:
    """Read the bytes of a file, with faults like those of ``read_table``."""
    if not content.strip():
        return _unusable("FILE_EMPTY")
    return _parquet(content) if parquet else _text(content)


def fit(table: Table, contract: ExtractContract, showable: Collection[str] = ()) -> Reading:
    """Give the table the contract's columns. ``showable``: headers beside the contract's that a finding may name."""
    if not table.header:
        return Reading(
            empty_frame(contract), pl.DataFrame(), contract.terms, table.faults, (), table.encoding, table.separator
        )
    names = [name.strip().lower() for name in table.header]
    labels = [
        name if name in contract.terms or name in showable else f"#{place}" for place, name in enumerate(names, start=1)
    ]
    times = Counter(name for name in names if name)
    first = {name: str(place) for place, name in reversed(list(enumerate(names)))}
    missing = tuple(term for term in contract.terms if term not in first)
    others = [place for place, name in enumerate(names) if name not in contract.terms]
    faults = [
        *table.faults,
        *(Fault("COLUMN_MISSING", term, (1,)) for term in missing),
        *(Fault("COLUMN_UNKNOWN", labels[place], (1,)) for place in others),
        *(Fault("COLUMN_DUPLICATE", labels[int(first[name])], (1,)) for name, count in times.items() if count > 1),
    ]
    frame = table.frame.select(
        *(
            pl.lit(None, pl.String).alias(term) if term in missing else pl.col(first[term]).alias(term)
            for term in contract.terms
        ),
        "row",
    )
    unknown = table.frame.select(
        *(pl.col(str(place)).alias(_own_label(labels, place)) for place in others), *(["row"] if others else [])
    )
    foreign = tuple(table.header[place] for place in others)
    return Reading(frame, unknown, missing, tuple(faults), foreign, table.encoding, table.separator)


def empty_frame(contract: ExtractContract) -> pl.DataFrame:
    """No row, the columns of a reading."""
    return pl.DataFrame(schema={**dict.fromkeys(contract.terms, pl.String), "row": pl.Int64})


def guess_contract(file: Path, table: Table, contracts: Collection[ExtractContract]) -> ExtractContract | None:
    """The contract that the file is named for, else the one whose columns its header shares most of (at least half)."""
    words = set(re.split(r"[^a-z_]+", file.stem.lower()))
    named = [contract for contract in contracts if contract.name in words or contract.name == file.stem.lower()]
    if len(named) == 1:
        return named[0]
    header = {name.strip().lower() for name in table.header}
    shares = {c.name: len(header & set(c.terms)) / len(c.terms) for c in contracts}
    best = max(contracts, key=lambda c: (shares[c.name], c.name), default=None)
    return best if best is not None and shares[best.name] >= 0.5 else None


def _own_label(labels: list[str], place: int) -> str:
    """A label for a column of unknown content; two columns of one name keep their places apart."""
    return labels[place] if labels.count(labels[place]) == 1 else f"#{place + 1}"


def _unusable(code: str, *, encoding: str = "UTF-8", rows: tuple[int, ...] = ()) -> Table:
    return Table((), pl.DataFrame(), (Fault(code, rows=rows),), encoding)


def _text(content: bytes) -> Table:
    encoding = "UTF-8"
    if content.startswith(BYTE_ORDER_MARK):
        content, encoding = content[len(BYTE_ORDER_MARK) :], "UTF-8-BOM"
    line = _first_foreign_line(content)
    if line is not None:
        return _unusable("FILE_ENCODING", encoding="?", rows=(line,))
    separator = _separator(content)
    try:
        records = read_records(content, separator)
    except NotSeparated:
        return _unusable("FILE_UNREADABLE", encoding=encoding)
    if records is None:
        return _unusable("FILE_EMPTY", encoding=encoding)
    faults = [] if separator == SEPARATOR else [Fault("FILE_SEPARATOR", rows=(1,))]
    if records.ragged:
        faults.append(Fault("ROW_WIDTH", rows=records.ragged, count=len(records.ragged)))
    return Table(records.header, records.frame, tuple(faults), encoding, separator)


def _separator(content: bytes) -> str:
    """What separates the fields of the first line: another character is told as one fault, not as every column missing."""
    first = content[:_FIRST_LINE].lstrip(b"\r\n").splitlines()[:1]
    return max((SEPARATOR, *_OTHER_SEPARATORS), key=lambda separator: b"".join(first).count(separator.encode()))


def _first_foreign_line(content: bytes) -> int | None:
    """The first line that is not UTF-8 text; a zero byte is no text (UTF-16, a spreadsheet, an archive)."""
    zero = content.find(b"\0")
    try:
        if not content.isascii():
            content.decode("utf-8")
    except UnicodeDecodeError as error:
        zero = error.start if zero < 0 else min(zero, error.start)
    return None if zero < 0 else content.count(b"\n", 0, zero) + 1


def _parquet(content: bytes) -> Table:
    found = read_parquet(content)
    if found is None:
        return _unusable("FILE_UNREADABLE", encoding="Parquet")
    header, text = found
    rows = pl.int_range(1, text.height + 1, dtype=pl.Int64)
    return Table(header, text.with_columns(row=rows), encoding="Parquet", separator="")
