"""What schools were told is not forgotten: neither pages of an earlier release, nor a school that had one and has left."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from avbrott import atomic
from avbrott.counting.spec import Dimension, SystemSpec
from avbrott.disclosure.files import write_record
from avbrott.disclosure.protect import Protection
from avbrott.errors import BadInput
from avbrott.policy import PageRule
from avbrott.release.complete import TOLD, refuse_incomplete, told_schools
from avbrott.release.record import earlier_facts
from tests import release_case as case
from tests.release_case import Case

FIRST, SECOND = "2016-02-01", "2016-09-01"
STAYS, LEAVES = "99000001", "99000002"
SCHOOLS = PageRule(dimension="school")


def with_schools(*codes: str) -> SystemSpec:
    """The system of the case with a division by school, which is in no public table."""
    system = case.spec()
    school = Dimension("school", pl.DataFrame({"school": list(codes)}), (("school",),))
    return replace(system, dimensions={**system.dimensions, "school": school})


def cells_of(*codes: str) -> pl.DataFrame:
    """The cells of the case, and one hidden cell of each school."""
    every = case.engine().protection.cells.with_columns(school=pl.lit("Total"))
    one = every.filter(school_year="2013/14", area="n2", outcome="dropout", back="Total")
    own = [one.with_columns(school=pl.lit(code), status=pl.lit("unsafe"), count=pl.lit(2, pl.Int64)) for code in codes]
    return pl.concat([every, *own])


@pytest.fixture
def made(tmp_path: Path) -> Case:
    """A home with two releases; by the second's record two schools had pages, and none of their cells was shown."""
    made = Case(tmp_path)
    for day in (FIRST, SECOND):
        made.release(case.engine(), day=date.fromisoformat(day))
    _with_rule(made, SCHOOLS)
    for code in (STAYS, LEAVES):
        atomic.write_json(made.home.private(SECOND) / "schools" / code / "figures.json", {"school": code})
    record = made.home.confidential(SECOND) / TOLD
    record.unlink()
    atomic.write_json(record, told_schools(made.home.private(SECOND)))
    return made


def _with_rule(made: Case, rule: PageRule) -> None:
    """Give the second release a record by which its readers are ``rule``'s."""
    protected, told = case.engine(), cells_of(STAYS, LEAVES)
    folder = made.home.confidential(SECOND) / "pupils"
    for file in folder.iterdir():
        file.unlink()
    witnesses = protected.protection.witnesses.with_columns(school=pl.lit("Total"))
    policy = protected.policy.model_copy(update={"pages": rule})
    write_record(folder, with_schools(STAYS, LEAVES), policy, Protection(told, witnesses))


def test_a_school_that_had_a_page_is_a_reader_for_good(made: Case) -> None:
    """With both in the system all goes on; without the one that left, or without schools, nothing is made."""
    both = with_schools(STAYS, LEAVES)
    facts = earlier_facts(made.home, both, cells_of(STAYS, LEAVES).select(*both.dimensions, "count"), SCHOOLS)
    assert facts.filter(pl.col("school") != "Total").is_empty()
    for left in (with_schools(STAYS), case.spec()):
        cells = cells_of().select(*left.dimensions, "count").unique()
        with pytest.raises(BadInput, match="EARLIER_READER_UNKNOWN") as caught:
            earlier_facts(made.home, left, cells, SCHOOLS)
        assert caught.value.parameters["release"] == SECOND
        assert LEAVES in str(caught.value.parameters["codes"])


def test_a_new_school_forgets_nobody(made: Case) -> None:
    """It has had no page, and changes nothing for those that have."""
    more = with_schools(STAYS, LEAVES, "99000003")
    earlier_facts(made.home, more, cells_of(STAYS, LEAVES).select(*more.dimensions, "count"), SCHOOLS)


LESS = {
    "no pages": None,
    "other readers": PageRule(dimension="area", coalition=2, together=((STAYS, LEAVES),)),
    "fewer together": PageRule(dimension="school", coalition=1, together=((STAYS, LEAVES),)),
    "one reader as two": PageRule(dimension="school", coalition=2),
}


@pytest.mark.parametrize("name", LESS)
def test_a_policy_that_reckons_with_less_is_refused(made: Case, name: str) -> None:
    """Whoever was told keeps knowing; a policy that reckons with more is welcome."""
    _with_rule(made, PageRule(dimension="school", coalition=2, together=((STAYS, LEAVES),)))
    both = with_schools(STAYS, LEAVES)
    cells = cells_of(STAYS, LEAVES).select(*both.dimensions, "count")
    more = PageRule(dimension="school", coalition=3, together=((STAYS, LEAVES, "99000003"),))
    earlier_facts(made.home, both, cells, more)
    with pytest.raises(BadInput, match="EARLIER_READERS_FORGOTTEN") as caught:
        earlier_facts(made.home, both, cells, LESS[name])
    assert caught.value.parameters == {"release": SECOND, "dimension": "school", "coalition": "2"}


def _edited(made: Case) -> None:
    atomic.write_json(made.home.private(SECOND) / "schools" / LEAVES / "figures.json", {"school": STAYS})


MISSES: dict[str, Callable[[Case], None]] = {
    "all of private": lambda made: shutil.rmtree(made.home.private("")),
    "the release's": lambda made: shutil.rmtree(made.home.private(SECOND)),
    "one school's": lambda made: shutil.rmtree(made.home.private(SECOND) / "schools" / LEAVES),
    "a figure": _edited,
    "those that no list names": lambda made: (
        (made.home.confidential(SECOND) / TOLD).unlink(),
        shutil.rmtree(made.home.private(SECOND)),
    )[-1],
}


@pytest.mark.parametrize("missing", MISSES)
def test_nothing_is_released_where_pages_of_schools_are_gone(missing: str, made: Case) -> None:
    """Which release, and which file; with the files back the next one is made."""
    refuse_incomplete(made.home)
    kept = shutil.copytree(made.home.private(""), made.root / "backup")
    MISSES[missing](made)
    with pytest.raises(BadInput, match="PRIVATE_MISSING") as caught:
        refuse_incomplete(made.home)
    assert caught.value.parameters["release"] == SECOND
    shutil.rmtree(made.home.private(""), ignore_errors=True)
    shutil.copytree(kept, made.home.private(""))
    refuse_incomplete(made.home)


def test_a_release_that_gave_nobody_a_page_needs_none(made: Case) -> None:
    """The first release's policy gives none; its folder may go."""
    shutil.rmtree(made.home.private(FIRST))
    refuse_incomplete(made.home)
