"""Contracts of your own have words of your own: every command that takes ``--contracts`` prints those."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import packaged_contracts
from pipelines.headless import Ran
from tests import release_case as case
from tests.release_case import Case
from tests.unit.conftest import Run

OURS = "Så säger vi"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packaged contracts in which every Swedish text that a command prints begins with our words."""
    copy = Path(shutil.copytree(packaged_contracts(), tmp_path_factory.mktemp("contracts") / "own"))
    for file in (copy / "texts").glob("*.yaml"):
        texts = yaml.safe_load(file.read_text("utf-8"))
        ours = {key: text | {"sv": f"{OURS}: {text['sv']}"} for key, text in texts.items()}
        file.write_text(yaml.safe_dump(ours, allow_unicode=True), "utf-8")
    return copy


@pytest.fixture
def folder(own: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    return Path(shutil.copytree(own, tmp_path / "own"))


def _says_ours(printed: str, text: str) -> bool:
    return f"{OURS}: {text}" in " ".join(printed.split())


def test_synth_says_it_in_the_words_of_its_contracts(run: Run, folder: Path, tmp_path: Path) -> None:
    """What was made, and what was planted."""
    ended = run("synth", "--pupils", 60, "--years", 1, "--home", tmp_path / "home", "--contracts", folder)
    assert ended.code == 0, ended.err
    assert _says_ours(ended.out, "Ett påhittat län")
    assert _says_ours(ended.out, "Planterade fel")


def test_audit_says_it_in_the_words_of_its_contracts(run: Run, folder: Path, tmp_path: Path) -> None:
    """Whatever contracts the release was made from."""
    made = Case(tmp_path)
    sealed = made.release(case.engine())
    ended = run("audit", sealed.folder, "--home", tmp_path / "nowhere", "--contracts", folder)
    assert ended.code == 0, ended.err
    assert _says_ours(ended.out, "Utgåvan håller.")


@pytest.mark.parametrize("command", [("release",), ("run",), ("demo", "--pupils", 60, "--years", 2)])
def test_the_hubs_commands_say_it_in_the_words_of_their_contracts(
    run: Run, folder: Path, tmp_path: Path, command: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And hand these contracts to the stages."""
    home, given = Home(tmp_path / "home"), []

    def made(_: Home, contracts: object, **__: object) -> Ran:
        given.append(contracts.folder)
        return Ran({}, {"released": {"new": True, "release": "2026-02-15", "folder": str(home.releases)}})

    monkeypatch.setattr("pipelines.headless.run", made)
    monkeypatch.setattr("pipelines.headless.release", made)
    monkeypatch.setattr("pipelines.demo.correct", lambda *_: "")
    ended = run(*command, "--home", home.root, "--contracts", folder)
    assert ended.code == 0, ended.err
    assert _says_ours(ended.out, "Utgåva 2026-02-15")
    assert set(given) == {folder}


def test_a_run_whose_release_waits_to_be_approved_is_done_and_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrong with what was given: exit code 4; of ``release``, which was asked for that alone, 2."""

    def waits(*_: object, **__: object) -> Ran:
        raise BadInput("RELEASE_UNAPPROVED", needed=2, given=1, proposal="0123456789ab")

    monkeypatch.setattr("pipelines.headless.run", waits)
    monkeypatch.setattr("pipelines.headless.release", waits)
    for command, code in (("run", 4), ("release", 2)):
        ended = run(command, "--home", tmp_path / "home")
        assert ended.code == code, ended.err
        said = " ".join((ended.out + ended.err).split())
        assert "Utgåvan ska godkännas av 2 personer" in said
        assert "approve the proposal at the page /proposal" in said


@pytest.mark.parametrize("command", ["synth", "audit current", "release", "run", "demo"])
def test_a_text_that_is_not_there_is_told_before_anything_is_done(
    run: Run, folder: Path, tmp_path: Path, command: str
) -> None:
    """Exit code 2, with the file and the key."""
    file = folder / "texts" / "synthetic.yaml"
    file.write_text("SYNTH_NO_TRUTH: {sv: Nej, en: No, mend_sv: Ja, mend_en: Yes}\n", "utf-8")
    ended = run(*command.split(), "--home", tmp_path / "home", "--contracts", folder)
    assert ended.code == 2
    assert ended.err.count("texts/synthetic.yaml: SYNTH_DONE:") == 2
    assert not (tmp_path / "home").exists()
