"""Sealed deliveries at the hub: which count, what becomes of nil and withdrawals, and what is opened again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery import acceptance
from avbrott.delivery.check import Outcome, Status, check_term
from avbrott.delivery.coverage import awaited, coverage
from avbrott.delivery.opened import table_of
from avbrott.delivery.pull import Delivery, delivered, offered, pull, pull_many
from avbrott.delivery.settled import taken_in, waiting
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.receipts.write import write_receipts
from avbrott.sealing.keys import SigningKey
from tests import sealed_case as case

PROVIDER, TERM, CONTRACTS = "2482", case.TERM, case.CONTRACTS
OTHER = "2480"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return case.hub(tmp_path, {PROVIDER: False, OTHER: True})


@pytest.fixture
def key(home: Home, tmp_path: Path) -> SigningKey:
    assert home.provider_key(PROVIDER).is_file()
    return case.signing_key(tmp_path)


def lay(home: Home, key: SigningKey, *frames: pl.DataFrame, **said: object) -> Path:
    """Seal a delivery and lay it at the provider."""
    return case.lay(home, case.sealed(home, key, *frames, **said))


def take(home: Home) -> Delivery:
    return pull(home, CONTRACTS, PROVIDER, TERM)


def run(home: Home) -> Outcome:
    """Pull, check and answer, as the hub does."""
    pull_many(home, CONTRACTS, {TERM: [PROVIDER]})
    [outcome] = check_term(home, CONTRACTS, TERM, [PROVIDER])
    write_receipts(home, CONTRACTS, {})
    return outcome


def codes(delivery: Delivery) -> list[str]:
    return [one.code for one in delivery.refused]


def test_a_sealed_delivery_is_stored_as_it_came(home: Home, key: SigningKey) -> None:
    """Encrypted, with what it says in the record, and equal to what the record says; nothing is new the second time."""
    file = lay(home, key)
    delivery = take(home)
    extract = delivery.extracts[0]
    assert (home.delivered(PROVIDER, str(TERM)) / file.name).read_bytes() == file.read_bytes()
    assert (extract.kind, extract.number, extract.created, extract.key_epoch) == ("data", 1, date(2026, 1, 12), "2025")
    assert delivery.created == date(2026, 1, 12)
    assert delivery.refused == ()
    assert delivered(home, PROVIDER, TERM) == delivery == take(home)
    assert [offer.is_new for offer in offered(home, CONTRACTS)[0]] == [False]


def test_its_rows_are_those_that_were_sealed(home: Home, key: SigningKey) -> None:
    """Opened anew when they are read; what changed in the store, or was exchanged there, is told as unreadable."""
    lay(home, key)
    delivery = take(home)
    table = table_of(home, delivery, delivery.extracts[0], ())
    names = dict(zip(table.frame.columns, table.header, strict=False))
    assert table.frame.drop("row").rename(names).equals(case.rows())
    assert table.frame["row"].to_list() == [2, 3], "the lines of the CSV that prepare wrote: the header is 1"
    stored = home.delivered(PROVIDER, str(TERM)) / delivery.extracts[0].file
    for content in (stored.read_bytes() + b"\0", case.sealed(home, key, case.rows(3), number=2).content):
        stored.write_bytes(content)
        assert [fault.code for fault in table_of(home, delivery, delivery.extracts[0], ()).faults] == ["FILE_UNREADABLE"]


def test_the_newest_number_counts(home: Home, key: SigningKey) -> None:
    """Whether the older one lies there still or not; what it replaced is remembered."""
    first = lay(home, key)
    before = take(home)
    lay(home, key, case.rows(3), number=2)
    delivery = take(home)
    assert [one.number for one in delivery.extracts] == [2]
    assert delivery.history == before.extracts
    assert codes(delivery) == []
    first.unlink()
    assert take(home) == delivery
    assert [file.name for file in home.delivered(PROVIDER, str(TERM)).glob("*.age")] == [
        "2482-ht2025-enrolments-0002.zip.age"
    ]


def test_a_hub_that_comes_late_takes_the_newest(home: Home, key: SigningKey) -> None:
    """The same as one that took each as it came."""
    for number in (1, 2, 3):
        lay(home, key, case.rows(number), number=number)
    assert [one.number for one in take(home).extracts] == [3]


def test_numbers_that_others_laid_far_ahead_hide_no_delivery(home: Home, key: SigningKey) -> None:
    """However many there are; each is refused, and what is asked of a pull is asked once."""
    first = lay(home, key)
    take(home)
    for number in (*range(1, 60), *range(9930, 10_000)):
        (first.parent / f"2482-ht2025-enrolments-{number:04d}.zip.age").write_bytes(b"junk") if number > 2 else None
    lay(home, key, case.rows(3), number=2)
    delivery = take(home)
    assert [one.number for one in delivery.extracts] == [2]
    assert codes(delivery) == ["SEALED_NOT_OPENED"] * 127
    assert [offer.is_new for offer in offered(home, CONTRACTS)[0]] == [False]
    lay(home, key, case.rows(4), number=400)
    assert [one.number for one in take(home).extracts] == [400], "a number may be far ahead, where the hub lost its ledger"


def test_what_is_laid_there_costs_a_bound_of_bytes(home: Home, key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Near numbers have the room first; what is left over is told, and not opened."""
    first = lay(home, key)
    take(home)
    for number in (9997, 9998, 9999):
        (first.parent / f"2482-ht2025-enrolments-{number:04d}.zip.age").write_bytes(b"x" * 5000)
    lay(home, key, case.rows(3), number=2)
    monkeypatch.setattr(acceptance, "MOST_TRIED", 12_000)
    delivery = take(home)
    assert [one.number for one in delivery.extracts] == [2]
    assert codes(delivery) == ["SEALED_NOT_TRIED", "SEALED_NOT_OPENED", "SEALED_NOT_OPENED"]
    (first.parent / "2482-ht2025-enrolments-9998.zip.age").unlink()
    assert codes(take(home)) == ["SEALED_NOT_OPENED"] * 2


def test_the_same_delivery_encrypted_anew_is_the_same(home: Home, key: SigningKey) -> None:
    """Nothing is stored, and nothing is checked again."""
    file = lay(home, key)
    before = take(home)
    bytes_before = file.read_bytes()
    assert lay(home, key).read_bytes() != bytes_before
    assert take(home) == before
    assert [offer.is_new for offer in offered(home, CONTRACTS)[0]] == [False]
    assert take(home) == before
    stored = home.delivered(PROVIDER, str(TERM)) / file.name
    assert stored.read_bytes() == bytes_before
    stored.unlink()
    again = take(home)
    assert stored.read_bytes() == file.read_bytes()
    assert [(one.number, one.kind) for one in again.extracts] == [(1, "data")]
    assert [offer.is_new for offer in offered(home, CONTRACTS)[0]] == [False]


def test_several_extracts_are_several_files(home: Home, key: SigningKey) -> None:
    """Each with its own number and epoch, and one that is not there takes nothing back."""
    enrolments = lay(home, key)
    lay(home, key, extract="events", contract_version=CONTRACTS.extracts["events"].version, key_epoch="2026", number=7)
    delivery = take(home)
    assert [(one.name, one.number, delivery.epoch_of(one)) for one in delivery.extracts] == [
        ("enrolments", 1, "2025"),
        ("events", 7, "2026"),
    ]
    enrolments.unlink()
    assert take(home) == delivery


def test_nil_is_a_delivery_of_no_rows(home: Home, key: SigningKey) -> None:
    """Accepted with none, so that nothing is awaited; whichever epoch the others have."""
    extracts = CONTRACTS.suppliers[PROVIDER].extracts
    for name in extracts:
        lay(home, key, extract=name, kind="nil", contract_version=CONTRACTS.extracts[name].version, key_epoch=None)
    outcome = run(home)
    assert outcome.status is Status.ACCEPTED, outcome.findings
    assert outcome.accepted == dict.fromkeys(extracts, 0)
    rows = coverage(home, CONTRACTS).filter(provider=PROVIDER, term=str(TERM))
    assert rows["delivered"].to_list() == [True] * len(extracts)
    assert PROVIDER not in {one.provider for one in awaited(home, CONTRACTS, [TERM])}


def test_a_withdrawal_takes_back_what_was_accepted(home: Home, key: SigningKey) -> None:
    """The extract goes, the history says so, the hub is settled, and a new delivery counts again."""
    first = lay(home, key, kind="nil")
    run(home)
    accepted = home.accepted("enrolments", PROVIDER, str(TERM))
    assert accepted.is_file()
    first.unlink()
    lay(home, key, number=2, kind="withdrawal")
    assert [offer.is_new for offer in offered(home, CONTRACTS)[0]] == [True]
    outcome = run(home)
    assert outcome.status is Status.MISSING
    assert not accepted.exists()
    delivery = delivered(home, PROVIDER, TERM)
    assert [(one.kind, one.number) for one in delivery.history] == [("nil", 1), ("withdrawal", 2)]
    assert PROVIDER in {one.provider for one in awaited(home, CONTRACTS, [TERM])}
    assert waiting(home, offered(home, CONTRACTS)[0]) == []
    taken_in(home)
    assert take(home) == delivery
    lay(home, key, number=3, kind="nil")
    assert run(home).status is Status.ACCEPTED
    assert accepted.is_file()


def test_a_withdrawn_delivery_that_comes_again_is_a_replay(home: Home, key: SigningKey) -> None:
    """Its number was passed by the withdrawal's."""
    first = lay(home, key)
    content = first.read_bytes()
    take(home)
    second = lay(home, key, number=2, kind="withdrawal")
    take(home)
    second.unlink()
    first.write_bytes(content)
    delivery = take(home)
    assert (delivery.extracts, codes(delivery)) == ((), ["SEALED_REPLAYED"])


def test_an_older_one_counts_where_the_newest_is_refused(home: Home, key: SigningKey) -> None:
    """As it would have, had the hub come between them."""
    lay(home, key)
    broken = lay(home, key, case.rows(3), number=2)
    broken.write_bytes(broken.read_bytes()[:-1])
    delivery = take(home)
    assert [one.number for one in delivery.extracts] == [1]
    assert codes(delivery) == ["SEALED_NOT_OPENED"]


def test_a_killed_pull_is_taken_up_again(home: Home, key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number is remembered before anything is stored; the same delivery is no replay of itself."""
    lay(home, key)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("avbrott.delivery.pull._store", killed)
        with pytest.raises(KeyboardInterrupt):
            take(home)
    assert home.received(PROVIDER, str(TERM)).is_file()
    delivery = take(home)
    assert [one.number for one in delivery.extracts] == [1]
    assert codes(delivery) == []


def test_numbers_outlive_what_was_delivered(home: Home, key: SigningKey) -> None:
    """An old delivery is a replay also where all else of it was erased; a damaged ledger is told."""
    old = lay(home, key)
    new = lay(home, key, number=2, kind="nil")
    take(home)
    new.unlink()
    for file in home.delivered(PROVIDER, str(TERM)).iterdir():
        file.unlink()
    delivery = take(home)
    assert (delivery.extracts, codes(delivery)) == ((), ["SEALED_REPLAYED"])
    assert old.is_file()
    home.received(PROVIDER, str(TERM)).write_text("{")
    with pytest.raises(BadInput, match="DELIVERY_UNREADABLE"):
        take(home)


def test_a_file_lost_from_the_store_is_fetched_again(home: Home, key: SigningKey) -> None:
    """Where its provider has it still; where not, nothing else is lost with it."""
    file = lay(home, key)
    delivery = take(home)
    stored = home.delivered(PROVIDER, str(TERM)) / file.name
    stored.unlink()
    assert take(home) == delivery
    assert stored.read_bytes() == file.read_bytes()
    stored.unlink()
    file.unlink()
    assert take(home) == delivery
    assert run(home).status is Status.REFUSED


def test_only_what_is_new_is_opened(home: Home, key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """To look for what is offered opens nothing that is new or accepted; what was refused is judged again."""
    opened: list[str] = []
    real: Callable[..., object] = __import__("avbrott.sealing.opening", fromlist=["open_sealed"]).open_sealed

    def counting(name: str, *rest: object) -> object:
        opened.append(name)
        return real(name, *rest)

    monkeypatch.setattr("avbrott.delivery.acceptance.open_sealed", counting)
    lay(home, key)
    assert [offer.is_new for offer in offered(home, CONTRACTS)[0]] == [True]
    assert opened == []
    take(home)
    assert len(opened) == 1
    offered(home, CONTRACTS)
    take(home)
    assert len(opened) == 1
    case.lay(home, replace(case.sealed(home, key, number=2), content=b"no"))
    take(home)
    assert [offer.is_new for offer in offered(home, CONTRACTS)[0]] == [False]
    assert len(opened) == 3
