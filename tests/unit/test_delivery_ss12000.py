"""SS 12000 in JSON: persons with their enrolments, organisations and aggregated attendances become rows of contracts."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from avbrott.delivery.command import check_command
from avbrott.delivery.read import read_table
from avbrott.delivery.ss12000 import read_ss12000
from avbrott.registry import Contracts
from tests.export_case import number

ORGANISATIONS = [
    {"id": "o1", "displayName": "Påhittade skolan", "organisationType": "Skolenhet", "schoolUnitCode": "99248001"},
    {"id": "o2", "displayName": "Kommunen", "organisationType": "Huvudman", "municipalityCode": "2480"},
]
PERSONS: list[dict[str, Any]] = [
    {
        "id": "p1",
        "givenName": "Anna",
        "familyName": "Andersson",
        "civicNo": {"value": "199603152389", "nationality": "SE"},
        "sex": "Kvinna",
        "securityMarking": "Ingen",
        "personStatus": "Aktiv",
        "addresses": [{"type": "Folkbokföring", "streetAddress": "Storgatan 1", "municipalityCode": "2480"}],
        "enrolments": [
            {
                "enroledAt": {"id": "o1", "displayName": "Påhittade skolan"},
                "schoolYear": 1,
                "schoolType": "GY",
                "startDate": "2012-08-20",
                "endDate": "2012-11-30",
                "cancelled": True,
                "educationCode": "EKJUR",
            },
            {"enroledAt": {"id": "gone"}, "schoolType": "GY", "startDate": "2012-12-01"},
        ],
    },
    {"id": "p2", "givenName": "Bo", "familyName": "Berg", "civicNo": {"value": "19970101TF12"}, "enrolments": []},
]
ATTENDANCES = [
    {
        "startDate": "2012-10-01", "endDate": "2012-10-31", "student": {"id": "p1"}, "activity": {"id": activity},
        "offeredSum": 3000, "validAbsenceSum": 100, "invalidAbsenceSum": 20, "attendanceSum": 2880, "reportedSum": 3000,
    }
    for activity in ("a1", "a2")
]  # fmt: skip


def content(found: object) -> bytes:
    """A file of it."""
    return json.dumps(found, ensure_ascii=False).encode()


def rows(table: Any) -> list[dict[str, str | None]]:
    """The rows of a table by its header."""
    return [dict(zip(table.header, row, strict=True)) for row in table.frame.drop("row").rows()]


def test_what_no_text_and_no_number_can_be_is_read_as_something() -> None:
    """Half of a sign that JSON escapes, and sums of thousands of digits: rows that break a rule, and no error of ours."""
    half = {**PERSONS[0], "sex": "\ud800"}
    assert rows(read_ss12000([json.dumps([half]).encode(), content(ORGANISATIONS)])["enrolments"])[0]["sex"] == "?"
    large = [{**ATTENDANCES[0], "offeredSum": 10**4299}] * 2
    read = read_ss12000([content(PERSONS), content(ORGANISATIONS), content(large)])["absence"]
    assert rows(read)[0]["offered_minutes"] == str(10**18)


def test_of_enrolments_on_a_day_the_last_begun_counts() -> None:
    """Those that had ended by then do not, and those that begin later."""
    spells = [("2024-08-19", "2025-06-10", "11"), ("2024-10-01", None, "22"), ("2024-11-01", "2024-12-01", "33")]
    person = {
        **PERSONS[0],
        "enrolments": [
            {"enroledAt": {"schoolUnitCode": unit}, "startDate": start, "endDate": end} for start, end, unit in spells
        ],
    }
    for day, unit in (("2024-09-05", "11"), ("2024-10-01", "22"), ("2024-11-20", "33"), ("2024-12-02", "22")):
        read = read_ss12000([content([person]), content([{**ATTENDANCES[0], "startDate": day, "endDate": day}])])["absence"]
        assert rows(read)[0]["school_unit"] == unit


@pytest.mark.parametrize("marking", [["Sekretessmarkering"], {"value": "Sekretessmarkering"}, True, 1, []])
def test_a_marking_in_another_shape_is_a_marking(marking: object) -> None:
    """Only the standard's own words say that somebody is not protected."""
    persons = [PERSONS[0] | {"securityMarking": marking}]
    table = read_ss12000([content({"persons": persons, "organisations": ORGANISATIONS})])["enrolments"]
    assert {row["securityMarking"] for row in rows(table)} == {"marked"}


def test_an_enrolment_is_a_row_with_what_its_person_says() -> None:
    """Two answers of the API and one file of everything give the same; what no contract asks for is not there."""
    apart = read_ss12000([content({"data": PERSONS, "pageToken": "x"}), content(ORGANISATIONS)])
    whole = read_ss12000([content({"persons": {"data": PERSONS}, "organisations": ORGANISATIONS})])
    assert rows(apart["enrolments"]) == rows(whole["enrolments"])
    first, second = rows(apart["enrolments"])
    assert first == {
        "civicNo": "199603152389", "securityMarking": "Ingen", "birth_year": None, "sex": "Kvinna",
        "home_municipality": "2480", "school_unit": "99248001", "school_type": "GY", "study_path": "EKJUR",
        "study_year": "1", "start_date": "2012-08-20", "end_date": "2012-11-30", "cancelled": "true",
    }  # fmt: skip
    assert (second["school_unit"], second["cancelled"], second["end_date"]) == (None, "false", None)
    assert apart["enrolments"].frame["row"].to_list() == [1, 1]
    assert [(found.code, found.rows, found.doubtful) for found in apart["enrolments"].assumed] == [
        ("READ_SS12000", (), False),
        ("READ_REFERENCE_UNKNOWN", (1,), True),
    ]
    assert "Anna" not in str(rows(apart["enrolments"]))


@pytest.mark.parametrize(
    ("born", "year"),
    [("1996-03-15", "1996"), ("19960315", "1996"), ("1996-03-15T00:00:00Z", "1996")]
    + [(other, None) for other in (None, "", "960315", "9603152389", "15/3 1996", 1996)],
)
def test_a_year_of_birth_is_that_of_a_date_alone(born: object, year: str | None) -> None:
    """The first four digits of anything else are a year and a month; the number gives the year then."""
    person = PERSONS[0] | {"birthDate": born, "civicNo": {"value": "9603152389"}}
    assert rows(read_ss12000([content([person]), content(ORGANISATIONS)])["enrolments"])[0]["birth_year"] == year


def test_a_number_of_ten_digits_gives_its_year_of_birth(tmp_path: Path, contracts: Contracts) -> None:
    """As it does where an export is prepared: no row is set aside for it."""
    person = PERSONS[0] | {"civicNo": {"value": number("19960315", 238)[2:]}, "enrolments": PERSONS[0]["enrolments"][:1]}
    file = tmp_path / "everything.json"
    file.write_bytes(content({"persons": [person], "organisations": ORGANISATIONS}))
    out = io.StringIO()
    check_command([file], contracts, term="HT2012", json=True, console=Console(file=out, width=200))
    found = json.loads(out.getvalue())["files"][0]["findings"]
    assert not [one for one in found if one["field"] == "birth_year" or one["severity"] == "blocking"]


def test_attendance_is_summed_to_a_pupil_a_unit_and_a_month() -> None:
    """Over all activities, at the school where the pupil was enrolled; a period over two months has no month."""
    long = ATTENDANCES[0] | {"endDate": "2012-11-15"}
    tables = read_ss12000([content(PERSONS), content(ORGANISATIONS), content({"data": [*ATTENDANCES, long]})])
    assert list(tables) == ["enrolments", "absence"]
    summed, without_month = rows(tables["absence"])
    assert summed == {
        "civicNo": "199603152389", "securityMarking": "Ingen", "school_unit": "99248001", "month": "2012-10",
        "offered_minutes": "6000", "valid_absence_minutes": "200", "invalid_absence_minutes": "40",
        "reported_minutes": "6000",
    }  # fmt: skip
    assert without_month["month"] is None
    assert [(found.code, found.count) for found in tables["absence"].assumed] == [
        ("READ_SS12000", 2),
        ("READ_ACTIVITIES_SUMMED", 1),
    ]


def test_no_report_is_no_absence_of_zero() -> None:
    """A sum that nobody gave is empty, and a number that is none is not read as one."""
    bare = {key: value for key, value in ATTENDANCES[0].items() if key != "reportedSum"} | {"offeredSum": "3000"}
    (found,) = rows(read_ss12000([content(PERSONS), content(ORGANISATIONS), content([bare])])["absence"])
    assert (found["reported_minutes"], found["offered_minutes"], found["invalid_absence_minutes"]) == (None, None, "20")


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (b"{", "FILE_UNREADABLE"),
        (b"\xff\xfe", "FILE_UNREADABLE"),
        (b"[" * 100_000, "FILE_UNREADABLE"),
        (b"[]", "FILE_NOT_SS12000"),
        (b'{"data": [{"some": "thing"}]}', "FILE_NOT_SS12000"),
        (b"17", "FILE_NOT_SS12000"),
        (content(ORGANISATIONS), "FILE_NOT_SS12000"),
    ],
)
def test_other_json_is_told(found: bytes, code: str) -> None:
    """Not JSON, JSON without end, JSON of something else, organisations alone."""
    (fault,) = read_ss12000([found])[""].faults
    assert fault.code == code


@pytest.mark.parametrize("wrong", [None, 1, "x", [], {}, [[]], {"id": {}}, [None, 3, {"id": 5}]])
@pytest.mark.parametrize("key", ["enrolments", "civicNo", "addresses", "sex", "id", "birthDate"])
def test_a_part_of_another_kind_is_empty(key: str, wrong: object) -> None:
    """Whatever stands where a list, an object or a text is meant, the other rows are read."""
    found = read_ss12000([content([PERSONS[0] | {key: wrong}, PERSONS[0]]), content(ORGANISATIONS)])
    assert rows(found["enrolments"])[-2]["school_unit"] == "99248001"


def test_a_file_that_refers_to_another_is_read_beside_it(tmp_path: Path) -> None:
    """As ``avbrott prepare`` and ``check`` read them."""
    (tmp_path / "persons.json").write_bytes(content(PERSONS))
    (tmp_path / "organisations.json").write_bytes(content(ORGANISATIONS))
    alone = read_table(tmp_path / "persons.json")
    beside = read_table(tmp_path / "persons.json", [tmp_path / "organisations.json"])
    assert rows(alone)[0]["school_unit"] is None
    assert rows(beside)[0]["school_unit"] == "99248001"


def test_the_files_of_an_export_are_checked_together(tmp_path: Path, contracts: Contracts) -> None:
    """Enrolments and absence out of three files, each held against its contract and against the other."""
    files = []
    for name, found in (("persons", PERSONS), ("organisations", ORGANISATIONS), ("attendances", ATTENDANCES)):
        files.append(tmp_path / f"{name}.json")
        files[-1].write_bytes(content(found))
    out = io.StringIO()
    check_command(files, contracts, term="HT2012", json=True, console=Console(file=out, width=200))
    told = json.loads(out.getvalue())["files"]
    assert [(file["contract"], file["rows"], file["is_read"]) for file in told] == [
        ("enrolments", 2, True),
        ("absence", 1, True),
    ]
    assert "Anna" not in out.getvalue()
    assert "199603152389" not in out.getvalue()


def test_a_marking_under_a_key_that_is_spelt_otherwise_is_a_marking() -> None:
    """Nobody else would see it; one that is there twice says nothing that can be believed."""
    person = {key: value for key, value in PERSONS[0].items() if key != "securityMarking"}
    table = read_ss12000([json.dumps([person | {"Security_Marking": "Sekretessmarkering"}]).encode()])["enrolments"]
    assert {row["securityMarking"] for row in rows(table)} == {"Sekretessmarkering"}
    twice = json.dumps([person])[:-2] + ', "securityMarking": "Sekretessmarkering", "securityMarking": "Ingen"}]'
    assert [fault.code for fault in read_ss12000([twice.encode()])[""].faults] == ["FILE_UNREADABLE"]


def test_where_nobody_is_marked_or_not_there_is_no_column_of_marks() -> None:
    """Or it would be said that the export marks whoever is protected."""
    persons = [{key: value for key, value in person.items() if key != "securityMarking"} for person in PERSONS]
    table = read_ss12000([json.dumps(persons).encode()])["enrolments"]
    assert "securityMarking" not in table.header
    assert len(table.header) == table.frame.width - 1
