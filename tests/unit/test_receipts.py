"""A receipt says what became of a delivery and what to do, and is written once: into the store and the provider's place."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from avbrott.delivery.pull import stored
from avbrott.findings import Severity
from avbrott.home import Home
from avbrott.mapping import ProviderMapping, Translated
from avbrott.receipts.page import receipt_page
from avbrott.receipts.receipt import Receipt, json_schema, receipt_names
from avbrott.receipts.write import send_receipts, write_receipts
from avbrott.registry import Contracts
from avbrott.sealing.keys import SigningKey, read_hub_public, reception_key
from avbrott.texts import load_messages
from tests import sealed_case
from tests.receipt_case import (
    ACCEPTED,
    BEFORE,
    HEADER,
    OTHER,
    PROVIDER,
    REFUSED,
    SET_ASIDE,
    TERM,
    deliver,
    enrolments,
    receipt_of,
    receive,
    row,
)

NIL = "avbrott deliver --nil "


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path)


def received(home: Home, contracts: Contracts, files: dict[str, str], **of: object) -> Receipt:
    """The receipt of a delivery."""
    deliver(home, files, **of)  # type: ignore[arg-type]
    receive(home, contracts, **of)  # type: ignore[arg-type]
    return receipt_of(home, **of)  # type: ignore[arg-type]


def commands(receipt: Receipt) -> list[str]:
    """Every command that the receipt names, but those that say that there is nothing to report."""
    return [command for step in receipt.next for command in step.commands if NIL not in command]


def nothing_to_report(receipt: Receipt) -> list[str]:
    """The extracts that the receipt says how to report nothing of."""
    return [command.split(NIL)[1].split()[0] for step in receipt.next for command in step.commands if NIL in command]


def test_an_accepted_delivery_needs_nothing(home: Home, contracts: Contracts) -> None:
    """Rows, versions and digests of each extract; what is missing is told, and no command."""
    receipt = received(home, contracts, ACCEPTED)
    assert receipt.status == "accepted"
    assert receipt.provider.id == PROVIDER
    assert receipt.provider.name == contracts.suppliers[PROVIDER].name
    (extract,) = receipt.extracts
    assert extract.rows.model_dump() == {"delivered": 3, "accepted": 3, "quarantined": 0}
    assert extract.contract_version == contracts.extracts["enrolments"].version
    assert extract.sha256 == hashlib.sha256(ACCEPTED["enrolments.csv"].encode()).hexdigest()
    assert extract.before is None
    assert commands(receipt) == nothing_to_report(receipt) == []
    assert [step.what.en.split()[0] for step in receipt.next] == ["Extracts"]
    assert {one.extract for one in receipt.findings if one.code == "EXTRACT_MISSING"} == {"events", "absence", "kaa"}


def test_rows_that_are_set_aside_are_told_with_their_rule_and_how_to_mend_it(home: Home, contracts: Contracts) -> None:
    """By rule: code, severity, count, rows, the rule and how to mend it in both languages; and the very command."""
    receipt = received(home, contracts, SET_ASIDE)
    assert receipt.status == "accepted_with_quarantine"
    found = {one.code: one for one in receipt.findings}
    assert (found["VALUE_CODE"].count, found["VALUE_CODE"].rows, found["VALUE_CODE"].field) == (1, (3,), "sex")
    assert found["END_BEFORE_START"].rule.sv == "Slutdatum ligger inte före startdatum."
    assert found["END_BEFORE_START"].mend.en == "Correct the date that is wrong in the pupil register and deliver again."
    assert receipt.summary[Severity.QUARANTINE] == len([one for one in receipt.findings if one.severity == "quarantine"])
    assert receipt.extracts[0].rows.model_dump() == {"delivered": 4, "accepted": 2, "quarantined": 2}
    assert commands(receipt) == ["avbrott check enrolments.csv --contract enrolments --provider 2480 --term HT2013"]


def test_a_refused_delivery_has_no_accepted_row(home: Home, contracts: Contracts) -> None:
    """Its rows are counted as they came, and none is accepted or set aside."""
    receipt = received(home, contracts, REFUSED)
    assert receipt.status == "refused"
    assert receipt.extracts[0].rows.model_dump() == {"delivered": 2, "accepted": 0, "quarantined": 0}
    assert {"IDENTITY_CONTENT"} <= {one.code for one in receipt.findings if one.severity is Severity.BLOCKING}


def test_only_the_first_twenty_rows_are_listed(home: Home, contracts: Contracts) -> None:
    """A rule that many rows break has their count, and the first twenty row numbers."""
    receipt = received(home, contracts, enrolments(*(row(number, sex="X") for number in range(50))))
    (found,) = [one for one in receipt.findings if one.code == "VALUE_CODE"]
    assert (found.count, found.rows) == (50, tuple(range(2, 22)))


def test_a_prepared_delivery_is_prepared_again(home: Home, contracts: Contracts) -> None:
    """Where the delivery names the epoch of a key, the export is checked and prepared, and the epoch stands there."""
    package = '{"created": "2014-01-20", "key_epoch": "2013", "key_fingerprint": "0000 0000 0000 0001"}'
    receipt = received(home, contracts, SET_ASIDE | {"datapackage.json": package})
    assert (receipt.extracts[0].key_epoch, receipt.extracts[0].key_fingerprint) == ("2013", "0000 0000 0000 0001")
    assert "Nyckelns fingeravtryck" in receipt_page(receipt, load_messages(contracts.folder))
    of = "--contract enrolments --provider 2480 --term HT2013"
    assert commands(receipt) == [
        f"avbrott check EXPORT {of}",
        f"avbrott prepare EXPORT {of} --key KEYFILE --out DIR",
    ]


def test_a_late_delivery_is_told_by_its_own_day(home: Home, contracts: Contracts) -> None:
    """What is late is judged by the delivery's date and never by the clock."""
    assert received(home, contracts, ACCEPTED | {"datapackage.json": '{"created": "2014-03-01"}'}).delivery.late
    assert not received(home, contracts, ACCEPTED | {"datapackage.json": '{"created": "2014-01-02"}'}).delivery.late


def test_a_term_is_compared_with_the_one_before(home: Home, contracts: Contracts) -> None:
    """Rows then and now, their difference and share; and a correction of the term before makes the comparison anew."""
    received(home, contracts, enrolments(row(1), row(2), row(3), row(4)), term=BEFORE)
    before = received(home, contracts, ACCEPTED).extracts[0].before
    assert before is not None
    assert before.model_dump() == {"term": "VT2013", "delivered": 4, "accepted": 4, "change": -1, "share": 0.75}
    received(home, contracts, enrolments(row(1), row(2)), term=BEFORE)
    corrected = receipt_of(home).extracts[0].before
    assert corrected is not None
    assert (corrected.change, corrected.share) == (1, 1.5)


def test_the_order_of_terms_says_nothing(home: Home, contracts: Contracts, tmp_path: Path) -> None:
    """A term that is checked before the one before it has the same receipt in the end."""
    received(home, contracts, ACCEPTED, term=BEFORE)
    received(home, contracts, ACCEPTED)
    other = Home(tmp_path / "other")
    received(other, contracts, ACCEPTED)
    received(other, contracts, ACCEPTED, term=BEFORE)
    assert receipt_of(other) == receipt_of(home)


def test_what_the_mapping_did_is_counted(home: Home, contracts: Contracts) -> None:
    """Headers and values by field, and the reading that is followed where it differs."""
    term = contracts.glossary.terms["dropout"]
    reading = next(one.id for one in term.readings if one.id != term.used)
    mapping = ProviderMapping(
        provider=PROVIDER,
        headers={"enrolments": {"elevkön": "sex"}},
        codes={"sex": {"F": "Kvinna"}},
        readings={"dropout": reading},
    )
    rows = HEADER.replace("sex", "Elevkön") + row(1, sex="F") + row(2, sex="f") + row(3)
    receipt = received(home, replace(contracts, mappings={PROVIDER: mapping}), {"enrolments.csv": rows})
    assert receipt.status == "accepted"
    did = receipt.extracts[0].mapping
    assert did.model_dump() == {"headers": 1, "values": {"sex": 2}, "readings": {"dropout": reading}}


def test_the_receipt_keeps_its_schema_and_its_signature_holds(home: Home, contracts: Contracts) -> None:
    """What is laid in the provider's place: the receipt by its JSON Schema, signed by the hub, and the page that it names."""
    place = deliver(home, SET_ASIDE)
    sent = receive(home, contracts)
    assert (sent.receipts, sent.unsent, sent.problems) == (1, 0, ())
    folder = place / "receipts" / str(TERM)
    page, signature, itself = receipt_names(PROVIDER, TERM)
    assert sorted(file.name for file in folder.iterdir()) == sorted((page, signature, itself))
    content = (folder / itself).read_bytes()
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(json.loads(content))
    assert read_hub_public(home.hub_public).verifies((folder / signature).read_bytes(), content)
    assert json.loads(content)["page_sha256"] == hashlib.sha256((folder / page).read_bytes()).hexdigest()
    assert json.loads(content)["schema"] == "avbrott-receipt/1"


def test_a_receipt_that_is_the_same_is_not_written_again(home: Home, contracts: Contracts) -> None:
    """Neither in the store nor in the provider's place, whatever else is checked."""
    place = deliver(home, ACCEPTED)
    receive(home, contracts)
    files = [*home.receipts(str(TERM)).iterdir(), *(place / "receipts" / str(TERM)).iterdir()]
    before = {file: file.stat().st_mtime_ns for file in files}
    assert len(before) == 7
    assert write_receipts(home, contracts, {TERM: [PROVIDER]}) == 0
    assert send_receipts(home, contracts).receipts == 0
    assert {file: file.stat().st_mtime_ns for file in files} == before


def test_the_same_store_makes_the_same_bytes(home: Home, contracts: Contracts) -> None:
    """A receipt that was lost is made again to the byte."""
    received(home, contracts, SET_ASIDE)
    folder = home.receipts(str(TERM))
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".sent"}
    shutil.rmtree(folder)
    assert write_receipts(home, contracts, {}) == 1
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_corrected_delivery_has_a_receipt_of_its_own(home: Home, contracts: Contracts) -> None:
    """The place has the receipt of what was delivered last, and the digest tells one from the other."""
    first = received(home, contracts, SET_ASIDE)
    second = received(home, contracts, ACCEPTED)
    assert second.status == "accepted"
    assert second.delivery.digest != first.delivery.digest
    laid = home.outbox(PROVIDER, str(TERM)).parent / "receipts" / str(TERM) / receipt_names(PROVIDER, TERM)[-1]
    assert Receipt.model_validate_json(laid.read_bytes()) == second


def test_a_place_that_cannot_be_used_is_told_and_tried_again(home: Home, contracts: Contracts) -> None:
    """The receipt is in the store; the other provider gets its own; the next run hands over what was left."""
    place = deliver(home, ACCEPTED)
    deliver(home, {"enrolments.csv": HEADER}, provider=OTHER)
    (place / "receipts").write_text("in the way")
    receive(home, contracts, provider=OTHER)
    sent = receive(home, contracts)
    assert (sent.receipts, sent.unsent) == (0, 1)
    assert len(sent.problems) == 1
    assert (home.outbox(OTHER, str(TERM)).parent / "receipts" / str(TERM)).is_dir()
    assert receipt_of(home).status == "accepted"
    (place / "receipts").unlink()
    assert send_receipts(home, contracts).receipts == 1
    assert (place / "receipts" / str(TERM)).is_dir()


def test_a_link_in_a_providers_place_leads_the_hub_nowhere(home: Home, contracts: Contracts, tmp_path: Path) -> None:
    """Whose folder it is cannot make the hub write over another file, nor into another folder."""
    place = deliver(home, ACCEPTED)
    key = tmp_path / "a key"
    key.write_bytes(b"secret")
    folder = place / "receipts" / str(TERM)
    folder.mkdir(parents=True)
    for name in receipt_names(PROVIDER, TERM):
        (folder / f"{name}.part").symlink_to(key)
    assert receive(home, contracts).receipts == 1
    assert key.read_bytes() == b"secret"
    shutil.rmtree(place / "receipts")
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / str(TERM)).mkdir(parents=True)
    (place / "receipts").symlink_to(elsewhere, target_is_directory=True)
    deliver(home, SET_ASIDE)
    assert receive(home, contracts).unsent == 1
    assert list((elsewhere / str(TERM)).iterdir()) == []


def test_a_receipt_of_a_killed_run_is_made_by_the_next(home: Home, contracts: Contracts) -> None:
    """A delivery that was checked, and whose receipt was not written, has one after any later run."""
    received(home, contracts, ACCEPTED)
    (home.receipts(str(TERM)) / receipt_names(PROVIDER, TERM)[-1]).unlink()
    assert stored(home) == [(PROVIDER, TERM)]
    assert write_receipts(home, contracts, {}) == 1


class TestSealed:
    """Sealed deliveries: each extract with its number and digests; refused files, nil and withdrawals."""

    @pytest.fixture
    def key(self, home: Home, tmp_path: Path) -> SigningKey:
        """The provider's key, registered at the hub."""
        reception_key(home)
        sealed_case.write_sources(home, {OTHER: False})
        return sealed_case.register(home, tmp_path)

    def received(self, home: Home, contracts: Contracts) -> Receipt:
        """The receipt of what lies there."""
        receive(home, contracts, OTHER, sealed_case.TERM)
        return receipt_of(home, OTHER, sealed_case.TERM)

    def test_a_delivery_is_known_by_its_number_and_digests(self, home: Home, key: SigningKey, contracts: Contracts) -> None:
        """The provider can hold them against what it sent."""
        file = sealed_case.lay(home, sealed_case.sealed(home, key))
        (extract,) = self.received(home, contracts).extracts
        assert (extract.kind, extract.number, extract.key_epoch) == ("data", 1, "2025")
        assert extract.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        assert extract.package_sha256 is not None

    def test_a_sealed_delivery_is_delivered_again_by_command(self, home: Home, key: SigningKey, contracts: Contracts) -> None:
        """The rows of the case break their contract: check, prepare and deliver are the commands."""
        sealed_case.lay(home, sealed_case.sealed(home, key))
        receipt = self.received(home, contracts)
        assert [command.split()[1] for command in commands(receipt)] == ["check", "prepare", "deliver"]

    def test_nothing_to_report_is_accepted(self, home: Home, key: SigningKey, contracts: Contracts) -> None:
        """No rows, and nothing to do."""
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil"))
        receipt = self.received(home, contracts)
        assert (receipt.status, receipt.extracts[0].kind, commands(receipt)) == ("accepted", "nil", [])
        assert nothing_to_report(receipt) == ["absence", "events"]

    def test_a_withdrawal_is_told(self, home: Home, key: SigningKey, contracts: Contracts) -> None:
        """What was delivered is taken back: none of it counts, and the receipt says so."""
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil"))
        self.received(home, contracts)
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="withdrawal", number=2))
        receipt = self.received(home, contracts)
        assert receipt.status == "withdrawn"
        assert [(one.kind, one.number, one.rows.delivered) for one in receipt.extracts] == [("withdrawal", 2, 0)]

    def test_a_file_that_was_not_accepted_is_told_beside_what_was(
        self, home: Home, key: SigningKey, contracts: Contracts
    ) -> None:
        """What counts stays, the file is told with its code, and it is to be delivered anew."""
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil"))
        self.received(home, contracts)
        file = sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil", number=2))
        file.write_bytes(file.read_bytes()[:-1])
        receipt = self.received(home, contracts)
        assert (receipt.status, receipt.extracts[0].number) == ("accepted", 1)
        assert "SEALED_NOT_OPENED" in {one.code for one in receipt.findings}
        assert [command.split()[1] for command in commands(receipt)] == ["deliver"]


class TestPrepared:
    """What ``avbrott prepare`` translated at the provider comes along in counts, plain and sealed, and is in the receipt."""

    @pytest.mark.parametrize(
        "said",
        [
            None,
            7,
            {},
            {"headers": 1},
            {"headers": -1, "values": {}},
            {"headers": True, "values": {}},
            {"headers": 1, "values": {"Anna Andersson": 1}},
            {"headers": 1, "values": {"sex": "Kvinna"}},
        ],
    )
    def test_what_a_package_cannot_mean_is_as_if_it_said_nothing(self, said: object) -> None:
        """Counts of terms alone are taken from a package: no text of a provider's comes into a receipt by it."""
        assert Translated.read(said) is None

    def test_it_comes_along_plain(self, home: Home, contracts: Contracts) -> None:
        """Terms that the extract has not are left out."""
        resource = {"name": "enrolments", "contract_version": contracts.extracts["enrolments"].version}
        translated = {"headers": 2, "values": {"sex": 3, "event": 9}}
        package = {"created": "2014-01-20", "resources": [resource | {"translated": translated}]}
        receipt = received(home, contracts, ACCEPTED | {"datapackage.json": json.dumps(package)})
        assert receipt.extracts[0].mapping.model_dump() == {"headers": 2, "values": {"sex": 3}, "readings": {}}

    def test_it_comes_along_sealed(self, home: Home, contracts: Contracts, tmp_path: Path) -> None:
        """As the signed package of the delivery says it."""
        reception_key(home)
        sealed_case.write_sources(home, {OTHER: False})
        key = sealed_case.register(home, tmp_path)
        sealed_case.lay(home, sealed_case.sealed(home, key, translated=Translated(2, (("sex", 3),))))
        receive(home, contracts, OTHER, sealed_case.TERM)
        mapping = receipt_of(home, OTHER, sealed_case.TERM).extracts[0].mapping
        assert (mapping.headers, mapping.values) == (2, {"sex": 3})
