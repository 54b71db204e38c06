"""Everything that is wrong with what a hub is set up by is told at once, before anything is done."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.resources import Installation
from avbrott import atomic
from avbrott.access.accounts import Person, add, disable
from avbrott.access.database import opened
from avbrott.access.settings import load_access
from avbrott.cli import application
from avbrott.configuration.files import READ_LATER
from avbrott.configuration.look import configured, look
from avbrott.contract_files import ContractFiles
from avbrott.errors import BadInput
from avbrott.first_start.make import make_home
from avbrott.home import Home
from avbrott.registry import Contracts, load_contracts, packaged_contracts
from avbrott.sealing.keys import new_signing_key, public_file
from tests.unit.conftest import Run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of a first start."""
    made = Home(tmp_path / "home")
    make_home(made)
    return made


def swap(file: Path, old: str, new: str) -> int:
    """Change a text that a file has; the line on which it stood."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def plant(home: Home, contracts: Path) -> set[str]:
    """Twelve errors in twelve files; where each is: file, line where it has lines, key."""
    places = set()

    def planted(file: Path, old: str, new: str, key: str, below: int = 0) -> None:
        places.add(f"{file}:{swap(file, old, new) + below}: {key}:")

    planted(contracts / "policies.yaml", "    threshold:", "    treshold:", "policies.default.treshold")
    planted(contracts / "upkeep.yaml", "ahead_days:", "ahead_weeks:", "ahead_weeks")
    planted(contracts / "access.yaml", "idle_minutes: ", "idle_minutes: many # ", "session.idle_minutes")
    planted(contracts / "site.yaml", "\n", "\ncolour: blue\n", "colour", 1)
    planted(contracts / "extracts" / "kaa.yaml", "\ntitle:", "\ntitel:", "titel", 1)
    home.sources.write_text('sources:\n  "2480": {folder: a}\n  "9999": {folder: b}\n  "2482": {path: c}\n', "utf-8")
    places |= {f"{home.sources}:3: sources.9999:", f"{home.sources}:4: sources.2482.path:"}
    home.alerts.write_text("# who\nmail:\n  to: []\n  sender: a@b.se\n", "utf-8")
    places.add(f"{home.alerts}:3: mail.to:")
    home.openid.write_text("issuer: https://a.se\nclient_id: a\naddress: b\nrules: []\n", "utf-8")
    places.add(f"{home.openid}:3: address:")
    home.bridges.mkdir(exist_ok=True)
    (home.bridges / "2026.csv").write_text("epoch 2025,epoch 2026\nnot,pseudonyms\n", "utf-8")
    places.add(f"{home.bridges / '2026.csv'}:2:")
    home.hub_key.chmod(0o640)
    places.add(f"{home.hub_key}:")
    home.reception_key.write_text("{", "utf-8")
    places.add(f"{home.reception_key}:")
    return places


def test_errors_in_many_files_are_told_in_one_run(home: Home, contracts_folder: Path, run: Run) -> None:
    """Each with its file, its line and key where it has such, and how to mend it; nothing is done."""
    places = plant(home, contracts_folder)
    before = {file: file.read_bytes() for file in home.root.rglob("*") if file.is_file()}
    ended = run("run", "--home", home.root, "--contracts", contracts_folder)
    assert (ended.code, ended.out) == (2, "")
    told = ended.err.replace("\n", "")
    for place in places:
        assert told.count(place) == 2, place  # in Swedish and in English
    assert len(places) == 12
    assert "chmod 600" in told
    assert "Traceback" not in told
    assert {file: file.read_bytes() for file in home.root.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        ("release",),
        ("release", "--diff"),
        ("site", "current", "--out", "pages"),
        ("serve",),
        ("health",),
        ("retain", "--date", "2040-01-01"),
        ("demo",),
        ("users", "add", "anna", "--role", "analyst"),
        ("users", "password", "anna"),
        ("users", "sessions"),
    ],
)
def test_every_command_of_the_hub_begins_so(home: Home, run: Run, command: tuple[str, ...]) -> None:
    """Two errors, and both are told."""
    home.sources.write_text('sources:\n  "9999": {folder: b}\n', "utf-8")
    home.alerts.write_text("mail: 1\n", "utf-8")
    ended = run(*command, "--home", home.root)
    assert (ended.code, ended.out) == (2, "")
    assert f"{home.sources}:2:" in ended.err
    assert f"{home.alerts}:1: mail:" in ended.err


@pytest.mark.parametrize(
    ("entry", "code", "key"),
    [
        ("2482: {folder: a}", "SOURCES_NUMBER", "sources.2482"),
        ('"2482": {target: "sftp://a@b/c", host_key: "SHA256:..."}', "SOURCES_HOST_KEY", "sources.2482.host_key"),
        ('"2482": {target: "sftp://a@b/c", host_key: "SHA1:aaaa"}', "SOURCES_HOST_KEY", "sources.2482.host_key"),
    ],
)
def test_what_is_easily_written_wrong_of_a_source_is_told_at_start(home: Home, entry: str, code: str, key: str) -> None:
    """A code without quotation marks, and a host key that no server can have: not only when the place is asked."""
    home.sources.write_text(f"sources:\n  {entry}\n", "utf-8")
    with pytest.raises(BadInput, match=code) as told:
        configured(home, None)
    assert (told.value.parameters["line"], told.value.parameters["key"]) == ("2", key)


def test_a_countys_own_contracts_are_a_setting(
    home: Home, contracts_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command has them, and Dagster's services; an option counts before it, and an empty one says nothing."""
    monkeypatch.setenv("AVBROTT_CONTRACTS", str(contracts_folder))
    assert {configured(home, None).folder, load_contracts().folder, Installation().promised().folder} == {contracts_folder}
    assert configured(home, packaged_contracts()).folder == packaged_contracts()
    monkeypatch.setenv("AVBROTT_CONTRACTS", "")
    assert load_contracts().folder == packaged_contracts()
    monkeypatch.setenv("AVBROTT_CONTRACTS", str(tmp_path / "nowhere"))
    with pytest.raises(BadInput):
        configured(home, None)


def test_one_error_is_told_in_its_own_words(home: Home) -> None:
    """As where it is found first."""
    home.sources.write_text('sources:\n  "9999": {folder: b}\n', "utf-8")
    with pytest.raises(BadInput) as told:
        configured(home, None)
    assert told.value.code == "SOURCES_PROVIDER_UNKNOWN"


def test_a_home_that_is_well_is_not_touched(home: Home, contracts: Contracts, tmp_path: Path) -> None:
    """Nor is one made where there is none."""
    before = {file: file.stat().st_mtime_ns for file in home.root.rglob("*")}
    assert configured(home, None) == contracts
    assert {file: file.stat().st_mtime_ns for file in home.root.rglob("*")} == before
    configured(Home(tmp_path / "nowhere"), None)
    assert not (tmp_path / "nowhere").exists()


def lose(_: Home, file: Path) -> None:
    file.unlink()


def exchange(home: Home, file: Path) -> None:
    other = Home(home.root.parent / "other")
    make_home(other)
    shutil.copy(other.root / file.relative_to(home.root), file)


def open_up(_: Home, file: Path) -> None:
    file.chmod(0o644)


@pytest.mark.parametrize(
    ("name", "harm", "code"),
    [
        ("hub_key", lose, "HUB_KEY_MISSING"),
        ("store_key", lose, "STORE_KEY_MISSING"),
        ("reception_key", lose, "KEY_FILE_MISSING"),
        ("hub_key", exchange, "HUB_KEY_OTHER"),
        ("store_key", exchange, "STORE_KEY_OTHER"),
        ("reception_key", exchange, "KEY_PUBLIC_OTHER"),
        ("hub_key", open_up, "KEY_OPEN_TO_OTHERS"),
        ("store_key", open_up, "KEY_OPEN_TO_OTHERS"),
        ("reception_key", open_up, "KEY_OPEN_TO_OTHERS"),
        ("seed", open_up, "KEY_OPEN_TO_OTHERS"),
    ],
)
def test_keys_that_cannot_be_used_are_told(home: Home, name: str, harm: Callable[[Home, Path], None], code: str) -> None:
    """Before anything is read with them, or written over."""
    if harm is open_up and os.name != "posix":
        pytest.skip("the system knows no modes")
    harm(home, getattr(home, name))
    with pytest.raises(BadInput) as told:
        configured(home, None)
    assert told.value.code == code


def test_a_secret_that_releases_were_made_with_is_not_made_anew_in_silence(home: Home) -> None:
    """The hub stops, until it is put back or ``avbrott init`` has made another; before any release it is made."""
    secret = home.seed.read_bytes()
    home.seed.unlink()
    configured(home, None)
    atomic.write_json(home.release("2026-01-20") / "manifest.json", {})
    with pytest.raises(BadInput, match="SEED_MISSING"):
        configured(home, None)
    assert not home.seed.exists()
    make_home(home)
    assert home.seed.read_bytes() != secret
    configured(home, None)


def test_keys_of_providers_are_theirs(home: Home, tmp_path: Path) -> None:
    """Of a provider that there is, and called as it is."""
    for provider in ("2482", "nobody"):
        new_signing_key(tmp_path / provider, provider)
    shutil.copy(public_file(tmp_path / "2482"), home.provider_key("2480"))
    shutil.copy(public_file(tmp_path / "nobody"), home.provider_key("nobody"))
    with pytest.raises(BadInput, match="CONFIGURATION_WRONG") as told:
        configured(home, None)
    assert told.value.parameters["count"] == "2"
    assert f"{home.provider_key('2480')}:" in told.value.parameters["places_en"]
    assert f"{home.provider_key('nobody')}:" in told.value.parameters["places_en"]


def test_a_key_of_a_provider_that_nobody_knows_stops_the_hub(run: Run, home: Home, tmp_path: Path) -> None:
    """The field and the next steps are told: enter the provider, or let it make the key by the right id."""
    new_signing_key(tmp_path / "own.key", "2842")
    shutil.copy(public_file(tmp_path / "own.key"), home.provider_key("2842"))
    ended = run("health", "--home", home.root)
    assert ended.code == 2, ended.out
    said = " ".join(ended.err.split())
    assert "field provider" in said
    assert "contracts answers FILE --write" in said
    assert "--provider" in said
    assert str(home.provider_key("2842")) in said


def test_secrets_that_settings_name_are_there_and_their_owners(home: Home) -> None:
    """The names alone are told."""
    home.alerts.write_text("webhook_file: webhook\n", "utf-8")
    home.sources.write_text('sources:\n  "2404": {target: "https://a.se/b/", token: token}\n', "utf-8")
    (home.root / "token").write_text("hush")
    (home.root / "token").chmod(0o644)
    with pytest.raises(BadInput, match="CONFIGURATION_WRONG") as told:
        configured(home, None)
    assert f"{home.root / 'webhook'}:" in told.value.parameters["places_en"]
    assert f"{home.root / 'token'}:" in told.value.parameters["places_en"]
    assert "hush" not in str(told.value)


def test_what_a_source_is_come_in_at_with_is_tried_at_start(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token of two lines, a key that is none, a server that nothing knows, a profile that is not there: by provider."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("token", "id"):
        (home.root / name).write_text("hush\nhush\n")
        (home.root / name).chmod(0o600)
    places = {
        "2401": '{target: "https://a.se/b/", token: token}',
        "2404": f'{{target: "sftp://u@a.se/b", key: id, host_key: "SHA256:{"A" * 43}"}}',
        "2409": '{target: "sftp://u@a.se/c"}',
        "2417": '{target: "s3://bucket/b", profile: nobody}',
    }
    home.sources.write_text("sources:\n" + "".join(f'  "{name}": {place}\n' for name, place in places.items()), "utf-8")
    _, problems = look(home, None)
    wanted = ["HTTPS_TOKEN_UNREADABLE", "SFTP_KEY_UNREADABLE", "SFTP_HOST_UNPINNED", "TARGET_SETTINGS"]
    assert [problem.code for problem in problems] == wanted
    assert [problem.parameters["line"] for problem in problems] == ["2", "3", "4", "5"]
    with pytest.raises(BadInput, match="CONFIGURATION_WRONG") as told:
        configured(home, None)
    assert "hush" not in str(told.value)
    assert "sources.2409:" in told.value.parameters["places_en"]
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text("a.se ssh-ed25519 " + "AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43 + "\n")
    assert "SFTP_HOST_UNPINNED" not in {problem.code for problem in look(home, None)[1]}


def test_accounts_are_for_somebody(home: Home, contracts: Contracts) -> None:
    """Of the contracts that count now, unless they are closed; a file that is none is told too."""
    add(home, contracts, load_access(contracts.folder), Person("anna", "data_owner", "2482"), "correct horse battery")
    configured(home, None)
    with opened(home) as file:
        file.execute("UPDATE accounts SET of = '0000'")
    with pytest.raises(BadInput, match="ACCOUNT_NOBODYS"):
        configured(home, None)
    disable(home, "anna")
    configured(home, None)
    home.accounts.write_bytes(b"nothing like a database, and long enough to be one" * 40)
    with pytest.raises(BadInput, match="ACCOUNTS_UNUSABLE"):
        configured(home, None)


def test_no_file_of_the_contracts_is_forgotten(contracts: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is read with the others, or is one of those that are looked at besides; each is told where it is no YAML."""
    application()
    read: set[str] = set()
    real = ContractFiles._content

    def seen(self: ContractFiles, name: str) -> object:
        read.add(name)
        return real(self, name)

    monkeypatch.setattr(ContractFiles, "_content", seen)
    load_contracts(contracts.folder)
    there = {file.relative_to(contracts.folder).as_posix() for file in contracts.folder.rglob("*.yaml")}
    assert {name for name in there if not name.startswith("texts/")} == read | READ_LATER.keys() | {"access.yaml"}
