"""A delivery of which every row is another provider's is refused, at home and at the hub; some rows are for a look."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.contract_files import read_contract
from avbrott.delivery.at_home import check_files
from avbrott.delivery.check import Status, read_accepted
from avbrott.delivery.due import DeliveryContract, OfAnother, tells_whose
from avbrott.findings import Severity
from avbrott.home import Home
from avbrott.registry import Contracts
from tests import export_case as case
from tests.unit.conftest import Run
from tests.unit.test_delivery_check import ABSENCE, ENROLMENTS, EVENTS, TERM, deliver, enrolled, mark, rows

CODE = "DELIVERY_OF_ANOTHER"
OWN, OTHER, NOBODYS, BROKEN = "99248201", "99248001", "99777701", "Skolan"
KAA = (
    "pseudonym,birth_year,sex,home_municipality,kaa_registered_date,kaa_reason,kaa_contact_date,kaa_occupation,"
    "kaa_measure,kaa_deregistered_date,kaa_deregistration_reason\n"
)


def kaa(number: int, home: str) -> str:
    """A row of the activity responsibility."""
    return f"{mark(number)},1995,Kvinna,{home},2012-09-03,dropped_out,,,,,\n"


@pytest.mark.parametrize(
    ("units", "told"),
    [
        ((OTHER, OTHER), {CODE: (2, 3)}),
        ((OTHER, "99248101", BROKEN), {CODE: (2, 3), "VALUE_FORMAT": (4,)}),
        ((OTHER, "", OTHER), {CODE: (2, 4), "VALUE_MISSING": (3,)}),
        ((OTHER,), {"UNIT_NOT_OWN": (2,)}),
        ((OTHER, OWN), {"UNIT_NOT_OWN": (2,)}),
        ((OTHER, NOBODYS), {"UNIT_NOT_OWN": (2, 3)}),
        ((NOBODYS, NOBODYS), {"UNIT_NOT_OWN": (2, 3)}),
        ((BROKEN,), {"VALUE_FORMAT": (2,)}),
    ],
)
def test_all_rows_refuse_and_some_are_told(
    units: tuple[str, ...], told: dict[str, tuple[int, ...]], tmp_path: Path, contracts: Contracts
) -> None:
    """A unit that nobody has may be a new one of the provider's, and a row alone a slip; what cannot be read is nobody's."""
    file = tmp_path / "enrolments.csv"
    file.write_text(ENROLMENTS + "".join(enrolled(number, unit=unit) for number, unit in enumerate(units)))
    (checked,) = check_files([file], contracts, contract="enrolments", provider="2482", term=TERM)
    found = {one.code: one for one in checked.findings if one.field == "school_unit"}
    assert {code: one.rows for code, one in found.items()} == told
    assert CODE not in found or found[CODE].severity is Severity.BLOCKING
    (alone,) = check_files([file], contracts, contract="enrolments", provider=None, term=TERM)
    assert CODE not in {one.code for one in alone.findings}, "of whom nobody knows nothing is said"


@pytest.mark.parametrize(
    ("places", "told"),
    [(("2482", "2481"), {"kaa": (2, 3)}), (("2480", "2482"), {}), (("0180", "2482"), {}), (("2480",), {})],
)
def test_the_activity_responsibility_is_the_municipalitys_own(
    places: tuple[str, ...], told: dict[str, tuple[int, ...]], tmp_path: Path, contracts: Contracts
) -> None:
    """Where all the young are others' the hub refuses it; a place that nobody answers for may be one who has moved."""
    content = KAA + "".join(kaa(number, place) for number, place in enumerate(places))
    outcome = deliver(Home(tmp_path), contracts, {"kaa": content})
    assert rows(outcome, CODE) == told
    assert (outcome.status is Status.REFUSED) == bool(told)


@pytest.mark.parametrize(
    ("extract", "content"),
    [
        ("enrolments", ENROLMENTS + enrolled(1) + enrolled(2)),
        ("events", EVENTS + "".join(f"{mark(n)},{OTHER},AVB,2012-11-01,2012-11-02,OKAND\n" for n in (1, 2))),
        ("absence", ABSENCE + "".join(f"{mark(n)},{OTHER},2012-10,100,0,0,100\n" for n in (1, 2))),
    ],
)
def test_the_hub_refuses_what_is_all_anothers(extract: str, content: str, tmp_path: Path, contracts: Contracts) -> None:
    """Nothing of it is accepted, and nothing else is said of those units; with a row of the provider's own it is."""
    home = Home(tmp_path)
    outcome = deliver(home, contracts, {extract: content}, "2482")
    assert outcome.status is Status.REFUSED
    assert set(rows(outcome, CODE)) == {extract}
    assert not rows(outcome, "UNIT_NOT_OWN")
    assert not read_accepted(home, extract, [TERM])
    own = content.splitlines(keepends=True)[-1].replace(mark(2), mark(9)).replace(OTHER, OWN)
    outcome = deliver(home, contracts, {extract: content + own}, "2482")
    assert outcome.status is not Status.REFUSED
    assert set(rows(outcome, "UNIT_NOT_OWN")) == {extract}
    assert read_accepted(home, extract, [TERM])


def test_prepare_writes_nothing_of_anothers_export(run: Run, tmp_path: Path) -> None:
    """Enough that the provider is misspelt; the provider and its list are named, and no unit."""
    file = case.export(tmp_path / "export.csv")
    key, out = case.key_file(tmp_path / "county.key"), tmp_path / "HT2025"
    named = ("--contract", "enrolments", "--term", "HT2025", "--date", "2026-01-20", "--key", key, "--out", out)
    ended = run("prepare", file, "--provider", "2480", *named)
    assert ended.code == 1, ended.out
    assert CODE in ended.out
    assert "--provider" in ended.out
    assert "suppliers.yaml" in ended.out
    assert OWN not in ended.out
    assert not out.exists()
    assert run("prepare", file, "--provider", "2482", *named).code == 0


def test_each_field_that_tells_is_its_extracts(contracts: Contracts, tmp_path: Path) -> None:
    """Every extract of persons has one; a folder of contracts that says nothing of it refuses nothing."""
    tells = tells_whose(contracts)
    named = tells.units | tells.municipality
    assert set(named) == {name for name, one in contracts.extracts.items() if one.rows_of_persons}
    assert all(field in contracts.extracts[name].terms for name, field in named.items())
    older = tmp_path / "delivery.yaml"
    older.write_text('due: {HT: "01-31", VT: "08-31"}\n')
    assert read_contract(older, DeliveryContract).of_another == OfAnother()
