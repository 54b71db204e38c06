"""``avbrott deliver``: what is sent, under which number, what is not sent twice, and what is told of changes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from avbrott.registry import Contracts
from avbrott.sealing.keys import new_signing_key
from tests.sending_case import ROWS, Case, row
from tests.unit.conftest import Ended, Run


class Deliver(Case):
    """A provider that runs the command."""

    def __init__(self, folder: Path, contracts: Contracts, run: Run) -> None:
        super().__init__(folder, contracts)
        self._run = run

    def __call__(self, *more: object, code: int = 0) -> Ended:
        ended = self._run("deliver", *(more or (self.prepared,)), *self.options)
        assert ended.code == code, ended.out + ended.err
        return ended

    def without(self, *more: object, code: int = 0) -> Ended:
        """A delivery without rows."""
        return self(*more, "--provider", "2482", "--term", "HT2025", "--date", "2026-01-20", code=code)


@pytest.fixture
def deliver(tmp_path: Path, contracts: Contracts, run: Run) -> Deliver:
    return Deliver(tmp_path, contracts, run)


def test_every_extract_becomes_a_sealed_delivery_of_its_own(deliver: Deliver) -> None:
    """With the day, epoch and version of what was prepared, and its rows as they were checked."""
    events = f"pseudonym,school_unit,event,event_date,registered_date,cause\n{1:064x},99248201,AVB,2025-11-03,2025-11-05,\n"
    absence = (
        "pseudonym,school_unit,month,offered_minutes,valid_absence_minutes,invalid_absence_minutes,reported_minutes\n"
        f"{1:064x},99248201,2025-09,5400,0,0,5400\n"
    )
    deliver.prepare([row(1, end="2025-11-03"), *ROWS[1:]], events=events, absence=absence)
    said = deliver().out
    assert deliver.names == [f"2482-ht2025-{name}-0001.zip.age" for name in ("absence", "enrolments", "events")]
    statement = deliver.opened(1).statement
    assert (statement.kind, statement.provider, str(statement.term)) == ("data", "2482", "HT2025")
    assert (statement.created, statement.key_epoch, statement.rows) == (date(2026, 1, 12), "2025", 5)
    assert statement.contract_version == deliver.contracts.extracts["enrolments"].version
    assert deliver.rows(1)["pseudonym"].to_list() == [f"{person:064x}" for person in range(1, 6)]
    assert "enrolments: lämnat som nummer 1, antal rader: 5, " in said
    assert "enrolments: delivered as number 1, rows: 5, " in said
    digest = hashlib.sha256((deliver.prepared / "enrolments.csv").read_bytes()).hexdigest()
    assert f"till kvittot på nummer 1 hör rader/2482-ht2025-enrolments-{digest[:8]}.csv" in said
    assert ROWS[0].split(",")[0] not in said


def test_the_same_twice_is_one_delivery(deliver: Deliver) -> None:
    """Also when it was prepared on another day; nothing is sent, and that is said."""
    deliver.prepare()
    deliver()
    before = (deliver.target / "HT2025" / deliver.names[0]).read_bytes()
    deliver.prepare(created=date(2026, 1, 15))
    assert "samma som nummer 1, som redan ligger hos mottagaren" in deliver().out
    assert deliver.names == ["2482-ht2025-enrolments-0001.zip.age"]
    assert (deliver.target / "HT2025" / deliver.names[0]).read_bytes() == before


def test_a_corrected_one_has_the_next_number_and_says_what_changed(deliver: Deliver) -> None:
    """In counts: a row of the same key is changed, others are new or gone; rows alike are counted as often as they are."""
    deliver.prepare([*ROWS, row(9, end="2025-10-01"), row(9, end="2025-10-01")])
    deliver()
    changed = [row(1, end="2025-11-03"), row(2, end="2025-12-01"), row(3), row(6), row(7), row(8), row(9, end="2025-10-01")]
    deliver.prepare(changed)
    assert "mot nummer 1, antal rader: 3 nya, 3 borta, 2 ändrade." in deliver().out
    assert deliver.names[-1] == "2482-ht2025-enrolments-0002.zip.age"
    assert deliver.rows(2).height == 7
    deliver.prepare(ROWS)
    assert "mot nummer 2" in deliver().out
    assert len(deliver.names) == 3


def test_another_epoch_or_order_of_rows(deliver: Deliver) -> None:
    """An epoch is part of what a delivery says; what it changes is told of rows alone."""
    deliver.prepare()
    deliver()
    deliver.prepare(epoch="2026")
    assert "antal rader: 0 nya, 0 borta, 0 ändrade" in deliver().out
    assert deliver.opened(2).statement.key_epoch == "2026"


def test_what_is_remembered_has_no_value_and_differs_by_term_and_key(deliver: Deliver, tmp_path: Path) -> None:
    """Neither a pseudonym nor anything else of a row; readable by its owner alone."""
    deliver.prepare()
    deliver()
    kept = sorted(file for file in deliver.sent.iterdir() if file.is_file())
    assert [file.name for file in kept] == ["2482-ht2025-enrolments-0001.rows", "2482-ht2025-enrolments.json"]
    whole = b"".join(file.read_bytes() for file in kept)
    for value in {value for line in ROWS for value in line.split(",") if len(value) > 4}:
        assert value.encode() not in whole
    if os.name == "posix":
        assert not [file for file in kept if file.stat().st_mode & 0o077]
    other = Deliver(tmp_path / "other", deliver.contracts, deliver._run)
    other.prepare()
    other()
    assert (other.sent / kept[0].name).read_bytes() != kept[0].read_bytes(), "another key, other digests"
    said = [json.loads((of.sent / kept[1].name).read_text("utf-8"))["sent"]["content"] for of in (deliver, other)]
    assert said[0] != said[1]


@pytest.mark.parametrize("is_damaged", [False, True], ids=["gone", "damaged"])
def test_what_does_not_lie_there_whole_is_sent_again(deliver: Deliver, *, is_damaged: bool) -> None:
    """Under its number and of its day, so that the hub knows it for the same."""
    deliver.prepare()
    deliver()
    digest, file = deliver.opened(1).digest, deliver.target / "HT2025" / deliver.names[0]
    if is_damaged:
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    else:
        file.unlink()
    deliver.prepare(created=date(2026, 1, 30))
    assert "Skickat igen med samma nummer" in deliver().out
    assert deliver.opened(1).digest == digest
    assert "Inget har skickats" in deliver().out


def test_a_memory_that_is_lost_or_behind_takes_the_number_from_the_receiver(deliver: Deliver) -> None:
    """What was sent from another machine is never sent over, and what changed is not made up."""
    deliver.prepare()
    deliver()
    deliver.prepare(ROWS[:4])
    before = shutil.copytree(deliver.sent, deliver.folder / "before")
    deliver()
    shutil.rmtree(deliver.sent)
    deliver.prepare(ROWS[:3])
    assert "nummer 2 är inte lämnat härifrån" in deliver(deliver.prepared, "--replace").out
    assert deliver.opened(3).statement.rows == 3
    shutil.rmtree(deliver.sent)
    shutil.copytree(before, deliver.sent)
    deliver.prepare()
    said = deliver(deliver.prepared, "--replace").out
    assert "lämnat som nummer 4" in said, "not the same as number 1, which is the last that it knows"
    assert "nummer 3 är inte lämnat härifrån" in said


def test_another_signing_key_is_not_compared(deliver: Deliver) -> None:
    """The digests of one key tell nothing to another; the number goes on."""
    deliver.prepare()
    deliver()
    for file in (deliver.key, deliver.key.with_name("2482.key.pub")):
        file.unlink()
    deliver.public = new_signing_key(deliver.key, "2482").public
    said = deliver().out
    assert "nummer 1 är inte lämnat härifrån med den här nyckeln" in said
    assert deliver.opened(2).statement.rows == 5


def test_nothing_to_report_is_a_delivery_and_one_can_be_withdrawn(deliver: Deliver) -> None:
    """Each with a number, each once; rows after them are compared with none."""
    assert "att rapportera, som nummer 1" in deliver.without("--nil", "enrolments").out
    assert "samma som nummer 1" in deliver.without("--nil", "enrolments").out
    deliver.prepare()
    assert "mot nummer 1, antal rader: 5 nya, 0 borta, 0 ändrade" in deliver().out
    assert "nummer 2 är taget tillbaka, med nummer 3" in deliver.without("--withdraw", "enrolments", "--yes").out
    assert "samma som nummer 3" in deliver.without("--withdraw", "enrolments", "--yes").out
    kinds = [deliver.opened(number).statement for number in (1, 2, 3)]
    assert [(one.kind, one.rows, one.created) for one in kinds] == [
        ("nil", 0, date(2026, 1, 20)),
        ("data", 5, date(2026, 1, 12)),
        ("withdrawal", 0, date(2026, 1, 20)),
    ]
    assert deliver.opened(1).data is None
    assert "lämnat som nummer 4" in deliver().out


def test_a_file_of_the_memory_that_is_in_use_stops_no_delivery(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Windows it cannot be removed while something reads it; it goes the next time."""
    deliver.prepare()
    deliver()
    deliver.prepare(ROWS[:4])
    unlink = Path.unlink

    def in_use(file: Path, *, missing_ok: bool = False) -> None:
        if file.suffix == ".rows":
            raise PermissionError(13, "in use", str(file))
        unlink(file, missing_ok=missing_ok)

    with monkeypatch.context() as windows:
        windows.setattr(Path, "unlink", in_use)
        assert "lämnat som nummer 2" in deliver().out
    assert len([*deliver.sent.glob("*.rows")]) == 2
    assert "samma som nummer 2" in deliver().out
    assert len([*deliver.sent.glob("*.rows")]) == 1


def test_what_is_delivered_after_a_withdrawal_is_told_as_taking_its_place(deliver: Deliver) -> None:
    """Which number took which back, and in counts what goes and comes; and where it is what was taken back, that."""
    deliver.prepare()
    deliver()
    said = deliver.without("--withdraw", "enrolments", "--dry-run").out
    assert "enrolments: senast lämnat härifrån är nummer 1, antal rader: 5." in said
    deliver.without("--withdraw", "enrolments", "--yes")
    deliver.without("--withdraw", "enrolments", "--yes")
    deliver.prepare(ROWS[:3])
    assert "senast lämnat härifrån är ett återtagande, nummer 2." in deliver(deliver.prepared, "--dry-run").out
    said = deliver().out
    assert "Nummer 2 tog tillbaka nummer 1, antal rader: 5. Nu gäller nummer 3, antal rader: 3." in said
    assert "Number 2 took number 1 back, rows: 5. Now number 3 counts, rows: 3." in said
    assert "mot nummer 2" not in said
    assert "precis samma rader" not in said
    deliver.without("--withdraw", "enrolments", "--yes")
    said = deliver().out
    assert "Nummer 4 tog tillbaka nummer 3, antal rader: 3. Nu gäller nummer 5, antal rader: 3." in said
    assert "precis samma rader som togs tillbaka med nummer 4" in said
    assert "efter ett återtagande" not in deliver().out, "it is the last one, and nothing is sent"
    deliver.prepare()
    assert "mot nummer 5, antal rader: 2 nya" in deliver().out


def test_a_withdrawal_of_what_is_not_remembered_is_told_without_counts(deliver: Deliver) -> None:
    """As after a machine was exchanged: that it was taken back is known, and not what."""
    deliver.prepare()
    deliver()
    shutil.rmtree(deliver.sent)
    deliver.without("--withdraw", "enrolments", "--yes")
    said = deliver().out
    assert "på nytt efter ett återtagande, nummer 2. Nu gäller nummer 3, antal rader: 5." in said


def test_rows_that_are_set_aside_come_along_and_are_told(deliver: Deliver) -> None:
    """The hub sets them aside as it would have."""
    deliver.prepare([*ROWS, row(7, start="2025-10-20", end="2025-10-01")])
    ended = deliver()
    assert "END_BEFORE_START" in ended.out
    assert "navet sätter dem åt sidan" in ended.out
    assert deliver.rows(1).height == 6


def test_other_files_do_not_come_along_and_are_counted(deliver: Deliver) -> None:
    """So that nobody thinks that they were sent; hidden ones are the system's."""
    deliver.prepare()
    for name in ("notes.txt", "klasslista.xlsx", ".DS_Store"):
        (deliver.prepared / name).write_text("x", "utf-8")
    assert "som inte följer med: 2" in deliver().out


def test_a_term_may_be_written_in_small_letters(deliver: Deliver) -> None:
    """It is the same one."""
    deliver("--nil", "absence", "--provider", "2482", "--term", "ht2025")
    assert deliver.names == ["2482-ht2025-absence-0001.zip.age"]
