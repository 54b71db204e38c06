"""Sessions: who is signed in, kept at the server, so that it can end one. The browser has a token, the file its sum."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import cast

from avbrott.access.accounts import Person
from avbrott.access.database import opened
from avbrott.access.settings import RoleName, SessionRules
from avbrott.home import Home

_TOKEN_BYTES = 32
_SEEN_SECONDS = 15.0
"""A session that was seen so lately is not written again."""
_IS_OPEN = "SELECT 1 FROM accounts WHERE name = ? AND password = ? AND disabled = 0 AND locked_until <= ?"


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in, and what her forms must say to be hers."""

    person: Person
    csrf: str
    begun: float
    seen: float
    is_local: bool
    """Whether it is by an account of this installation, and not by another service's."""


def begin(home: Home, rules: SessionRules, person: Person, verified: str | None) -> str | None:
    """Sign a person in; the token that the browser is given.

    ``verified``: what is kept of the password that was right; None where another service than this installation says who it
    is. None where the account was closed or locked meanwhile, or has another password.
    """
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), time.time()
    local = verified is not None
    with opened(home) as file:
        if local and not file.execute(_IS_OPEN, (person.who, verified, now)).fetchall():
            return None
        file.execute("DELETE FROM sessions WHERE seen < ? OR begun < ?", _oldest(rules, now))
        file.execute(
            "INSERT INTO sessions (token, who, local, role, of, csrf, begun, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (_sum(token), person.who, local, person.role, person.of, secrets.token_urlsafe(_TOKEN_BYTES), now, now),
        )
    return token


def find(home: Home, rules: SessionRules, token: str) -> Session | None:
    """The session of a token, if it is not over; it is seen by this."""
    now = time.time()
    with opened(home) as file:
        row = file.execute(
            "SELECT who, role, of, csrf, begun, seen, local FROM sessions WHERE token = ? AND seen >= ? AND begun >= ?"
            " AND (local = 0 OR EXISTS (SELECT 1 FROM accounts WHERE name = who AND disabled = 0))",
            (_sum(token), *_oldest(rules, now)),
        ).fetchone()
        if row is None:
            return None
        who, role, of, csrf, begun, seen, local = row
        if now - seen > _SEEN_SECONDS:
            file.execute("UPDATE sessions SET seen = ? WHERE token = ?", (now, _sum(token)))
    return Session(Person(who, cast("RoleName", role), of), csrf, begun, seen, bool(local))


def end(home: Home, token: str) -> None:
    """Sign out."""
    with opened(home) as file:
        file.execute("DELETE FROM sessions WHERE token = ?", (_sum(token),))


def end_all(home: Home, who: str | None = None) -> int:
    """End the sessions of a person, or everybody's; how many."""
    with opened(home) as file:
        return file.execute("DELETE FROM sessions WHERE ?1 IS NULL OR who = ?1", (who,)).rowcount


def count(home: Home, who: str | None = None) -> int:
    """How many sessions ``end_all`` would end; no file is made."""
    if not home.accounts.is_file():
        return 0
    with opened(home) as file:
        return int(file.execute("SELECT count(*) FROM sessions WHERE ?1 IS NULL OR who = ?1", (who,)).fetchone()[0])


def open_sessions(home: Home, rules: SessionRules) -> list[Session]:
    """Every session that is not over, by person and when it began."""
    with opened(home) as file:
        rows = file.execute(
            "SELECT who, role, of, begun, seen, local FROM sessions WHERE seen >= ? AND begun >= ? ORDER BY who, begun",
            _oldest(rules, time.time()),
        ).fetchall()
    return [Session(Person(who, role, of), "", begun, seen, bool(local)) for who, role, of, begun, seen, local in rows]


def _oldest(rules: SessionRules, now: float) -> tuple[float, float]:
    """Since when a session must have been seen, and have begun."""
    return now - 60 * rules.idle_minutes, now - 60 * rules.longest_minutes


def _sum(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
