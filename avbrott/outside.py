"""What stops the program from outside: a full disk, a database that another process holds, a name that no system takes.

Polars, DuckDB, SQLite and Python each say it in their own way, and what else their words hold is not told on.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator

from avbrott.errors import BadInput

_FULL = {errno.ENOSPC, errno.EDQUOT}
_SAID_FULL = ("No space left on device", "Disk quota exceeded", "database or disk is full")
_SAID_LOCKED = ("database is locked", "Could not set lock on file")


def from_outside(error: BaseException) -> BadInput | None:
    """``DISK_FULL``, ``DATABASE_LOCKED`` or ``PATH_TOO_LONG`` where an error, or one that it came of, says so; else None."""
    for one in chain(error):
        said = str(one)
        if (isinstance(one, OSError) and one.errno in _FULL) or any(words in said for words in _SAID_FULL):
            return BadInput("DISK_FULL")
        if (isinstance(one, sqlite3.OperationalError) or "lock" in said) and any(words in said for words in _SAID_LOCKED):
            return BadInput("DATABASE_LOCKED")
        if isinstance(one, OSError) and one.errno == errno.ENAMETOOLONG:
            return BadInput("PATH_TOO_LONG")
    return None


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error, that which it came of, and so on."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__
