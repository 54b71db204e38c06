"""An install without the hub's part, as a data owner has it: their commands work, and the hub's say what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.home import Home
from avbrott.registry import Contracts
from tests import receipt_case
from tests import release_case as case
from tests.integration.installing import ROOT, BaseInstall
from tests.release_case import Case
from tests.sending_case import ROWS
from tests.sending_case import Case as Provider

pytestmark = pytest.mark.xdist_group("base install")

HUB = (
    ("run",),
    ("demo",),
    ("release",),
    ("site", "current", "--out", "pages"),
    ("serve",),
    ("users", "list"),
    ("log", "verify"),
)


def test_the_install_is_without_the_hub(base_install: BaseInstall) -> None:
    """Neither Dagster, pandas nor click is there, and contracts are."""
    there = {path.name for path in base_install.folder.iterdir()}
    assert there >= {"polars", "openpyxl", "pydantic", "typer", "yaml"}
    assert not there & {"dagster", "duckdb", "plotly", "click", "scipy", "pandas", "pandera", "great_expectations"}
    assert not there & {"paramiko", "boto3", "botocore"}


@pytest.mark.parametrize("command", HUB, ids=lambda command: command[0])
def test_the_hubs_commands_say_how_to_install_it(base_install: BaseInstall, command: tuple[str, ...], tmp_path: Path) -> None:
    """Exit code 2, in both languages, with what is missing; nothing is written."""
    ended = base_install.run(*command, "--home", tmp_path / "home")
    assert ended.code == 2, ended.output
    assert f"avbrott {command[0]} hör till navet" in ended.output
    assert f"avbrott {command[0]} belongs to the hub" in ended.output
    assert ended.output.count("pip install '.[hub]'") == 2
    assert "dagster" in ended.output
    assert "Traceback" not in ended.output
    assert not (tmp_path / "home").exists()


def test_a_wrong_command_line_is_told_here_too(base_install: BaseInstall) -> None:
    """The last resort needs nothing that is not installed."""
    for line in (("run", "--nope"), ("bogus",), ("check",)):
        ended = base_install.run(*line)
        assert ended.code == 2, ended.output
        assert "Traceback" not in ended.output
    assert base_install.run("--help").code == 0


def test_a_data_owner_invents_and_checks_deliveries(base_install: BaseInstall, tmp_path: Path) -> None:
    """``synth`` and ``check`` need nothing of the hub's part."""
    made = base_install.run("synth", "--pupils", 60, "--years", 1, "--flaws", "none", "--home", tmp_path)
    assert made.code == 0, made.output
    file = next((tmp_path / "providers").glob("2480/outbox/*/enrolments.csv"))
    checked = base_install.run("check", file, "--provider", "2480", "--term", file.parent.name)
    assert checked.code == 0, checked.output


def test_a_data_owner_reads_and_fills_in_the_contracts(base_install: BaseInstall, tmp_path: Path) -> None:
    """Pages, templates, questionnaire and comparison need nothing of the hub's part either."""
    for line in (
        ("docs", "--out", tmp_path / "docs"),
        ("template", "enrolments", "--out", tmp_path / "enrolments.xlsx"),
        ("questionnaire", "--out", tmp_path / "q.xlsx"),
        ("export", "--out", tmp_path / "odcs"),
        ("diff", ROOT / "contracts", ROOT / "contracts"),
    ):
        ended = base_install.run("contracts", *line)
        assert ended.code == 0, ended.output
    assert (tmp_path / "docs" / "contracts" / "index.html").is_file()
    answered = base_install.run("contracts", "answers", tmp_path / "q.xlsx")
    assert answered.code == 2, answered.output
    assert "Lämnare, rad 2: " in answered.output


def test_a_data_owner_delivers_to_a_folder(base_install: BaseInstall, tmp_path: Path, contracts: Contracts) -> None:
    """Sealing and folders need no extra; SFTP and S3 say which they need."""
    provider = Provider(tmp_path, contracts)
    provider.prepare()
    keys = ("--key", provider.key, "--hub", provider.home.hub_public)
    delivered = base_install.run("deliver", provider.prepared, "--to", provider.target, *keys)
    assert delivered.code == 0, delivered.output
    assert provider.opened(1).statement.rows == len(ROWS)
    for extra, target in (("sftp", "sftp://user@hub/in"), ("s3", "s3://hub")):
        ended = base_install.run("deliver", provider.prepared, "--to", target, *keys)
        assert ended.code == 2, ended.output
        assert ended.output.count(f"pip install 'avbrott[{extra}]'") == 2
        assert "Traceback" not in ended.output


def test_anyone_audits_a_release(base_install: BaseInstall, tmp_path: Path) -> None:
    """Its files alone; where its proof is there too, what verifies that is said to be missing and how to go on."""
    made = Case(tmp_path)
    sealed = made.release(case.engine())
    audited = base_install.run("audit", sealed.folder, "--home", tmp_path / "nowhere")
    assert audited.code == 0, audited.output
    hubs = base_install.run("audit", "current", "--home", made.home.root)
    assert hubs.code == 2, hubs.output
    assert hubs.output.count("pip install '.[hub]'") == 2
    assert "scipy" in hubs.output
    assert "Traceback" not in hubs.output


def test_a_data_owner_reads_its_receipts(base_install: BaseInstall, tmp_path: Path, contracts: Contracts) -> None:
    """Fetching, verifying, showing and copying need nothing of the hub's part."""
    home = Home(tmp_path / "hub")
    place = receipt_case.deliver(home, receipt_case.SET_ASIDE)
    receipt_case.receive(home, contracts)
    whose = ("--hub", home.hub_public, "--provider", receipt_case.PROVIDER)
    shown = base_install.run("receipts", "--from", place, *whose, "--out", tmp_path / "kvitton")
    assert shown.code == 0, shown.output
    assert "2 av 4 rader är satta åt sidan" in shown.output
    assert len(list((tmp_path / "kvitton" / str(receipt_case.TERM)).iterdir())) == 3
