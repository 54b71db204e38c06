"""``docs/deliveries.md``: its program makes a delivery that the hub accepts, and no refusal is left out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from avbrott.delivery.package import PACKAGE
from avbrott.delivery.pull import pull
from avbrott.home import Home
from avbrott.sealing.keys import reception_key
from avbrott.texts import load_messages
from tests import sealed_case as case

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "deliveries.md").read_text("utf-8")


@pytest.fixture
def program() -> str:
    """The page's program."""
    (found,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_program_of_the_page_makes_a_delivery(program: str, tmp_path: Path) -> None:
    """With the files that it names beside it, and without a line of ours."""
    assert "avbrott." not in program.replace('"avbrott"', "")
    home = Home(tmp_path / "hub")
    reception_key(home)
    case.register(home, tmp_path)
    case.write_sources(home, {"2482": False})
    (tmp_path / "hub.pub").write_bytes(home.hub_public.read_bytes())
    case.rows().write_csv(tmp_path / "enrolments.csv")
    (tmp_path / "program.py").write_text(program, "utf-8")
    subprocess.run([sys.executable, "-I", "program.py"], cwd=tmp_path, check=True, capture_output=True)
    (made,) = tmp_path.glob("*.zip.age")
    folder = home.outbox("2482", "HT2025")
    folder.mkdir(parents=True)
    made.rename(folder / made.name)
    delivery = pull(home, case.CONTRACTS, "2482", case.TERM)
    assert [(one.name, one.number, one.version) for one in delivery.extracts] == [("enrolments", 1, case.ENROLMENTS.version)]
    assert delivery.refused == ()
    assert not (folder / PACKAGE).exists()


def test_every_refusal_is_on_the_page_as_the_program_tells_it() -> None:
    """Each code with its words and how to mend it, in both languages."""
    texts, rows = load_messages(), dict(re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", PAGE, re.MULTILINE))
    keys = texts.keys()
    refusals = [key for key in keys if key.startswith("SEALED_") or key == "DELIVERY_UNSEALED"]
    assert len(refusals) == 17
    for code in refusals:
        words = [texts.get(code, "sv"), texts.get(code, "en"), texts.mend(code, "sv"), texts.mend(code, "en")]
        for said in words:
            assert said.replace("<", "\\<") in rows[code], code
