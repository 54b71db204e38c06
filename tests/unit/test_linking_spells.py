"""How enrolments that several suppliers report, late or twice or not at all, become one spell each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import stored
from tests.histories import History, day


def spells(history: History, folder: Path, pupil: str = "p") -> list[dict[str, Any]]:
    home, _ = history.link(folder)
    return stored.rows(home, home.linked("enrolments")).filter(pseudonym=pupil).sort("start_date").to_dicts()


def test_one_enrolment_delivered_every_term_is_one_spell(tmp_path: Path) -> None:
    """Five deliveries of one enrolment are one spell, open as long as the last says so."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20")
    (spell,) = spells(history, tmp_path)
    assert (spell["end_date"], spell["ended_how"], spell["provider"]) == (None, "open", "2480")


def test_the_owner_of_the_school_is_believed_before_another_supplier(tmp_path: Path) -> None:
    """The home municipality's later account of another's school gives way, also with other dates."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-01-31")
    history.enrol("p", "2401", "NA", "2012-08-20", unit=history.unit("2480"))
    history.enrol("p", "2401", "NA", "2012-08-27", unit=history.unit("2480"))
    (spell,) = spells(history, tmp_path)
    assert (spell["end_date"], spell["ended_how"]) == (day("2013-01-31"), "cancelled")
    assert history.outcomes(tmp_path)["p", "2012/13"]["outcome"] == "dropout"


def test_another_supplier_is_believed_where_the_owner_says_nothing(tmp_path: Path) -> None:
    """A double report is no double pupil, and a single one from the wrong side is not lost."""
    history = History()
    history.enrol("p", "2401", "NA", "2012-08-20", unit=history.unit("2480"))
    (spell,) = spells(history, tmp_path)
    assert spell["provider"] == "2480"


def test_an_open_enrolment_that_is_no_longer_delivered_has_vanished(tmp_path: Path) -> None:
    """It ends with the last term it was in, and the pupil has dropped out in its last month."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", terms=("HT2012", "VT2013"))
    history.enrol("q", "2480", "NA", "2012-08-20")
    (spell,) = spells(history, tmp_path)
    assert (spell["end_date"], spell["ended_how"]) == (day("2013-06-30"), "vanished")
    row = history.outcomes(tmp_path)["p", "2012/13"]
    assert (row["outcome"], row["leaving_month"], row["cause"]) == ("dropout", "06", "EJ_ANGIVET")


def test_a_late_report_dates_the_end_of_a_vanished_enrolment(tmp_path: Path) -> None:
    """An event registered the term after says when the pupil left, in the year in which it was."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", terms=("HT2012", "HT2013"))
    history.event("p", "2480", "AVB", "2013-09-10", registered="2014-01-20", term="VT2014", cause="ARBETE")
    history.enrol("q", "2480", "NA", "2012-08-20")
    (spell,) = spells(history, tmp_path)
    assert (spell["end_date"], spell["ended_how"]) == (day("2013-09-10"), "reported")
    found = history.outcomes(tmp_path)
    assert (found["p", "2012/13"]["outcome"], found["p", "2012/13"]["leaving_month"]) == ("dropout", "09")
    assert ("p", "2013/14") not in found


def test_what_a_member_did_not_deliver_is_presumed_to_continue(tmp_path: Path) -> None:
    """A missing delivery makes no dropouts."""
    history = History(last="HT2013")
    history.enrol("p", "2480", "NA", "2012-08-20", terms=("HT2012", "VT2013"))
    history.silent.add(("2480", "HT2013"))
    assert history.outcomes(tmp_path)["p", "2012/13"]["outcome"] == "stayed"


def test_a_supplier_that_is_no_longer_a_member_ends_the_view(tmp_path: Path) -> None:
    """Its pupils are not observed any more: neither stayed nor dropped out, but left out and counted."""
    history = History(last="HT2013")
    history.enrol("p", "2480", "NA", "2012-08-20", terms=("HT2012", "VT2013"))
    for term in ("HT2013",):
        history.silent.add(("2480", term))
    left = history.contracts.suppliers["2480"].model_copy(
        update={"member": (history.contracts.suppliers["2480"].member[0].model_copy(update={"last": "VT2013"}),)}
    )
    others = tuple(left if s.id == "2480" else s for s in history.contracts.suppliers.suppliers)
    object.__setattr__(history.contracts, "suppliers", history.contracts.suppliers.model_copy(update={"suppliers": others}))
    home, summary = history.link(tmp_path)
    assert summary.left_out.rows() == [("2012/13", "unobserved", 1)]
    assert stored.rows(home, home.linked("outcomes")).is_empty()


def test_a_corrected_start_is_one_enrolment(tmp_path: Path) -> None:
    """When a later delivery gives an earlier start, the first account was never there."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-27", terms=("HT2012", "HT2012"))
    history.enrol("p", "2480", "NA", "2012-08-20", terms=("VT2013", "HT2014"))
    (spell,) = spells(history, tmp_path)
    assert (spell["start_date"], spell["end_date"]) == (day("2012-08-20"), None)


@pytest.mark.parametrize(
    ("path", "programme"),
    [
        ("SPSAM", "SA"),
        ("HAADM0", "FS"),
        ("BA25HUS", "BA"),
        ("FS25SKOLFORLAGD", "FS"),
        ("IMSPR", "IMS"),
        ("XQ", "other_programme"),
    ],
)
def test_a_study_path_counts_as_a_programme_of_today(path: str, programme: str, tmp_path: Path) -> None:
    """Codes from before 2011, replaced ones, those of the new curriculum, and one that no list knows."""
    history = History()
    history.enrol("p", "2480", path, "2012-08-20")
    (spell,) = spells(history, tmp_path)
    assert spell["programme"] == programme


def test_a_corrected_study_path_ends_the_first_where_the_second_starts(tmp_path: Path) -> None:
    """A change that was reported a term late keeps both programmes, each for its time."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", terms=("HT2012", "HT2012"))
    history.enrol("p", "2480", "EK", "2012-12-01", terms=("VT2013", "HT2014"))
    first, second = spells(history, tmp_path)
    assert (first["programme"], first["end_date"], first["ended_how"]) == ("NA", day("2012-11-30"), "corrected")
    assert (second["programme"], second["end_date"]) == ("EK", None)
    assert history.outcomes(tmp_path)["p", "2012/13"]["outcome"] == "changed_programme"
