"""What ``avbrott deliver`` lays is what the hub takes in: rows, corrections, nothing to report, and what is taken back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from avbrott.delivery.check import Status, check_term
from avbrott.delivery.pull import Delivery, pull
from avbrott.receipts.write import send_receipts, write_receipts
from avbrott.registry import Contracts
from tests.sending_case import ROWS, TERM, Case, row
from tests.unit.conftest import Ended, Run


class Exchange(Case):
    """A provider, and the hub that pulls from where it delivers."""

    def __init__(self, folder: Path, contracts: Contracts, run: Run) -> None:
        super().__init__(folder, contracts)
        self._run = run
        registered = self.home.provider_key("2482")
        registered.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.key.with_name("2482.key.pub"), registered)
        self.home.sources.write_text(yaml.safe_dump({"sources": {"2482": {"folder": str(self.target)}}}), "utf-8")

    def deliver(self, *what: object) -> Ended:
        ended = self._run("deliver", *what, *self.options)
        assert ended.code == 0, ended.out + ended.err
        return ended

    def stops(self, *what: object) -> str:
        """What is said of a delivery that is not sent."""
        ended = self._run("deliver", *what, *self.options)
        assert ended.code == 2, ended.out + ended.err
        return " ".join(ended.err.split())

    def receipt(self) -> None:
        """What lies there is pulled, none of it refused, and answered."""
        self.pulled()
        self.answer()

    def answer(self) -> None:
        """What was pulled is checked, and the receipt laid beside it."""
        check_term(self.home, self.contracts, TERM, ["2482"])
        write_receipts(self.home, self.contracts, {TERM: ["2482"]})
        send_receipts(self.home, self.contracts)

    def pulled(self) -> Delivery:
        """What the hub has after it has pulled; nothing was refused."""
        delivery = pull(self.home, self.contracts, "2482", TERM)
        assert delivery.refused == ()
        return delivery


@pytest.fixture
def exchange(tmp_path: Path, contracts: Contracts, run: Run) -> Exchange:
    return Exchange(tmp_path, contracts, run)


def test_the_hub_accepts_what_was_delivered_and_its_correction(exchange: Exchange) -> None:
    """The correction takes the first one's place, also where the first does not lie there any more."""
    exchange.prepare()
    exchange.deliver(exchange.prepared)
    (extract,) = exchange.pulled().extracts
    assert (extract.number, extract.kind, extract.key_epoch) == (1, "data", "2025")
    (exchange.target / "HT2025" / exchange.names[0]).unlink()
    exchange.prepare([*ROWS[:3], row(8)])
    assert "mot nummer 1, antal rader: 1 nya, 2 borta, 0 ändrade" in exchange.deliver(exchange.prepared).out
    (extract,) = exchange.pulled().extracts
    assert extract.number == 2
    (outcome,) = check_term(exchange.home, exchange.contracts, TERM, ["2482"])
    assert (outcome.status, dict(outcome.accepted)) == (Status.ACCEPTED, {"enrolments": 4})


def test_what_was_sent_again_is_known_for_the_same(exchange: Exchange) -> None:
    """After the provider's own file was lost, the hub sees nothing new and no replay."""
    exchange.prepare()
    exchange.deliver(exchange.prepared)
    first = exchange.pulled()
    (exchange.target / "HT2025" / exchange.names[0]).unlink()
    assert "Skickat igen" in exchange.deliver(exchange.prepared).out
    again = exchange.pulled()
    assert [(one.number, one.created) for one in again.extracts] == [(one.number, one.created) for one in first.extracts]


def test_nothing_to_report_and_what_is_taken_back_reach_the_hub(exchange: Exchange) -> None:
    """The last word counts."""
    whose = ("--provider", "2482", "--term", "HT2025", "--date", "2026-01-20")
    exchange.deliver("--nil", "absence", *whose)
    exchange.prepare()
    exchange.deliver(exchange.prepared)
    assert [(one.name, one.kind) for one in exchange.pulled().extracts] == [("absence", "nil"), ("enrolments", "data")]
    exchange.deliver("--withdraw", "enrolments", *whose, "--yes")
    assert [one.name for one in exchange.pulled().extracts] == ["absence"]


def test_a_lost_memory_is_made_up_for_by_the_receipt(exchange: Exchange) -> None:
    """Far less, nothing and another county key stop by what the hub signed; before it has, what lies there is not known."""
    ours, other = "0123 4567 89ab cdef", "ffff 0000 ffff 0000"
    whole = [*map(row, range(1, 13))]
    exchange.prepare(whole, fingerprint=ours)
    exchange.deliver(exchange.prepared)
    shutil.rmtree(exchange.sent)
    exchange.prepare(whole[:5], fingerprint=ours)
    said = exchange.stops(exchange.prepared)
    assert "nummer 1 hos mottagaren är inte lämnat härifrån, och något kvitto på det finns inte" in said
    assert "no receipt of it is there" in said
    exchange.receipt()
    assert "nummer 1 har 12 rader, och den här leveransen, som skulle ta dess plats, har 5" in exchange.stops(
        exchange.prepared
    )
    whose = ("--provider", "2482", "--term", "HT2025", "--date", "2026-01-20")
    assert "skulle försvinna: 12" in exchange.stops("--nil", "enrolments", *whose)
    exchange.prepare(whole, fingerprint=other)
    said = exchange.stops(exchange.prepared)
    assert f"fingeravtryck {other}) än det som är lämnat förut ({ours})" in said
    events = f"pseudonym,school_unit,event,event_date,registered_date,cause\n{9:064x},99248201,AVB,2025-11-03,2025-11-05,\n"
    exchange.prepare(fingerprint=other, events=events)
    (exchange.prepared / "enrolments.csv").unlink()
    assert "events, HT2025: pseudonymerna" in exchange.stops(exchange.prepared)
    exchange.prepare(whole[1:], fingerprint=ours)
    assert "lämnat som nummer 2" in exchange.deliver(exchange.prepared).out
    shutil.rmtree(exchange.sent)
    assert "nummer 2 hos mottagaren" in exchange.stops(exchange.prepared), "the receipt is of number 1"
    assert "som nummer 3" in exchange.deliver(exchange.prepared, "--replace").out


def test_what_another_machine_delivered_since_is_not_replaced_unasked(exchange: Exchange) -> None:
    """The number that is remembered here is not the last, and its rows are no measure."""
    exchange.prepare(ROWS[:3])
    exchange.deliver(exchange.prepared)
    before = shutil.copytree(exchange.sent, exchange.folder / "before")
    exchange.prepare([*map(row, range(1, 13))])
    exchange.deliver(exchange.prepared)
    shutil.rmtree(exchange.sent)
    shutil.move(before, exchange.sent)
    exchange.prepare(ROWS[:3])
    assert "nummer 2 hos mottagaren är inte lämnat härifrån" in exchange.stops(exchange.prepared)
    exchange.receipt()
    assert "nummer 2 har 12 rader" in exchange.stops(exchange.prepared)


def test_a_file_that_the_receipt_says_was_refused_takes_nobodys_place(exchange: Exchange) -> None:
    """The last one that counts does, and its rows are the measure; its number stays used up, and another file is not it."""
    exchange.prepare([*map(row, range(1, 13))])
    exchange.deliver(exchange.prepared)
    first, second = (exchange.target / "HT2025" / f"2482-ht2025-enrolments-{number:04d}.zip.age" for number in (1, 2))
    shutil.copy(first, second)
    exchange.prepare([*map(row, range(2, 15))])
    assert "något kvitto på det finns inte där" in exchange.stops(exchange.prepared), "not before the hub has looked at it"
    pull(exchange.home, exchange.contracts, "2482", TERM)
    exchange.answer()
    told = json.loads((exchange.target / "receipts" / "HT2025" / "2482-ht2025.json").read_text("utf-8"))
    (mend,) = [one["mend"]["sv"] for one in told["findings"] if one["code"] == "SEALED_DISAGREES"]
    assert "ta bort filen ur mappen" in mend, "a file of a higher number would be told for ever"
    exchange.prepare([*map(row, range(1, 6))])
    assert "nummer 1 har 12 rader, och den här leveransen, som skulle ta dess plats, har 5" in exchange.stops(
        exchange.prepared
    )
    exchange.prepare([*map(row, range(2, 15))])
    refused = second.read_bytes()
    second.write_bytes(refused + b"another since")
    assert "nummer 2 hos mottagaren är inte lämnat härifrån" in exchange.stops(exchange.prepared)
    second.write_bytes(refused)
    said = exchange.deliver(exchange.prepared).out
    assert "lämnat som nummer 3" in said
    assert "mot nummer 1, antal rader: 2 nya, 1 borta, 0 ändrade" in said
    assert [(one.number, one.kind) for one in exchange.pulled().extracts] == [(3, "data")]
