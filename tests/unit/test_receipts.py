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
from avbrott.receipts.receipt import Receipt, Rows, json_schema, receipt_names
from avbrott.receipts.words import of_status
from avbrott.receipts.write import send_receipts, write_receipts
from avbrott.registry import Contracts
from avbrott.sealing.keys import SigningKey, new_signing_key, read_hub_public, reception_key
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


def missing(receipt: Receipt) -> set[str]:
    """The extracts that the receipt tells as missing."""
    return {one.extract for one in receipt.findings if one.code == "EXTRACT_MISSING"}


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
    assert missing(receipt) == {"events", "absence", "kaa"}


def test_rows_that_are_set_aside_are_told_with_their_rule_and_how_to_mend_it(home: Home, contracts: Contracts) -> None:
    """By rule: code, severity, count, rows, the rule and how to mend it in both languages; and the very command."""
    receipt = received(home, contracts, SET_ASIDE)
    assert receipt.status == "accepted_with_quarantine"
    found = {one.code: one for one in receipt.findings}
    assert (found["VALUE_CODE"].count, found["VALUE_CODE"].rows, found["VALUE_CODE"].field) == (1, (3,), "sex")
    assert found["END_BEFORE_START"].rule.sv == "Bryter mot regeln: Slutdatum ligger inte före startdatum."
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


def test_rows_that_are_gone_since_the_term_before_are_to_be_looked_at(home: Home, contracts: Contracts) -> None:
    """An extract without rows is accepted, and told where the one of the term before had some."""
    received(home, contracts, ACCEPTED, term=BEFORE)
    receipt = received(home, contracts, enrolments())
    told = "Look whether it is right: enrolments has no rows, but had 3 the term before, VT2013."
    assert [step.what.en for step in receipt.next if step.what.en.startswith("Look")] == [told]
    assert not any(step.what.en.startswith("Look") for step in received(home, contracts, enrolments(row(1))).next)


def test_an_extract_of_which_nothing_counts_is_told_beside_one_that_does(home: Home, contracts: Contracts) -> None:
    """How many rows are set aside of how many: of the delivery, and of the extract."""
    receipt = received(home, contracts, SET_ASIDE)
    aside = receipt.extracts[0].model_copy(
        update={"extract": "absence", "rows": Rows(delivered=5, accepted=0, quarantined=5)}
    )
    said = of_status(receipt.model_copy(update={"extracts": (*receipt.extracts, aside)}), load_messages())
    assert [one["en"] for one in said] == [
        "The delivery is accepted, but 7 of 9 rows are set aside and are not counted.",
        "Nothing of absence is counted: 5 of 5 rows are set aside.",
    ]


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
        (found,) = [one for one in receipt.findings if (one.code, one.field) == ("VALUE_CODE", "sex")]
        assert found.rows == (2, 3), "as check tells of the CSV that prepare wrote"

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
        assert missing(receipt) == {"absence", "enrolments", "events"}
        assert receipt.summary[Severity.WARNING] == 3
        assert [step.what.en.split(" (")[0] for step in receipt.next] == [
            "What was withdrawn is still awaited",
            "Extracts that are expected of the provider are missing",
        ]
        assert nothing_to_report(receipt) == ["enrolments", "absence", "events"]
        assert [command.split()[1] for command in commands(receipt)] == ["deliver"]

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
        (refused,) = receipt.refused_files
        assert refused.model_dump() == {
            "extract": "enrolments",
            "code": "SEALED_NOT_OPENED",
            "file": file.name,
            "number": 2,
            "counts": 1,
        }
        assert receipt.counts

    def test_a_file_that_is_not_called_as_a_delivery_is_not_named(
        self, home: Home, key: SigningKey, contracts: Contracts
    ) -> None:
        """Somebody's name may stand in it. What is missing may lie in it: nobody is told to say that there is nothing."""
        file = sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil"))
        file.with_name("Anna Andersson.zip.age").write_bytes(file.read_bytes())
        receipt = self.received(home, contracts)
        assert [(one.code, one.file, one.number) for one in receipt.refused_files] == [("SEALED_NAME", "", None)]
        assert b"Anna" not in receipt.content()
        assert nothing_to_report(receipt) == []
        assert of_status(receipt, load_messages())[0]["en"].startswith("A file that is not called as a delivery is")

    def test_an_unsealed_correction_is_told_and_does_not_count(
        self, home: Home, key: SigningKey, contracts: Contracts
    ) -> None:
        """The extract is known, and so is what counts instead."""
        file = sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil"))
        file.with_name("enrolments.csv").write_text("pseudonym\n")
        receipt = self.received(home, contracts)
        assert [(one.code, one.file, one.counts) for one in receipt.refused_files] == [("DELIVERY_UNSEALED", "", 1)]
        assert of_status(receipt, load_messages())[0]["sv"].endswith("godtogs INTE. Nummer 1 gäller fortfarande.")

    def test_an_old_file_that_is_laid_there_again_is_told_as_old(
        self, home: Home, key: SigningKey, contracts: Contracts
    ) -> None:
        """It is not the newest, and nothing has to be delivered."""
        first = sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil"))
        content = first.read_bytes()
        second = sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil", number=2))
        self.received(home, contracts)
        second.unlink()
        first.write_bytes(content)
        receipt = self.received(home, contracts)
        assert [(one.code, one.number, one.counts) for one in receipt.refused_files] == [("SEALED_REPLAYED", 1, 2)]
        assert of_status(receipt, load_messages())[0]["en"] == (
            "An older file (enrolments) was NOT accepted. Number 2 still counts."
        )
        assert commands(receipt) == []

    def test_without_a_registered_key_the_key_is_to_be_handed_over(
        self, home: Home, tmp_path: Path, contracts: Contracts
    ) -> None:
        """Nothing in the register is wrong, nothing is missing that lies there, and nothing has to be delivered anew."""
        reception_key(home)
        sealed_case.write_sources(home, {OTHER: False})
        sealed_case.lay(home, sealed_case.sealed(home, sealed_case.signing_key(tmp_path)))
        receipt = self.received(home, contracts)
        assert receipt.status == "refused"
        assert commands(receipt) == ["avbrott keys show SIGNINGKEY.pub"]
        assert not any("pupil register" in step.what.en for step in receipt.next)
        assert missing(receipt) == {"absence", "events"}
        assert [one.counts for one in receipt.refused_files] == [None]
        sealed_case.register(home, tmp_path)
        assert self.received(home, contracts).refused_files == ()

    def test_a_file_that_another_key_signed_is_delivered_with_the_registered_one(
        self, home: Home, tmp_path: Path, contracts: Contracts
    ) -> None:
        """The key is compared, and the delivery made anew; the rows were not judged, and so none are to be mended."""
        reception_key(home)
        sealed_case.write_sources(home, {OTHER: False})
        sealed_case.register(home, tmp_path)
        other = new_signing_key(tmp_path / "another.key", OTHER)
        sealed_case.lay(home, sealed_case.sealed(home, other))
        receipt = self.received(home, contracts)
        assert receipt.status == "refused"
        assert [command.split()[1] for command in commands(receipt)] == ["keys", "deliver"]
        assert nothing_to_report(receipt) == ["absence", "events"]
        assert not any("pupil register" in step.what.en for step in receipt.next)

    def test_rows_that_are_gone_since_the_delivery_before_are_to_be_looked_at(
        self, home: Home, key: SigningKey, contracts: Contracts
    ) -> None:
        """Nothing to report, where there were rows: it may be so, and it may be the wrong command."""
        sealed_case.lay(home, sealed_case.sealed(home, key))
        assert self.received(home, contracts).extracts[0].replaced_rows is None
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil", number=2))
        receipt = self.received(home, contracts)
        assert (receipt.status, receipt.extracts[0].replaced_rows) == ("accepted", 2)
        assert (
            receipt.next[-1].what.en == "Look whether it is right: enrolments has no rows, but had 2 in the delivery before."
        )


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
