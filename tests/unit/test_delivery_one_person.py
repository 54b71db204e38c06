"""Rows of one person that cannot all be true are told for a look, each beside the other; every row counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.delivery.at_home import Checked, check_files
from avbrott.delivery.check import Status
from avbrott.findings import Finding, Severity
from avbrott.home import Home
from avbrott.registry import Contracts
from tests import export_case as case
from tests.unit.conftest import Run
from tests.unit.test_delivery_check import ENROLMENTS, TERM, deliver, mark

ONE, TWO = "99248201", "99248202"


def row(
    person: int = 1, *, sex: str = "Kvinna", born: str = "1995", unit: str = ONE, kind: str = "GY", start: str = "2012-08-20",
    end: str = "", path: str = "NA",
) -> str:  # fmt: skip
    """An enrolment of HT2012."""
    return f"{mark(person)},{born},{sex},2482,{unit},{kind},{path},1,{start},{end},false\n"


def found(tmp_path: Path, contracts: Contracts, *rows: str) -> dict[tuple[str, str], Finding]:
    """What is told of the rows of a person, by code and field."""
    return {(one.code, one.field): one for one in entry(tmp_path, contracts, *rows).findings}


def entry(tmp_path: Path, contracts: Contracts, *rows: str) -> Checked:
    file = tmp_path / "enrolments.csv"
    file.write_text(ENROLMENTS + "".join(rows))
    (checked,) = check_files([file], contracts, contract="enrolments", provider="2482", term=TERM)
    return checked


def test_another_sex_or_year_of_birth_is_told_beside_the_row_that_says_otherwise(
    tmp_path: Path, contracts: Contracts
) -> None:
    """By field; of rows that agree, of an empty value and of another person nothing is said."""
    rows = (row(), row(2), row(path="EK"), row(sex="Man", path="SA"), row(born="", path="HU"), row(2, born="1996", path="EK"))
    told = found(tmp_path, contracts, *rows)
    assert (told["PERSON_DIFFERS", "sex"].rows, told["PERSON_DIFFERS", "sex"].beside) == ((2, 4, 5, 6), (5, 5, 2, 5))
    born = told["PERSON_DIFFERS", "birth_year"]
    assert (born.rows, born.beside, born.severity) == ((3, 7), (7, 3), Severity.WARNING)
    assert not {code for code, _ in found(tmp_path, contracts, row(), row(path="EK"), row(2, sex="Man"))}
    told = found(tmp_path, contracts, row(born="", path="HU"), row(), row(born="1996", path="EK"))
    assert told["PERSON_DIFFERS", "birth_year"].rows == (3, 4), "an empty one that comes first hides nothing"


@pytest.mark.parametrize(
    ("first", "second", "is_told"),
    [
        (row(), row(unit=TWO, start="2012-10-01"), True),
        (row(end="2012-10-02"), row(unit=TWO, start="2012-10-01"), True),
        (row(end="2012-10-01"), row(unit=TWO, start="2012-10-01"), False),
        (row(end="2012-09-30"), row(unit=TWO, start="2012-10-01"), False),
        (row(), row(2, unit=TWO), False),
        (row(), row(path="EK", start="2012-10-01"), False),
        (row(), row(unit=TWO, kind="KOMVUX"), False),
        (row(end="snart"), row(unit=TWO), False),
        (row(start="2012-08-32"), row(unit=TWO), False),
        (row(unit=""), row(unit=TWO), False),
    ],
)
def test_two_schools_at_once_are_told_and_a_change_is_not(
    first: str, second: str, is_told: bool, tmp_path: Path, contracts: Contracts
) -> None:
    """On more than the day of the change, in one type of school; what cannot be read says nothing."""
    told = found(tmp_path, contracts, first, second).get(("SPELLS_OVERLAP", ""))
    assert (told is not None) is is_told
    assert told is None or (told.rows, told.beside, told.severity) == ((2, 3), (3, 2), Severity.WARNING)


def test_a_stand_in_for_many_persons_is_not_held_against_itself(tmp_path: Path, contracts: Contracts) -> None:
    """Each pair of its rows would be looked at: of a whole export of one pseudonym that ends no check."""
    many = [row(unit=(ONE, TWO)[number % 2], path=f"P{number}") for number in range(51)]
    assert ("SPELLS_OVERLAP", "") in found(tmp_path, contracts, *many[:50])
    assert ("SPELLS_OVERLAP", "") not in found(tmp_path, contracts, *many)


def test_the_screen_says_which_rows_and_no_value(run: Run, tmp_path: Path) -> None:
    """Of an export, by its own rows; nothing stops."""
    second = case.row("Anna", case.ANNA).replace(ONE, TWO).replace("Kvinna", "Man")
    export = case.export(tmp_path / "export.csv", [case.row("Anna", case.ANNA), second])
    ended = run("check", export, "--contract", "enrolments", "--provider", "2482", "--term", "HT2025")
    said = " ".join(ended.out.split())
    assert ended.code == 0, said
    assert "Rader om samma person säger olika i sex (Kön)" in said
    assert "Samma person är inskriven vid två skolenheter samtidigt" in said
    assert said.count("Rader i filen: 2 (mot 3), 3 (mot 2)") == 2
    assert not any(value in said for value in (case.ANNA, ONE, TWO))


def test_the_hub_counts_the_rows(tmp_path: Path, contracts: Contracts) -> None:
    """And tells the provider, in its receipt."""
    content = ENROLMENTS + row() + row(sex="Man", unit=TWO)
    outcome = deliver(Home(tmp_path), contracts, {"enrolments": content}, provider="2482")
    assert (outcome.status, dict(outcome.accepted)) == (Status.ACCEPTED, {"enrolments": 2})
    assert {"PERSON_DIFFERS", "SPELLS_OVERLAP"} <= {one.code for one in outcome.findings}
