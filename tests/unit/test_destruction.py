"""Commands that destroy or replace what cannot be made again: they tell, ask, and do nothing where nobody says yes."""

from __future__ import annotations

import json
import os
import pty
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from avbrott.access import accounts, log, sessions
from avbrott.access.accounts import Person
from avbrott.access.settings import load_access
from avbrott.at_rest.files import write_bytes
from avbrott.at_rest.vault import vault_of
from avbrott.cli import program
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.sealing.keys import new_signing_key, reception_key
from tests.unit.conftest import Run

DESTROY = {"retain", "erase", "keys store", "users disable", "users password", "users sessions", "deliver"}
"""What goes, or is replaced, is nowhere else."""
WRITE_OVER = {
    "prepare", "receipts", "health", "synth", "check", "protect", "run", "demo", "release", "site", "keys bridge",
    "contracts docs", "contracts export",
    "publish",
}  # fmt: skip
"""Over what they, or an earlier run, made of the same: it can be made again."""
DESTROY_NOTHING = {
    "init", "audit", "serve", "keys new", "keys rotate", "keys signing", "keys hub", "keys show", "contracts template",
    "keys pseudonyms",
    "contracts questionnaire", "contracts answers", "contracts diff", "users add", "users list", "log verify",
}  # fmt: skip
"""They read, add, or make files that must not be there."""


def every_command(group: TyperGroup, within: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            found |= every_command(command, f"{within}{name} ")
        else:
            found[f"{within}{name}"] = command
    return found


def test_no_command_is_forgotten() -> None:
    """Each is in one of the lists; those that destroy have both options, and no other has them."""
    commands = every_command(program())
    listed = sorted([*DESTROY, *WRITE_OVER, *DESTROY_NOTHING])
    assert sorted(commands) == listed
    asking = {name: {option for one in command.params for option in one.opts} for name, command in commands.items()}
    assert {name for name, options in asking.items() if {"--dry-run", "--yes"} <= options} == DESTROY
    assert {name for name, options in asking.items() if {"--dry-run", "--yes"} & options} == DESTROY


@pytest.fixture
def home(tmp_path: Path, contracts: Contracts) -> Home:
    """A home with an account that is signed in, a row in its store, and deliveries that are past their period."""
    made, access = Home(tmp_path / "home"), load_access(contracts.folder)
    accounts.add(made, contracts, access, Person("rut", "analyst"), "correct horse battery")
    kept = accounts.try_password(made, access, "rut", "correct horse battery").kept
    sessions.begin(made, access.session, Person("rut", "analyst"), kept)
    folder = made.delivered("2482", "HT2012")
    folder.mkdir(parents=True)
    record = {"provider": "2482", "term": "HT2012", "created": "2013-01-01", "extracts": [], "unexpected": 0, "history": []}
    (folder / "delivery.json").write_text(json.dumps(record))
    write_bytes(vault_of(made), folder / "enrolments.csv", b"pseudonym\n")
    reception_key(made)
    new_signing_key(tmp_path / "2482.key", "2482")
    (tmp_path / "in" / "HT2012").mkdir(parents=True)
    (tmp_path / "in" / "HT2012" / "2482-ht2012-enrolments-0001.zip.age").write_bytes(b"delivered before")
    (tmp_path / "persons.csv").write_text(f"epoch,pseudonym\n2025,{'ab' * 32}\n")
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


WITHDRAWAL = ("deliver", "--withdraw", "enrolments", "--provider", "2482", "--term", "HT2012")
COMMANDS = [
    ("retain", "--date", "2040-01-01"),
    ("retain", "--date", "2013-02-01", "--provider", "2482", "--term", "HT2012"),
    ("erase",),
    ("keys", "store", "--rotate"),
    ("users", "disable", "rut"),
    ("users", "password", "rut"),
    ("users", "sessions", "--end", "rut"),
    ("users", "sessions", "--end-all"),
    WITHDRAWAL,
    ("deliver", "--nil", "enrolments", "--provider", "2482", "--term", "HT2012", "--replace"),
]


def whole(command: tuple[str, ...], home: Home) -> list[str]:
    """With the home, or the keys and the receiver."""
    if command[0] == "erase":
        return [*command, str(home.root.parent / "persons.csv"), "--home", str(home.root)]
    if command[0] != "deliver":
        return [*command, "--home", str(home.root)]
    there = home.root.parent
    return [*command, "--to", str(there / "in"), "--key", str(there / "2482.key"), "--hub", str(home.hub_public)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_dry_run_tells_and_changes_no_byte(home: Home, run: Run, command: tuple[str, ...]) -> None:
    """Also where --yes is said besides."""
    before = contents(home.root.parent)
    ended = run(*whole(command, home), "--dry-run", "--yes")
    assert (ended.code, ended.err) == (0, "")
    assert "utan --dry-run." in ended.out
    assert len(ended.out.splitlines()) > 2
    assert contents(home.root.parent) == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_done_where_nobody_can_be_asked(home: Home, run: Run, command: tuple[str, ...]) -> None:
    """A script that has not said --yes."""
    before = contents(home.root.parent)
    ended = run(*whole(command, home))
    assert ended.code == 2
    assert "--yes" in ended.err
    assert contents(home.root.parent) == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_done_without_a_whole_yes(
    home: Home, run: Run, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor where the terminal is closed."""
    before = contents(home.root.parent)
    for answer in ("", "j", "nej", "y", "yes please"):
        answering(monkeypatch, answer)
        ended = run(*whole(command, home))
        assert ended.code == 2
        assert "Inget är gjort" in ended.err
    assert contents(home.root.parent) == before


def answering(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """A terminal at which somebody types this; an empty answer closes it."""

    class Terminal:
        def isatty(self) -> bool:
            return True

    def typed(_: str) -> str:
        if not answer:
            raise EOFError
        return answer

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("builtins.input", typed)


def rows_gone(home: Home) -> bool:
    return not (home.delivered("2482", "HT2012") / "enrolments.csv").exists()


def is_noted(home: Home) -> bool:
    return log.verify(home).lines == 1


def test_an_erasure_is_noted_before_it_is_done(home: Home, run: Run) -> None:
    """With who ran it; and where a run was killed, the next one says that there is something left, and asks for it too."""
    left = home.delivered("2482", "HT2012") / "enrolments.csv"
    content = left.read_bytes()
    assert run("retain", "--date", "2040-01-01", "--home", home.root, "--yes").code == 0
    assert rows_gone(home)
    line = json.loads(home.access_log.read_text("utf-8"))
    assert (line["event"], line["result"], line["what"]) == ("erasure", "done", "due 2040-01-01")
    assert line["address"].startswith("terminal:")
    assert is_noted(home)
    again = run("retain", "--date", "2040-01-01", "--home", home.root)
    assert (again.code, again.out.splitlines()[0]) == (0, "Inget ska raderas.")
    left.write_bytes(content)
    assert run("retain", "--date", "2040-01-01", "--home", home.root).code == 2
    assert run("retain", "--date", "2040-01-01", "--home", home.root, "--yes").code == 0
    assert rows_gone(home)


DONE: list[tuple[tuple[str, ...], Callable[[Home], bool]]] = [
    (COMMANDS[0], rows_gone),
    (COMMANDS[1], rows_gone),
    (COMMANDS[2], lambda home: home.erased_persons.is_file()),
    (COMMANDS[4], lambda home: accounts.listed(home)[0].disabled),
    (COMMANDS[6], lambda home: sessions.count(home) == 0),
    (COMMANDS[7], lambda home: sessions.count(home) == 0),
]


@pytest.mark.parametrize("answer", ["ja", " YES "])
@pytest.mark.parametrize(("command", "is_done"), DONE, ids=[" ".join(command) for command, _ in DONE])
def test_a_typed_yes_does_it(
    home: Home,
    run: Run,
    command: tuple[str, ...],
    is_done: Callable[[Home], bool],
    answer: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In Swedish or English; it is told first what it is."""
    answering(monkeypatch, answer)
    ended = run(*whole(command, home))
    assert (ended.code, ended.err) == (0, "")
    assert is_done(home)
    assert is_noted(home)


def test_another_key_is_asked_for_too(home: Home, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The former one opens nothing afterwards."""
    before = home.store_key.read_bytes()
    answering(monkeypatch, "ja")
    assert run("keys", "store", "--rotate", "--home", home.root).code == 0
    assert home.store_key.read_bytes() != before


def test_ctrl_c_is_an_answer() -> None:
    """Also where polars is loaded, whose own handling lets what waits for a key wait on."""
    asks = (
        "import polars; from avbrott.asking import Asked; from avbrott.commands import console; "
        "from avbrott.contract_folder import packaged_contracts; from avbrott.texts import load_messages; "
        "Asked(console(), load_messages(packaged_contracts()), False, False).is_confirmed()"
    )
    process, terminal = pty.fork()
    if process == 0:
        os.execv(sys.executable, [sys.executable, "-c", asks])  # noqa: S606  no shell is needed
    said = b""
    while not said.endswith(b"> "):
        said += os.read(terminal, 1024)
    until = time.monotonic() + 30
    while (ended := os.waitpid(process, os.WNOHANG))[0] == 0 and time.monotonic() < until:
        os.write(terminal, b"\x03")  # again: what comes between the question and the wait for an answer is for the wait
        time.sleep(0.2)
    if ended[0] == 0:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(ended[1]) == -signal.SIGINT
    assert ended[0] == process
