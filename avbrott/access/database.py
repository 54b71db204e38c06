"""The file of accounts and sessions: SQLite under the home, its owner's alone. What it holds is said elsewhere.

A connection a call: the file is small, and the server's threads and the commands share nothing else.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from avbrott import atomic
from avbrott.errors import BadInput
from avbrott.home import Home

_WAIT_SECONDS = 10.0
_FORM = 1
_TABLES = """
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    of TEXT NOT NULL,
    password TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    locked_until REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE sessions (
    token TEXT PRIMARY KEY,
    who TEXT NOT NULL,
    local INTEGER NOT NULL,
    role TEXT NOT NULL,
    of TEXT NOT NULL,
    csrf TEXT NOT NULL,
    begun REAL NOT NULL,
    seen REAL NOT NULL
) STRICT;
CREATE INDEX sessions_of ON sessions (who);
CREATE TABLE attempts (key TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE INDEX attempts_of ON attempts (key, at);
CREATE TABLE visits (
    state TEXT PRIMARY KEY,
    binding TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    next TEXT NOT NULL,
    begun REAL NOT NULL
) STRICT;
"""


@contextmanager
def opened(home: Home) -> Iterator[sqlite3.Connection]:
    """The file, made where it is not there; what the block writes is kept when it ends well, and not at all otherwise.

    ``BadInput`` (ACCOUNTS_UNUSABLE) where it is damaged, or cannot be read or written.
    """
    try:
        atomic.private_folder(home.accounts.parent)
        os.close(os.open(home.accounts, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(home.accounts, timeout=_WAIT_SECONDS, isolation_level=None)
    except (OSError, sqlite3.Error):
        raise BadInput("ACCOUNTS_UNUSABLE", file=home.accounts) from None
    with closing(connection):
        try:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("PRAGMA user_version").fetchone()[0] != _FORM:
                _make(connection)
            yield connection
            connection.execute("COMMIT")
        except sqlite3.Error:
            raise BadInput("ACCOUNTS_UNUSABLE", file=home.accounts) from None
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")


def _make(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {_FORM}")
