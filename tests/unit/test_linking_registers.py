"""The activity responsibility and the agencies' counts by school year, and both sides' view of a move."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests import stored
from tests.histories import History, day


def register(history: History, provider: str, pupil: str, on: str, terms: tuple[str, ...], **more: Any) -> None:
    for term in terms:
        row = {"birth_year": 1996, "sex": "Man", "home_municipality": "2401", "kaa_reason": "never_started"} | more
        history.add("kaa", provider, term, pseudonym=pupil, kaa_registered_date=day(on), **row)


def kaa(history: History, folder: Path) -> list[tuple[Any, ...]]:
    home, _ = history.link(folder)
    return stored.rows(home, home.linked("kaa")).rows()


def test_a_registration_counts_in_each_school_year_it_runs(tmp_path: Path) -> None:
    """One row a year; contact counts in the year it was made; an empty occupation is unknown."""
    history = History()
    register(history, "2401", "p", "2012-09-03", ("HT2012",))
    register(history, "2401", "p", "2012-09-03", ("VT2013",), kaa_contact_date=day("2013-02-01"), kaa_occupation="work")
    register(history, "2401", "p", "2012-09-03", ("HT2013", "VT2014", "HT2014"), kaa_contact_date=day("2013-02-01"))
    assert kaa(history, tmp_path) == [
        ("p", "2012/13", "2401", "Man", "never_started", "work", "contacted"),
        ("p", "2013/14", "2401", "Man", "never_started", "unknown_occupation", "not_contacted"),
    ]


def test_the_supplier_of_the_home_municipality_is_believed(tmp_path: Path) -> None:
    """Two registers of one person are one row, by the one that answers for the municipality."""
    history = History(last="HT2013")
    register(history, "2401", "p", "2012-09-03", ("HT2012", "VT2013", "HT2013"), kaa_reason="dropout_national")
    register(history, "2480", "p", "2012-10-03", ("HT2012", "VT2013", "HT2013"))
    ((_, _, home, _, reason, _, _),) = kaa(history, tmp_path)
    assert (home, reason) == ("2401", "dropout_national")


def test_a_registration_that_is_no_longer_delivered_ends(tmp_path: Path) -> None:
    """What vanished from the register in spring is not counted in the next school year."""
    history = History()
    register(history, "2401", "p", "2012-09-03", ("HT2012", "VT2013"))
    register(history, "2401", "q", "2012-09-03", ("HT2012", "VT2013", "HT2013", "VT2014", "HT2014"))
    assert [(row[0], row[1]) for row in kaa(history, tmp_path)] == [
        ("p", "2012/13"), ("q", "2012/13"), ("q", "2013/14"),
    ]  # fmt: skip


def test_the_agencies_count_in_october(tmp_path: Path) -> None:
    """Only October's counts are taken; municipalities outside are added together."""
    history = History(last="HT2013")
    for municipality, month, persons in (
        ("2401", "2012-10", 7), ("2401", "2012-11", 9), ("0180", "2012-10", 1), ("0380", "2012-10", 2),
    ):  # fmt: skip
        history.add("agency_counts", "arbetsformedlingen", "HT2012", municipality=municipality, month=month,
                    indicator="jobseekers_16_19", persons=persons)  # fmt: skip
    home, summary = history.link(tmp_path)
    assert stored.rows(home, home.linked("agency")).rows() == [
        ("2012/13", "2401", "jobseekers_16_19", 7),
        ("2012/13", "outside", "jobseekers_16_19", 3),
    ]
    assert summary.rows["agency"] == 2


def test_moves_as_reported_and_as_seen(tmp_path: Path) -> None:
    """A report without a new school, and a new school without a report, are told apart by term."""
    history = History(last="HT2013")
    for pupil in "ab":
        history.enrol(pupil, "2480", "NA", "2012-08-20", "2013-01-15")
    history.event("a", "2480", "SBY", "2013-01-15")
    history.enrol("b", "2482", "NA", "2013-01-16")
    history.enrol("c", "2480", "NA", "2012-08-20", "2012-11-15")
    history.enrol("c", "2482", "NA", "2012-11-16")
    _, summary = history.link(tmp_path)
    found = {(p, t): (r, s) for p, t, r, s in summary.moved.rows()}
    assert found["2480", "HT2012"] == (0, 1)
    assert found["2480", "VT2013"] == (1, 1)
    assert found["2482", "VT2013"] == (0, 0)
