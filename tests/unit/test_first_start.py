"""The first start: a home with its settings, keys and folders, made once, and what is told to type next."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

import pytest
import yaml

from avbrott.access.openid_settings import OpenId
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.sources import Sources, read_sources
from avbrott.first_start.make import SETTINGS, make_home
from avbrott.home import Home
from avbrott.identity.rekey import hub_key
from avbrott.registry import Contracts, packaged_contracts
from avbrott.sealing.keys import read_hub_public, read_reception_key
from avbrott.upkeep.alerts import Alerts
from tests.unit.conftest import Run


def contents(home: Home) -> dict[str, bytes]:
    return {file.relative_to(home.root).as_posix(): file.read_bytes() for file in home.root.rglob("*") if file.is_file()}


def modes(home: Home) -> dict[str, int]:
    return {file.relative_to(home.root).as_posix(): stat.S_IMODE(file.stat().st_mode) for file in home.root.rglob("*")}


def test_what_is_secret_is_its_owners_alone(tmp_path: Path, run: Run) -> None:
    """Also where the shell lets everybody read new files; what is published and handed out is not secret."""
    home, before = Home(tmp_path / "home"), os.umask(0o022)
    try:
        assert run("init", home.root).code == 0
    finally:
        os.umask(before)
    open_to_others = {name for name, mode in modes(home).items() if mode & 0o077}
    assert open_to_others == {"releases", "keys/hub.pub"}
    assert hub_key(home).kind == "hub"
    assert vault_of(home).secret
    assert read_reception_key(home.reception_key).public == read_hub_public(home.hub_public)
    assert len(home.seed.read_bytes()) == 32


def test_settings_can_be_read_and_say_nothing_yet(tmp_path: Path, contracts: Contracts) -> None:
    """Every file that is there is one that the program takes, and the example would be one."""
    home = Home(tmp_path / "home")
    make_home(home)
    assert read_sources(home, contracts.suppliers) == {}
    assert Alerts.model_validate(yaml.safe_load(home.alerts.read_text("utf-8"))) == Alerts()
    assert not home.openid.exists()
    OpenId.model_validate(yaml.safe_load((home.root / "openid.example.yaml").read_text("utf-8")))
    for name in SETTINGS:
        assert (home.root / name).read_text("utf-8").startswith("# ")


def test_the_examples_in_the_settings_are_settings(contracts: Contracts) -> None:
    """Each line that stands behind a # is one that a person can use as it is."""
    folder = packaged_contracts() / "texts" / "home"
    lines = (folder / "sources.yaml").read_text("utf-8").splitlines()
    shown = [line[1:] for line in lines if line.startswith('#  "')]
    assert len(shown) == 5
    told = Sources.model_validate(yaml.safe_load("sources:\n" + "\n".join(shown)))
    assert {name: source.wrong() for name, source in told.sources.items()} == dict.fromkeys(told.sources)
    assert told.sources.keys() <= contracts.suppliers.by_id.keys()
    alerts = (folder / "alerts.yaml").read_text("utf-8").replace("null            # ", "").replace("null    # ", "")
    whole = Alerts.model_validate(yaml.safe_load(alerts))
    assert whole.mail is not None
    assert whole.webhook_file == "/etc/avbrott/webhook"


def test_a_second_time_changes_nothing(tmp_path: Path, run: Run) -> None:
    """Nor is anything written over that somebody has changed since."""
    home = Home(tmp_path / "home")
    assert run("init", home.root).code == 0
    home.sources.write_text('sources:\n  "2482": {folder: in}\n', "utf-8")
    home.alerts.unlink()
    before = contents(home)
    again = run("init", home.root)
    assert again.code == 0
    assert "Gjort: alerts.yaml." in again.out
    assert contents(home).items() > before.items()
    assert contents(home).keys() - before.keys() == {"alerts.yaml"}


def test_killed_anywhere_it_can_be_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every step that names a file: what was made stays to the byte, what was not is made, nothing is left over."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    real = {name: getattr(os, name) for name in ("link", "replace", "mkdir")}
    made, kills = Home(tmp_path / "whole"), 0
    make_home(made)
    while True:
        home, left = Home(tmp_path / f"home-{kills}"), kills

        def stopping(name: str) -> object:
            def step(*arguments: object, **named: object) -> object:
                nonlocal left
                if left == 0:
                    raise KeyboardInterrupt
                left -= 1
                return real[name](*arguments, **named)

            return step

        with monkeypatch.context() as killing:
            for name in real:
                killing.setattr(os, name, stopping(name))
            try:
                make_home(home)
                break
            except KeyboardInterrupt:
                kills += 1
        before = contents(home)
        make_home(home)
        after = contents(home)
        assert {name: after[name] for name in before} == before
        assert after.keys() == contents(made).keys()
        assert vault_of(home).secret
        assert hub_key(home).secret
    assert kills > 15


def test_somebody_elses_folder_is_not_taken(tmp_path: Path, run: Run) -> None:
    """It is told what lies there; a folder that is empty, or a home already, is taken."""
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "aunt.txt").write_text("Dear")
    ended = run("init", tmp_path / "letters")
    assert (ended.code, ended.out) == (2, "")
    assert "aunt.txt" in ended.err
    assert [file.name for file in (tmp_path / "letters").iterdir()] == ["aunt.txt"]


def test_a_lost_key_is_not_made_anew(tmp_path: Path, run: Run) -> None:
    """Another one would open nothing of what is there."""
    home = Home(tmp_path / "home")
    make_home(home)
    home.store_key.unlink()
    ended = run("init", home.root)
    assert ended.code == 2
    assert "store.key" in ended.err
    assert not home.store_key.exists()


def test_the_next_three_commands_work_as_printed(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder whose name has a space, from the folder that the first one was typed in."""
    monkeypatch.chdir(tmp_path)
    made = run("init", "our hub")
    told = [shlex.split(line) for line in made.out.splitlines() if line.startswith("  ")]
    assert [command[1] for command in told] == ["keys", "contracts", "health"]
    for _, *arguments in told:
        ended = run(*arguments)
        assert (ended.code, ended.err) == (0, "")
    assert (tmp_path / "our hub" / "fragor.xlsx").is_file()
