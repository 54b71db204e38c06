"""The examples of docs/deliver.md run in their order and print what stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from avbrott.home import Home
from avbrott.sealing.keys import reception_key
from tests import export_case
from tests.unit.conftest import Run

PAGE = Path(__file__).parent.parent.parent / "docs" / "deliver.md"


def test_the_examples_run_and_print_what_stands_there(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an export of three pupils, a corrected one, the county's key and the hub's public file; exit code 0 for each."""
    monkeypatch.chdir(tmp_path)
    home = Home(tmp_path / "hub")
    reception_key(home)
    Path("hub.pub").write_bytes(home.hub_public.read_bytes())
    Path("mottagare").mkdir()
    export_case.key_file(Path("2025.key"))
    anna, omar, liv, hidden = export_case.ROWS
    export_case.export(Path("export.csv"))
    corrected = [anna.replace(",,false", ",2025-11-03,true"), omar, liv, hidden, export_case.row("Per Ek", _fifth())]
    export_case.export(Path("rattad.csv"), corrected)
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    told = 0
    for line in "".join(blocks).splitlines():
        if line.startswith("$ avbrott "):
            ended = run(*shlex.split(line.removeprefix("$ avbrott ")))
            assert ended.code == 0, ended.out + ended.err
        else:
            assert line in ended.out.splitlines()
            told += 1
    assert told == 4


def _fifth() -> str:
    return export_case.number("20080909", 239)
