"""Published school years stay as published; only what was unknown is filled in, and differences are counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from avbrott.home import Home
from tests import stored
from tests.histories import History


def frozen_copy(home: Home, later: Home) -> Path:
    """The linked tables of a home as a release of another one froze them."""
    for name in ("outcomes", "kaa", "agency"):
        stored.put_rows(later, later.frozen("2014-01-01") / f"{name}.parquet", stored.rows(home, home.linked(name)))
    return later.frozen("2014-01-01")


def county(last: str) -> History:
    history = History(last=last)
    history.enrol("back", "2480", "NA", "2012-08-20", "2013-04-30")
    history.enrol("back", "2480", "NA", "2013-11-04")
    history.enrol("gone", "2480", "NA", "2012-08-20", "2013-04-30")
    history.enrol("done", "2482", "NA", "2012-08-20")
    if last >= "HT2015":
        history.event("done", "2482", "EXA", "2015-06-10")
    return history


def rows(home: Home, year: str = "2012/13") -> dict[str, dict[str, Any]]:
    found = stored.rows(home, home.linked("outcomes")).filter(school_year=year).to_dicts()
    return {row["pseudonym"]: row for row in found}


def test_unknown_columns_of_a_frozen_year_are_filled_in(tmp_path: Path) -> None:
    """Return, completion and time to leave come later to the same rows; nothing else differs."""
    home, _ = county("HT2013").link(tmp_path / "first")
    before = rows(home)
    later, summary = county("HT2015").link(tmp_path / "later", frozen=frozen_copy(home, Home(tmp_path / "later")))
    after = rows(later)
    assert (before["back"]["return_time"], after["back"]["return_time"]) == ("return_unknown", "m07_09")
    assert after["gone"]["return_time"] == "not_within_12"
    assert (before["done"]["completion"], after["done"]["completion"]) == ("unknown_3", "within_3")
    filled = ("return_time", "completion", "leaving_time")
    assert all(before[p][c] == after[p][c] for p in before for c in before[p] if c not in filled)
    assert summary.decisions.is_empty()
    assert summary.school_years == ("2012/13", "2013/14", "2014/15")


def test_a_frozen_year_does_not_change_and_its_differences_are_counted(tmp_path: Path) -> None:
    """A correction, a pupil too many and a pupil too few are three decisions, and the rows stay."""
    home, _ = county("HT2013").link(tmp_path / "first")
    corrected = county("HT2013")
    corrected.event("gone", "2480", "UPP", "2013-04-30")
    corrected.enrol("new", "2480", "NA", "2012-08-20")
    for key, delivered in corrected.rows.items():
        corrected.rows[key] = [row for row in delivered if row["pseudonym"] != "done"]
    later, summary = corrected.link(tmp_path / "later", frozen=frozen_copy(home, Home(tmp_path / "later")))
    assert rows(later) == rows(home)
    counted = {(table, column): n for table, _, column, n in summary.decisions.rows()}
    assert counted["outcomes", "outcome"] == 1
    assert counted["outcomes", "added"] == 1
    assert counted["outcomes", "removed"] == 1


def test_a_diploma_reported_too_late_counts_in_the_first_year_that_was_unknown(tmp_path: Path) -> None:
    """Who was published without a diploma within three years cannot have one within three years afterwards."""
    first = History(last="HT2015")
    first.enrol("p", "2480", "NA", "2012-08-20")
    home, _ = first.link(tmp_path / "first")
    assert rows(home)["p"]["completion"] == "unknown_4"
    late = History(last="HT2016")
    late.enrol("p", "2480", "NA", "2012-08-20")
    late.event("p", "2480", "EXA", "2015-06-10", registered="2016-01-10", term="VT2016")
    later, summary = late.link(tmp_path / "later", frozen=frozen_copy(home, Home(tmp_path / "later")))
    assert rows(later)["p"]["completion"] == "year_4"
    assert ("2014/15", "outcome") in {(year, column) for _, year, column, _ in summary.decisions.rows()}
