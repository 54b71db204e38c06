"""The data owner's way, from template to receipt, where nothing is there that Windows lacks, on an old screen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from avbrott.registry import Contracts
from tests import export_case as case
from tests.unit.conftest import Ended
from tests.unit.test_receipts_at_export import WRONG, Owner, numbered

ROOT = Path(__file__).parents[2]


def windows(*arguments: object) -> Ended:
    """Run ``avbrott`` as in Windows, with its screen of code page 850."""
    of_windows = {"PYTHONIOENCODING": "cp850:strict", "PYTHONUTF8": "0", "COLUMNS": "400"}
    environment = {**os.environ, **of_windows, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.windows", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False, env=environment, timeout=300)
    return Ended(done.returncode, done.stdout.decode("cp850"), done.stderr.decode("cp850"))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="which files are open is asked of Linux")
def test_the_way_from_template_to_receipt(tmp_path: Path, contracts: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command of a data owner, deliveries that take others' places, and a receipt with the export's rows."""
    monkeypatch.chdir(tmp_path)
    owner = Owner(tmp_path, contracts, windows)
    owner.run("contracts", "template", "enrolments", "--out", "mall.xlsx")
    owner.run("keys", "new", "other.key", "--epoch", "2025")
    owner.run("keys", "signing", "2480.key", "--provider", "2480")
    assert "nyckeln" in owner.run("keys", "show", "2480.key").out
    assert "Nu gäller" not in owner.deliver(case.ROWS)
    assert "mot nummer 1, antal rader" in owner.deliver(WRONG)
    export = ("--contract", "enrolments", "--provider", "2482", "--term", "HT2025")
    checked = windows("check", owner.export, *export, "--report", "rapport.html")
    assert checked.code == 1, checked.err
    assert "Så rättar du" in checked.out
    assert windows("check", owner.export, *export, "--report", "rapport.html").code == 1, "it is written over"
    whose = ("--provider", "2482", "--term", "HT2025", "--yes")
    keys = ("--to", owner.place, "--key", owner.key, "--hub", owner.home.hub_public)
    owner.run("deliver", "--withdraw", "enrolments", *whose, *keys)
    assert "Nummer 3 tog tillbaka nummer 2, antal rader: 4." in owner.deliver(WRONG)
    assert "Inget har skickats" in owner.deliver(WRONG)
    shown = owner.receipts("--rows", owner.rows, "--out", "kvitton")
    assert numbered(shown, "Rader i exporten") == {2, 4, 5}
    assert owner.receipts("--rows", owner.rows, "--out", "kvitton") == shown
