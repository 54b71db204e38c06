"""A receipt's rows are shown as the export's, where it can be looked up at home which they are."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.sealing.keys import new_signing_key, reception_key
from tests import export_case as case
from tests.receipt_case import receive
from tests.unit.conftest import Ended, Run

TERM = Term("HT", 2025)
WRONG = [
    case.row("Anna", case.ANNA, start="2025-08-32"),
    case.row("Omar", case.OMAR),
    case.row("Liv", case.LIV, start="hos farmor"),
    case.row("Liv", case.LIV, end="2025-01-01,true"),
]
"""Rows 2, 4 and 5 of the export are set aside, whatever order they are delivered in."""


class Owner:
    """A provider with an export, and the hub that answers it."""

    def __init__(self, folder: Path, contracts: Contracts, run: Run) -> None:
        self.folder, self.contracts, self._run = folder, contracts, run
        self.export, self.place = folder / "export" / "inskrivningar.csv", folder / "mottagare"
        self.key, self.home = folder / "2482.key", Home(folder / "hub")
        for made in (self.export.parent, self.place, self.home.provider_key("2482").parent):
            made.mkdir(parents=True)
        new_signing_key(self.key, "2482")
        reception_key(self.home)
        shutil.copy(self.key.with_name("2482.key.pub"), self.home.provider_key("2482"))
        self.home.sources.write_text(yaml.safe_dump({"sources": {"2482": {"folder": str(self.place)}}}), "utf-8")

    def deliver(self, rows: list[str]) -> str:
        """Prepare and deliver; what deliver says."""
        county = (
            case.key_file(self.folder / "2025.key") if not (self.folder / "2025.key").exists() else self.folder / "2025.key"
        )
        whose = ("--contract", "enrolments", "--provider", "2482", "--term", "HT2025")
        self.run("prepare", case.export(self.export, rows), *whose, "--key", county, "--out", self.folder / "HT2025")
        said = self.run("deliver", self.folder / "HT2025", "--to", self.place, *self._keys).out
        receive(self.home, self.contracts, "2482", TERM)
        return said

    def receipts(self, *more: object) -> str:
        """What the receipt says on the screen."""
        return self.run("receipts", "--from", self.place, *self._keys, *more).out

    def run(self, *what: object) -> Ended:
        ended = self._run(*what)
        assert ended.code == 0, ended.out + ended.err
        return ended

    @property
    def rows(self) -> Path:
        """The folder that prepare keeps beside the export."""
        return self.export.parent / "rader"

    @property
    def _keys(self) -> tuple[object, ...]:
        return ("--key", self.key, "--hub", self.home.hub_public)


@pytest.fixture
def owner(tmp_path: Path, contracts: Contracts, run: Run, monkeypatch: pytest.MonkeyPatch) -> Owner:
    monkeypatch.chdir(tmp_path)
    return Owner(tmp_path, contracts, run)


def numbered(said: str, whose: str) -> set[int]:
    """The row numbers that are said to be those of ``whose``."""
    return {int(row) for rows in re.findall(rf"{whose}: ([0-9, ]+)", said) for row in rows.split(",")}


def test_the_rows_of_a_receipt_are_shown_as_those_of_the_export(owner: Owner) -> None:
    """The folder is named, or lies where the command is given; which file of it was used is said."""
    said = owner.deliver(WRONG)
    assert numbered(said, "Rader i den förberedda filen")
    assert not numbered(said, "Rader i filen")
    shown = owner.receipts("--rows", owner.rows)
    assert numbered(shown, "Rader i exporten") == numbered(shown, "Lines of the export") == {2, 4, 5}
    assert not numbered(shown, "Rader i den förberedda filen")
    (file,) = owner.rows.iterdir()
    assert f"enrolments: radnumren nedan är exportens, som den var när den förbereddes ({file})." in shown
    shutil.copytree(owner.rows, "rader")
    assert numbered(owner.receipts(), "Rader i exporten") == {2, 4, 5}


def test_rows_that_cannot_be_looked_up_are_said_to_be_the_prepared_files(owner: Owner) -> None:
    """No folder, a file that was cut or is another's, or a receipt of a number that is not the last."""
    owner.deliver(WRONG)
    (file,) = owner.rows.iterdir()
    content = file.read_bytes()
    others = (None, content[:-4], content.replace(b"\n2;", b"\nx;"), b"rad;annat\n")
    for other in others:
        file.unlink(missing_ok=True)
        if other is not None:
            file.write_bytes(other)
        shown = owner.receipts("--rows", owner.rows)
        assert numbered(shown, "Rader i den förberedda filen")
        assert not numbered(shown, "Rader i exporten")
        assert "är den förberedda filens (CSV:n som avbrott prepare skrev, rubriken är rad 1), inte exportens." in shown
    file.write_bytes(content)
    assert numbered(owner.receipts("--rows", owner.rows), "Rader i exporten") == {2, 4, 5}
    place = owner.place / "receipts" / "HT2025"
    kept = {one.name: one.read_bytes() for one in place.iterdir()}
    owner.deliver(WRONG[:1] + case.ROWS[1:2])
    for name, laid in kept.items():
        (place / name).write_bytes(laid)
    assert not numbered(owner.receipts("--rows", owner.rows), "Rader i exporten"), "the receipt is of number 1"


def test_the_page_of_a_receipt_says_whose_rows_it_names(owner: Owner) -> None:
    """It is the hub's, which has the prepared file alone."""
    owner.deliver(WRONG)
    page = (owner.place / "receipts" / "HT2025" / "2482-ht2025.html").read_text("utf-8")
    assert numbered(page, "Rader i den förberedda filen")
    assert not numbered(page, "Rader i filen")
