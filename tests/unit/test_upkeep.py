"""What is late, stuck, full or about to expire is told on the day, in words and figures, and without a row's value."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate
from rich.console import Console

from avbrott.access import log
from avbrott.errors import BadInput, ExitCode
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.release import ledger
from avbrott.synthetic.generate import generate
from avbrott.upkeep.command import health_command
from avbrott.upkeep.notices import Health, limits_of, look
from pipelines import headless
from tests.servers.https import certify

pytestmark = pytest.mark.xdist_group("upkeep")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An invented county of one school year, pulled and published."""
    home = Home(tmp_path_factory.mktemp("upkeep") / "home")
    contracts = load_contracts()
    generate(home, contracts, pupils=400, years=1, seed=3, flaws="none")
    headless.run(home, contracts)
    shutil.copytree(home.root, home.root.parent / "kept")
    return home


@pytest.fixture
def home(ran: Home) -> Home:
    """As it was, in the place that receipts were handed over at."""
    shutil.rmtree(ran.root)
    shutil.copytree(ran.root.parent / "kept", ran.root)
    return ran


def codes(found: Health) -> Counter[str]:
    return Counter(notice.code for notice in found.notices)


def last(home: Home) -> Term:
    return max(Term.parse(folder.name) for folder in home.delivered("2482", "-").parent.iterdir())


def test_an_installation_that_is_well_says_so(home: Home, contracts: Contracts) -> None:
    """On the day after the last delivery; exit code 0."""
    day = last(home).last_day
    assert codes(look(home, contracts, day)) == {}
    screen = Console(record=True, width=200)
    assert health_command(home, contracts.folder, str(day), None, screen, as_json=False) is ExitCode.DONE
    assert "Inget är sent" in screen.export_text()


def test_what_was_due_and_has_not_come_is_late(home: Home, contracts: Contracts) -> None:
    """By provider and term, with the days; not before it is due, and not what lies further back than is looked at."""
    following = Term.from_index(last(home).index + 1)
    on_time = date(following.last_day.year, 8 if following.season == "VT" else 1, 31)
    on_time = on_time if on_time > following.last_day else on_time.replace(year=on_time.year + 1)
    assert codes(look(home, contracts, on_time))["HEALTH_LATE"] == 0
    late = [
        one for one in look(home, contracts, on_time.replace(day=28, month=on_time.month + 1)).notices if one.kind == "late"
    ]
    assert {str(one.parameters["term"]) for one in late} == {str(following)}
    assert {one.parameters["days"] for one in late} == {28}
    assert {str(one.parameters["provider"]) for one in late} == {one.id for one in contracts.suppliers.members(following)}


def test_what_is_stuck_is_told(home: Home, contracts: Contracts) -> None:
    """A delivery that nobody has pulled, one whose check never ended, a place that is gone, a receipt not handed over."""
    term = last(home)
    home.settled("2480", str(term)).unlink()
    shutil.rmtree(home.outbox("2401", "").parent)
    for place in home.receipts(str(term)).glob("2482-*.sent"):
        place.unlink()
    early = home.outbox("2482", str(term)) / "enrolments.csv"
    early.write_bytes(early.read_bytes() + b"\n")
    found = codes(look(home, contracts, term.last_day))
    assert found["SOURCE_FOLDER_MISSING"] == 1
    assert (found["HEALTH_NEW"], found["HEALTH_UNCHECKED"], found["HEALTH_RECEIPTS"]) == (1, 1, 1)


@pytest.mark.parametrize("is_there", [False, True])
def test_a_home_that_is_not_there_is_not_well(tmp_path: Path, contracts: Contracts, is_there: bool) -> None:
    """Nor the empty folder where its disk is mounted; and no figures are written of it."""
    nowhere, file = Home(tmp_path / "home"), tmp_path / "avbrott.prom"
    if is_there:
        nowhere.root.mkdir()
    with pytest.raises(BadInput, match="HOME_NOT_BEGUN"):
        health_command(nowhere, contracts.folder, None, file, Console(), as_json=False)
    assert not file.exists()


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("release", "RELEASE_MISSING"),
        ("confidential", "RECORD_MISSING"),
        ("private", "PRIVATE_MISSING"),
        ("frozen", "FROZEN_MISSING"),
    ],
)
def test_a_release_that_is_not_all_there_is_told(home: Home, contracts: Contracts, part: str, code: str) -> None:
    """As after a copy that was half restored; not that it should be made anew."""
    newest = ledger.newest(home)
    assert newest is not None
    shutil.rmtree(getattr(home, part)(newest))
    found = codes(look(home, contracts, last(home).last_day.replace(year=last(home).last_day.year + 1)))
    assert (found[code], found["HEALTH_UNPUBLISHED"]) == (1, 0)


def test_a_full_disk_is_told(home: Home, contracts: Contracts, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its share and by its room."""
    usage = type("Usage", (), {"total": 10**12, "free": 4 * 10**10})
    monkeypatch.setattr("avbrott.upkeep.notices.shutil.disk_usage", lambda _: usage)
    found = look(home, contracts, last(home).last_day)
    assert codes(found) == {"HEALTH_DISK": 1}
    assert found.notices[0].parameters["percent"] == 4


def test_what_expires_is_told_ahead(home: Home, contracts: Contracts) -> None:
    """Soon, and then as due."""
    assert contracts.retention is not None
    first = min(Term.parse(folder.name) for folder in home.delivered("2482", "-").parent.iterdir())
    ends = first.last_day.replace(year=first.last_day.year + contracts.retention.deliveries)
    soon, due = (
        codes(look(home, contracts, day)) for day in (date(ends.year, ends.month, 1), ends.replace(year=ends.year + 1))
    )
    assert (soon["HEALTH_RETENTION_SOON"], soon["HEALTH_RETENTION_DUE"]) == (1, 0)
    assert (due["HEALTH_RETENTION_SOON"], due["HEALTH_RETENTION_DUE"]) == (0, 1)


def test_figures_are_gauges_and_json_has_both_languages(home: Home, contracts: Contracts, tmp_path: Path) -> None:
    """The file of metrics is whole; exit code 1 where anything is to be done."""
    shutil.rmtree(home.outbox("2401", "").parent)
    screen, file = Console(record=True, width=10_000), tmp_path / "avbrott.prom"
    day = str(last(home).last_day)
    assert health_command(home, contracts.folder, day, file, screen, as_json=True) is ExitCode.FINDINGS
    told = json.loads(screen.export_text())
    assert [one["code"] for one in told["notices"]] == ["SOURCE_FOLDER_MISSING"]
    assert all(one["sv"] and one["en"] for one in told["notices"])
    assert "avbrott_stuck 1.0\n" in file.read_text("utf-8")
    names = [line.split()[0] for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert names == sorted(f"avbrott_{name}" for name in told["figures"])


def test_a_log_of_access_whose_chain_is_broken_is_stuck(home: Home, contracts: Contracts) -> None:
    """Nothing private is shown then; it was told by ``avbrott users --verify`` alone."""
    day = last(home).last_day
    for place in range(3):
        log.add(home, log.Done("view", "done", who="anna", role="analyst", what=f"2026-01-20/{place}"))
    assert codes(look(home, contracts, day)) == {}
    content = home.access_log.read_bytes()
    home.access_log.write_bytes(content.replace(b"2026-01-20/1", b"2026-01-20/7"))
    assert codes(look(home, contracts, day)) == {"ACCESS_LOG_BROKEN": 1}
    home.access_log.write_bytes(content)


def test_a_certificate_is_told_of_before_it_ends(home: Home, contracts: Contracts, tmp_path: Path) -> None:
    """So many days before, and after; a file that holds none is an error that says what to give."""
    file = tmp_path / "a.pem"
    certify(file)
    ends = load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc.date()
    days = limits_of(contracts).certificate_days
    told = {
        back: [
            one
            for one in look(home, contracts, ends - timedelta(days=back), file).notices
            if one.code == "HEALTH_CERTIFICATE"
        ]
        for back in (days + 1, days, -1)
    }
    assert [len(found) for found in told.values()] == [0, 1, 1]
    assert told[days][0].parameters == {"file": file, "day": ends}
    with pytest.raises(BadInput, match="CERTIFICATE_UNREADABLE"):
        look(home, contracts, ends, home.store_key)
