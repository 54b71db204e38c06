"""``avbrott deliver``: what is sent, under which number, what is not sent twice, and what is told of changes."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from avbrott import clock
from avbrott.lock import hold, let_go
from avbrott.registry import Contracts
from avbrott.sealing.keys import new_signing_key, read_hub_public
from tests import export_case
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


def test_a_hub_with_another_key_is_asked_about_and_then_sent_it_again(deliver: Deliver) -> None:
    """It could not open the one that lies there; but a wrong file would put what nobody opens in its place."""
    deliver.prepare()
    deliver()
    right, before = deliver.home, (deliver.target / "HT2025" / deliver.names[0]).read_bytes()
    deliver.other_hub()
    ended = deliver(code=2)
    fingerprint = read_hub_public(deliver.home.hub_public).fingerprint
    assert "är ett annat nav än det som leveranserna förseglades till" in ended.err
    assert "is another hub than" in ended.err
    assert fingerprint in ended.err
    assert (deliver.target / "HT2025" / deliver.names[0]).read_bytes() == before
    deliver.without("--nil", "absence", code=2)
    assert "Skickat igen med samma nummer" in deliver(deliver.prepared, "--new-hub").out
    assert deliver.opened(1).statement.rows == 5
    deliver.without("--nil", "absence")
    deliver.home = right
    assert "är ett annat nav" in deliver(code=2).err, "the old one is not believed again either"


def test_nothing_does_not_take_the_place_of_rows_unasked(deliver: Deliver) -> None:
    """Neither a nil nor a prepared file without rows; it is said how many rows would go, and which is not sent."""
    deliver.prepare()
    deliver()
    ended = deliver.without("--nil", "enrolments", code=2)
    assert "nummer 1 hos mottagaren har rader som skulle försvinna: 5" in ended.err
    assert "has rows that would go: 5" in ended.err
    events = f"pseudonym,school_unit,event,event_date,registered_date,cause\n{1:064x},99248201,AVB,2025-11-03,2025-11-05,\n"
    deliver.prepare([], events=events)
    ended = deliver(code=2)
    assert "skulle försvinna: 5" in ended.err
    assert "ROWS_NONE" in ended.out
    assert deliver.names == ["2482-ht2025-enrolments-0001.zip.age"], "nothing of it, the events neither"
    assert "lämnat som nummer 2, antal rader: 0" in deliver(deliver.prepared, "--replace").out
    assert "samma som nummer 2" in deliver().out, "there is nothing more to lose"
    assert "som nummer 3" in deliver.without("--nil", "enrolments").out


def test_nothing_does_not_take_the_place_of_what_is_not_remembered(deliver: Deliver) -> None:
    """What lies at the receiver may have rows."""
    deliver.prepare()
    deliver()
    shutil.rmtree(deliver.sent)
    assert "inte lämnat härifrån och kan ha rader" in deliver.without("--nil", "enrolments", code=2).err
    assert "som nummer 2" in deliver.without("--nil", "enrolments", "--replace").out


def test_nothing_after_a_withdrawal_needs_no_word(deliver: Deliver) -> None:
    """There are no rows that could go."""
    deliver.prepare()
    deliver()
    deliver.without("--withdraw", "enrolments")
    assert "som nummer 3" in deliver.without("--nil", "enrolments").out


def test_a_memory_that_is_lost_or_behind_takes_the_number_from_the_receiver(deliver: Deliver) -> None:
    """What was sent from another machine is never sent over, and what changed is not made up."""
    deliver.prepare()
    deliver()
    deliver.prepare(ROWS[:4])
    before = shutil.copytree(deliver.sent, deliver.folder / "before")
    deliver()
    shutil.rmtree(deliver.sent)
    deliver.prepare(ROWS[:3])
    assert "nummer 2 är inte lämnat härifrån" in deliver().out
    assert deliver.opened(3).statement.rows == 3
    shutil.rmtree(deliver.sent)
    shutil.copytree(before, deliver.sent)
    deliver.prepare()
    said = deliver().out
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
    assert "nummer 2 är taget tillbaka, med nummer 3" in deliver.without("--withdraw", "enrolments").out
    assert "samma som nummer 3" in deliver.without("--withdraw", "enrolments").out
    kinds = [deliver.opened(number).statement for number in (1, 2, 3)]
    assert [(one.kind, one.rows, one.created) for one in kinds] == [
        ("nil", 0, date(2026, 1, 20)),
        ("data", 5, date(2026, 1, 12)),
        ("withdrawal", 0, date(2026, 1, 20)),
    ]
    assert deliver.opened(1).data is None
    assert "lämnat som nummer 4" in deliver().out


def test_nothing_is_withdrawn_where_nothing_was_delivered(deliver: Deliver) -> None:
    """In both languages, with exit code 2."""
    ended = deliver.without("--withdraw", "enrolments", code=2)
    assert "så det finns inget att ta tillbaka" in ended.err
    assert "nothing to take back" in ended.err
    assert deliver.names == []


def test_what_the_hub_would_refuse_is_not_sent(deliver: Deliver) -> None:
    """Exit code 1, by its rules and its scanner, with the finding; nothing is remembered either."""
    for rows in ([row(1).replace(",GY,", ",Anna Andersson,")], [row(1).replace("2482,", "20090127-2385,", 1)]):
        deliver.prepare(rows)
        ended = deliver(code=1)
        assert "Inget har skickats. Rätta" in ended.out
        assert "Anna" not in ended.out
        assert "2385" not in ended.out
    deliver.without("--nil", "agency_counts", code=1)
    assert deliver.names == []
    assert not deliver.sent.exists()


def test_rows_that_are_set_aside_come_along_and_are_told(deliver: Deliver) -> None:
    """The hub sets them aside as it would have."""
    deliver.prepare([*ROWS, row(7, start="2025-10-20", end="2025-10-01")])
    ended = deliver()
    assert "END_BEFORE_START" in ended.out
    assert "navet sätter dem åt sidan" in ended.out
    assert deliver.rows(1).height == 6


def test_an_export_is_never_sent(deliver: Deliver) -> None:
    """It passes the check as the delivery that it would become, which is not what lies there."""
    deliver.prepare()
    export_case.export(deliver.prepared / "enrolments.csv")
    ended = deliver(code=2)
    assert "personnummer i stället för pseudonymer" in ended.err
    assert export_case.ANNA not in ended.out + ended.err
    assert deliver.names == []


def test_a_version_of_a_contract_that_is_not_accepted_is_not_sent(deliver: Deliver) -> None:
    """As at the hub."""
    deliver.prepare()
    file = deliver.prepared / "datapackage.json"
    file.write_text(file.read_text("utf-8").replace('"1.0.0"', '"0.1.0"'), "utf-8")
    assert "CONTRACT_VERSION" in deliver(code=1).out


def test_a_delivery_of_a_day_to_come_is_not_sent(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a folder says so, by a clock that was wrong then, or an option; a term that has not begun no more."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 1, 12))
    deliver.prepare(created=date(2026, 1, 14))
    assert "DELIVERY_FROM_THE_FUTURE" in deliver(code=1).out
    deliver.prepare(created=date(2026, 1, 13))
    deliver(code=0)
    assert "i dag är det 2026-01-12" in deliver.without("--nil", "events", code=2).err, "which is dated 2026-01-20"
    monkeypatch.setattr(clock, "today", lambda: date(2025, 6, 30))
    deliver.prepare(created=date(2025, 6, 30))
    assert "TERM_NOT_BEGUN" in deliver(code=1).out
    assert len(deliver.names) == 1


@pytest.mark.parametrize("name", ["2482-ht25", "9999-ht2025", "ht2025", "2482-ht2025-enrolments"])
def test_a_folder_that_is_not_prepared_is_told(deliver: Deliver, name: str) -> None:
    """By its package, which says whose it is and of which term."""
    deliver.prepare()
    file = deliver.prepared / "datapackage.json"
    file.write_text(file.read_text("utf-8").replace('"2482-ht2025"', f'"{name}"'), "utf-8")
    assert "Traceback" not in deliver(code=2).err


def test_an_empty_or_missing_folder_is_told(deliver: Deliver) -> None:
    """Without a package, without an extract, or not there."""
    deliver.prepare()
    (deliver.prepared / "enrolments.csv").unlink()
    (deliver.prepared / "notes.txt").write_text("x", "utf-8")
    for folder in (deliver.prepared, deliver.folder, deliver.key):
        assert "finns ingen leverans" in deliver(folder, code=2).err
    ended = deliver(deliver.folder / "nowhere", code=2)
    assert "nowhere finns inte" in ended.err
    assert "nowhere is not there" in ended.err


def test_other_files_do_not_come_along_and_are_counted(deliver: Deliver) -> None:
    """So that nobody thinks that they were sent; hidden ones are the system's."""
    deliver.prepare()
    for name in ("notes.txt", "klasslista.xlsx", ".DS_Store"):
        (deliver.prepared / name).write_text("x", "utf-8")
    assert "som inte följer med: 2" in deliver().out


def test_what_was_prepared_may_not_lie_at_the_receiver(deliver: Deliver) -> None:
    """It is not sealed."""
    deliver.prepare()
    open_to_all = shutil.copytree(deliver.prepared, deliver.target / "prepared" / "HT2025")
    assert "där mottagaren läser den oförseglad" in deliver(open_to_all, code=2).err
    assert deliver.names == []


def test_a_delivery_is_signed_with_ones_own_key(deliver: Deliver) -> None:
    """Another provider's is refused before anything is checked, and a key of another kind as well."""
    deliver.prepare()
    mine, deliver.key = deliver.key, deliver.folder / "2480.key"
    new_signing_key(deliver.key, "2480")
    assert "men nyckeln är 2480s" in deliver(code=2).err
    deliver.key = export_case.key_file(deliver.folder / "county.key")
    deliver(code=2)
    deliver.key = mine
    assert deliver.names == []


def test_two_deliveries_at_once_do_not_share_a_number(deliver: Deliver) -> None:
    """The second is told to wait."""
    deliver.prepare()
    deliver.sent.mkdir()
    lock = hold(deliver.sent / ".lock")
    assert lock is not None
    try:
        assert "En annan leverans pågår" in deliver(code=2).err
    finally:
        let_go(deliver.sent / ".lock", lock)
    deliver()


def test_a_damaged_memory_is_told(deliver: Deliver) -> None:
    """And nothing sent on a guess."""
    deliver.prepare()
    deliver()
    (deliver.sent / "2482-ht2025-enrolments.json").write_text("{", "utf-8")
    assert "Minnet av vad som har skickats går inte att läsa" in deliver(code=2).err


def test_a_contract_that_there_is_none_of_is_told_with_the_option_that_takes_it(deliver: Deliver) -> None:
    """And with those that there are."""
    said = deliver.without("--nil", "franvaro", code=2).err
    assert "Det finns: absence" in said
    assert "efter --nil eller --withdraw" in said
    assert "--contract" not in said


def test_a_term_may_be_written_in_small_letters(deliver: Deliver) -> None:
    """It is the same one."""
    deliver("--nil", "absence", "--provider", "2482", "--term", "ht2025")
    assert deliver.names == ["2482-ht2025-absence-0001.zip.age"]


@pytest.mark.parametrize(
    "options",
    [
        ("--nil", "kaa"),
        ("--nil", "kaa", "--provider", "2482"),
        ("--nil", "kaa", "--withdraw", "kaa", "--provider", "2482", "--term", "HT2025"),
        ("--nil", "kaa", "--provider", "9999", "--term", "HT2025"),
        ("--nil", "nope", "--provider", "2482", "--term", "HT2025"),
        ("--nil", "kaa", "--provider", "2482", "--term", "HT25"),
        ("--nil", "kaa", "--provider", "2482", "--term", "HT2025", "--date", "i går"),
        ("x", "--provider", "2482"),
        ("x", "--nil", "kaa"),
    ],
)
def test_what_cannot_be_meant_is_told(deliver: Deliver, options: tuple[str, ...]) -> None:
    """With how it is said, and exit code 2."""
    ended = deliver(*options, code=2)
    assert ended.err
    assert "Traceback" not in ended.err


def _joined(text: str) -> str:
    return " ".join(text.split())
