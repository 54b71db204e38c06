"""A receipt says what became of a delivery and what to do, and is written once: into the store and the provider's place."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from avbrott.delivery.many import check_terms
from avbrott.delivery.pull import stored
from avbrott.findings import Severity
from avbrott.home import Home
from avbrott.mapping import ProviderMapping
from avbrott.receipts.page import receipt_page
from avbrott.receipts.receipt import Receipt, Rows, json_schema, receipt_names
from avbrott.receipts.words import of_status
from avbrott.receipts.write import send_receipts, unsent, write_receipts
from avbrott.registry import Contracts
from avbrott.sealing.keys import read_hub_public
from avbrott.texts import load_messages
from tests.receipt_case import (
    ACCEPTED,
    BEFORE,
    HEADER,
    OTHER,
    PROVIDER,
    REFUSED,
    SET_ASIDE,
    TERM,
    commands,
    deliver,
    enrolments,
    missing,
    nothing_to_report,
    receipt_of,
    receive,
    received,
    row,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path)


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


def test_rows_that_jumped_are_told_with_what_they_are_held_against(home: Home, contracts: Contracts) -> None:
    """Both counts and the term; of the term before that came where one did not, and only where it is no chance."""
    earlier = TERM.next(-2)
    received(home, contracts, enrolments(*(row(number) for number in range(5))), term=earlier)
    receipt = received(home, contracts, enrolments(*(row(number) for number in range(40))))
    jump = receipt.extracts[0].jumped
    assert jump is not None
    assert jump.model_dump() == {"term": str(earlier), "accepted_then": 5, "accepted": 40}
    (told,) = [step.what.sv for step in receipt.next if "ROWS_JUMPED" in step.what.sv]
    assert "enrolments har nu 40 godkända rader, mot 5 för HT2012" in told
    received(home, contracts, enrolments(*(row(number) for number in range(15))), term=earlier)
    receive(home, contracts)
    assert received(home, contracts, enrolments(*(row(number) for number in range(41)))).extracts[0].jumped is None
    assert received(home, contracts, enrolments(row(1))).extracts[0].jumped is None, "two small counts are chance"


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


def test_what_a_killed_sending_had_begun_to_write_is_gone_after_the_next(home: Home, contracts: Contracts) -> None:
    """The mark that a receipt was handed over, begun and never there: the receipt is handed over again."""
    deliver(home, ACCEPTED)
    receive(home, contracts)
    (mark,) = home.receipts(str(TERM)).glob("*.sent")
    part = mark.rename(mark.with_name(f".{mark.name}.ab12cd_3.part"))
    assert send_receipts(home, contracts).receipts == 1
    assert mark.is_file()
    assert not part.exists()


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


def test_a_receipt_is_handed_over_once_however_the_home_is_named(
    home: Home, contracts: Contracts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a relative way, a whole one or a link, and after the home was moved with its folders; another place gets it anew."""
    deliver(home, ACCEPTED)
    receive(home, contracts)
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path.parent / f"{tmp_path.name} link").symlink_to(tmp_path)
    for way in (Path(tmp_path.name), tmp_path.parent / f"{tmp_path.name} link"):
        assert unsent(Home(way), contracts) == 0
        assert send_receipts(Home(way), contracts).receipts == 0
    moved = Home(tmp_path.parent / f"{tmp_path.name} moved")
    shutil.copytree(home.root, moved.root)
    assert unsent(moved, contracts) == 0
    moved.sources.write_text(f'sources:\n  "{PROVIDER}": {{folder: elsewhere, plain: true}}\n', "utf-8")
    assert unsent(moved, contracts) == 1


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


def test_a_receipt_that_a_killed_run_was_to_make_anew_is_made_by_the_next(home: Home, contracts: Contracts) -> None:
    """The delivery was checked again, and its receipt of before is there: nothing in it says that it is of before."""
    received(home, contracts, SET_ASIDE)
    file = home.receipts(str(TERM)) / receipt_names(PROVIDER, TERM)[-1]
    right = file.read_bytes()
    check_terms(home, contracts, {TERM: [PROVIDER]})
    file.write_bytes(right.replace(b'"accepted_with_quarantine"', b'"accepted"'))
    begun = file.with_name(f".{file.name}.ab12cd_3.part")
    begun.touch()
    assert file.read_bytes() != right
    assert write_receipts(home, contracts, {}) == 1
    assert file.read_bytes() == right
    assert not begun.exists()
    assert write_receipts(home, contracts, {}) == 0


def test_files_that_contradict_each_other_are_checked_together(home: Home, contracts: Contracts) -> None:
    """One at a time they keep their contracts: what the hub found is not seen."""
    header = "pseudonym,school_unit,month,offered_minutes,valid_absence_minutes,invalid_absence_minutes,reported_minutes\n"
    absence = {"absence.csv": f"{header}{7:064x},99248001,2013-09,6000,10,10,5900\n"}
    receipt = received(home, contracts, ACCEPTED | absence)
    assert "ABSENCE_WITHOUT_ENROLMENT" in {one.code for one in receipt.findings}
    assert commands(receipt) == ["avbrott check absence.csv enrolments.csv --provider 2480 --term HT2013"]
