"""Accounts of this installation: made, listed, disabled, and signed in to with a password.

Every answer to a wrong sign-in is the same, and takes as long, so that nobody learns which accounts there are or are locked.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import cast

from avbrott.access import passwords
from avbrott.access.database import opened
from avbrott.access.settings import Access, Right, RoleName
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
"""What an account may be called: an address, a number of employment, a function."""
ELSEWHERE = "openid:"
"""What a person begins with whom another service knows; no account of this installation does."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in, or may be."""

    who: str
    role: RoleName
    of: str = ""
    """The provider's or school unit's code; empty where the role is of none."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What is told of an account."""

    person: Person
    disabled: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a sign-in: ``person`` where it was right; ``known`` is the account's name where there is such a one."""

    person: Person | None
    known: str
    locked: bool = False
    kept: str = ""
    """What is kept of the password that was right."""


def add(home: Home, contracts: Contracts, access: Access, person: Person, password: str) -> None:
    """Make an account. ``BadInput`` where it is there, or its name, role, object or password cannot be."""
    if NAME.fullmatch(person.who) is None:
        raise BadInput("ACCOUNT_NAME", name=person.who)
    refuse_unknown(contracts, access, person)
    passwords.refuse_unfit(password, person.who, access.password)
    kept = passwords.kept(password, access.password)
    with opened(home) as file:
        added = file.execute(
            "INSERT OR IGNORE INTO accounts (name, role, of, password) VALUES (?, ?, ?, ?)",
            (person.who, person.role, person.of, kept),
        ).rowcount
    if not added:
        raise BadInput("ACCOUNT_THERE", name=person.who)


def refuse_unknown(contracts: Contracts, access: Access, person: Person) -> None:
    """``BadInput`` where there is no such role, or its object is missing, superfluous, or unknown to the contracts."""
    role = access.roles.get(person.role)
    if role is None:
        raise BadInput("ACCOUNT_ROLE", role=person.role, roles=", ".join(access.roles))
    if role.of == "nothing":
        if person.of:
            raise BadInput("ACCOUNT_OF_NOTHING", role=person.role)
        return
    if person.of not in known_objects(contracts, role.of):
        raise BadInput(f"ACCOUNT_OF_{role.of.upper()}", role=person.role, of=person.of or "-")


def known_objects(contracts: Contracts, of: str) -> frozenset[str]:
    """The codes that a role can be of: those of providers, or of school units."""
    suppliers = contracts.suppliers.suppliers
    if of == "provider":
        return frozenset(one.id for one in suppliers)
    return frozenset(unit.code for one in suppliers for unit in one.units)


def listed(home: Home) -> list[Listed]:
    """Every account, by name."""
    now = time.time()
    with opened(home) as file:
        rows = file.execute("SELECT name, role, of, disabled, locked_until FROM accounts ORDER BY name").fetchall()
    return [Listed(Person(name, role, of), bool(disabled), until > now) for name, role, of, disabled, until in rows]


def who_may(home: Home, access: Access, right: Right) -> frozenset[str]:
    """The accounts that are open and have a right now."""
    roles = {name for name, role in access.roles.items() if right in role.may}
    with opened(home) as file:
        rows = file.execute("SELECT name, role FROM accounts WHERE disabled = 0").fetchall()
    return frozenset(name for name, role in rows if role in roles)


def look_at_accounts(home: Home, contracts: Contracts, access: Access) -> Iterator[BadInput]:
    """What is wrong with the file, or with those who may sign in: a role or an object that is none. Nothing is changed."""
    try:
        with closing(sqlite3.connect(f"{home.accounts.resolve().as_uri()}?mode=ro", uri=True)) as file:
            rows = file.execute("SELECT name, role, of FROM accounts WHERE disabled = 0 ORDER BY name").fetchall()
    except sqlite3.Error:
        yield BadInput("ACCOUNTS_UNUSABLE", file=home.accounts)
        return
    for name, role, of in rows:
        try:
            refuse_unknown(contracts, access, Person(name, role, of))
        except BadInput:
            yield BadInput("ACCOUNT_NOBODYS", file=home.accounts, key=name, of=of or role)


def disable(home: Home, name: str) -> None:
    """Let nobody sign in to an account any more, and end its sessions; ``BadInput`` where there is none."""
    with opened(home) as file:
        _must_be(file.execute("UPDATE accounts SET disabled = 1 WHERE name = ?", (name,)).rowcount, name)
        file.execute("DELETE FROM sessions WHERE who = ? AND local = 1", (name,))


def set_password(home: Home, access: Access, name: str, password: str) -> None:
    """Give an account another password, unlock and enable it, and end its sessions; ``BadInput`` where there is none."""
    with opened(home) as file:
        _must_be(len(file.execute("SELECT 1 FROM accounts WHERE name = ?", (name,)).fetchall()), name)
    passwords.refuse_unfit(password, name, access.password)
    kept = passwords.kept(password, access.password)
    with opened(home) as file:
        file.execute(
            "UPDATE accounts SET password = ?, failures = 0, locked_until = 0, disabled = 0 WHERE name = ?", (kept, name)
        )
        file.execute("DELETE FROM sessions WHERE who = ? AND local = 1", (name,))


def change_password(home: Home, access: Access, name: str, verified: str, password: str, noted: Callable[[], None]) -> bool:
    """Put another password in place of an open account's own, and end its sessions; whether it was done.

    It is not where the account was closed, or its password changed, since the one that is kept as ``verified`` was tried.
    ``noted`` is called before it is kept, and where that fails it is not.
    """
    kept = passwords.kept(password, access.password)
    with opened(home) as file:
        changed = file.execute(
            "UPDATE accounts SET password = ? WHERE name = ? AND disabled = 0 AND password = ?", (kept, name, verified)
        ).rowcount
        if changed:
            file.execute("DELETE FROM sessions WHERE who = ? AND local = 1", (name,))
            noted()
    return bool(changed)


def try_password(home: Home, access: Access, name: str, password: str) -> Tried:
    """Try to sign in. A right password of a locked or disabled account is not right, and told no otherwise.

    To try it takes long, so the account is looked at afterwards: by then it may be closed, locked, or have another password.
    """
    with opened(home) as file:
        found = file.execute("SELECT password FROM accounts WHERE name = ?", (name,)).fetchone()
    kept = cast("str | None", found[0] if found else None)
    right = passwords.is_right(password[: access.password.longest + 1], kept, access.password)
    if kept is None:
        return Tried(None, "")
    anew = passwords.kept(password, access.password) if right and passwords.is_outdated(kept, access.password) else kept
    with opened(home) as file:
        role, of, still, disabled, until = file.execute(
            "SELECT role, of, password, disabled, locked_until FROM accounts WHERE name = ?", (name,)
        ).fetchone()
        locked = until > time.time()
        if locked or disabled:
            return Tried(None, name, locked)
        if still == kept:
            if not right:
                return Tried(None, name, locked=_count_failure(file, access, name))
            file.execute("UPDATE accounts SET failures = 0, locked_until = 0, password = ? WHERE name = ?", (anew, name))
            return Tried(Person(name, cast("RoleName", role), of), name, kept=anew)
    return try_password(home, access, name, password)  # by the password that is there now


def _count_failure(file: sqlite3.Connection, access: Access, name: str) -> bool:
    """Count a wrong password; whether the account is locked by it."""
    failures = file.execute(
        "UPDATE accounts SET failures = failures + 1 WHERE name = ? RETURNING failures", (name,)
    ).fetchone()[0]
    if failures < access.sign_in.failures:
        return False
    until = time.time() + 60 * access.sign_in.locked_minutes
    file.execute("UPDATE accounts SET failures = 0, locked_until = ? WHERE name = ?", (until, name))
    return True


def _must_be(found: int, name: str) -> None:
    if not found:
        raise BadInput("ACCOUNT_MISSING", name=name)
