"""Where pupils are a year later, for every outcome and every tie, in histories of one or two pupils."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.linking.link import link
from tests import stored
from tests.histories import History

YEAR = ("p", "2012/13")


def test_a_pupil_who_goes_on_has_stayed_and_was_an_entrant(tmp_path: Path) -> None:
    """The same school and programme a year later is no change, even with a new study path of the programme."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-06-12")
    history.enrol("p", "2480", "NANAT", "2013-08-19")
    found = history.outcomes(tmp_path)
    assert (found[YEAR]["outcome"], found[YEAR]["origin"]) == ("stayed", "entrant")
    assert (found["p", "2013/14"]["outcome"], found["p", "2013/14"]["origin"]) == ("stayed", "stayed")
    assert found[YEAR]["programme"] == "NA"
    assert found[YEAR]["cause"] is None
    assert found[YEAR]["return_time"] is None


def test_leaving_one_municipality_and_starting_in_the_next_is_a_change(tmp_path: Path) -> None:
    """A pupil whose first school says dropout, but who is at another school in October, has changed school."""
    history = History()
    history.enrol("p", "2480", "BA", "2012-08-20", "2013-02-01")
    history.event("p", "2480", "AVB", "2013-02-01", cause="FLYTT")
    history.enrol("p", "2482", "BA", "2013-02-11")
    row = history.outcomes(tmp_path)[YEAR]
    assert row["outcome"] == "changed_school"
    assert row["cause"] is None
    assert row["leaving_month"] is None


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        ("BA", "EK", "changed_programme"),
        ("BA", "IMA", "to_introductory"),
        ("IMSPR", "BA", "to_national"),
        ("IMS", "IMY", "changed_programme"),
        ("HA", "FS25", "stayed"),
        ("IMPRE", "IMV", "stayed"),
        ("QQ99", "BA", "changed_programme"),
    ],
)
def test_a_change_of_programme_is_named_by_its_types(tmp_path: Path, before: str, after: str, outcome: str) -> None:
    """To and from introductory programmes are told apart; a replaced code is its successor's programme."""
    history = History()
    history.enrol("p", "2480", before, "2012-08-20", "2013-06-12")
    history.enrol("p", "2480", after, "2013-08-19")
    found = history.outcomes(tmp_path)
    assert found[YEAR]["outcome"] == outcome
    assert found["p", "2013/14"]["origin"] == ("stayed" if outcome == "stayed" else "changed")


def test_certificates_go_before_everything_else(tmp_path: Path) -> None:
    """A diploma or a study certificate within the year is the outcome, also of one who goes on elsewhere."""
    history = History()
    for pupil, event in (("d", "EXA"), ("s", "STB"), ("g", "STB")):
        history.enrol(pupil, "2480", "NA", "2010-08-20", "2013-06-12")
        history.event(pupil, "2480", event, "2013-06-12")
    history.enrol("g", "2482", "NA", "2013-08-19")
    found = history.outcomes(tmp_path)
    assert {p: found[p, "2012/13"]["outcome"] for p in "dsg"} == {
        "d": "diploma",
        "s": "study_certificate",
        "g": "study_certificate",
    }
    assert found["g", "2013/14"]["outcome"] == "stayed"


def test_a_diploma_closes_an_enrolment_that_was_left_open(tmp_path: Path) -> None:
    """Who has a diploma is not in the population of the next year because a register was not closed."""
    history = History()
    history.enrol("p", "2480", "NA", "2010-08-20")
    history.event("p", "2480", "EXA", "2013-06-12")
    found = history.outcomes(tmp_path)
    assert found[YEAR]["outcome"] == "diploma"
    assert ("p", "2013/14") not in found


def test_folk_high_school_is_equivalent_and_no_pupil_of_the_statistics(tmp_path: Path) -> None:
    """Who goes to a folk high school has changed to equivalent education and leaves the population."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-06-12")
    history.enrol("p", "fhs-glimten", "ALLMAN", "2013-08-26", school_type="FHS")
    found = history.outcomes(tmp_path)
    assert found[YEAR]["outcome"] == "equivalent"
    assert ("p", "2013/14") not in found


def test_a_pause_holds_until_the_pupil_resumes_or_drops_out(tmp_path: Path) -> None:
    """A pause in force is no dropout; one that was taken up again, or given up, does not count."""
    history = History()
    for pupil in "abc":
        history.enrol(pupil, "2480", "NA", "2012-08-20", "2013-03-01")
        history.event(pupil, "2480", "UPP", "2013-03-01")
    history.event("b", "2480", "AVB", "2013-09-01", cause="ARBETE")
    history.event("c", "2480", "ATG", "2013-08-20")
    found = history.outcomes(tmp_path)
    assert {p: found[p, "2012/13"]["outcome"] for p in "abc"} == {"a": "pause", "b": "dropout", "c": "dropout"}
    assert found["b", "2012/13"]["cause"] == "ARBETE"
    assert found["c", "2012/13"]["cause"] == "EJ_ANGIVET"


def test_a_dropout_has_the_cause_and_month_of_the_event_nearest_the_end(tmp_path: Path) -> None:
    """Of several reports the one nearest the end counts, whenever it was registered."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-02-15")
    history.event("p", "2480", "AVB", "2012-11-01", cause="FEL_VAL")
    history.event("p", "2480", "AVB", "2013-01-20", registered="2013-10-01", term="HT2013", cause="FRANVARO")
    row = history.outcomes(tmp_path)[YEAR]
    assert (row["outcome"], row["cause"], row["leaving_month"]) == ("dropout", "FRANVARO", "01")


def test_the_latest_registration_of_one_event_is_believed(tmp_path: Path) -> None:
    """A corrected report of the same event replaces the first."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-02-15")
    history.event("p", "2480", "AVB", "2013-02-15", cause="OKAND")
    history.event("p", "2480", "AVB", "2013-02-15", registered="2013-09-10", term="HT2013", cause="ARBETE")
    assert history.outcomes(tmp_path)[YEAR]["cause"] == "ARBETE"


def test_a_reported_move_out_of_the_county_is_a_change(tmp_path: Path) -> None:
    """What the school reports as a change of school is one, though the new school does not deliver here."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-01-15")
    history.event("p", "2480", "SBY", "2013-01-15")
    assert history.outcomes(tmp_path)[YEAR]["outcome"] == "changed_school"


def test_a_move_within_the_county_does_not_excuse_a_later_dropout(tmp_path: Path) -> None:
    """Only what the last school reported speaks of how its enrolment ended."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-01-15")
    history.event("p", "2480", "SBY", "2013-01-15")
    history.enrol("p", "2482", "NA", "2013-01-16", "2013-04-10")
    row = history.outcomes(tmp_path)[YEAR]
    assert (row["outcome"], row["leaving_month"]) == ("dropout", "04")


@pytest.mark.parametrize("event", ["UTF", "AVL"])
def test_emigrated_and_deceased_are_out_of_the_population(tmp_path: Path, event: str) -> None:
    """They are in no row of the year, and counted as left out."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-03-01")
    history.event("p", "2480", event, "2013-03-01")
    history.enrol("q", "2480", "NA", "2012-08-20")
    home, summary = history.link(tmp_path)
    assert stored.rows(home, home.linked("outcomes"))["pseudonym"].unique().to_list() == ["q"]
    assert summary.left_out.rows() == [("2012/13", "left_population", 1)]


def test_one_row_a_person_however_many_enrolments(tmp_path: Path) -> None:
    """The enrolment that started first is the main one; another at the same time makes no second row."""
    history = History()
    history.enrol("p", "2482", "EK", "2012-09-01")
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-06-12")
    found = history.outcomes(tmp_path)
    assert found[YEAR]["school_unit"] == history.unit("2480")
    assert found[YEAR]["outcome"] == "changed_programme"
    assert len(found) == 2


def test_a_pupil_who_returns_after_a_year_away(tmp_path: Path) -> None:
    """A gap over an October makes the origin returned; the return is counted with the dropout, by its months."""
    history = History(last="HT2015")
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-04-30")
    history.enrol("p", "2480", "BA", "2014-02-03")
    history.enrol("q", "2480", "NA", "2012-08-20", "2013-04-30")
    history.enrol("q", "2480", "NA", "2014-08-20")
    found = history.outcomes(tmp_path)
    assert (found[YEAR]["outcome"], found[YEAR]["return_time"]) == ("dropout", "m10_12")
    assert found["p", "2014/15"]["origin"] == "returned"
    assert found["q", "2012/13"]["return_time"] == "not_within_12"


def test_a_return_is_unknown_until_twelve_months_are_delivered(tmp_path: Path) -> None:
    """With data to the outcome date only, nobody is said to have returned or not."""
    history = History(last="HT2013")
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-04-30")
    row = history.outcomes(tmp_path)[YEAR]
    assert (row["return_time"], row["completion"], row["leaving_time"]) == (
        "return_unknown",
        "unknown_3",
        "leaving_unknown",
    )


@pytest.mark.parametrize(
    ("last", "event", "expected"),
    [
        ("HT2015", "2015-06-12", "within_3"),
        ("HT2015", "2016-06-12", "unknown_4"),
        ("HT2016", "2016-06-12", "year_4"),
        ("HT2016", "2017-06-12", "unknown_5"),
        ("HT2017", "2017-06-12", "year_5"),
        ("HT2017", "2018-06-12", "not_5"),
    ],
)
def test_completion_is_read_by_15_october_of_the_third_to_fifth_year(
    tmp_path: Path, last: str, event: str, expected: str
) -> None:
    """An entrant's completion says as much as the data reach, and no more."""
    history = History(last=last)
    history.enrol("p", "2480", "NA", "2012-08-20")
    if event <= f"{last[2:]}-12-31":
        history.event("p", "2480", "EXA", event)
    assert history.outcomes(tmp_path)[YEAR]["completion"] == expected


def test_time_to_the_first_dropout_counts_from_the_first_start(tmp_path: Path) -> None:
    """A dropout in the second year is counted in the cohort of the first; who never leaves has not left."""
    history = History(last="HT2015")
    history.enrol("p", "2480", "NA", "2012-08-20", "2013-06-12")
    history.enrol("p", "2482", "NA", "2013-08-19", "2014-02-14")
    history.enrol("q", "2480", "NA", "2012-08-20")
    found = history.outcomes(tmp_path)
    assert found[YEAR]["leaving_time"] == "m13_18"
    assert found["p", "2013/14"]["leaving_time"] is None
    assert found["q", "2012/13"]["leaving_time"] == "not_left"


def test_home_and_sex_are_those_of_the_reference_date(tmp_path: Path) -> None:
    """A move of home in spring does not rewrite last autumn; an unlisted municipality is outside."""
    history = History(last="HT2013")
    for terms, home in ((("HT2012", "HT2012"), "2401"), (("VT2013", "HT2013"), "2403")):
        history.enrol("p", "2480", "NA", "2012-08-20", terms=terms, home=home)
    history.enrol("q", "2480", "NA", "2012-08-20", home="0180")
    found = history.outcomes(tmp_path)
    assert found[YEAR]["home_municipality"] == "2401"
    assert found["q", "2012/13"]["home_municipality"] == "outside"


def test_absence_is_an_average_over_reported_months(tmp_path: Path) -> None:
    """Months without any reported attendance do not count; none of them at all is not reported."""
    history = History(last="HT2013")
    minutes = {"none": [0, 0], "low": [239, 240], "high": [480, 0], "not_reported": []}
    for band, reported in minutes.items():
        history.enrol(band, "2480", "NA", "2012-08-20")
        for month, invalid in zip(("2012-09", "2012-10"), reported, strict=False):
            history.add("absence", "2480", "HT2012", pseudonym=band, school_unit=history.unit("2480"), month=month,
                        offered_minutes=5000, valid_absence_minutes=0, invalid_absence_minutes=invalid,
                        reported_minutes=5000)  # fmt: skip
        history.add("absence", "2480", "HT2012", pseudonym=band, school_unit=history.unit("2480"), month="2012-11",
                    offered_minutes=5000, valid_absence_minutes=0, invalid_absence_minutes=0,
                    reported_minutes=0)  # fmt: skip
    found = history.outcomes(tmp_path)
    assert {band: found[band, "2012/13"]["absence_band"] for band in minutes} == {band: band for band in minutes}


def test_only_school_years_whose_three_terms_are_there(tmp_path: Path) -> None:
    """A school year without its next autumn is not linked."""
    history = History(last="VT2014")
    history.enrol("p", "2480", "NA", "2012-08-20")
    home, summary = history.link(tmp_path)
    assert summary.school_years == ("2012/13",)
    assert stored.rows(home, home.linked("outcomes")).height == 1


@pytest.mark.parametrize(
    ("change", "code"), [(b"", "STORE_FILE_DAMAGED"), (b"PAR1 and no more than that", "STORE_FILE_PLAIN")]
)
def test_a_damaged_file_of_the_store_is_named(change: bytes, code: str, tmp_path: Path) -> None:
    """The error says which file and what is wrong with it, and nothing linked is left half-written."""
    history = History()
    history.enrol("p", "2480", "NA", "2012-08-20")
    home, _ = history.link(tmp_path)
    before = home.linked("outcomes").read_bytes()
    history.write(home)
    broken = home.accepted("enrolments", "2480", "HT2012")
    broken.write_bytes(change or broken.read_bytes()[:-1])
    with pytest.raises(BadInput, match=code) as caught:
        link(home, history.contracts, history.terms)
    assert caught.value.parameters["file"] == str(broken)
    assert home.linked("outcomes").read_bytes() == before
