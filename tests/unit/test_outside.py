"""A full disk, a locked database, a path too long: told as such, whichever library says so, and nothing else of its words."""

from __future__ import annotations

import errno
import sqlite3

import polars as pl
import pytest

from assets.guard import stage_of
from avbrott.errors import BadInput, StageFailed
from avbrott.outside import from_outside


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "19990101-1234"), "DISK_FULL"),
        (OSError(errno.EDQUOT, "quota"), "DISK_FULL"),
        (pl.exceptions.ComputeError("No space left on device (os error 28)"), "DISK_FULL"),
        (sqlite3.OperationalError("database or disk is full"), "DISK_FULL"),
        (sqlite3.OperationalError("database is locked"), "DATABASE_LOCKED"),
        (_caused(RuntimeError("19990101-1234"), sqlite3.OperationalError("database is locked")), "DATABASE_LOCKED"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "19990101-1234.csv"), "PATH_TOO_LONG"),
        (OSError(errno.EACCES, "not permitted"), None),
        (ValueError("19990101-1234"), None),
    ],
    ids=str,
)
def test_what_stops_the_program_from_outside_is_told(error: Exception, code: str | None) -> None:
    """Also where it is what another error came of; a stage raises it, and of any other error its type alone."""
    found = from_outside(error)
    assert (found.code if found else None) == code

    @stage_of
    def stage() -> None:
        raise error

    with pytest.raises(BadInput if code else StageFailed) as told:
        stage()
    assert "19990101" not in str(told.value)
