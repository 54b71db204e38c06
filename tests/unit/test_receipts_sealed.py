"""Receipts of deliveries that came sealed, or were prepared at home: numbers, refused files, what was translated there."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from avbrott.digests import sum_of
from avbrott.findings import Severity
from avbrott.home import Home
from avbrott.mapping import Translated
from avbrott.receipts.receipt import Receipt
from avbrott.receipts.words import of_replaced, of_status
from avbrott.registry import Contracts
from avbrott.sealing.keys import SigningKey, new_signing_key, reception_key
from avbrott.texts import load_messages
from tests import sealed_case
from tests.receipt_case import (
    ACCEPTED,
    OTHER,
    commands,
    missing,
    nothing_to_report,
    receipt_of,
    receive,
    received,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path)


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
        late = receipt.model_copy(update={"delivery": receipt.delivery.model_copy(update={"late": True})})
        assert not late.is_late, "nothing that came too late is left"
        assert late.model_copy(update={"status": "accepted"}).is_late
        assert [(one.kind, one.number, one.rows.delivered) for one in receipt.extracts] == [("withdrawal", 2, 0)]
        assert missing(receipt) == {"absence", "enrolments", "events"}
        assert receipt.summary[Severity.WARNING] == 3
        assert [step.what.en.split(" (")[0] for step in receipt.next] == [
            "What was withdrawn is still awaited",
            "Extracts that are expected of the provider are missing",
        ]
        assert nothing_to_report(receipt) == ["enrolments", "absence", "events"]
        assert [command.split()[1] for command in commands(receipt)] == ["deliver"]

    def test_nothing_to_report_is_not_offered_of_what_must_have_rows(
        self, home: Home, key: SigningKey, contracts: Contracts
    ) -> None:
        """Whether it never came or was taken back: enrolments that ended early have events."""
        frame = sealed_case.rows().with_columns(cancelled=pl.lit("true"))
        sealed_case.lay(home, sealed_case.sealed(home, key, frame))
        for _ in ("never came", "taken back"):
            receipt = self.received(home, contracts)
            assert nothing_to_report(receipt) == ["absence"]
            (step,) = [one for one in receipt.next if one.what.en.startswith("Deliver events")]
            assert "(rows: 2). So do not say that there is nothing to report." in step.what.en
            assert [command.split()[1] for command in step.commands] == ["deliver"]
            (found,) = [one for one in receipt.findings if one.extract == "events"]
            assert "--nil" not in found.mend.sv + found.mend.en
            sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil", extract="events", number=1))
            self.received(home, contracts)
            sealed_case.lay(home, sealed_case.sealed(home, key, kind="withdrawal", extract="events", number=2))

    def test_what_is_delivered_anew_after_a_withdrawal_is_told(
        self, home: Home, key: SigningKey, contracts: Contracts
    ) -> None:
        """Which number was taken back by which, in counts; what takes a delivery's place without one says that alone."""
        sealed_case.lay(home, sealed_case.sealed(home, key))
        assert not of_replaced(self.received(home, contracts).extracts[0], load_messages())
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="withdrawal", number=2))
        said = of_replaced(self.received(home, contracts).extracts[0], load_messages())
        assert said["sv"] == "Återtaget: nummer 1, antal rader: 2."
        sealed_case.lay(home, sealed_case.sealed(home, key, number=3))
        (extract,) = self.received(home, contracts).extracts
        assert (extract.replaced_number, extract.replaced_rows, extract.withdrawn_by) == (1, 2, 2)
        said = of_replaced(extract, load_messages())
        assert "number 2 took number 1 back, rows: 2." in said["en"]
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil", number=4))
        (extract,) = self.received(home, contracts).extracts
        assert (extract.replaced_number, extract.replaced_rows, extract.withdrawn_by) == (3, 2, None)
        assert of_replaced(extract, load_messages())["sv"] == "Har tagit platsen för nummer 3, som hade antal rader: 2."

    @pytest.mark.parametrize("between", [1, 2])
    def test_a_withdrawal_that_came_together_with_what_followed_is_told(
        self, home: Home, key: SigningKey, contracts: Contracts, between: int
    ) -> None:
        """As where the hub had pulled in between; also where another followed, and where it had pulled nothing before."""
        sealed_case.lay(home, sealed_case.sealed(home, key))
        self.received(home, contracts)
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="withdrawal", number=2, created=date(2026, 1, 20)))
        for number in range(3, 3 + between):
            sealed_case.lay(home, sealed_case.sealed(home, key, sealed_case.rows(number), number=number))
        receipt = self.received(home, contracts)
        (extract,) = receipt.extracts
        assert (extract.number, extract.replaced_number, extract.replaced_rows, extract.withdrawn_by) == (
            2 + between,
            1,
            2,
            2,
        )
        assert "number 2 took number 1 back, rows: 2." in of_replaced(extract, load_messages())["en"]
        assert receipt.delivery.created == "2026-01-12", "the day is that of what counts"
        assert self.received(home, contracts) == receipt

    def test_a_withdrawal_that_is_not_the_providers_is_not_told(
        self, home: Home, key: SigningKey, contracts: Contracts, tmp_path: Path
    ) -> None:
        """Nor refused, as little as another file below the newest; a genuine one below it is told."""
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="withdrawal", number=2))
        other = new_signing_key(tmp_path / "other.key", "2482")
        sealed_case.lay(home, sealed_case.sealed(home, other, kind="withdrawal", number=3))
        sealed_case.lay(home, sealed_case.sealed(home, key, number=4))
        receipt = self.received(home, contracts)
        (extract,) = receipt.extracts
        assert (extract.number, extract.replaced_number, extract.withdrawn_by) == (4, None, 2)
        assert receipt.refused_files == ()

    def test_what_is_withdrawn_beside_what_counts_is_told_first(
        self, home: Home, key: SigningKey, contracts: Contracts
    ) -> None:
        """It is awaited, however well the rest is."""
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil"))
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="nil", extract="events"))
        self.received(home, contracts)
        sealed_case.lay(home, sealed_case.sealed(home, key, kind="withdrawal", number=2))
        receipt = self.received(home, contracts)
        said = [one["en"] for one in of_status(receipt, load_messages())]
        assert said == ["Withdrawn, and still awaited: enrolments.", "The delivery is accepted."]

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
            "sha256": sum_of(file.read_bytes()),
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
        assert receipt.next[0].what.en.startswith("Remove the file from the place")
        assert not any("SEALED_NAME" in step.what.en for step in receipt.next)
        assert of_status(receipt, load_messages())[0]["en"].startswith("A file whose name is no delivery's was NOT accepted")

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
