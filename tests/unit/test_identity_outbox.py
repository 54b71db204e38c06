"""Where ``avbrott prepare`` writes: what lies there already, behind a link or half made, and two that write at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avbrott.delivery.package import sums_of
from avbrott.digests import sum_of
from avbrott.lock import holding
from tests import export_case as case
from tests.unit.conftest import Run
from tests.unit.test_identity_prepare import Prepare


@pytest.fixture
def prepare(run: Run, tmp_path: Path) -> Prepare:
    return Prepare(run, tmp_path)


def test_a_folder_of_something_else_is_left_alone(prepare: Prepare) -> None:
    """Other files, another term's delivery, or another epoch's extract."""
    prepare.out.mkdir(parents=True)
    (prepare.out / "letter.txt").write_text("", "utf-8")
    (prepare.out / "Thumbs.db").write_text("", "utf-8")  # what a system leaves is in nobody's way
    assert "något annat än en leverans: letter.txt (1 " in prepare().err
    (prepare.out / "letter.txt").unlink()
    (prepare.out / "events.csv").write_text("pseudonym\n", "utf-8")
    (prepare.out / "datapackage.json").write_text('{"name": "2482-vt2025"}', "utf-8")
    assert "en annan termin" in prepare().err
    (prepare.out / "datapackage.json").write_text('{"name": "2482-ht2025", "key_epoch": "2024"}', "utf-8")
    assert "epoken 2024" in prepare().err
    (prepare.out / "datapackage.json").write_text('{"name": "2482-ht2025", "key_epoch": "2025"}', "utf-8")
    assert prepare().code == 0
    assert sorted(file.name for file in prepare.out.iterdir()) == ["datapackage.json", "enrolments.csv", "events.csv"]


def test_another_extract_keeps_the_sum_that_it_was_prepared_with(prepare: Prepare) -> None:
    """What was changed by hand since is not made good by what is prepared beside it."""
    prepare.out.mkdir(parents=True)
    (prepare.out / "events.csv").write_text("pseudonym\n", "utf-8")
    events = {"name": "events", "path": "events.csv", "hash": f"sha256:{'0' * 64}"}
    (prepare.out / "datapackage.json").write_text(json.dumps({"name": "2482-ht2025", "resources": [events]}), "utf-8")
    assert prepare().code == 0
    sums = sums_of(json.loads((prepare.out / "datapackage.json").read_text("utf-8")))
    assert sums == {"events": "0" * 64, "enrolments": sum_of((prepare.out / "enrolments.csv").read_bytes())}


def test_two_that_prepare_into_one_folder_do_not_lose_each_others_extracts(prepare: Prepare) -> None:
    """The second is told to wait, and writes nothing; no lock is left."""
    prepare.out.parent.mkdir(parents=True)
    with holding(prepare.out.parent / ".HT2025.lock") as is_held:
        assert is_held
        ended = prepare()
        assert ended.code == 2
        assert "En annan avbrott prepare skriver i" in ended.err
        assert not prepare.out.exists()
    assert prepare().code == 0
    assert [entry.name for entry in prepare.out.parent.iterdir()] == ["HT2025"]


def test_over_a_damaged_package_it_is_said_to_begin_again(prepare: Prepare) -> None:
    """The extracts beside it are of nobody knows which key; so none of them is gone on with."""
    prepare()
    (prepare.out / "datapackage.json").write_text("{", "utf-8")
    ended = prepare()
    assert ended.code == 2
    assert "PREPARED_PACKAGE_INVALID" not in ended.err
    assert f"Ta bort mappen {prepare.out} och kör avbrott prepare igen" in " ".join(ended.err.split())


def test_a_folder_behind_a_link_is_filled_and_the_link_stays(prepare: Prepare) -> None:
    """Whoever reads it where the link leads finds the delivery, the first time and the next."""
    real = prepare.folder / "real"
    real.mkdir()
    prepare.out.parent.mkdir()
    prepare.out.symlink_to(real)
    for _ in range(2):
        assert prepare().code == 0
        assert prepare.out.is_symlink()
        assert sorted(file.name for file in real.iterdir()) == ["datapackage.json", "enrolments.csv"]
    assert not list(prepare.folder.glob(".real.part")) + list(prepare.folder.glob(".real.old"))


def test_a_key_pressed_half_way_leaves_no_rows_beside_the_folder(prepare: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is as it was."""
    assert prepare().code == 0
    before = prepare.written

    def stopped(*_: object, **__: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr("avbrott.identity.outbox.package", stopped)
    prepare(rows=case.ROWS[:1])
    assert prepare.written.equals(before)
    assert not list(prepare.out.parent.glob(".HT2025.part"))
