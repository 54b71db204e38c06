"""The writer: whole or not at all, once, in order, and never against what was published before."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from avbrott.counting.spec import Dimension
from avbrott.disclosure.protect import protect
from avbrott.errors import BadInput, DoesNotHold
from avbrott.release import ledger, writer
from avbrott.release.audit import audit
from avbrott.release.record import earlier_facts, earlier_protection
from avbrott.release.writer import open_release
from pipelines import headless
from tests import release_case as case
from tests import stored
from tests.release_case import Case


@pytest.fixture
def made(tmp_path) -> Case:
    return Case(tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_release_is_made_whole_and_current_points_at_it(made):
    """The id is the date; files are read-only; the record lies beside, not inside, and the rows of persons in the store."""
    sealed = made.release(case.engine())
    assert (sealed.identifier, sealed.new) == ("2016-02-01", True)
    assert made.home.current.resolve() == sealed.folder.resolve()
    assert not any(stat.S_IMODE(f.stat().st_mode) & 0o222 for f in sealed.folder.rglob("*") if f.is_file())
    record = {file.name for file in made.home.confidential("2016-02-01").rglob("*.parquet")}
    assert record == {"cells.parquet", "witnesses.parquet", "earlier.parquet"}
    frozen = made.home.store / "frozen" / "2016-02-01"
    assert [file.name for file in frozen.iterdir()] == ["outcomes.parquet"]
    assert stored.rows(made.home, frozen / "outcomes.parquet").equals(stored.rows(made.home, made.home.linked("outcomes")))
    assert not stat.S_IMODE((frozen / "outcomes.parquet").stat().st_mode) & 0o222
    assert not list(sealed.folder.rglob("*.parquet"))
    assert audit(sealed.folder, made.home).holds


def test_the_same_content_is_the_same_release(made):
    """A second run of the same input finds nothing new, and leaves every byte as it was."""
    first = made.release(case.engine())
    before = contents(made.home.root)
    again = made.release(case.engine())
    assert (again.identifier, again.new) == (first.identifier, False)
    assert contents(made.home.root) == before


def test_the_same_input_gives_the_same_bytes_in_another_home(tmp_path):
    """Nothing of the machine, the clock or the folder is in a release."""
    one, other = (Case(tmp_path / name).release(case.engine()) for name in ("one", "other"))
    assert contents(one.folder) == contents(other.folder)


def test_other_content_of_the_same_date_is_a_release_of_its_own(made):
    """The id gets a number, the manifest names the release before, and the years are frozen by then."""
    first = made.release(case.engine())
    second = made.release(replace(case.engine(), policy=case.engine().policy.model_copy(update={"reliability": 40})))
    assert (first.identifier, second.identifier) == ("2016-02-01", "2016-02-01-2")
    manifest = (second.folder / "manifest.json").read_text("utf-8")
    assert '"previous": "2016-02-01"' in manifest
    assert '"first_published": []' in manifest
    assert made.home.current.resolve() == second.folder.resolve()


def test_what_is_again_as_it_was_before_the_newest_is_released_again(made):
    """As a delivery that was withdrawn and is delivered anew; readers would else go on seeing what no longer is."""
    made.release(case.engine())
    made.release(replace(case.engine(), policy=case.engine().policy.model_copy(update={"reliability": 40})))
    third = made.release(case.engine())
    assert (third.identifier, third.new) == ("2016-02-01-3", True)
    assert made.home.current.resolve() == third.folder.resolve()
    assert not made.release(case.engine()).new


def test_a_release_of_an_older_day_is_found_again(made):
    """Whichever of that day it was; nothing is written."""
    first = made.release(case.engine())
    made.release(case.engine(), day=case.DAY + timedelta(days=1))
    assert made.release(case.engine()) == replace(first, new=False)
    assert ledger.newest(made.home) == "2016-02-02"


def test_a_date_older_than_the_newest_is_refused_before_anything_is_done(made, contracts):
    """Nothing is linked here, and it is not come to: the date alone is enough."""
    made.release(case.engine())
    with pytest.raises(BadInput, match="RELEASE_OLDER"):
        headless.release(made.home, contracts, date="1999-01-01")


def test_a_release_older_than_the_newest_is_refused(made):
    """What was published later is known already; going back is a mistake."""
    made.release(case.engine())
    with pytest.raises(BadInput, match="RELEASE_OLDER"):
        made.release(case.engine(), day=case.DAY - timedelta(days=1))
    assert ledger.releases(made.home) == ["2016-02-01"]


def test_a_figure_that_was_published_does_not_change(made):
    """One pupil more in a cell that was shown before, and nothing is published."""
    made.release(case.engine())
    system = case.spec()
    more = case.COUNTS | {("2012/13", "s1"): (119, 9, 13)}
    again = replace(
        case.engine(), protection=protect(system, case.cells(system, more), case.engine().policy, seed=b"the case")
    )
    with pytest.raises(DoesNotHold, match="FIGURE_CHANGED"):
        made.release(again, day=date(2016, 9, 1))
    assert ledger.releases(made.home) == ["2016-02-01"]


def test_two_runs_do_not_make_a_release_at_once(made):
    """The second is told to wait."""
    with open_release(made.home, case.DAY), pytest.raises(BadInput, match="RELEASE_BUSY"):
        open_release(made.home, case.DAY)


class Killed(BaseException):
    """The run ends here, and nothing more of it happens."""


STEPS = (
    (Path, "rename"), (Path, "replace"), (Path, "touch"), (Path, "symlink_to"), (Path, "chmod"), (Path, "unlink"),
)  # fmt: skip


def killing_at(patch: pytest.MonkeyPatch, number: int) -> list[str]:
    """Let the run die at the step ``number`` of those that change what is there; returns the steps that it takes."""
    taken: list[str] = []

    def dying(name: str, real):
        def step(self, *arguments, **options):
            if name == "unlink" and not (self.exists() or self.is_symlink()):
                return real(self, *arguments, **options)
            taken.append(f"{name} {self.name}")
            if len(taken) == number:
                raise Killed
            return real(self, *arguments, **options)

        return step

    for owner, name in STEPS:
        patch.setattr(owner, name, dying(name, getattr(owner, name)))
    patch.setattr(writer.Draft, "__exit__", lambda draft, *_: os.close(draft._lock))
    return taken


def test_a_run_killed_anywhere_leaves_nothing_partial_and_the_next_one_succeeds(tmp_path):
    """At every step that changes the disk: what is visible is nothing, or a release with its rows that passes its audit."""
    whole = Case(tmp_path / "whole")
    with pytest.MonkeyPatch.context() as patch:
        taken = killing_at(patch, 0)
        whole.release(case.engine())
    named = [number for number, step in enumerate(taken, 1) if not step.startswith("chmod")]
    last_chmod = max(set(range(1, len(taken) + 1)) - set(named))
    late = [number for number in named if number > last_chmod]
    assert len(late) > 5
    for number in sorted({*named[::8], last_chmod, *late}):
        made = Case(tmp_path / str(number))
        with pytest.MonkeyPatch.context() as patch:
            killing_at(patch, number)
            with pytest.raises(Killed):
                made.release(case.engine())
        for name in ledger.releases(made.home):
            assert audit(made.home.release(name), made.home).holds
            frozen = ledger.frozen_rows(made.home) / "outcomes.parquet"
            assert stored.rows(made.home, frozen).equals(stored.rows(made.home, made.home.linked("outcomes")))
        if made.home.current.exists():
            assert made.home.current.resolve().name in ledger.releases(made.home)
        sealed = made.release(case.engine())
        assert sealed.identifier == "2016-02-01"
        assert made.home.current.resolve() == sealed.folder.resolve()
        assert audit(sealed.folder, made.home).holds
        left = [*made.home.releases.iterdir(), *made.home.confidential("").iterdir(), *made.home.frozen("").iterdir()]
        assert sorted(path.name for path in left) == [".lock", *["2016-02-01"] * 3, "current"]
        assert not list(made.home.root.rglob(".pending"))


def test_a_record_whose_release_was_moved_away_is_never_written_over(made):
    """The record knows of the release, and stops the next one."""
    first = made.release(case.engine())
    first.folder.rename(made.root / "elsewhere")
    with pytest.raises(BadInput, match="RELEASE_MISSING"):
        made.release(case.engine())
    assert (made.home.confidential("2016-02-01") / "pupils" / "cells.parquet").is_file()
    made.home.confidential("2016-02-01").rename(made.root / "record")
    made.home.current.unlink()
    with pytest.raises(BadInput, match="RELEASE_MISSING"):
        made.release(case.engine())
    assert (made.home.frozen("2016-02-01") / "outcomes.parquet").is_file()


def test_a_release_whose_rows_are_gone_is_told(made):
    """School years that are published would be read anew without a word."""
    assert ledger.frozen_rows(made.home) is None
    made.release(case.engine())
    made.home.frozen("2016-02-01").rename(made.root / "elsewhere")
    with pytest.raises(BadInput, match="FROZEN_MISSING"):
        ledger.frozen_rows(made.home)


def test_earlier_figures_are_read_from_the_public_files(made):
    """Every shown cell once, with the coordinates of the system; hidden ones are not among them."""
    system = case.engine()
    made.release(system)
    shown = system.protection.cells.filter(
        status="shown",
    ).filter(pl.col("back") != "back_unknown")
    earlier = ledger.earlier_shown(made.home, system.spec, system.protection.cells)
    assert earlier.sort(case.NAMES).equals(shown.select(*case.NAMES, "count").sort(case.NAMES))
    assert ledger.published_periods(made.home, "pupils") == list(case.YEARS)
    assert ledger.frozen_rows(made.home) == made.home.frozen("2016-02-01")


def test_a_code_that_was_published_and_is_gone_stops_the_next_release(made):
    """What was shown of it is known for good, and would no longer be reckoned with."""
    made.release(case.engine())
    system = case.spec(("2013/14", "2014/15"))
    with pytest.raises(BadInput, match="EARLIER_CODE_UNKNOWN"):
        ledger.earlier_shown(made.home, system, case.cells(system))


def test_releases_are_ordered_by_date_and_number(made):
    """The tenth release of a day comes after the second."""
    for name in ("2016-02-01-10", "2016-02-01-2", "2016-02-01", "2015-12-31", "notes", ".staging"):
        (made.home.releases / name).mkdir(parents=True)
    assert ledger.releases(made.home) == ["2015-12-31", "2016-02-01", "2016-02-01-2", "2016-02-01-10"]


def test_a_dimension_that_is_new_stands_at_its_total_in_what_was_shown_before(tmp_path):
    """Both the facts and the earlier pattern are placed in the system as it is now."""
    made = Case(tmp_path)
    made.release(case.engine())
    system = case.engine()
    schools = Dimension("school", pl.DataFrame({"school": ["x", "y"]}), (("school",),))
    spec = replace(system.spec, dimensions={**system.spec.dimensions, "school": schools})
    cells = system.protection.cells.with_columns(school=pl.lit("Total"))
    facts = earlier_facts(made.home, spec, cells, None)
    assert facts.height > 5
    assert set(facts["school"]) == {"Total"}
    before = earlier_protection(made.home, spec)
    assert before is not None
    assert set(before.cells["school"]) == set(before.witnesses["school"]) == {"Total"}
