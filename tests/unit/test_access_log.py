"""The log of access: only added to, and whatever else is done to it shows."""

from __future__ import annotations

import errno
import json
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from avbrott.access import log
from avbrott.access.log import Done, Held
from avbrott.access.log_lines import written
from avbrott.errors import BadInput, DoesNotHold
from avbrott.home import Home
from tests.unit.conftest import Run

LINES = 5


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose log has some lines."""
    home = Home(tmp_path)
    for number in range(LINES):
        log.add(home, Done("view", "done", "anna", "data_owner", f"page {number}", "192.0.2.1"))
    return home


def lines(home: Home) -> list[str]:
    return home.access_log.read_text("utf-8").splitlines(keepends=True)


def test_a_log_that_was_only_added_to_holds(home: Home, run: Run) -> None:
    """The command says how many lines; exit code 0. The file is its owner's."""
    assert log.verify(home) == Held(LINES, 0)
    ended = run("log", "verify", "--home", home.root)
    assert (ended.code, "5 rader" in ended.out) == (0, True)
    assert stat.S_IMODE(home.access_log.stat().st_mode) == 0o600


def _changed(told: list[str]) -> list[str]:
    return [told[0], told[1], told[2].replace("page 2", "page 7"), *told[3:]]


def _rehashed(told: list[str]) -> list[str]:
    """Changed by somebody who can count a hash: the next line then does not follow."""
    line = json.loads(told[2])
    line["what"] = "page 7"
    line.pop("hash")
    return [*told[:2], written(line).decode(), *told[3:]]


def _twice(told: list[str]) -> list[str]:
    """Another name before the right one, which alone is read."""
    return [*told[:2], told[2].replace('"who": ', '"who": "eva", "who": '), *told[3:]]


def _spaced(told: list[str]) -> list[str]:
    return [*told[:2], told[2].replace('"who": "anna"', '"who"  :\t"\\u0061nna"'), *told[3:]]


def _forged(told: list[str]) -> list[str]:
    """At the end, as whoever knows the program can write it."""
    last = json.loads(told[-1])
    done = asdict(Done("approval", "done", "eva", "releaser"))
    line = written({"number": last["number"] + 1, "at": last["at"], **done, "before": last["hash"]})
    return [*told, line.decode()]


def _begun(text: str) -> Callable[[list[str]], list[str]]:
    return lambda told: [*told[:3], text, *told[3:]]


BREAKS: dict[str, tuple[Callable[[list[str]], list[str]], int]] = {
    "changed": (_changed, 3),
    "changed with its hash": (_rehashed, 4),
    "taken out": (lambda told: [*told[:2], *told[3:]], 3),
    "put in": (lambda told: [*told[:3], told[2], *told[3:]], 4),
    "exchanged": (lambda told: [told[1], told[0], *told[2:]], 1),
    "first taken out": (lambda told: told[1:], 1),
    "no line of ours": (lambda told: [*told[:4], "hello\n"], 5),
    "torn in the middle": (lambda told: [*told[:2], told[2][:-9] + "\n", *told[3:]], 4),
    "put in at the end": (_forged, 6),
    "a name twice": (_twice, 3),
    "written another way": (_spaced, 3),
    "an empty line": (_begun("\n"), 4),
    "words that begin as a line": (_begun('{"number": 4, "at": eva has approved\n'), 4),
    "words after a time": (_begun('{"number": 4, "at": "2026-05-09 eva has approved\n'), 4),
    "two that were begun": (_begun('{"number": 4, "at"\n{"number": 4, "at"\n'), 5),
    "another number begun": (_begun('{"number": 5, "at"\n'), 4),
    "begun at the end": (lambda told: [*told, '{"number": 6, "at": "2026'], 6),
    "a line without end": (lambda told: [*told[:2], "[" * 100_000 + "\n", *told[3:]], 3),
    "a number without end": (lambda told: [*told[:2], '{"number": ' + "9" * 5000 + "}\n", *told[3:]], 3),
    "torn before the brace": (lambda told: [*told[:2], told[2][:-2] + "\n", *told[3:]], 4),
}


@pytest.mark.parametrize("name", BREAKS)
def test_whatever_breaks_the_chain_is_told_with_its_line(home: Home, run: Run, name: str) -> None:
    """Exit code 1, and the line by number."""
    change, line = BREAKS[name]
    home.access_log.write_text("".join(change(lines(home))), "utf-8")
    with pytest.raises(DoesNotHold, match="ACCESS_LOG_BROKEN") as told:
        log.verify(home)
    assert told.value.parameters["line"] == str(line)
    ended = run("log", "verify", "--home", home.root)
    assert ended.code == 1
    assert f"rad {line}" in ended.err


@pytest.mark.parametrize("left", [0, 1, LINES - 1])
def test_lines_that_are_cut_off_at_the_end_are_missed(home: Home, left: int) -> None:
    """Though what is left holds together."""
    home.access_log.write_text("".join(lines(home)[:left]), "utf-8")
    with pytest.raises(DoesNotHold, match="ACCESS_LOG_CUT"):
        log.verify(home)


def test_lines_that_are_cut_off_are_missed_after_others_were_added(home: Home) -> None:
    """The log goes on where it ended, so that the gap shows for good."""
    home.access_log.write_text("".join(lines(home)[:2]), "utf-8")
    log.add(home, Done("view", "done"))
    with pytest.raises(DoesNotHold, match="ACCESS_LOG_BROKEN") as told:
        log.verify(home)
    assert told.value.parameters["line"] == "3"


class Killed(Exception):
    """What stands for the end of a process."""


def _killed_at(monkeypatch: pytest.MonkeyPatch, home: Home, step: int, length: int | None = None) -> None:
    """Begin a line and end before the so manyth step: to keep it, to write it, to keep that it is written."""
    keep, steps = log._keep, iter(range(1, 4))

    def kept(*given: object) -> None:
        if next(steps) == step:
            raise Killed
        keep(*given)

    def appended(file: Path, content: bytes) -> None:
        with file.open("ab") as stream:
            stream.write(content if next(steps) != step else content[:length])
        if length is not None:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(log, "_keep", kept)
        patch.setattr(log, "_append", appended)
        with pytest.raises(Killed):
            log.add(home, Done("view", "done"))


@pytest.mark.parametrize(("step", "there"), [(1, LINES), (3, LINES + 1)])
def test_a_run_that_was_killed_breaks_nothing(home: Home, monkeypatch: pytest.MonkeyPatch, step: int, there: int) -> None:
    """Before anything, or when the line is there and not yet where the log ends: again and again."""
    _killed_at(monkeypatch, home, step)
    assert log.verify(home) == Held(there, 0)
    _killed_at(monkeypatch, home, step)
    assert log.verify(home) == Held(there + there - LINES, 0)
    log.add(home, Done("view", "done"))
    assert log.verify(home) == Held(there + there - LINES + 1, 0)


@pytest.mark.parametrize("length", [0, 1, 9, 40, 120, -1, -2, -3])
def test_a_line_that_is_torn_as_it_is_written_breaks_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, length: int, run: Run
) -> None:
    """A cut of power leaves its beginning, and what it is about was not done; how many such there are is told."""
    _killed_at(monkeypatch, home, 2, length)
    whole, torn = (1, 0) if length == -1 else (0, 1 if length else 0)
    assert log.verify(home) == Held(LINES + whole, torn)
    log.add(home, Done("view", "done"))
    log.add(home, Done("view", "done"))
    assert log.verify(home) == Held(LINES + whole + 2, torn)
    assert f"avbrutna: {torn}." in run("log", "verify", "--home", home.root).out


def test_only_the_line_that_was_being_written_may_stand_last(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not another in its place, though a run was killed; and no line follows on a forged one."""
    _killed_at(monkeypatch, home, 2, 0)
    home.access_log.write_text("".join(_forged(lines(home))), "utf-8")
    with pytest.raises(DoesNotHold, match="ACCESS_LOG_BROKEN"):
        log.verify(home)
    log.add(home, Done("view", "done"))
    with pytest.raises(DoesNotHold, match="ACCESS_LOG_BROKEN") as told:
        log.verify(home)
    assert told.value.parameters["line"] == str(LINES + 1)


def test_what_could_not_be_written_is_taken_back(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full leaves no beginning of a line, however often."""
    before, write = home.access_log.read_bytes(), os.write

    def full(descriptor: int, content: bytes) -> int:
        if len(content) < 100:
            raise OSError(errno.ENOSPC, "full")
        return write(descriptor, content[:-99])

    with monkeypatch.context() as patch:
        patch.setattr(log.os, "write", full)
        for _ in range(2):
            with pytest.raises(BadInput, match="ACCESS_LOG_UNWRITABLE"):
                log.add(home, Done("view", "done"))
            assert home.access_log.read_bytes() == before
    log.add(home, Done("view", "done"))
    assert log.verify(home) == Held(LINES + 1, 0)


@pytest.mark.parametrize("behind", [0, 1])
def test_a_log_of_an_earlier_version_holds(home: Home, behind: int) -> None:
    """Which did not keep what it was about to write, and could be killed as well."""
    last = json.loads(lines(home)[-1 - behind])
    home.accounts.with_name("log.end").write_text(json.dumps({"number": last["number"], "hash": last["hash"]}))
    assert log.verify(home) == Held(LINES, 0)
    log.add(home, Done("view", "done"))
    assert log.verify(home) == Held(LINES + 1, 0)


@pytest.mark.parametrize("left", [0, 1, LINES])
def test_a_log_whose_end_was_taken_away_does_not_hold(tmp_path: Path, left: int, run: Run) -> None:
    """Nor where the log went with it, as long as there are accounts."""
    home = Home(tmp_path)
    for _ in range(left):
        log.add(home, Done("view", "done"))
    assert log.verify(home) == Held(left, 0)
    home.accounts.with_name("log.end").unlink(missing_ok=True)
    if not left:
        home.accounts.parent.mkdir()
        home.accounts.touch()
    with pytest.raises(DoesNotHold, match="ACCESS_LOG_END_MISSING"):
        log.verify(home)
    assert run("log", "verify", "--home", home.root).code == 1


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"number": 1e999, "hash": ""}', "[]", '{"number": 1, "hash": "", "pending": 1}']
)
def test_an_end_that_cannot_be_read_is_told(home: Home, text: str) -> None:
    """As what it is, to be restored."""
    home.accounts.with_name("log.end").write_text(text)
    with pytest.raises(BadInput, match="ACCESS_LOG_UNREADABLE"):
        log.verify(home)


def test_a_last_line_that_is_torn_afterwards_is_missed(home: Home) -> None:
    """Also once others follow: it had been written whole."""
    told = lines(home)
    home.access_log.write_text("".join([*told[:-1], told[-1][:-9]]), "utf-8")
    with pytest.raises(DoesNotHold, match="ACCESS_LOG_CUT"):
        log.verify(home)
    log.add(home, Done("view", "done"))
    with pytest.raises(DoesNotHold, match="ACCESS_LOG_BROKEN"):
        log.verify(home)


def test_many_at_once_write_one_chain(home: Home) -> None:
    """The server's threads and commands write side by side."""
    threads = [threading.Thread(target=lambda: log.add(home, Done("view", "done"))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.verify(home) == Held(LINES + 20, 0)


def test_a_log_that_cannot_be_written_is_an_error(home: Home) -> None:
    """Nothing is shown or done without it."""
    home.access_log.unlink()
    home.access_log.mkdir()
    with pytest.raises(BadInput, match="ACCESS_LOG_UNWRITABLE"):
        log.add(home, Done("view", "done"))


def test_a_sign_of_a_line_end_makes_no_line(home: Home) -> None:
    """What is asked for is written in one line, whatever stands in it."""
    log.add(home, Done("view", "refused", what='/x\n{"number": 1}\r\u2028'))
    assert log.verify(home) == Held(LINES + 1, 0)
    assert len(home.access_log.read_bytes().splitlines()) == LINES + 1


def test_a_line_has_the_fields_that_are_documented(home: Home) -> None:
    """And no other."""
    assert set(json.loads(lines(home)[0])) == {field.name for field in fields(Done)} | {"number", "at", "before", "hash"}
