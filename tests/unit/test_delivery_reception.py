"""Sealed deliveries at the hub: which count, what becomes of nil and withdrawals, and whose may be plain."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from avbrott.delivery.check import Outcome, Status, check_term
from avbrott.delivery.coverage import awaited, coverage
from avbrott.delivery.opened import table_of
from avbrott.delivery.pull import Delivery, delivered, offered, pull, pull_many
from avbrott.delivery.settled import taken_in, waiting
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.sealing.keys import SigningKey, reception_key
from tests import sealed_case as case

PROVIDER, TERM, CONTRACTS = "2482", case.TERM, case.CONTRACTS
OTHER = "2480"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A hub with its keys, where two providers have places and one of them a registered key."""
    home = Home(tmp_path / "hub")
    reception_key(home)
    case.register(home, tmp_path)
    case.write_sources(home, {PROVIDER: False, OTHER: True})
    return home


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
    """Pull and check, as the hub does."""
    pull_many(home, CONTRACTS, {TERM: [PROVIDER]})
    return check_term(home, CONTRACTS, TERM, [PROVIDER])[0]


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


def test_epochs_that_no_bridge_joins_are_refused(home: Home, key: SigningKey) -> None:
    """Between the extracts of one term as between deliveries."""
    lay(home, key)
    lay(home, key, extract="events", contract_version=CONTRACTS.extracts["events"].version, key_epoch="2026")
    outcome = run(home)
    assert outcome.status is Status.REFUSED
    assert "KEY_EPOCH_MIXED" in {finding.code for finding in outcome.findings}


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


def test_what_cannot_be_accepted_leaves_the_rest_alone(home: Home, key: SigningKey) -> None:
    """The extract's last delivery stays, other extracts go on, the outcome is not a refusal, and the log has one line."""
    lay(home, key, kind="nil")
    run(home)
    broken = lay(home, key, number=2)
    broken.write_bytes(broken.read_bytes()[:-1])
    version = CONTRACTS.extracts["events"].version
    lay(home, key, extract="events", kind="nil", contract_version=version)
    outcome = run(home)
    assert outcome.status is Status.ACCEPTED
    assert outcome.refused_files == 1
    assert outcome.accepted == {"enrolments": 0, "events": 0}
    assert [(one.code, one.extract) for one in outcome.findings if one.code.startswith("SEALED")] == [
        ("SEALED_NOT_OPENED", "enrolments")
    ]
    run(home)
    lines = [json.loads(line) for line in home.reception_log.read_text().splitlines()]
    assert [(line["code"], line["file"]) for line in lines] == [("SEALED_NOT_OPENED", broken.name)]
    broken.unlink()
    assert run(home).refused_files == 0


def test_a_first_delivery_that_cannot_be_accepted_is_refused(home: Home, key: SigningKey) -> None:
    """Nothing is accepted, and the coverage says that something came and was refused."""
    file = lay(home, key)
    file.write_bytes(b"age-encryption.org/v1\n")
    outcome = run(home)
    assert outcome.status is Status.REFUSED
    row = coverage(home, CONTRACTS).filter(provider=PROVIDER, term=str(TERM), extract="enrolments")
    assert row.select("delivered", "refused").row(0) == (False, True)


def test_an_older_one_counts_where_the_newest_is_refused(home: Home, key: SigningKey) -> None:
    """As it would have, had the hub come between them."""
    lay(home, key)
    broken = lay(home, key, case.rows(3), number=2)
    broken.write_bytes(broken.read_bytes()[:-1])
    delivery = take(home)
    assert [one.number for one in delivery.extracts] == [1]
    assert codes(delivery) == ["SEALED_NOT_OPENED"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"contract_version": "0.0.1"}, "CONTRACT_VERSION"),
        (
            {"extract": "agency_counts", "contract_version": CONTRACTS.extracts["agency_counts"].version},
            "EXTRACT_NOT_EXPECTED",
        ),
    ],
)
def test_what_nobody_promised_is_refused(home: Home, key: SigningKey, said: dict[str, object], code: str) -> None:
    """A version that is not accepted, and an extract that the provider does not deliver."""
    lay(home, key, **said)
    assert codes(take(home)) == [code]


def test_without_a_registered_key_nothing_sealed_is_accepted(home: Home, tmp_path: Path) -> None:
    """Until it is registered: the same file is then taken up. What is plain goes on where it may be."""
    other = case.signing_key(tmp_path, OTHER)
    sealed = case.sealed(home, other, provider=OTHER)
    case.lay(home, sealed, provider=OTHER)
    folder = home.outbox(OTHER, str(TERM))
    delivery = pull(home, CONTRACTS, OTHER, TERM)
    assert (delivery.extracts, codes(delivery)) == ((), ["SEALED_NO_KEY"])
    (folder / "events.csv").write_bytes(b"plain")
    delivery = pull(home, CONTRACTS, OTHER, TERM)
    assert [one.name for one in delivery.extracts] == ["events"]
    assert codes(delivery) == ["SEALED_NO_KEY"]
    case.register(home, tmp_path, OTHER)
    delivery = pull(home, CONTRACTS, OTHER, TERM)
    assert [(one.name, one.kind) for one in delivery.extracts] == [("enrolments", "data"), ("events", None)]
    assert codes(delivery) == [], "what was accepted plain before is told of no more"


def test_with_a_registered_key_nothing_plain_is_accepted(home: Home, key: SigningKey) -> None:
    """Neither an extract nor a package, whatever sources.yaml says; files that are being laid are left alone."""
    case.write_sources(home, {PROVIDER: True})
    folder = lay(home, key).parent
    (folder / "events.csv").write_bytes(b"plain")
    (folder / "datapackage.json").write_text('{"created": "2030-01-01"}')
    (folder / "notes.txt").write_bytes(b"plain")
    (folder / ".2482-ht2025-events-0001.zip.age.part").write_bytes(b"begun")
    (folder / "2482-ht2025-events-0002.zip.age.part").write_bytes(b"begun")
    delivery = take(home)
    assert [one.name for one in delivery.extracts] == ["enrolments"]
    assert [(one.extract, one.code, one.file) for one in delivery.refused] == [
        ("", "SEALED_NAME", ""),
        ("events", "DELIVERY_UNSEALED", ""),
    ]
    assert delivery.created == date(2026, 1, 12)


def test_plain_is_for_those_who_may(home: Home) -> None:
    """A provider without a key and without plain: true has nothing accepted."""
    case.write_sources(home, {OTHER: False})
    folder = home.outbox(OTHER, str(TERM))
    folder.mkdir(parents=True)
    (folder / "events.csv").write_bytes(b"plain")
    delivery = pull(home, CONTRACTS, OTHER, TERM)
    assert (delivery.extracts, codes(delivery)) == ((), ["DELIVERY_UNSEALED"])


@pytest.mark.parametrize("lost", ["the hub's key", "the provider's key"])
def test_a_key_that_cannot_be_read_is_the_providers_problem_alone(home: Home, key: SigningKey, lost: str) -> None:
    """Nothing is pulled, nothing is refused, and the others go on."""
    lay(home, key)
    file = home.reception_key if lost == "the hub's key" else home.provider_key(PROVIDER)
    file.write_text("{}")
    folder = home.outbox(OTHER, str(TERM))
    folder.mkdir(parents=True)
    (folder / "events.csv").write_bytes(b"plain")
    found = pull_many(home, CONTRACTS, {TERM: [PROVIDER, OTHER]})
    assert found[0].problem is not None
    assert found[0].problem.code == "KEY_FILE_UNREADABLE"
    assert (found[0].came, found[1].came) == (False, True)
    problems = offered(home, CONTRACTS)[1]
    assert [problem.code for problem in problems] == ["KEY_FILE_UNREADABLE"]


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
