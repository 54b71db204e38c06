"""An install without the hub's part, as a data owner has it: their commands work, and the hub's say what is missing.

The install is made of links to the distributions that the project asks for without an extra, and to what these ask for.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from avbrott.home import Home
from avbrott.registry import Contracts
from tests import receipt_case
from tests import release_case as case
from tests.integration.running import Ended
from tests.release_case import Case
from tests.sending_case import ROWS
from tests.sending_case import Case as Provider

ROOT = Path(__file__).parent.parent.parent
HUB = (("run",), ("demo",), ("release",), ("site", "current", "--out", "pages"))


def _base() -> set[str]:
    """The distributions of an install without extras, by name."""
    found: set[str] = set()
    waiting = [Requirement("avbrott")]
    while waiting:
        wanted = waiting.pop()
        if wanted.name.lower() not in found:
            found.add(wanted.name.lower())
            asked = [Requirement(line) for line in metadata.requires(wanted.name) or ()]
            extras = wanted.extras or {""}
            waiting += [one for one in asked if one.marker is None or any(one.marker.evaluate({"extra": e}) for e in extras)]
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with no other packages than those of the base install."""
    folder = tmp_path_factory.mktemp("base")
    for name in _base():
        distribution = metadata.distribution(name)
        for part in {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (folder / part).exists() and not part.endswith(".pth"):
                (folder / part).symlink_to(Path(str(distribution.locate_file(part))).resolve())
    return folder


def _avbrott(installed: Path, *arguments: object) -> Ended:
    command = [sys.executable, "-S", "-c", "from avbrott.cli import main; main()", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "400", "PYTHONPATH": f"{ROOT}{os.pathsep}{installed}"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environment)
    return Ended(done.returncode, done.stdout + done.stderr)


def test_the_install_is_without_the_hub(installed: Path) -> None:
    """Neither Dagster, pandas nor click is there, and contracts are."""
    there = {path.name for path in installed.iterdir()}
    assert there >= {"polars", "openpyxl", "pydantic", "typer", "yaml"}
    assert not there & {"dagster", "duckdb", "plotly", "click", "scipy", "pandas", "pandera", "great_expectations"}
    assert not there & {"paramiko", "boto3", "botocore"}


@pytest.mark.parametrize("command", HUB, ids=lambda command: command[0])
def test_the_hubs_commands_say_how_to_install_it(installed: Path, command: tuple[str, ...], tmp_path: Path) -> None:
    """Exit code 2, in both languages, with what is missing; nothing is written."""
    ended = _avbrott(installed, *command, "--home", tmp_path / "home")
    assert ended.code == 2, ended.output
    assert f"avbrott {command[0]} hör till navet" in ended.output
    assert f"avbrott {command[0]} belongs to the hub" in ended.output
    assert ended.output.count("pip install 'avbrott[hub]'") == 2
    assert "dagster" in ended.output
    assert "Traceback" not in ended.output
    assert not (tmp_path / "home").exists()


def test_a_wrong_command_line_is_told_here_too(installed: Path) -> None:
    """The last resort needs nothing that is not installed."""
    for line in (("run", "--nope"), ("bogus",), ("check",)):
        ended = _avbrott(installed, *line)
        assert ended.code == 2, ended.output
        assert "Traceback" not in ended.output
    assert _avbrott(installed, "--help").code == 0


def test_a_data_owner_invents_and_checks_deliveries(installed: Path, tmp_path: Path) -> None:
    """``synth`` and ``check`` need nothing of the hub's part."""
    made = _avbrott(installed, "synth", "--pupils", 60, "--years", 1, "--flaws", "none", "--home", tmp_path)
    assert made.code == 0, made.output
    file = next((tmp_path / "providers").glob("2480/outbox/*/enrolments.csv"))
    checked = _avbrott(installed, "check", file, "--provider", "2480", "--term", file.parent.name)
    assert checked.code == 0, checked.output


def test_a_data_owner_reads_and_fills_in_the_contracts(installed: Path, tmp_path: Path) -> None:
    """Pages, templates, questionnaire and comparison need nothing of the hub's part either."""
    for line in (
        ("docs", "--out", tmp_path / "docs"),
        ("template", "enrolments", "--out", tmp_path / "enrolments.xlsx"),
        ("questionnaire", "--out", tmp_path / "q.xlsx"),
        ("export", "--out", tmp_path / "odcs"),
        ("diff", ROOT / "contracts", ROOT / "contracts"),
    ):
        ended = _avbrott(installed, "contracts", *line)
        assert ended.code == 0, ended.output
    assert (tmp_path / "docs" / "contracts" / "index.html").is_file()
    answered = _avbrott(installed, "contracts", "answers", tmp_path / "q.xlsx")
    assert answered.code == 2, answered.output
    assert "Lämnare, rad 2: " in answered.output


def test_a_data_owner_delivers_to_a_folder(installed: Path, tmp_path: Path, contracts: Contracts) -> None:
    """Sealing and folders need no extra; SFTP and S3 say which they need."""
    provider = Provider(tmp_path, contracts)
    provider.prepare()
    keys = ("--key", provider.key, "--hub", provider.home.hub_public)
    delivered = _avbrott(installed, "deliver", provider.prepared, "--to", provider.target, *keys)
    assert delivered.code == 0, delivered.output
    assert provider.opened(1).statement.rows == len(ROWS)
    for extra, target in (("sftp", "sftp://user@hub/in"), ("s3", "s3://hub")):
        ended = _avbrott(installed, "deliver", provider.prepared, "--to", target, *keys)
        assert ended.code == 2, ended.output
        assert ended.output.count(f"pip install 'avbrott[{extra}]'") == 2
        assert "Traceback" not in ended.output


def test_anyone_audits_a_release(installed: Path, tmp_path: Path) -> None:
    """Its files alone; where its proof is there too, what verifies that is said to be missing and how to go on."""
    made = Case(tmp_path)
    sealed = made.release(case.engine())
    audited = _avbrott(installed, "audit", sealed.folder, "--home", tmp_path / "nowhere")
    assert audited.code == 0, audited.output
    hubs = _avbrott(installed, "audit", "current", "--home", made.home.root)
    assert hubs.code == 2, hubs.output
    assert hubs.output.count("pip install 'avbrott[hub]'") == 2
    assert "scipy" in hubs.output
    assert "Traceback" not in hubs.output


def test_a_data_owner_reads_its_receipts(installed: Path, tmp_path: Path, contracts: Contracts) -> None:
    """Fetching, verifying, showing and copying need nothing of the hub's part."""
    home = Home(tmp_path / "hub")
    place = receipt_case.deliver(home, receipt_case.SET_ASIDE)
    receipt_case.receive(home, contracts)
    shown = _avbrott(installed, "receipts", "--from", place, "--hub", home.hub_public, "--out", tmp_path / "kvitton")
    assert shown.code == 0, shown.output
    assert "några rader är satta åt sidan" in shown.output
    assert len(list((tmp_path / "kvitton" / str(receipt_case.TERM)).iterdir())) == 3
