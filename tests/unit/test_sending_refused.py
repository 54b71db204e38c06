"""``avbrott deliver``: what is not sent, and what is asked about first."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from avbrott import clock
from avbrott.delivery import parquet
from avbrott.lock import holding
from avbrott.registry import Contracts
from avbrott.sealing.keys import new_signing_key, read_hub_public
from avbrott.sending import prepared
from tests import export_case
from tests.sending_case import row
from tests.unit.conftest import Run
from tests.unit.test_sending import Deliver


@pytest.fixture
def deliver(tmp_path: Path, contracts: Contracts, run: Run) -> Deliver:
    return Deliver(tmp_path, contracts, run)


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


def test_another_county_key_of_the_same_epoch_is_asked_about(deliver: Deliver) -> None:
    """Everybody would have another pseudonym: told with both fingerprints, in this extract and in one that is new."""
    ours, other = "0123 4567 89ab cdef", "ffff 0000 ffff 0000"
    events = f"pseudonym,school_unit,event,event_date,registered_date,cause\n{9:064x},99248201,AVB,2025-11-03,2025-11-05,\n"
    deliver.prepare(fingerprint=ours)
    deliver()
    deliver.prepare([row(person) for person in range(11, 16)], fingerprint=other)
    ended = deliver(code=2)
    assert "en annan nyckel för epoken 2025" in ended.err
    assert "another key of the epoch 2025" in ended.err
    assert ours in ended.err
    assert other in ended.err
    deliver.prepare([row(9, end="2025-11-03")], fingerprint=other, events=events)
    (deliver.prepared / "enrolments.csv").unlink()
    assert "events, HT2025: pseudonymerna" in deliver(code=2).err
    assert deliver.names == ["2482-ht2025-enrolments-0001.zip.age"]
    deliver.prepare([row(person) for person in range(11, 16)], epoch="2026", fingerprint=other)
    assert "lämnat som nummer 2" in deliver().out, "a new epoch has a new key"
    deliver.prepare(epoch="2026", fingerprint=ours)
    assert "som nummer 3" in deliver(deliver.prepared, "--new-key").out
    deliver.prepare([*map(row, range(1, 7))], epoch="2026", fingerprint=ours)
    assert "som nummer 4" in deliver().out, "once said it is the key"


@pytest.mark.parametrize("content", ["{", "{}", '{"name": "2482-ht2025"}', '{"name": "2482-x", "created": "2026-01-12"}'])
def test_a_damaged_package_is_to_be_prepared_again(deliver: Deliver, content: str) -> None:
    """What a plain delivery may write by hand is no help in a prepared folder."""
    deliver.prepare()
    (deliver.prepared / "datapackage.json").write_text(content, "utf-8")
    ended = deliver(code=2)
    assert f"Ta bort mappen {deliver.prepared} och kör avbrott prepare igen" in " ".join(ended.err.split())
    assert "created" not in ended.err


def test_far_less_does_not_take_the_place_of_rows_unasked(deliver: Deliver) -> None:
    """From ten rows on, and from under half of them; told in counts."""
    deliver.prepare([*map(row, range(1, 13))])
    deliver()
    deliver.prepare([*map(row, range(1, 6))])
    ended = deliver(code=2)
    assert "nummer 1 har 12 rader, och den här leveransen, som skulle ta dess plats, har 5" in ended.err
    assert "number 1 has 12 rows, and this delivery, which would take its place, has 5" in ended.err
    assert deliver.names == ["2482-ht2025-enrolments-0001.zip.age"]
    deliver.prepare([*map(row, range(1, 7))])
    assert "som nummer 2, antal rader: 6" in deliver().out, "half is not far less"
    deliver.prepare([row(1)])
    assert "som nummer 3" in deliver().out, "six are few"
    deliver.prepare([*map(row, range(1, 13))])
    deliver()
    deliver.prepare([row(1)])
    assert "som nummer 5, antal rader: 1" in deliver(deliver.prepared, "--replace").out


def test_somebody_elses_rows_do_not_take_the_place_of_others_unasked(deliver: Deliver) -> None:
    """One in common is enough, be it the last; another epoch has other pseudonyms."""
    deliver.prepare([*map(row, range(1, 13))])
    deliver()
    deliver.prepare([*map(row, range(101, 113))])
    ended = deliver(code=2)
    assert "ingen av dem som nummer 1 handlar om (12 rader) finns i den här leveransen (12 rader)" in ended.err
    assert "nobody whom number 1 is about" in ended.err
    deliver.prepare([*map(row, range(1012, 11, -1))])
    assert "som nummer 2" in deliver().out
    deliver.prepare([*map(row, range(2001, 3002))])
    assert "som nummer 3" in deliver(deliver.prepared, "--replace").out
    deliver.prepare([*map(row, range(1, 1002))], epoch="2026")
    assert "som nummer 4" in deliver().out


def test_a_dry_run_stops_where_the_delivery_would(deliver: Deliver) -> None:
    """With its message and exit code, be it far less, nothing, another hub, nothing to take back or no receiver."""
    deliver.without("--withdraw", "enrolments", "--dry-run", code=2)
    assert not deliver.sent.exists(), "it writes nothing"
    deliver.prepare([*map(row, range(1, 13))])
    assert "skulle" in deliver(deliver.prepared, "--dry-run").out
    assert (deliver.names, deliver.sent.exists()) == ([], False)
    deliver()
    before = {file.name: file.read_bytes() for file in deliver.sent.iterdir()}
    assert "skulle försvinna: 12" in deliver.without("--nil", "enrolments", "--dry-run", code=2).err
    deliver.prepare([*map(row, range(1, 6))])
    ended = deliver(deliver.prepared, "--dry-run", code=2)
    assert "nummer 1 har 12 rader" in ended.err
    assert "utan --dry-run" not in ended.out
    assert "utan --dry-run" in deliver(deliver.prepared, "--dry-run", "--replace").out
    with holding(deliver.sent / ".lock"):
        assert "En annan leverans pågår" in deliver(deliver.prepared, "--dry-run", "--replace", code=2).err
    deliver.other_hub()
    assert "är ett annat nav" in deliver(deliver.prepared, "--dry-run", "--replace", code=2).err
    assert {file.name: file.read_bytes() for file in deliver.sent.iterdir()} == before
    deliver.target = deliver.folder / "nowhere"
    deliver(deliver.prepared, "--dry-run", "--replace", "--new-hub", code=2)


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
    assert "lämnat som nummer 2, antal rader: 0" in deliver(deliver.prepared, "--replace", "--yes").out
    assert "samma som nummer 2" in deliver().out, "there is nothing more to lose"
    assert "som nummer 3" in deliver.without("--nil", "enrolments").out


def test_nothing_does_not_take_the_place_of_what_is_not_remembered(deliver: Deliver) -> None:
    """What lies at the receiver may have rows."""
    deliver.prepare()
    deliver()
    shutil.rmtree(deliver.sent)
    assert "inte lämnat härifrån och kan ha rader" in deliver.without("--nil", "enrolments", code=2).err
    assert "som nummer 2" in deliver.without("--nil", "enrolments", "--replace", "--yes").out


def test_nothing_after_a_withdrawal_needs_no_word(deliver: Deliver) -> None:
    """There are no rows that could go."""
    deliver.prepare()
    deliver()
    deliver.without("--withdraw", "enrolments", "--yes")
    assert "som nummer 3" in deliver.without("--nil", "enrolments").out


def test_nothing_is_withdrawn_where_nothing_was_delivered(deliver: Deliver) -> None:
    """In both languages, with exit code 2."""
    ended = deliver.without("--withdraw", "enrolments", "--yes", code=2)
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
    said = deliver.without("--nil", "agency_counts", code=1).out
    assert "Kontrollera kontrakt, lämnare och termin" in said
    assert "kör sedan avbrott prepare" not in said, "there is nothing to prepare"
    assert deliver.names == []
    assert not deliver.sent.exists()


def test_an_export_is_never_sent(deliver: Deliver) -> None:
    """It passes the check as the delivery that it would become, which is not what lies there."""
    deliver.prepare()
    export_case.export(deliver.prepared / "enrolments.csv")
    ended = deliver(code=2)
    assert "personnummer i stället för pseudonymer" in ended.err
    assert export_case.ANNA not in ended.out + ended.err
    assert deliver.names == []


def test_a_prepared_file_that_was_changed_is_not_sent(deliver: Deliver) -> None:
    """Be it by one end of line: the rows of its receipt would be looked for in a file that tells of others."""
    deliver.prepare()
    file = deliver.prepared / "enrolments.csv"
    content = file.read_bytes()
    file.write_bytes(content.replace(b"\n", b"\r\n"))
    ended = deliver(code=2)
    assert "är inte som avbrott prepare skrev den" in _joined(ended.err)
    assert "is not as avbrott prepare wrote it" in _joined(ended.err)
    assert "rader/" not in ended.out
    assert deliver.names == []
    file.write_bytes(content)
    deliver()


def test_what_was_prepared_and_is_gone_is_told(deliver: Deliver) -> None:
    """By the extracts that the folder says that it has; the others are sent."""
    events = f"pseudonym,school_unit,event,event_date,registered_date,cause\n{1:064x},99248201,AVB,2025-11-03,2025-11-05,\n"
    deliver.prepare([row(1, end="2025-11-03")], events=events)
    assert "inte kvar där" not in deliver().out
    (deliver.prepared / "events.csv").unlink()
    said = _joined(deliver().out)
    assert "men inte kvar där, så det lämnas inte nu: events." in said
    assert "no longer there, so not delivered now: events." in said


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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_or_a_folder_called_like_an_extract_is_not_waited_for(deliver: Deliver) -> None:
    """It is no file that ``prepare`` wrote, and a pipe would never end."""
    deliver.prepare()
    file = deliver.prepared / "enrolments.csv"
    file.unlink()
    os.mkfifo(file)
    assert "finns ingen leverans" in deliver(code=2).err
    file.unlink()
    file.mkdir()
    assert "finns ingen leverans" in deliver(code=2).err


def test_what_a_system_leaves_is_no_remark(deliver: Deliver) -> None:
    """Looking at a folder is enough for it to have such files."""
    deliver.prepare()
    for left in ("Thumbs.db", "desktop.ini", ".~lock.enrolments.csv#", "~$enrolments.csv"):
        (deliver.prepared / left).write_bytes(b"a system's own")
    assert "Andra filer" not in deliver().out
    (deliver.prepared / "notes.txt").write_text("x", "utf-8")
    assert "Andra filer" in deliver().out


def test_a_web_server_is_no_place_to_deliver_to(deliver: Deliver) -> None:
    """Also where what reads from one is installed."""
    deliver.prepare()
    deliver.target = "https://nav.example.se/in"
    assert "Från https:// går det bara att hämta" in _joined(deliver(code=2).err)


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
    assert "men nyckeln hör till 2480" in deliver(code=2).err
    deliver.key = export_case.key_file(deliver.folder / "county.key")
    deliver(code=2)
    deliver.key = mine
    assert deliver.names == []


def test_two_deliveries_at_once_do_not_share_a_number(deliver: Deliver) -> None:
    """The second is told to wait."""
    deliver.prepare()
    deliver.sent.mkdir()
    with holding(deliver.sent / ".lock"):
        assert "En annan leverans pågår" in deliver(code=2).err
    deliver()


def test_a_folder_that_is_prepared_anew_meanwhile_is_not_sent(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its package would say of other rows with which key they were made."""
    deliver.prepare()
    real = prepared.check_files

    def meanwhile(*more: object, **named: object) -> object:
        deliver.prepare(epoch="2026")
        return real(*more, **named)

    monkeypatch.setattr(prepared, "check_files", meanwhile)
    assert "gjordes om medan den lästes" in deliver(code=2).err
    assert deliver.names == []


@pytest.mark.parametrize("limit", ["MOST_BYTES", "LONGEST_CELL", "MOST_CELLS"])
def test_what_the_hub_would_not_read_for_its_size_is_not_sent(
    deliver: Deliver, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """By all text together, by one value, and by how many there are; with how much may be."""
    deliver.prepare()
    monkeypatch.setattr(parquet, limit, 20)
    ended = deliver(code=2)
    assert "Utdraget enrolments är större än en leverans får vara" in ended.err
    assert deliver.names == []


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
        ("--nil", "absence", "--provider", "2482", "--term", "HT2025", "--date", "2025-06-30"),
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
