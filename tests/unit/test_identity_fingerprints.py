"""Two keys under one epoch's name: the hub tells them by the fingerprints that deliveries name, and refuses the other."""

from __future__ import annotations

import json
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from avbrott.delivery.check import Outcome, Status, check_term
from avbrott.delivery.pull import pull
from avbrott.delivery.record import Delivery, Extract
from avbrott.delivery.settled import unsettled
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.fingerprints import Naming, fingerprints_of
from avbrott.periods import Term
from avbrott.registry import Contracts
from tests import export_case as case
from tests import sealed_case
from tests.unit.conftest import Run
from tests.unit.test_delivery_check import ENROLMENTS, enrolled

FIRST, SECOND = Term("HT", 2012), Term("VT", 2013)
OURS, OTHER = "0000 0000 0000 0001", "0000 0000 0000 0002"
PROVIDERS = ("2480", "2482", "2401")


def send(home: Home, contracts: Contracts, provider: str, term: Term, fingerprint: str | None) -> Outcome:
    """Deliver two people of the epoch 2012 for a term, and check them."""
    home.root.mkdir(exist_ok=True)
    home.sources.write_text(
        "sources:\n" + "".join(f'  "{one}": {{folder: "{one}", plain: true}}\n' for one in PROVIDERS), "utf-8"
    )
    for one in PROVIDERS:
        (home.root / one).mkdir(exist_ok=True)
    folder = home.root / provider / str(term)
    folder.mkdir(parents=True, exist_ok=True)
    rows = [enrolled(one).replace("2480", provider) for one in (1, 2)]
    (folder / "enrolments.csv").write_text(ENROLMENTS + "".join(rows), "utf-8")
    named = {"created": "2013-08-01", "key_epoch": "2012"} | ({"key_fingerprint": fingerprint} if fingerprint else {})
    (folder / "datapackage.json").write_text(json.dumps(named), "utf-8")
    pull(home, contracts, provider, term)
    return check_term(home, contracts, term, [provider])[0]


def codes(outcome: Outcome) -> list[tuple[str, str]]:
    return [(finding.extract, finding.code) for finding in outcome.findings if finding.code.startswith("KEY")]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "var")


def test_another_key_of_the_same_epoch_is_refused(home: Home, contracts: Contracts) -> None:
    """Nothing of it is accepted, and the county's key goes on; with the right key the term is."""
    assert send(home, contracts, "2480", FIRST, OURS).status is Status.ACCEPTED
    outcome = send(home, contracts, "2480", SECOND, OTHER)
    assert (outcome.status, codes(outcome)) == (Status.REFUSED, [("enrolments", "KEY_OTHER")])
    assert not home.accepted("enrolments", "2480", str(SECOND)).exists()
    assert send(home, contracts, "2480", SECOND, OURS).status is Status.ACCEPTED


def test_a_delivery_without_a_fingerprint_is_taken_as_before(home: Home, contracts: Contracts) -> None:
    """Beside others that name one, and it decides nothing."""
    assert send(home, contracts, "2480", FIRST, None).status is Status.ACCEPTED
    assert send(home, contracts, "2480", SECOND, OURS).status is Status.ACCEPTED
    assert send(home, contracts, "2480", FIRST, None).status is Status.ACCEPTED


def test_whoever_came_first_with_a_wrong_key_is_refused_once_most_have_another(home: Home, contracts: Contracts) -> None:
    """What was accepted is not settled any more, so that no release is made of it; what was refused is checked anew."""
    assert codes(send(home, contracts, "2480", FIRST, OTHER)) == []
    assert codes(send(home, contracts, "2482", SECOND, OURS)) == [("enrolments", "KEY_OTHER")]
    assert codes(send(home, contracts, "2401", SECOND, OURS)) == []
    assert {(one.provider, one.term) for one in unsettled(home)} == {("2480", FIRST), ("2482", SECOND)}
    assert codes(check_term(home, contracts, FIRST, ["2480"])[0]) == [("enrolments", "KEY_OTHER")]
    assert codes(check_term(home, contracts, SECOND, ["2482"])[0]) == []
    assert unsettled(home) == []


def test_a_fingerprint_that_is_none_is_told(home: Home, contracts: Contracts) -> None:
    """As an epoch that is none."""
    for wrong in ("0000", OURS.replace(" ", ""), 1):
        with pytest.raises(BadInput, match="DATAPACKAGE_INVALID"):
            send(home, contracts, "2480", FIRST, wrong)


def delivery(provider: str, term: Term, key: str, day: int = 1) -> Delivery:
    extracts = (Extract("enrolments", "enrolments.csv", "", 0),)
    return Delivery(provider, term, date(2013, 8, day), extracts, epoch="2012", fingerprint=key)


def test_most_providers_decide_then_the_earlier_term_then_the_earlier_day() -> None:
    """In whatever order they are read; one provider's many terms are no majority."""
    one, two = delivery("2480", FIRST, OTHER), delivery("2480", SECOND, OTHER)
    three, four = delivery("2482", SECOND, OURS), delivery("2401", SECOND, OURS)
    later = delivery("2482", FIRST, OURS, day=2)
    for came, holds in (((one, two, three), OTHER), ((one, two, three, four), OURS), ((one, later), OTHER)):
        for order in permutations(came):
            assert fingerprints_of(order) == {"2012": holds}
    assert Naming("", {"2012": OURS}).others(one) == ["enrolments"]
    assert Naming("", {"2011": OURS}).others(one) == []


def test_a_sealed_delivery_names_its_key(tmp_path: Path, contracts: Contracts) -> None:
    """The fingerprint is signed with the rest, and the hub keeps it by extract."""
    home = Home(tmp_path / "var")
    home.root.mkdir()
    home.sources.write_text('sources: {"2482": {folder: place}}\n', "utf-8")
    key = sealed_case.register(home, tmp_path)
    made = sealed_case.sealed(home, key, key_fingerprint=OURS)
    place = home.root / "place" / "HT2025"
    place.mkdir(parents=True)
    (place / made.name).write_bytes(made.content)
    (extract,) = pull(home, contracts, "2482", Term("HT", 2025)).extracts
    assert extract.key_fingerprint == OURS


def test_a_folder_of_another_key_is_left_alone(run: Run, tmp_path: Path) -> None:
    """``prepare`` names its key in the delivery, and puts nothing beside what another key of the epoch made."""
    out, key = tmp_path / "out", case.key_file(tmp_path / "county.key")
    other = case.key_file(tmp_path / "other.key", secret=bytes(32))
    named = ("--provider", "2482", "--term", "HT2025", "--out", out, "--contract")
    export = case.export(tmp_path / "export.csv")
    assert run("prepare", export, *named, "enrolments", "--key", key).code == 0
    told = json.loads((out / "datapackage.json").read_text("utf-8"))
    fingerprint = told["key_fingerprint"]
    assert fingerprint in run("keys", "show", key).out
    (out / "enrolments.csv").rename(out / "events.csv")
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    ended = run("prepare", export, *named, "enrolments", "--key", other)
    assert ended.code == 2
    assert f"dess fingeravtryck är {fingerprint}" in ended.err
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before


@pytest.mark.parametrize("other", [{"secret": bytes(32)}, {"epoch": "2026"}, {"epoch": "2026", "secret": bytes(32)}])
def test_nothing_made_with_another_key_is_written_over_unasked(other: dict[str, str], run: Run, tmp_path: Path) -> None:
    """The same key may do it again, another only where ``--new-key`` says so; beside another extract it never may."""
    out, key, another = tmp_path / "out", case.key_file(tmp_path / "county.key"), case.key_file(tmp_path / "a.key", **other)
    named = ("--provider", "2482", "--term", "HT2025", "--out", out, "--contract", "enrolments", "--key")
    export = case.export(tmp_path / "export.csv")
    for _ in range(2):
        assert run("prepare", export, *named, key).code == 0
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    ended = run("prepare", export, *named, another)
    assert ended.code == 2
    assert "--new-key" in ended.err
    assert case.SECRET.hex() not in ended.err
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    said = run("prepare", export, *named, another, "--new-key")
    assert said.code == 0, said.err
    assert json.loads((out / "datapackage.json").read_text("utf-8"))["key_epoch"] == other.get("epoch", "2025")
    assert (out / "enrolments.csv").read_bytes() != before["enrolments.csv"]
    (out / "events.csv").write_text("pseudonym\n", "utf-8")
    assert run("prepare", export, *named, key, "--new-key").code == 2
