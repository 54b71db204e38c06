"""What ``avbrott users`` and ``avbrott log`` do and say: accounts and counts, never a password."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime

from rich.console import Console
from rich.table import Table

from avbrott.access import accounts, log, sessions
from avbrott.access.accounts import Person
from avbrott.access.settings import Access
from avbrott.asking import Asked, let_ctrl_c_through
from avbrott.errors import BadInput
from avbrott.help_texts import LANGUAGES
from avbrott.home import Home
from avbrott.identity.keys_command import say
from avbrott.registry import Contracts
from avbrott.texts import Texts

_LONGEST_LINE = 4096


def read_password(screen: Console, texts: Texts) -> str:
    """A password from the terminal, typed twice and not shown, or the first line of what is piped in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    say(screen, texts, "PASSWORD_ASKED")
    let_ctrl_c_through()
    password = getpass.getpass("> ")
    if getpass.getpass("> ") != password:
        raise BadInput("PASSWORDS_DIFFER")
    return password


def add(home: Home, contracts: Contracts, access: Access, person: Person, screen: Console, texts: Texts) -> None:
    """Make an account, and note it."""
    accounts.refuse_unknown(contracts, access, person)
    accounts.add(home, contracts, access, person, read_password(screen, texts))
    _note(home, person, "added")
    say(screen, texts, "ACCOUNT_ADDED", name=person.who, role=_role(texts, person), of=person.of)


def set_password(home: Home, access: Access, name: str, asked: Asked) -> None:
    """Give an account another password where that is confirmed, and note it."""
    person = _person(home, name)
    if not asked.goes_on("ACCOUNT_WOULD_CHANGE", name=name, count=sessions.count(home, name)):
        return
    accounts.set_password(home, access, name, read_password(asked.screen, asked.texts))
    _note(home, person, "password")
    asked.say("ACCOUNT_PASSWORD", name=name)


def disable(home: Home, name: str, asked: Asked) -> None:
    """Disable an account where that is confirmed, and note it."""
    person = _person(home, name)
    if not asked.goes_on("ACCOUNT_WOULD_CLOSE", name=name, count=sessions.count(home, name)):
        return
    accounts.disable(home, name)
    _note(home, person, "disabled")
    asked.say("ACCOUNT_DISABLED", name=name)


def show(home: Home, screen: Console, texts: Texts) -> None:
    """List the accounts."""
    table = _table(texts, "ACCOUNT_NAME_HEAD", "ACCOUNT_ROLE_HEAD", "ACCOUNT_OF_HEAD", "ACCOUNT_STATE_HEAD")
    for one in accounts.listed(home):
        state = "DISABLED" if one.disabled else "LOCKED" if one.locked else "OPEN"
        table.add_row(one.person.who, _role(texts, one.person), one.person.of, _both(texts, f"ACCOUNT_STATE_{state}"))
    screen.print(table)


def show_sessions(home: Home, access: Access, screen: Console, texts: Texts) -> None:
    """List who is signed in."""
    table = _table(texts, "ACCOUNT_NAME_HEAD", "ACCOUNT_ROLE_HEAD", "SESSION_BEGUN_HEAD", "SESSION_SEEN_HEAD")
    for one in sessions.open_sessions(home, access.session):
        table.add_row(one.person.who, _role(texts, one.person), _at(one.begun), _at(one.seen))
    screen.print(table)


def end_sessions(home: Home, name: str | None, asked: Asked) -> None:
    """Sign out a person, or everybody, where that is confirmed, and note it."""
    if not asked.goes_on("SESSIONS_WOULD_END", count=sessions.count(home, name)):
        return
    ended = sessions.end_all(home, name)
    log.add(home, log.Done("account", "done", who=name or "", what=f"sessions ended: {ended}", address=log.at_terminal()))
    asked.say("SESSIONS_ENDED", count=ended)


def verify_log(home: Home, screen: Console, texts: Texts) -> None:
    """Hold the log against its chain."""
    held = log.verify(home)
    say(screen, texts, "ACCESS_LOG_HOLDS", file=home.access_log, lines=held.lines, torn=held.torn)


def _person(home: Home, name: str) -> Person:
    there = accounts.listed(home) if home.accounts.is_file() else []
    found = [one.person for one in there if one.person.who == name]
    if not found:
        raise BadInput("ACCOUNT_MISSING", name=name)
    return found[0]


def _note(home: Home, person: Person, what: str) -> None:
    told = f"{what} {person.of}".rstrip()
    log.add(home, log.Done("account", "done", who=person.who, role=person.role, what=told, address=log.at_terminal()))


def _role(texts: Texts, person: Person) -> str:
    return _both(texts, f"ROLE_{person.role}")


def _both(texts: Texts, key: str) -> str:
    said = [texts.get(key, language) for language in LANGUAGES]
    return " / ".join(dict.fromkeys(said))


def _table(texts: Texts, *heads: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(_both(texts, head))
    return table


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="minutes")
