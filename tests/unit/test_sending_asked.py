"""``avbrott deliver``: what is asked about first, and sent with a word."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avbrott.lock import holding
from avbrott.registry import Contracts
from avbrott.sealing.keys import read_hub_public
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
