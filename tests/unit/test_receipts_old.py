"""An old receipt laid back in place of the newest is the hub's as much as that: it is told by what is remembered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avbrott.registry import Contracts
from avbrott.sealing.keys import new_signing_key
from tests.sending_case import TERM
from tests.unit.conftest import Ended, Run
from tests.unit.test_sending_numbers import Sending


class Shown(Sending):
    """A provider that sends and looks at its receipts."""

    run: Run

    def shown(self, *whose: object, code: int = 0) -> Ended:
        options = whose or ("--key", self.key)
        ended = self.run("receipts", "--from", self.target, "--hub", self.home.hub_public, "--term", TERM, *options)
        assert ended.code == code, ended.out + ended.err
        return ended

    @property
    def receipts(self) -> Path:
        return self.target / "receipts" / str(TERM)

    def lay_back(self, kept: Path) -> None:
        shutil.rmtree(self.receipts)
        shutil.copytree(kept, self.receipts)


@pytest.fixture
def case(tmp_path: Path, contracts: Contracts, run: Run) -> Shown:
    """Number 1 is delivered, and its receipt kept."""
    case = Shown(tmp_path, contracts)
    case.run = run
    case.send(5)
    case.received()
    return case


def test_an_older_receipt_than_one_that_was_seen_is_not_shown(case: Shown, tmp_path: Path) -> None:
    """With both numbers; where nothing is remembered it is, as it is the hub's."""
    kept = shutil.copytree(case.receipts, tmp_path / "kept")
    case.send(4)
    case.received()
    assert "OBS" not in case.shown().out
    case.lay_back(kept)
    ended = case.shown(code=1)
    assert "enrolments har nummer 1, och navet har haft nummer 2" in ended.err
    assert "Leveransen är" not in ended.out
    assert "Leveransen är" in case.shown("--provider", "2482").out


def test_a_receipt_of_less_than_was_sent_is_told_as_that(case: Shown) -> None:
    """Be it that the hub has not pulled yet, or that the receipt is an old one never seen here."""
    case.send(4)
    ended = case.shown()
    assert "kvittot gäller enrolments nummer 1, och härifrån är nummer 2 skickat" in ended.out
    case.received()
    assert "OBS" not in case.shown().out
    nothing = ("--nil", "events", "--provider", "2482", "--term", TERM, "--key", case.key, "--hub", case.home.hub_public)
    assert case.run("deliver", *nothing, "--to", case.target, "--sent", case.sent, "--yes").code == 0
    assert "kvittot nämner inget events, och härifrån är nummer 1 skickat" in case.shown().out


def test_a_receipt_that_comes_again_after_a_newer_one_is_told(case: Shown, tmp_path: Path) -> None:
    """It may be right, where the delivery is again as it was then."""
    kept = shutil.copytree(case.receipts, tmp_path / "kept")
    case.shown()
    (case.target / str(TERM) / "notes.txt").write_text("x")
    case.received()
    assert "OBS" not in case.shown(code=4).out
    case.lay_back(kept)
    said = case.shown().out
    assert said.index("OBS: samma kvitto visades förut") < said.index("Leveransen är"), "before what it makes doubtful"


def test_it_must_be_known_whose_receipts_are_wanted(case: Shown, tmp_path: Path) -> None:
    """By the key, by what was sent, or said; another provider's key says another provider."""
    ended = case.run("receipts", "--from", case.target, "--hub", case.home.hub_public)
    assert (ended.code, "Det är inte sagt vems kvitton" in ended.err) == (2, True)
    assert "Leveransen är" in case.shown("--sent", case.sent).out
    assert "Det är inte sagt" in case.shown("--sent", tmp_path / "empty", code=2).err
    new_signing_key(tmp_path / "2480.key", "2480")
    assert "finns inga kvitton" in case.shown("--key", tmp_path / "2480.key", code=2).err
    case.shown("--key", case.key, "--provider", "2480", code=2)


def test_a_memory_that_cannot_be_read_is_told(case: Shown) -> None:
    """And no receipt shown as if nothing were remembered."""
    case.shown()
    (case.sent / "2482-ht2025.receipt").write_text("{")
    assert "Minnet av vilka kvitton" in case.shown(code=2).err
