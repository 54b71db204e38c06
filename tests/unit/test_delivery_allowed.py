"""Who may deliver what: by keys, by contracts and by places that may be plain; the rest is refused, and disturbs nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from avbrott.delivery.check import Status
from avbrott.delivery.coverage import coverage
from avbrott.delivery.pull import offered, pull, pull_many
from avbrott.home import Home
from avbrott.sealing.keys import SigningKey
from tests import sealed_case as case
from tests.unit.test_delivery_reception import CONTRACTS, OTHER, PROVIDER, TERM, codes, lay, run, take


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return case.hub(tmp_path, {PROVIDER: False, OTHER: True})


@pytest.fixture
def key(home: Home, tmp_path: Path) -> SigningKey:
    assert home.provider_key(PROVIDER).is_file()
    return case.signing_key(tmp_path)


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
    for left in ("Thumbs.db", "desktop.ini", "~$notes.docx", ".DS_Store"):
        (folder / left).write_bytes(b"a system's own")
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


def test_epochs_that_no_bridge_joins_are_refused(home: Home, key: SigningKey) -> None:
    """Between the extracts of one term as between deliveries."""
    lay(home, key)
    lay(home, key, extract="events", contract_version=CONTRACTS.extracts["events"].version, key_epoch="2026")
    outcome = run(home)
    assert outcome.status is Status.REFUSED
    assert "KEY_EPOCH_MIXED" in {finding.code for finding in outcome.findings}


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
