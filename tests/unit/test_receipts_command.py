"""``avbrott receipts`` shows what became of a delivery and what to do, and ends with a code that a schedule can act on."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.home import Home
from avbrott.receipts.receipt import receipt_names
from avbrott.registry import Contracts
from avbrott.sealing.keys import new_signing_key, reception_key
from tests import sealed_case
from tests.receipt_case import ACCEPTED, BEFORE, OTHER, PROVIDER, REFUSED, SET_ASIDE, TERM, deliver, enrolments, receive, row


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
    return ("receipts", "--from", home.outbox(PROVIDER, str(TERM)).parent, "--hub", home.hub_public, "--provider", PROVIDER)


def test_every_receipt_of_the_place_is_shown_the_newest_last(home: Home, run) -> None:
    """Status, rows, comparison, rule, how to mend it and the very command, in Swedish and English."""
    ended = run(*asked(home))
    assert ended.code == 0
    first, last = ended.out.split("HT2013: ", 1)
    assert "VT2013: Leveransen är godkänd." in first
    for words in (
        "2 av 4 rader är satta åt sidan",
        "2 of 4 rows are set aside",
        "Rader: 4 levererade, 2 godkända, 2 satta åt sidan.",
        "Skillnad i levererade rader: +1 (133,3 procent av då).",
        "(133.3 per cent of then)",
        "Bryter mot regeln: Slutdatum ligger inte före startdatum.",
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


def test_a_correction_that_was_not_accepted_is_told_first(run, tmp_path: Path, contracts: Contracts) -> None:
    """4, on the screen and on the page: the newest file was not accepted, what counts, what it is called."""
    home = Home(tmp_path / "hub")
    reception_key(home)
    sealed_case.write_sources(home, {OTHER: False})
    key = sealed_case.register(home, tmp_path)
    sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil"))
    receive(home, contracts, OTHER, sealed_case.TERM)
    other = new_signing_key(tmp_path / "another.key", OTHER)
    file = sealed_case.lay(home, sealed_case.sealed(home, other, kind="nil", number=2))
    receive(home, contracts, OTHER, sealed_case.TERM)
    place = home.outbox(OTHER, str(sealed_case.TERM)).parent
    ended = run("receipts", "--from", place, "--hub", home.hub_public, "--provider", OTHER, "--term", sealed_case.TERM)
    assert ended.code == 4
    first = ended.out.splitlines()[0]
    assert first.endswith("HT2025: Den nyaste filen (enrolments) godtogs INTE. Nummer 1 gäller fortfarande.")
    assert f"Inte godtagen: {file.name} (SEALED_SIGNATURE)" in ended.out
    assert "Of what counts: The delivery is accepted." in ended.out
    assert "elevregistret" not in ended.out
    page = (place / "receipts" / str(sealed_case.TERM) / receipt_names(OTHER, sealed_case.TERM)[0]).read_text("utf-8")
    assert '<h2 id="status">\nDen nyaste filen (enrolments) godtogs INTE.' in page
    assert file.name in page


def test_a_delivery_with_every_row_set_aside_is_told_as_counting_for_nothing(home: Home, run, contracts: Contracts) -> None:
    """How many of how many; and where another extract counts, of which nothing does."""
    rows = enrolments(*(row(number, sex="X") for number in range(30)))
    deliver(home, rows)
    receive(home, contracts)
    ended = run(*asked(home), "--term", TERM)
    assert ended.code == 0
    assert "HT2013: Inget av leveransen räknas: 30 av 30 rader är satta åt sidan." in ended.out
    assert "godkänd." not in ended.out


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
    ended = run(*asked(home), "--term", "ht2015")
    assert ended.code == 2
    assert "Det finns inget kvitto för HT2015" in ended.err
    assert "Kvitton finns för: VT2013, HT2013." in ended.err
    for options in (("--provider", "2482"), ("--provider", "2482", "--term", "HT2013")):
        ended = run(*asked(home), *options)
        assert (ended.code, "Det finns inga kvitton" in ended.err) == (2, True), "another's are not named"
    assert run("receipts", "--from", home.root / "nowhere", "--hub", home.hub_public, "--provider", PROVIDER).code == 2
    assert run("receipts", "--from", home.root, "--hub", home.root / "no.pub").code == 2


def test_a_folder_that_cannot_be_written_is_told(home: Home, run, tmp_path: Path) -> None:
    """2, and which."""
    (tmp_path / "a file").write_text("")
    ended = run(*asked(home), "--out", tmp_path / "a file")
    assert ended.code == 2
    assert "a file" in ended.err
