"""``avbrott deliver``: what is not sent."""

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
from avbrott.sealing.keys import new_signing_key
from avbrott.sending import prepared
from tests import export_case
from tests.sending_case import row
from tests.unit.conftest import Run
from tests.unit.test_sending import Deliver


@pytest.fixture
def deliver(tmp_path: Path, contracts: Contracts, run: Run) -> Deliver:
    return Deliver(tmp_path, contracts, run)


@pytest.mark.parametrize("content", ["{", "{}", '{"name": "2482-ht2025"}', '{"name": "2482-x", "created": "2026-01-12"}'])
def test_a_damaged_package_is_to_be_prepared_again(deliver: Deliver, content: str) -> None:
    """What a plain delivery may write by hand is no help in a prepared folder."""
    deliver.prepare()
    (deliver.prepared / "datapackage.json").write_text(content, "utf-8")
    ended = deliver(code=2)
    assert f"Ta bort mappen {deliver.prepared} och kör avbrott prepare igen" in " ".join(ended.err.split())
    assert "created" not in ended.err


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
