"""Accounts: passwords that are kept as they should be, lock-out, limits, and the commands."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from avbrott.access import accounts, attempts, database, log, passwords, sessions
from avbrott.access.accounts import Person
from avbrott.access.addresses import network_of
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from tests.access_case import PASSWORD, access_of
from tests.unit.conftest import Run

ANNA = Person("anna", "data_owner", "2480")


@pytest.fixture
def home(tmp_path: Path, contracts: Contracts) -> Home:
    """A home with one account."""
    home = Home(tmp_path)
    accounts.add(home, contracts, access_of(contracts), ANNA, PASSWORD)
    return home


def begun(home: Home, contracts: Contracts) -> str:
    """The token of somebody who has signed in with her password."""
    access = access_of(contracts)
    token = sessions.begin(home, access.session, ANNA, accounts.try_password(home, access, "anna", PASSWORD).kept)
    assert token is not None
    return token


def test_a_password_is_kept_as_argon2id_alone_in_a_file_of_its_owners(home: Home) -> None:
    """Neither it nor a quick sum of it stands anywhere under the home."""
    kept = sqlite3.connect(home.accounts).execute("SELECT password FROM accounts").fetchone()[0]
    assert kept.startswith("$argon2id$v=19$")
    assert stat.S_IMODE(home.accounts.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.accounts.parent.stat().st_mode) == 0o700
    assert not [file for file in home.root.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()]


def test_the_packaged_figures_are_those_of_the_rfc(contracts: Contracts) -> None:
    """The second recommendation of RFC 9106: 64 MiB, three passes, four lanes."""
    from avbrott.access.settings import load_access

    rules = load_access(contracts.folder).password
    assert (rules.memory_kib, rules.passes, rules.lanes) == (65536, 3, 4)


def test_a_right_password_signs_in_and_a_wrong_one_does_not(home: Home, contracts: Contracts) -> None:
    """An account that is not there is told no otherwise."""
    access = access_of(contracts)
    assert accounts.try_password(home, access, "anna", PASSWORD).person == ANNA
    assert accounts.try_password(home, access, "anna", PASSWORD + "x").person is None
    assert accounts.try_password(home, access, "berit", PASSWORD).person is None
    assert accounts.try_password(home, access, "", PASSWORD).person is None


def test_an_account_that_is_not_there_takes_as_long(home: Home, contracts: Contracts, monkeypatch) -> None:
    """A password is tried for it too."""
    tried = []
    monkeypatch.setattr(passwords, "is_right", lambda *of: bool(tried.append(of[1])))
    for name in ("anna", "berit"):
        accounts.try_password(home, access_of(contracts), name, "x" * 20)
    assert len(tried) == 2
    assert tried[1] is None


def test_wrong_passwords_lock_an_account_also_for_the_right_one(home: Home, contracts: Contracts, monkeypatch) -> None:
    """Until the time is over."""
    access = access_of(contracts, failures=3, locked_minutes=15)
    told = [accounts.try_password(home, access, "anna", "wrong").locked for _ in range(3)]
    assert told == [False, False, True]
    assert accounts.try_password(home, access, "anna", PASSWORD).person is None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 15 * 60 + 1)
    assert accounts.try_password(home, access, "anna", PASSWORD).person == ANNA


def test_a_right_password_forgets_the_wrong_ones(home: Home, contracts: Contracts) -> None:
    """Wrong ones count in a row."""
    access = access_of(contracts, failures=3)
    for _ in range(4):
        for _ in range(2):
            accounts.try_password(home, access, "anna", "wrong")
        assert accounts.try_password(home, access, "anna", PASSWORD).person == ANNA


def test_attempts_are_limited_by_account_and_by_address(home: Home, contracts: Contracts, monkeypatch) -> None:
    """Within the window; another account from another address is not."""
    rules = access_of(contracts, by_account=3, by_address=5, window_minutes=10).sign_in

    def told(name: str | None, address: str, way: attempts.Way = "address") -> bool | None:
        found = attempts.too_often(home, rules, address, name, way)
        return found and found.is_first

    assert [told("anna", f"192.0.2.{place}") for place in range(5)] == [None] * 3 + [True, False]
    assert [told(f"b{place}", "192.0.2.99") for place in range(7)] == [None] * 5 + [True, False]
    assert told("anna", "192.0.2.99") is False
    assert told("c", "192.0.2.200") is None
    assert [told(None, "192.0.2.99", "openid") for _ in range(7)] == [None] * 5 + [True, False]
    of_one = [f"2001:db8:0:1:{place}::1" for place in range(5)]
    assert [told(f"d{place}", address) for place, address in enumerate([*of_one, "2001:db8:0:1::9"])] == [None] * 5 + [True]
    assert told("e", "2001:db8:0:2::1") is None
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7") == "192.0.2.7"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)
    assert told("anna", "192.0.2.99") is None


def test_what_was_typed_as_a_name_is_kept_nowhere(home: Home, contracts: Contracts) -> None:
    """It may be a password."""
    attempts.too_often(home, access_of(contracts).sign_in, "192.0.2.1", "hemligt-lösenord")
    assert b"hemligt" not in home.accounts.read_bytes()


def test_a_session_ends_unused_and_at_its_longest(home: Home, contracts: Contracts, monkeypatch) -> None:
    """Whichever comes first."""
    rules = access_of(contracts).session
    token, now = begun(home, contracts), time.time()
    assert token.encode() not in home.accounts.read_bytes()
    for minutes in range(10, rules.longest_minutes, 10):
        monkeypatch.setattr(time, "time", lambda minutes=minutes: now + 60 * minutes)
        assert sessions.find(home, rules, token) is not None
    monkeypatch.setattr(time, "time", lambda: now + 60 * rules.longest_minutes + 1)
    assert sessions.find(home, rules, token) is None
    monkeypatch.setattr(time, "time", lambda: now)
    token = begun(home, contracts)
    monkeypatch.setattr(time, "time", lambda: now + 60 * rules.idle_minutes + 1)
    assert sessions.find(home, rules, token) is None


@pytest.mark.parametrize("end", ["end", "end_all", "disable", "password"])
def test_a_session_can_be_ended_at_the_server(home: Home, contracts: Contracts, end: str) -> None:
    """By signing out, by the administrator, with its account, and with another password."""
    access = access_of(contracts)
    token = begun(home, contracts)
    {
        "end": lambda: sessions.end(home, token),
        "end_all": lambda: sessions.end_all(home, "anna"),
        "disable": lambda: accounts.disable(home, "anna"),
        "password": lambda: accounts.set_password(home, access, "anna", "sju röda båtar till sjöss"),
    }[end]()
    assert sessions.find(home, access.session, token) is None


OTHER = "sju röda båtar till sjöss"


def meanwhile(what: str, home: Home, contracts: Contracts) -> None:
    """What happens to an account while its password is being tried."""
    access = access_of(contracts)
    if what == "disable":
        accounts.disable(home, "anna")
    elif what == "password":
        accounts.set_password(home, access, "anna", OTHER)
    else:
        for _ in range(access.sign_in.failures):
            accounts.try_password(home, access, "anna", "wrong")


@pytest.mark.parametrize("what", ["disable", "password", "lock"])
def test_a_sign_in_on_its_way_does_not_outlive_its_account(
    home: Home, contracts: Contracts, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """What holds is what the account is when the password has been tried, which takes long; nor does it open a locked one."""
    access, is_right = access_of(contracts), passwords.is_right
    waiting = [what]

    def slow(*of: Any) -> bool:
        right = is_right(*of)
        if waiting:
            meanwhile(waiting.pop(), home, contracts)
        return right

    monkeypatch.setattr(passwords, "is_right", slow)
    assert accounts.try_password(home, access, "anna", PASSWORD).person is None
    before = accounts.listed(home)[0]
    assert (before.disabled, before.locked) == (what == "disable", what == "lock")
    assert accounts.try_password(home, access, "anna", PASSWORD).person is None
    assert (accounts.try_password(home, access, "anna", OTHER).person == ANNA) == (what == "password")


@pytest.mark.parametrize("what", ["disable", "password", "lock"])
def test_no_session_begins_once_the_account_is_another(home: Home, contracts: Contracts, what: str) -> None:
    """Between its password and its session; nor does one that is there somehow outlive a closed account."""
    access = access_of(contracts)
    tried, token = accounts.try_password(home, access, "anna", PASSWORD), begun(home, contracts)
    meanwhile(what, home, contracts)
    assert sessions.begin(home, access.session, ANNA, tried.kept) is None
    assert (sessions.find(home, access.session, token) is not None) == (what == "lock")
    with database.opened(home) as file:
        file.execute("UPDATE accounts SET disabled = 1")
    assert sessions.find(home, access.session, token) is None


def test_a_session_of_another_services_person_needs_no_account(home: Home, contracts: Contracts) -> None:
    """Nor ends with one."""
    rules = access_of(contracts).session
    token = sessions.begin(home, rules, Person("openid:4711", "releaser"), None)
    assert token is not None
    assert sessions.find(home, rules, token) is not None


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (Person("Anna Ek", "analyst"), "ACCOUNT_NAME"),
        (Person("a\nb", "analyst"), "ACCOUNT_NAME"),
        (Person("anna", "analyst"), "ACCOUNT_THERE"),
        (Person("eva", "owner"), "ACCOUNT_ROLE"),
        (Person("eva", "analyst", "2480"), "ACCOUNT_OF_NOTHING"),
        (Person("eva", "data_owner"), "ACCOUNT_OF_PROVIDER"),
        (Person("eva", "data_owner", "99248001"), "ACCOUNT_OF_PROVIDER"),
        (Person("eva", "school_leader", "2480"), "ACCOUNT_OF_SCHOOL"),
    ],
)
def test_an_account_that_cannot_be_is_refused(home: Home, contracts: Contracts, person: Person, code: str) -> None:
    """With what is wrong of it."""
    with pytest.raises(BadInput, match=code):
        accounts.add(home, contracts, access_of(contracts), person, PASSWORD)


@pytest.mark.parametrize("password", ["kort", "x" * 201, "aaaaaaaaaaaaaaaa", "anna-anna-anna-2026"])
def test_a_password_that_is_easily_guessed_is_refused(home: Home, contracts: Contracts, password: str) -> None:
    """And never repeated in the message."""
    with pytest.raises(BadInput, match="PASSWORD_") as told:
        accounts.set_password(home, access_of(contracts), "anna", password)
    assert password not in str(told.value)


def test_the_commands_make_list_and_close_accounts(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password comes through a pipe, never as an argument; each change is noted."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD + "\n"))
    assert run("users", "add", "rut", "--role", "school_leader", "--of", "99248001", "--home", tmp_path).code == 0
    listed = run("users", "list", "--home", tmp_path)
    assert "rektor / school leader" in listed.out
    assert "99248001" in listed.out
    assert run("users", "sessions", "--home", tmp_path).code == 0
    assert run("users", "disable", "rut", "--yes", "--home", tmp_path).code == 0
    assert "stängt / closed" in run("users", "list", "--home", tmp_path).out
    monkeypatch.setattr(sys, "stdin", io.StringIO("ett helt annat ord\n"))
    assert run("users", "password", "rut", "--yes", "--home", tmp_path).code == 0
    assert "öppet / open" in run("users", "list", "--home", tmp_path).out
    assert run("users", "sessions", "--end-all", "--yes", "--home", tmp_path).code == 0
    assert run("users", "disable", "eva", "--home", tmp_path).code == 2
    home = Home(tmp_path)
    told = [json.loads(line)["what"] for line in home.access_log.read_text("utf-8").splitlines()]
    assert told == ["added 99248001", "disabled 99248001", "password 99248001", "sessions ended: 0"]
    assert log.verify(home).lines == 4


def test_a_damaged_file_of_accounts_is_an_error(home: Home, run: Run) -> None:
    """Told with the file, and exit code 2."""
    home.accounts.write_bytes(b"no database " * 100)
    ended = run("users", "list", "--home", home.root)
    assert ended.code == 2
    assert "accounts.db" in ended.err
