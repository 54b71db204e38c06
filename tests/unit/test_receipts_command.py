"""``avbrott receipts`` shows what became of a delivery and what to do, and ends with a code that a schedule can act on."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.home import Home
from avbrott.receipts.receipt import receipt_names
from avbrott.registry import Contracts
from tests.receipt_case import ACCEPTED, BEFORE, PROVIDER, REFUSED, SET_ASIDE, TERM, deliver, receive


@pytest.fixture
def home(tmp_path: Path, contracts: Contracts) -> Home:
    """A hub that has accepted a delivery with rows set aside, and accepted the one before it."""
    home = Home(tmp_path / "hub")
    for term, files in ((BEFORE, ACCEPTED), (TERM, SET_ASIDE)):
        deliver(home, files, term=term)
        receive(home, contracts, term=term)
    return home


def asked(home: Home) -> tuple[object, ...]:
    """The command with its place and key."""
    return ("receipts", "--from", home.outbox(PROVIDER, str(TERM)).parent, "--hub", home.hub_public)


def test_every_receipt_of_the_place_is_shown_the_newest_last(home: Home, run) -> None:
    """Status, rows, comparison, rule, how to mend it and the very command, in Swedish and English."""
    ended = run(*asked(home))
    assert ended.code == 0
    first, last = ended.out.split("HT2013: ", 1)
    assert "VT2013: Leveransen är godkänd." in first
    for words in (
        "några rader är satta åt sidan",
        "some rows are set aside",
        "Rader: 4 levererade, 2 godkända, 2 satta åt sidan.",
        "Skillnad i levererade rader: +1 (133,3 procent av då).",
        "(133.3 per cent of then)",
        "Slutdatum ligger inte före startdatum.",
        "avbrott check enrolments.csv --contract enrolments --provider 2480 --term HT2013",
        "signaturen stämmer",
    ):
        assert words in last, words


def test_one_term_is_shown_and_copied(home: Home, run, tmp_path: Path) -> None:
    """The page, the signature and the receipt, by term, byte for byte."""
    ended = run(*asked(home), "--term", TERM, "--out", tmp_path / "kvitton")
    assert ended.code == 0
    assert "VT2013: Leveransen" not in ended.out
    laid = home.outbox(PROVIDER, str(TERM)).parent / "receipts" / str(TERM)
    copied = tmp_path / "kvitton" / str(TERM)
    names = receipt_names(PROVIDER, TERM)
    assert sorted(file.name for file in copied.iterdir()) == sorted(names)
    assert all((copied / name).read_bytes() == (laid / name).read_bytes() for name in names)


def test_a_refused_delivery_ends_with_a_code_of_its_own(home: Home, run, contracts: Contracts) -> None:
    """4, as the hub's run does."""
    deliver(home, REFUSED)
    receive(home, contracts)
    ended = run(*asked(home), "--term", TERM)
    assert ended.code == 4
    assert "Leveransen är avvisad." in ended.out
    assert "Anna" not in ended.out


def test_a_forged_receipt_is_refused_and_the_others_shown(home: Home, run, tmp_path: Path) -> None:
    """1, with why and what to do; nothing of it is shown or copied."""
    file = home.outbox(PROVIDER, str(TERM)).parent / "receipts" / str(TERM) / receipt_names(PROVIDER, TERM)[-1]
    file.write_bytes(file.read_bytes() + b" ")
    ended = run(*asked(home), "--out", tmp_path / "kvitton")
    assert ended.code == 1
    assert "VT2013: Leveransen är godkänd." in ended.out
    assert "HT2013: " not in ended.out
    assert "är inte navets: signaturen stämmer inte" in ended.err
    assert [one.name for one in (tmp_path / "kvitton").iterdir()] == [str(BEFORE)]


def test_no_receipt_is_told_with_what_to_do(home: Home, run) -> None:
    """2 where there is none of the term, no such place, or no key."""
    assert "Det finns inga kvitton" in run(*asked(home), "--term", "HT2015").err
    assert run(*asked(home), "--provider", "2482").code == 2
    assert run("receipts", "--from", home.root / "nowhere", "--hub", home.hub_public).code == 2
    assert run("receipts", "--from", home.root, "--hub", home.root / "no.pub").code == 2


def test_a_folder_that_cannot_be_written_is_told(home: Home, run, tmp_path: Path) -> None:
    """2, and which."""
    (tmp_path / "a file").write_text("")
    ended = run(*asked(home), "--out", tmp_path / "a file")
    assert ended.code == 2
    assert "a file" in ended.err
