"""Numbers at the receiver that others laid there, or lay at the same moment: none leads this side, none is written over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from avbrott.delivery.check import check_term
from avbrott.delivery.pull import pull
from avbrott.receipts.write import send_receipts, write_receipts
from avbrott.registry import Contracts
from avbrott.sealing.keys import read_hub_public, read_signing_key
from avbrott.sending.numbers import AHEAD
from avbrott.sending.prepared import read_prepared
from avbrott.sending.send import Sender, Sent, Went, to_send
from avbrott.transport.folder import FolderTarget
from tests.sending_case import ROWS, TERM, Case
from tests.unit.conftest import Run


class Sending(Case):
    """A provider that sends, and the hub that receives."""

    def send(self, rows: int = 5, memory: Path | None = None, target: FolderTarget | None = None) -> Sent:
        """Deliver so many enrolments, remembered in ``memory``."""
        self.prepare(ROWS[:rows])
        (part,) = to_send(read_prepared(self.prepared, self.contracts))
        key, hub = read_signing_key(self.key), read_hub_public(self.home.hub_public)
        return Sender(key, hub, target or FolderTarget(self.target), memory or self.sent).send(part)

    def junk(self, *numbers: int) -> None:
        """What is called as deliveries of these numbers, and is none."""
        (self.target / str(TERM)).mkdir(exist_ok=True)
        for number in numbers:
            self.file(number).write_bytes(b"junk")

    def file(self, number: int) -> Path:
        return self.target / str(TERM) / f"2482-ht2025-enrolments-{number:04d}.zip.age"

    def received(self) -> int | None:
        """The number that the hub takes in, and says so in a receipt."""
        self.home.provider_key("2482").parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.key.with_name("2482.key.pub"), self.home.provider_key("2482"))
        self.home.sources.write_text(yaml.safe_dump({"sources": {"2482": {"folder": str(self.target)}}}), "utf-8")
        (extract,) = pull(self.home, self.contracts, "2482", TERM).extracts
        check_term(self.home, self.contracts, TERM, ["2482"])
        write_receipts(self.home, self.contracts, {TERM: ["2482"]})
        send_receipts(self.home, self.contracts)
        return extract.number


@pytest.fixture
def case(tmp_path: Path, contracts: Contracts) -> Sending:
    return Sending(tmp_path, contracts)


def test_a_number_far_ahead_leads_nobody(case: Sending) -> None:
    """The next delivery has the next number, and what was seen is told."""
    assert case.send(5).delivery.number == 1
    case.junk(9998, 9999)
    sent = case.send(4)
    assert (sent.delivery.number, sent.far) == (2, (9998, 9999))
    again = case.send(4)
    assert (again.went, again.far) == (Went.THERE, (9998, 9999))


def test_a_number_little_ahead_may_be_another_machines(case: Sending) -> None:
    """So it is gone beyond."""
    case.send(5)
    case.junk(1 + AHEAD + 1)
    assert case.send(4).delivery.number == 2
    assert case.send(3).delivery.number == 2 + AHEAD + 1


def test_what_was_seen_is_said(case: Sending, run: Run) -> None:
    """In both languages, with how many and which."""
    case.junk(9998)
    case.prepare()
    ended = run("deliver", case.prepared, *case.options)
    assert ended.code == 0, ended.err
    assert "lämnat som nummer 1" in ended.out
    assert "antal: 1, nummer 9998 till 9998" in ended.out
    assert "They do not count." in ended.out


def test_a_lost_memory_asks_the_receipt(case: Sending) -> None:
    """The hub's own word is believed however high it is, and no other; then what lies little above it."""
    case.send(5)
    record = case.sent / "2482-ht2025-enrolments.json"
    record.write_text(record.read_text("utf-8").replace('"number": 1', '"number": 300'), "utf-8")
    assert case.send(4).delivery.number == 301
    case.file(1).unlink()
    assert case.received() == 301
    shutil.rmtree(case.sent)
    case.junk(9999)
    assert case.send(3).delivery.number == 302
    shutil.rmtree(case.sent)
    for file in (case.target / "receipts" / str(TERM)).glob("*.sig"):
        file.write_bytes(bytes(64))
    sent = case.send(2)
    assert (sent.delivery.number, sent.far) == (1, (301, 302, 9999)), "a receipt that is not the hub's says nothing"


class Watched(FolderTarget):
    """A place where somebody else lays a delivery just before this one's is laid."""

    def __init__(self, folder: Path, others: list[bytes]) -> None:
        super().__init__(folder)
        self._others = others

    def lay(self, name: str, content: bytes) -> bool:
        if self._others:
            (self._root / name).parent.mkdir(exist_ok=True)
            (self._root / name).write_bytes(self._others.pop())
        return super().lay(name, content)


def test_what_another_lays_meanwhile_is_not_written_over(case: Sending) -> None:
    """The next number is taken; where each is, it is said and nothing sent."""
    sent = case.send(5, target=Watched(case.target, [b"one", b"two"]))
    assert sent.delivery.number == 3
    assert (case.file(1).read_bytes(), case.file(2).read_bytes()) == (b"two", b"one")
    assert case.opened(3).statement.rows == 5
    with pytest.raises(Exception, match="DELIVER_NUMBER_TAKEN"):
        case.send(4, target=Watched(case.target, [b"x"] * 9))
    assert case.send(4).delivery.number == 9


def test_what_is_sent_again_is_not_laid_over_anothers(case: Sending) -> None:
    """Its file was gone, and in that moment another machine took its number."""
    case.send(5)
    case.file(1).unlink()
    sent = case.send(5, target=Watched(case.target, [b"another's"]))
    assert (sent.went, sent.delivery.number) == (Went.SENT, 2)
    assert case.file(1).read_bytes() == b"another's"


def test_two_machines_without_a_common_memory_share_no_number(case: Sending, tmp_path: Path) -> None:
    """Each goes on above the other."""
    assert [case.send(rows, tmp_path / memory).delivery.number for rows, memory in ((5, "a"), (4, "b"), (3, "a"))] == [
        1,
        2,
        3,
    ]
