"""Rows are erased after their period, or because a provider asks; what is published stays, and is published on."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from avbrott.at_rest import rotation
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.release.audit import audit
from avbrott.release.ledger import newest
from avbrott.retention import plan as planning
from avbrott.retention.closed import closed
from avbrott.retention.erase import erase
from avbrott.retention.erased import all_erased, erased, is_erased
from pipelines import headless
from tests import stored

pytestmark = pytest.mark.xdist_group("two years")

PROVIDER, FIRST, LAST = "2482", Term("HT", 2023), Term("HT", 2025)
YEAR, NEXT = "2023/24", "2024/25"
DAY = date(2031, 12, 31)
"""Eight years after the last day of the first term."""


@pytest.fixture(scope="module")
def contracts(few: Contracts) -> Contracts:
    return few


@pytest.fixture
def home(two_years: Home, tmp_path: Path) -> Home:
    """A copy to erase in."""
    return Home(Path(shutil.copytree(two_years.root, tmp_path / "home", symlinks=True)))


def deliver_again(home: Home) -> None:
    """The provider's last term comes with another date, which asks for a new release."""
    (home.outbox(PROVIDER, str(LAST)) / "datapackage.json").write_text('{"created": "2026-09-01", "key_epoch": "1"}')


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def row_files(home: Home, term: Term, provider: str = "*") -> list[Path]:
    folders = [
        f"delivered/{provider}/{term}/*.csv",
        *(f"{kind}/*/{term}/{provider}.parquet" for kind in ("accepted", "quarantine")),
    ]
    return [file for pattern in folders for file in home.store.glob(pattern)]


def years_in(home: Home, *files: Path) -> set[str]:
    return {year for file in files for year in stored.rows(home, file)["school_year"].unique()}


def frozen(home: Home) -> list[Path]:
    return sorted(home.frozen("").glob("*/*.parquet"))


def test_what_is_published_is_published_on_to_the_byte(
    two_years: Home, home: Home, tmp_path: Path, contracts: Contracts
) -> None:
    """A release after an erasure and with another key is the one without: tables, pages and manifest; it passes its audit."""
    whole = Home(Path(shutil.copytree(two_years.root, tmp_path / "whole", symlinks=True)))
    erase(home, contracts, planning.due(home, contracts, DAY))
    rotation.rotate(home)
    for one in (home, whole):
        deliver_again(one)
        headless.run(one, contracts)
    assert newest(home) == newest(whole) == "2026-09-01"
    assert contents(home.releases) == contents(whole.releases)
    assert audit(home.current.resolve(), home).holds
    rows = pl.read_csv(home.current / "tables" / "dropouts_by_municipality.csv", infer_schema=False)
    assert YEAR in rows["school_year"].to_list()
    assert YEAR not in years_in(home, *frozen(home), home.linked("outcomes"))
    assert YEAR in years_in(whole, *frozen(whole))


def test_rows_go_and_counts_stay(home: Home, contracts: Contracts) -> None:
    """Deliveries, accepted and quarantined rows of the term, and the rows of its school year; all else is as it was."""
    kept = [home.findings(PROVIDER, str(FIRST)), home.delivered(PROVIDER, str(FIRST)) / "delivery.json"]
    others = {
        file: file.read_bytes()
        for term in (Term("VT", 2024), LAST)
        for file in row_files(home, term)
        if "quarantine" not in file.parts
    }
    public, count = contents(home.releases), stored.rows(home, home.accepted("enrolments", PROVIDER, str(FIRST))).height
    assert row_files(home, FIRST)
    erase(home, contracts, planning.due(home, contracts, DAY))
    assert row_files(home, FIRST) == []
    assert {file: file.read_bytes() for file in others} == others
    assert all(file.is_file() for file in kept)
    assert contents(home.releases).items() >= public.items()
    assert years_in(home, *frozen(home)) == {NEXT}
    assert not list(home.linked("-").parent.glob("*.parquet"))
    record = erased(home, PROVIDER, FIRST)
    assert record is not None
    assert record.whole is not None
    assert (record.whole.rule, record.whole.years, record.whole.date) == ("period", 8, DAY)
    assert (record.whole.accepted["enrolments"], record.whole.counted) == (count, True)
    assert {name: closing.rows["outcomes"] > 0 for name, closing in closed(home).items()} == {YEAR: True}


def test_a_dry_run_changes_nothing_and_an_erasure_is_done_once(home: Home, contracts: Contracts) -> None:
    """The same command again finds nothing more, and leaves every byte."""
    before = contents(home.root)
    assert planning.due(home, contracts, DAY).deliveries
    assert contents(home.root) == before
    erase(home, contracts, planning.due(home, contracts, DAY))
    after = contents(home.root)
    again = planning.due(home, contracts, DAY)
    assert (again.deliveries, again.school_years) == ({}, {})
    erase(home, contracts, again)
    assert contents(home.root) == after
    assert planning.due(home, contracts, date(2031, 12, 30)).deliveries == {}


def test_what_is_erased_is_not_pulled_in_again(home: Home, contracts: Contracts) -> None:
    """Neither as it was, nor with other content; a run has nothing to take up, and a later one checks other terms alone."""
    erase(home, contracts, planning.due(home, contracts, DAY))
    ran = headless.run(home, contracts)
    assert "delivered" not in ran.metadata
    events = home.outbox(PROVIDER, str(FIRST)) / "events.csv"
    events.write_bytes(events.read_bytes() + b"x\n")
    assert "delivered" not in headless.run(home, contracts).metadata
    deliver_again(home)
    headless.run(home, contracts)
    assert row_files(home, FIRST) == []


def test_a_provider_asks_for_its_own(home: Home, contracts: Contracts) -> None:
    """Its term goes, the others' stay; the published school years that rest on it are closed, and published on."""
    before = pl.read_csv(home.current / "tables" / "dropouts_by_municipality.csv", infer_schema=False)
    plan = planning.asked(home, contracts, date(2026, 3, 1), PROVIDER, LAST)
    assert list(plan.deliveries) == [(PROVIDER, LAST)]
    assert list(plan.school_years) == [NEXT]
    erase(home, contracts, plan)
    assert row_files(home, LAST, PROVIDER) == []
    assert row_files(home, LAST)
    assert years_in(home, *frozen(home)) == {YEAR}
    assert [(record.provider, record.term) for record in all_erased(home)] == [(PROVIDER, str(LAST))]
    other = home.outbox("2480", str(LAST)) / "datapackage.json"
    other.write_text('{"created": "2026-09-01", "key_epoch": "1"}')
    headless.run(home, contracts)
    after = pl.read_csv(home.current / "tables" / "dropouts_by_municipality.csv", infer_schema=False)
    assert newest(home) == "2026-09-01"
    assert after.equals(before)
    assert NEXT not in years_in(home, *frozen(home), home.linked("outcomes"))
    assert planning.asked(home, contracts, date(2026, 3, 1), PROVIDER, LAST).deliveries == {}


def test_nobody_asks_for_what_is_not_there(home: Home, contracts: Contracts) -> None:
    """An unknown provider, and a term that it did not deliver."""
    with pytest.raises(BadInput, match="CHECK_PROVIDER_UNKNOWN"):
        planning.asked(home, contracts, DAY, "9999", LAST)
    with pytest.raises(BadInput, match="NOTHING_TO_ERASE"):
        planning.asked(home, contracts, DAY, PROVIDER, Term("HT", 1999))


class Killed(BaseException):
    """The run ends here."""


@pytest.mark.parametrize("number", [1, 5, 12, 25, 40, 50, 60])
def test_killed_anywhere_it_is_gone_on_with(
    home: Home, number: int, contracts: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a file that is written or removed: the next run erases the same, and nothing comes back meanwhile."""
    whole = Home(Path(shutil.copytree(home.root, home.root.parent / "whole", symlinks=True)))
    erase(whole, contracts, planning.due(whole, contracts, DAY))
    taken: list[str] = []

    def dying(real):
        def step(self: Path, *arguments: object, **options: object) -> object:
            if not self.name.endswith(".part") or real.__name__ == "replace":
                taken.append(self.name)
            if len(taken) == number:
                raise Killed
            return real(self, *arguments, **options)

        return step

    with monkeypatch.context() as patch:
        for name in ("replace", "unlink"):
            patch.setattr(Path, name, dying(getattr(Path, name)))
        with pytest.raises(Killed):
            erase(home, contracts, planning.due(home, contracts, DAY))
    erase(home, contracts, planning.due(home, contracts, DAY))
    left = {name: held for name, held in contents(home.store).items() if not name.endswith(".part")}
    assert left == contents(whole.store)
    assert is_erased(home, PROVIDER, FIRST)
