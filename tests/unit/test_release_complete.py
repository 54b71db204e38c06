"""A release that was published and cannot be reckoned with stops the next one: nothing is forgotten in silence."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.release.complete import refuse_incomplete
from avbrott.release.stage import linking, protect_system
from avbrott.release.writer import open_release
from tests import release_case as case
from tests.release_case import Case

DAYS = (date(2016, 2, 1), date(2016, 9, 1), date(2017, 2, 1))
FIRST, SECOND, THIRD = (day.isoformat() for day in DAYS)


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> Path:
    """Where a case has a home with three releases."""
    made = Case(tmp_path_factory.mktemp("three"))
    for day in DAYS:
        made.release(case.engine(), day=day)
    return made.root


@pytest.fixture
def made(three, tmp_path) -> Case:
    """A copy of it."""
    shutil.copytree(three, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Case(tmp_path)


def _gone(made: Case, release: str, *, record: bool = False, public: bool = True) -> None:
    for folder in [made.home.release(release)] * public + [made.home.confidential(release)] * record:
        shutil.rmtree(folder)


def _edited(file: Path) -> None:
    """One row fewer: what it showed would no longer be known."""
    lines = file.read_bytes().splitlines(keepends=True)
    file.chmod(0o600)
    file.write_bytes(b"".join(lines[:-1]))


MISSES: dict[str, tuple[str, str, Callable[[Case], None]]] = {
    "the first, known by its record": ("RELEASE_MISSING", FIRST, lambda made: _gone(made, FIRST)),
    "the second, known by its record": ("RELEASE_MISSING", SECOND, lambda made: _gone(made, SECOND)),
    "the newest, known by its record": ("RELEASE_MISSING", THIRD, lambda made: _gone(made, THIRD)),
    "the second, known by the third": ("RELEASE_MISSING", SECOND, lambda made: _gone(made, SECOND, record=True)),
    "the newest, known by the link": ("RELEASE_MISSING", THIRD, lambda made: _gone(made, THIRD, record=True)),
    "all of them": ("RELEASE_MISSING", FIRST, lambda made: shutil.rmtree(made.home.releases)),
    "a record": ("RECORD_MISSING", SECOND, lambda made: _gone(made, SECOND, record=True, public=False)),
    "a table": ("RELEASE_CHANGED", FIRST, lambda made: (made.home.release(FIRST) / "tables" / "by_area.csv").unlink()),
    "a row": ("RELEASE_CHANGED", SECOND, lambda made: _edited(made.home.release(SECOND) / "tables" / "by_area.csv")),
    "a code": ("RELEASE_CHANGED", FIRST, lambda made: _edited(made.home.release(FIRST) / "codelists" / "area.csv")),
}


@pytest.mark.parametrize("missing", MISSES)
def test_nothing_is_released_beside_a_release_that_is_not_all_there(missing: str, made: Case) -> None:
    """Neither linked, protected nor written; which release, where it should be; what knows of it stays."""
    code, release, remove = MISSES[missing]
    remove(made)
    before = sorted(path for path in made.root.rglob("*") if path.name != ".lock")
    for begin in (
        lambda: linking(made.home).__enter__(),
        lambda: protect_system(made.home, made.contracts, "pupils"),
        lambda: open_release(made.home, date(2018, 2, 1)),
    ):
        with pytest.raises(BadInput, match=code) as caught:
            begin()
        assert caught.value.parameters["release"] == release
    assert sorted(path for path in made.root.rglob("*") if path.name not in (".lock", "releases")) == [
        path for path in before if path.name != "releases"
    ]


def test_a_release_that_was_restored_is_reckoned_with_again(made: Case) -> None:
    """The way that the message shows: the folder from a backup, and the next release is made."""
    shutil.copytree(made.home.release(FIRST), made.root / "backup")
    _gone(made, FIRST)
    with pytest.raises(BadInput, match="RELEASE_MISSING"):
        made.release(case.engine(), day=date(2018, 2, 1))
    shutil.copytree(made.root / "backup", made.home.release(FIRST))
    assert made.release(case.engine(), day=date(2018, 2, 1)).new


def test_pages_that_were_built_anew_are_no_fault(made: Case) -> None:
    """No figure is read from them."""
    page = made.home.release(FIRST) / "site" / "index.html"
    page.chmod(0o600)
    page.write_text("new")
    refuse_incomplete(made.home)


def test_an_empty_home_is_complete(tmp_path) -> None:
    """Nothing was published, and nothing is missed."""
    refuse_incomplete(Case(tmp_path).home)
