"""Delivered Parquet as text, read in a process of its own: a damaged file can bring down the library that reads it.

Polars tells of a panic on the screen, whatever is caught in Python, and what it says can hold a row's value; where a damaged
size asks for more memory than there is, the process ends. Neither reaches the program. What a table means is ``read``'s.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from enum import Enum
from functools import cache
from multiprocessing import get_context
from multiprocessing.util import Finalize

import polars as pl

from avbrott import worker

MOST_CELLS = 10_000_000
"""Rows times columns. Some kilobytes of Parquet can be any number of rows, as what repeats is written once, and a cell takes
some 200 bytes where every rule is broken. The largest municipality has a twentieth of it."""
MOST_BYTES = 200_000_000
"""What the values may be long together: one of a megabyte can stand in every row, and each is looked at by every rule."""
LONGEST_CELL = 1000
"""Bytes of one value: any that a contract knows is a tenth of it."""
MOST_MEMORY = 3 * 1024**3
"""What the process that reads may use, where the system tells: what a file unpacks to is known when it is unpacked."""
_UNITS_A_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_FIRST_DAY, _LAST_DAY = ((day - date(1970, 1, 1)).days for day in (date.min, date.max))
"""Counted from 1970, as Parquet does."""

_one_at_a_time = threading.Lock()
"""So that a process that ends tells which file it ended at."""


class Unread(Enum):
    """Why a file was not read."""

    DAMAGED = "FILE_UNREADABLE"
    """Or it came to more than there is room for while it was read."""
    TOO_LARGE = "FILE_TOO_LARGE"


def read_parquet(content: bytes) -> tuple[tuple[str, ...], pl.DataFrame] | Unread:
    """The header, and the columns as text by their place."""
    with _one_at_a_time:
        try:
            return _process().submit(_within, MOST_MEMORY, content).result()
        except BrokenProcessPool:
            _process.cache_clear()
            return Unread.DAMAGED


def as_text(content: bytes) -> tuple[tuple[str, ...], pl.DataFrame] | Unread:
    """What ``read_parquet`` says, in this process."""
    try:
        if _is_too_much(pl.scan_parquet(io.BytesIO(content))):
            return Unread.TOO_LARGE
        frame = pl.read_parquet(io.BytesIO(content))
        if any(kind.is_nested() or kind.is_object() for kind in frame.dtypes):
            return Unread.DAMAGED
        header = tuple(frame.columns)
        frame.columns = [str(place) for place in range(frame.width)]
        if _is_too_long(frame):
            return Unread.TOO_LARGE
        return header, frame.select(_text(name, kind).replace("", None) for name, kind in frame.schema.items())
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        return Unread.DAMAGED


def has_room(cells: int) -> bool:
    """Whether the hub has room to judge so many cells of one extract of one provider and term."""
    return cells <= MOST_CELLS


def is_too_large(frame: pl.DataFrame) -> bool:
    """Whether the hub would not read these rows, for their size; they are text, or what casts to it unchanged."""
    return not has_room(frame.height * frame.width) or _is_too_long(frame.select(pl.all().cast(pl.String)))


def _is_too_much(content: pl.LazyFrame) -> bool:
    """Whether the file says that it has more cells than there is room for; nothing but what it says is read."""
    rows: int = content.select(pl.len()).collect().item()
    return not has_room(rows * len(content.collect_schema()))


def _is_too_long(frame: pl.DataFrame) -> bool:
    """Whether a text, or all of them together, are longer than there is room for. What stands in many rows is held once."""
    lengths = [
        pl.col(name).str.len_bytes() if kind == pl.String else pl.col(name).cat.len_bytes()
        for name, kind in frame.schema.items()
        if kind in (pl.String, pl.Categorical, pl.Enum)
    ]
    if not lengths:
        return False
    together = frame.select(length.cast(pl.UInt64).sum() for length in lengths).row(0)
    longest = frame.select(length.max() for length in lengths).row(0)
    return sum(together) > MOST_BYTES or any((one or 0) > LONGEST_CELL for one in longest)


def _text(name: str, kind: pl.DataType) -> pl.Expr:
    """The column as text. A day that no calendar has is its bare number, which no rule takes for a date.

    Polars ends in a panic where it is asked to write such a day, and the rest of the file could not be read then.
    """
    found = pl.col(name)
    if not isinstance(kind, (pl.Date, pl.Datetime)):
        return found.cast(pl.String)
    units = 1 if isinstance(kind, pl.Date) else _UNITS_A_DAY[kind.time_unit]
    number = found.to_physical().cast(pl.Int64)
    exists = number.is_between(max(_FIRST_DAY * units, -(2**63)), min((_LAST_DAY + 1) * units - 1, 2**63 - 1))
    day = pl.when(exists).then(number).otherwise(0).cast(kind).cast(pl.String)
    return pl.when(exists).then(day).otherwise(number.cast(pl.String))


def _within(memory: int, content: bytes) -> tuple[tuple[str, ...], pl.DataFrame] | Unread:
    """``as_text``, in a process that ends where that takes more memory."""
    done = threading.Event()
    if sys.platform != "win32":
        threading.Thread(target=_end_beyond, args=(memory, done), daemon=True).start()
    try:
        return as_text(content)
    finally:
        done.set()


def _end_beyond(memory: int, done: threading.Event) -> None:
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    while not done.wait(0.05):
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit > memory:
            os._exit(1)


@cache
def _process() -> ProcessPoolExecutor:
    # Spawned: a fork would take polars' threads with it in pieces.
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin)
    # A process of a pool waits for its own processes when it ends, and those wait to be told: it would wait for good. They
    # are told before the queue that they read is closed, which has the priority 10.
    Finalize(None, pool.shutdown, exitpriority=20)
    return pool


def _begin() -> None:
    worker.begin()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
