"""``avbrott keys``: what is made, what is shown, and what is never."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from avbrott.identity.bridge import joined, read_bridge
from avbrott.identity.keys import read_key
from avbrott.identity.pseudonym import pseudonym
from tests import export_case as case
from tests.unit.conftest import Run


def test_a_new_key_is_its_owners_alone_and_never_shown(run: Run, tmp_path: Path) -> None:
    """Epoch and fingerprint are told, the same by ``show``; the key is random and in no output."""
    made = [run("keys", "new", tmp_path / name, "--epoch", "2025") for name in ("one.key", "two.key")]
    assert [ended.code for ended in made] == [0, 0]
    keys = [read_key(tmp_path / name, "county") for name in ("one.key", "two.key")]
    assert keys[0].secret != keys[1].secret
    shown = run("keys", "show", tmp_path / "one.key")
    for ended in (made[0], shown):
        assert keys[0].fingerprint in ended.out
        assert "2025" in ended.out
        assert keys[0].secret.hex() not in ended.out + ended.err
    assert repr(keys[0].secret) not in repr(keys[0])
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "one.key").stat().st_mode) == 0o600
        (tmp_path / "one.key").chmod(0o644)
        assert "chmod 600" in run("keys", "show", tmp_path / "one.key").out


def test_no_key_is_written_over(run: Run, tmp_path: Path) -> None:
    """Neither by a new one nor by a rotation."""
    file = case.key_file(tmp_path / "one.key")
    before = file.read_bytes()
    assert run("keys", "new", file, "--epoch", "2026").code == 2
    assert run("keys", "rotate", file, file, "--epoch", "2026").code == 2
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", ["", "{}", '{"avbrott_key": "county", "epoch": "2025", "key": "00"}', "\xff"])
def test_a_damaged_key_file_is_told_and_not_quoted(run: Run, tmp_path: Path, content: str) -> None:
    """One that is no key, or too short; exit 2."""
    (tmp_path / "one.key").write_bytes(content.encode("latin-1"))
    ended = run("keys", "show", tmp_path / "one.key")
    assert ended.code == 2
    assert "inte att läsa som en nyckel" in ended.err


def test_the_hubs_key_is_not_the_countys(run: Run, tmp_path: Path) -> None:
    """They do not change places; ``show`` knows both."""
    content = {"avbrott_key": "hub", "epoch": "", "key": "00" * 32}
    (tmp_path / "hub.key").write_text(json.dumps(content), "utf-8")
    assert "navets nyckel för pseudonymer" in run("keys", "show", tmp_path / "hub.key").out
    ended = run("keys", "rotate", tmp_path / "hub.key", tmp_path / "2026.key", "--epoch", "2026")
    assert ended.code == 2
    assert "hub.key är inte länets nyckel" in ended.err
    assert "avbrott keys show" in ended.err


def test_a_command_of_keys_that_is_not_there_is_told_with_those_that_are(run: Run) -> None:
    """As commands of the program are."""
    ended = run("keys", "nonsense")
    assert ended.code == 2
    assert "Kommandona är new, show, signing, hub, rotate, bridge, pseudonyms, store" in ended.err


def test_a_folder_is_no_key_file_and_told_as_that(run: Run, tmp_path: Path) -> None:
    """It is there, so that to say that it is not would lead astray."""
    ended = run("keys", "show", tmp_path)
    assert ended.code == 2
    said = " ".join(ended.err.split())
    assert "är en mapp, ingen nyckelfil" in said
    assert "finns inte" not in said


def test_an_epoch_has_a_plain_name(run: Run, tmp_path: Path) -> None:
    """It stands between two bars in what is keyed, so it holds none."""
    assert run("keys", "new", tmp_path / "one.key", "--epoch", "a|b").code == 2
    assert not (tmp_path / "one.key").exists()


def test_a_rotation_makes_the_next_key_and_its_bridge(run: Run, tmp_path: Path) -> None:
    """Each person of the exports, once, under the old key and the new; and no identity."""
    file, export = case.key_file(tmp_path / "2025.key"), case.export(tmp_path / "export.csv", case.ROWS * 2)
    bridge = ("--export", export, "--term", "HT2025", "--bridge", tmp_path / "bridge.csv")
    ended = run("keys", "rotate", file, tmp_path / "2026.key", "--epoch", "2026", *bridge)
    assert ended.code == 0, ended.err
    assert "4 par" in ended.out
    new = read_key(tmp_path / "2026.key", "county")
    found = read_bridge(tmp_path / "bridge.csv")
    people = (case.ANNA, case.OMAR, case.LIV, case.HIDDEN)
    wanted = {(pseudonym(case.SECRET, "2025", one), pseudonym(new.secret, "2026", one)) for one in people}
    assert (found.former, found.current, set(found.pairs.iter_rows())) == ("2025", "2026", wanted)
    again = run("keys", "bridge", file, tmp_path / "2026.key", *bridge[:4], "--out", tmp_path / "again.csv")
    assert again.code == 0, again.err
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "bridge.csv").read_bytes()


def test_a_rotation_that_cannot_make_its_bridge_makes_no_key(run: Run, tmp_path: Path) -> None:
    """An export with an impossible number is told by its lines, before anything is written."""
    file, export = case.key_file(tmp_path / "2025.key"), case.export(tmp_path / "export.csv", [case.row("Bo", "fel")])
    bridge = ("--export", export, "--term", "HT2025", "--bridge", tmp_path / "bridge.csv")
    ended = run("keys", "rotate", file, tmp_path / "2026.key", "--epoch", "2026", *bridge)
    assert ended.code == 2
    assert "någons nummer: 2" in ended.err
    assert not (tmp_path / "2026.key").exists()


def test_a_row_with_two_numbers_makes_no_bridge(run: Run, tmp_path: Path) -> None:
    """Either would be a person of its own in the deliveries that have it; the line is told, and no number."""
    file, export = case.key_file(tmp_path / "2025.key"), tmp_path / "export.csv"
    columns = case.COLUMNS.replace("namn", "Samordningsnummer")
    case.export(export, [case.row("", case.ANNA), case.row(case.COORDINATION, case.OMAR)], columns)
    bridge = ("--export", export, "--term", "HT2025", "--bridge", tmp_path / "bridge.csv")
    ended = run("keys", "rotate", file, tmp_path / "2026.key", "--epoch", "2026", *bridge)
    assert ended.code == 2
    assert "olika nummer i dem: 3" in ended.err
    assert case.OMAR not in ended.err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["2025.key", "export.csv"]


def test_the_bridge_of_an_alias_file_joins_all_numbers_of_a_person(run: Run, tmp_path: Path) -> None:
    """A number in two steps, and two that became one; within an epoch, and with exports to the next one."""
    old, new = case.key_file(tmp_path / "2025.key"), tmp_path / "2026.key"
    assert run("keys", "new", new, "--epoch", "2026").code == 0
    temporary, aliases, term = "20090503TF12", tmp_path / "alias.csv", ("--term", "HT2025")
    lines = [f"{temporary},{case.COORDINATION}", f"{case.COORDINATION},{case.OMAR}", f"20090503TF13,{case.OMAR}"]
    aliases.write_text("\n".join(["tidigare,nu", *lines, ""]), "utf-8")
    rows = [case.row("Omar", one) for one in (temporary, case.COORDINATION, case.OMAR)]
    export = case.export(tmp_path / "export.csv", [*rows, case.ROWS[0]])
    within, across = tmp_path / "within.csv", tmp_path / "across.csv"
    assert run("keys", "bridge", old, old, "--alias", aliases, *term, "--out", within).code == 0
    assert run("keys", "bridge", old, new, "--export", export, "--alias", aliases, *term, "--out", across).code == 0
    numbers = (temporary, case.COORDINATION, "20090503TF13", case.OMAR)
    places = {("2025", pseudonym(case.SECRET, "2025", one)) for one in numbers}
    next_place = ("2026", pseudonym(read_key(new, "county").secret, "2026", case.OMAR))
    for bridges, omar in (([within], places), ([across], {*places, next_place}), ([across, within], {*places, next_place})):
        first = joined(map(read_bridge, bridges))
        assert len({first.get(place, place) for place in omar}) == 1
