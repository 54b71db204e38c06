"""A delivery is settled when its check came to its end and all that the check left is there; all else waits for a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avbrott.delivery import check
from avbrott.delivery.check import check_term
from avbrott.delivery.pull import offered, pull_many
from avbrott.delivery.settled import Waiting, taken_in, unsettled, waiting
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.receipts.write import write_receipts
from avbrott.registry import Contracts

TERM = Term("HT", 2012)
FIXTURES = Path(__file__).parent.parent / "fixtures" / "delivery"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home where two providers offer an extract each: one that keeps its contract, one that is refused."""
    home = Home(tmp_path)
    for provider, fixture in (("2480", "clean.csv"), ("2482", "missing_column.csv")):
        outbox = home.outbox(provider, str(TERM))
        outbox.mkdir(parents=True)
        (outbox / "enrolments.csv").write_bytes((FIXTURES / fixture).read_bytes())
    home.sources.write_text(
        "sources:\n"
        '  "2480": {folder: providers/2480/outbox, plain: true}\n'
        '  "2482": {folder: providers/2482/outbox, plain: true}\n'
    )
    return home


def run(home: Home, contracts: Contracts) -> None:
    """Pull and check what both deliver, and answer."""
    pull_many(home, contracts, {TERM: ["2480", "2482"]})
    check_term(home, contracts, TERM, ["2480", "2482"])
    write_receipts(home, contracts, {})


def waits(home: Home, contracts: Contracts) -> list[Waiting]:
    return waiting(home, offered(home, contracts)[0])


def missed(home: Home) -> list[str]:
    return [delivery.provider for delivery in unsettled(home)]


def test_what_is_offered_and_not_pulled_waits(home: Home, contracts: Contracts) -> None:
    """Nothing of it is in the store yet."""
    assert [(one.provider, one.term, one.is_pulled) for one in waits(home, contracts)] == [
        ("2480", TERM, False),
        ("2482", TERM, False),
    ]


def test_what_is_pulled_and_not_checked_waits(home: Home, contracts: Contracts) -> None:
    """Also where its provider offers nothing any more; a release refuses, and names it."""
    pull_many(home, contracts, {TERM: ["2480", "2482"]})
    assert [(one.provider, one.is_pulled) for one in waits(home, contracts)] == [("2480", True), ("2482", True)]
    home.sources.unlink()
    assert [(one.provider, one.is_pulled) for one in waits(home, contracts)] == [("2480", True), ("2482", True)]
    with pytest.raises(BadInput, match="DELIVERIES_UNSETTLED") as caught:
        taken_in(home)
    assert caught.value.parameters["deliveries"] == "2480 HT2012, 2482 HT2012"


def test_what_was_checked_is_settled(home: Home, contracts: Contracts) -> None:
    """A delivery that was refused as well: it was judged, and waits for its provider."""
    run(home, contracts)
    assert waits(home, contracts) == []
    assert taken_in(home) == taken_in(home)
    mark = json.loads(home.settled("2482", str(TERM)).read_text())
    assert mark["status"] == "refused"
    assert mark["files"] == ["findings/HT2012/2482.parquet"]


@pytest.mark.parametrize("lost", ["accepted", "findings", "settled"])
def test_a_delivery_that_lost_a_file_waits_again(lost: str, home: Home, contracts: Contracts) -> None:
    """What was accepted and is gone is made anew, byte for byte."""
    run(home, contracts)
    before = taken_in(home)
    file = {
        "accepted": home.accepted("enrolments", "2480", str(TERM)),
        "findings": home.findings("2480", str(TERM)),
        "settled": home.settled("2480", str(TERM)),
    }[lost]
    content = file.read_bytes()
    file.unlink()
    assert missed(home) == ["2480"]
    run(home, contracts)
    assert file.read_bytes() == content
    assert taken_in(home) == before


def test_a_correction_that_is_only_pulled_waits(home: Home, contracts: Contracts) -> None:
    """The mark is of the bytes that were judged; what the store has taken in is another sum afterwards."""
    run(home, contracts)
    before = taken_in(home)
    (home.outbox("2482", str(TERM)) / "enrolments.csv").write_bytes((FIXTURES / "clean.csv").read_bytes())
    pull_many(home, contracts, {TERM: ["2482"]})
    assert missed(home) == ["2482"]
    check_term(home, contracts, TERM, ["2482"])
    assert missed(home) == []
    assert taken_in(home) != before


class Killed(BaseException):
    """The run ends here."""


@pytest.mark.parametrize("step", ["write_frames", "write_parquets", "settle"])
def test_a_check_that_was_killed_is_not_settled(
    step: str, home: Home, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before its files are written, and between its files and its mark; a check that was done once is undone by a new one."""
    run(home, contracts)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(check.atomic if step == "write_parquets" else check, step, die)
        with pytest.raises(Killed):
            check_term(home, contracts, TERM, ["2480"])
    assert missed(home) == ["2480"]
    check_term(home, contracts, TERM, ["2480"])
    assert missed(home) == []


def test_what_was_checked_and_not_answered_waits(home: Home, contracts: Contracts) -> None:
    """A run that was killed before its receipts: it is taken up again, and a release need not wait for that."""
    run(home, contracts)
    check_term(home, contracts, TERM, ["2480"])
    assert [(one.provider, one.is_pulled) for one in waits(home, contracts)] == [("2480", True)]
    assert missed(home) == []
    write_receipts(home, contracts, {})
    assert waits(home, contracts) == []


def test_what_a_killed_write_left_goes_with_the_next_check(home: Home, contracts: Contracts) -> None:
    """Half a file of rows is not kept for good; that of another provider may still be written."""
    run(home, contracts)
    file = home.accepted("enrolments", "2480", str(TERM))
    half = file.with_name(f".{file.name}.x7.part")
    other = file.with_name(".2482.parquet.x7.part")
    for part in (half, other):
        part.write_bytes(b"half")
    check_term(home, contracts, TERM, ["2480"])
    assert not half.exists()
    assert other.exists()


def test_a_pull_that_was_killed_is_taken_up_from_the_provider(home: Home, contracts: Contracts) -> None:
    """Files without a record are no delivery: pulled anew where they are offered, else an error that names the record."""
    run(home, contracts)
    record = home.delivered("2480", str(TERM)) / "delivery.json"
    record.unlink()
    assert [(one.provider, one.is_pulled) for one in waits(home, contracts)] == [("2480", False)]
    with pytest.raises(BadInput, match="DELIVERY_UNREADABLE") as caught:
        taken_in(home)
    assert caught.value.parameters["file"] == str(record)
    run(home, contracts)
    assert waits(home, contracts) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"[" * 200_000, b'{"created": "2012-12-31"}'])
def test_a_damaged_record_is_named(content: bytes, home: Home, contracts: Contracts) -> None:
    """Whatever is wrong with it: the hub's own file is not guessed at."""
    run(home, contracts)
    record = home.delivered("2480", str(TERM)) / "delivery.json"
    record.write_bytes(content)
    for call in (taken_in, lambda home: waits(home, contracts)):
        with pytest.raises(BadInput, match="DELIVERY_UNREADABLE") as caught:
            call(home)
        assert caught.value.parameters["file"] == str(record)


def test_a_mark_that_cannot_be_read_is_none(home: Home, contracts: Contracts) -> None:
    """The delivery is checked again; nothing is lost by that."""
    run(home, contracts)
    home.settled("2480", str(TERM)).write_bytes(b"{")
    assert missed(home) == ["2480"]
