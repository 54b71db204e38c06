"""Who may read what a provider's commands write: rows and keys their owner alone, what is handed out as any other file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import export_case as case
from tests.unit.conftest import Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows knows no modes")


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """Others may read what is new."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_prepared_delivery_is_its_owners_alone(run: Run, tmp_path: Path) -> None:
    """Also where the folder was open before, with another extract in it."""
    out, key = tmp_path / "outbox" / "HT2025", case.key_file(tmp_path / "county.key")
    out.mkdir(parents=True)
    (out / "events.csv").write_text("pseudonym\n", "utf-8")
    (out / "datapackage.json").write_text('{"name": "2482-ht2025", "key_epoch": "2025"}', "utf-8")
    assert {mode(out), mode(out / "events.csv")} == {0o755, 0o644}
    named = ("--contract", "enrolments", "--provider", "2482", "--term", "HT2025", "--key", key, "--out", out)
    assert run("prepare", case.export(tmp_path / "export.csv"), *named).code == 0
    assert mode(out) == 0o700
    assert {file.name: mode(file) for file in out.iterdir()} == dict.fromkeys(
        ("datapackage.json", "enrolments.csv", "events.csv"), 0o600
    )
    assert mode(out.parent) == 0o755, "the folder above is not ours"


def test_keys_are_their_owners_alone_and_their_public_halves_are_not(run: Run, tmp_path: Path) -> None:
    """Who hands out a public file need not open it first."""
    home = tmp_path / "var"
    assert run("keys", "signing", tmp_path / "2482.key", "--provider", "2482").code == 0
    assert run("keys", "hub", "--home", home).code == 0
    assert (mode(tmp_path / "2482.key"), mode(home / "keys" / "reception.key")) == (0o600, 0o600)
    assert (mode(tmp_path / "2482.key.pub"), mode(home / "keys" / "hub.pub")) == (0o644, 0o644)


def test_what_is_filled_in_follows_the_umask(run: Run, tmp_path: Path) -> None:
    """An empty template and a questionnaire hold nothing of anybody."""
    template, questions = tmp_path / "enrolments.csv", tmp_path / "questions.md"
    assert run("contracts", "template", "enrolments", "--format", "csv", "--out", template).code == 0
    os.umask(0o027)
    assert run("contracts", "questionnaire", "--out", questions).code == 0
    assert (mode(template), mode(questions)) == (0o644, 0o640)
