"""Lines of the log: what is told of what libraries log and of pages that fail, and that nothing is written unasked."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from avbrott import logs
from avbrott.registry import Contracts
from tests.access_case import server

VALUE = "19990101-1234"


@pytest.fixture
def root() -> Iterator[None]:
    """Python's own log as it was, afterwards."""
    log = logging.getLogger()
    handlers, level = log.handlers[:], log.level
    yield
    log.handlers[:] = handlers
    log.setLevel(level)


def test_nothing_is_written_unasked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the setting, or with text."""
    monkeypatch.delenv(logs.SETTING, raising=False)
    logs.write("info", "CODE")
    monkeypatch.setenv(logs.SETTING, "text")
    logs.write("info", "CODE")
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("root")
def test_words_of_libraries_are_not_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Which library it was, and the kind of the error: its words may hold a row's value."""
    monkeypatch.setenv(logs.SETTING, "json")
    run = logs.begin()
    try:
        int(VALUE)
    except ValueError:
        logging.getLogger("paramiko.transport").exception("could not read %s", VALUE)
    logging.getLogger("urllib3").warning("again: %s", VALUE)
    logging.getLogger("urllib3").info("passed over")
    printed = capsys.readouterr().err
    told = [json.loads(line) for line in printed.splitlines()]
    assert [(line["level"], line["code"], line["run"]) for line in told] == [
        ("error", "LIBRARY", run),
        ("warning", "LIBRARY", run),
    ]
    assert [line["about"] for line in told] == [
        {"logger": "paramiko.transport", "kind": "ValueError"},
        {"logger": "urllib3", "kind": ""},
    ]
    assert VALUE not in printed


def test_a_page_that_fails_is_told_by_its_kind(
    tmp_path: Path, contracts: Contracts, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not by the error's words."""

    def breaks(*_: object) -> None:
        raise ValueError(VALUE)

    browser = server(tmp_path / "home", contracts).signed_in("ada")
    monkeypatch.setenv(logs.SETTING, "json")
    monkeypatch.setattr("avbrott.access.private.coverage", breaks)
    assert browser.get("/coverage").status_code == 500
    (line,) = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (line["level"], line["code"], line["about"]) == ("error", "PAGE_FAILED", {"kind": "ValueError"})
