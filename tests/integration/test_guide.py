"""The guide of a data owner, from an empty template to the receipt: it runs in the base install, and prints what it shows."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from avbrott.home import Home
from avbrott.sealing.keys import reception_key
from tests import export_case
from tests.integration.installing import BaseInstall
from tests.integration.running import Ended, avbrott

pytestmark = pytest.mark.xdist_group("base install")

GUIDE = Path(__file__).parent.parent.parent / "docs" / "guide.md"
SHEET = Path("inskrivningar.xlsx")
WRONG, RIGHT = "2025-08-32", "2025-08-18"


def test_the_guide_leads_to_a_receipt(base_install: BaseInstall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command ends as it should, and each line that the guide shows is printed, in its order."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    home = Home(Path("navet"))
    reception_key(home)
    shutil.copy(home.hub_public, "hub.pub")
    Path("mottagare").mkdir()
    export_case.key_file(Path("2025.key"))
    done: list[str] = []
    for command, shown in _examples():
        name = command.split()[1]
        if name == "check":
            _fill_in(RIGHT if "check" in done else WRONG)
        if name == "run":
            _as_the_guide_says(home)
        ended = (avbrott if name == "run" else base_install.run)(*shlex.split(command)[1:])
        assert ended.code == (1 if name == "check" and "check" not in done else 0), f"{command}\n{ended.output}"
        _printed(shown, ended)
        done.append(name)
    steps = [
        "contracts",
        "check",
        "check",
        "keys",
        "keys",
        "prepare",
        "deliver",
        "deliver",
        "deliver",
        "keys",
        "run",
        "receipts",
    ]
    assert done == steps
    delivered = Path("HT2025", "enrolments.csv").read_text("utf-8")
    assert not any(number in delivered for number in (export_case.ANNA, export_case.OMAR[2:8], export_case.LIV))


def _examples() -> list[tuple[str, list[str]]]:
    """Each command of the guide with the lines that it shows."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
    return found


def _printed(shown: list[str], ended: Ended) -> None:
    """Whether what is shown stands in what was printed, in its order."""
    lines = iter(ended.output.splitlines())
    for line in shown:
        wanted = re.compile(".*".join(re.escape(part) for part in line.split("…")))
        assert any(wanted.fullmatch(printed.rstrip()) for printed in lines), f"{line}\n\n{ended.output}"


def _fill_in(start: str) -> None:
    """The template as somebody fills it in: three pupils, one whose day of start may be none."""
    book = load_workbook(SHEET)
    sheet = book.worksheets[0]
    sheet.delete_rows(2, 10)
    for identity, born, sex, home, day, end, cancelled in (
        (export_case.ANNA, "2009", "Kvinna", "2482", RIGHT, "", "false"),
        (f"{export_case.OMAR[2:8]}-{export_case.OMAR[8:]}", "2009", "man", "2482", start, "", "false"),
        (export_case.LIV, "2008", "Kvinna", "2421", RIGHT, "2025-10-20", "true"),
    ):
        sheet.append([identity, born, sex, home, "99248201", "GY", "EKJUR", "1", day, end, cancelled])
    book.save(SHEET)


def _as_the_guide_says(home: Home) -> None:
    """The hub's key of the provider and its sources, put where the guide's own lines put them."""
    text = GUIDE.read_text("utf-8")
    (copying,) = (block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "keys/providers" in block)
    for line in copying.splitlines():
        match shlex.split(line):
            case ["mkdir", "-p", folder]:
                Path(folder).mkdir(parents=True)
            case ["cp", given, place]:
                shutil.copy(given, place)
            case other:
                pytest.fail(f"not understood: {other}")
    (sources,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    home.sources.write_text(sources, "utf-8")
