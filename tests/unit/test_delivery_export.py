"""``avbrott check`` on an export with identities: held against the contract as the delivery that it would become."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from avbrott.delivery.at_home import check_files
from avbrott.delivery.command import check_command
from avbrott.delivery.report_html import as_html
from avbrott.delivery.report_json import as_json
from avbrott.delivery.report_junit import as_junit
from avbrott.errors import BadInput, ExitCode
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import load_messages
from tests.export_case import number
from tests.unit.test_delivery_ss12000 import ORGANISATIONS, PERSONS, content

HEADER = "Personnr;Elevens namn;Kön;Hemkommun;Skolkod;Skolform;Stkod;Åk;Startdatum;Slutdatum;Avbruten;Sekretess"
ROW = "{};Anna Andersson;Kvinna;2480;99248001;GY;EKJUR;1;20120820;;falskt;{}"
ANNA, BO, WRONG = number("19960315", 238), number("19970101", 239), "19960230-1234"
GIVEN_TERM = {"contract": "enrolments", "provider": "2480", "term": Term("HT", 2012)}
GIVEN = {"contract": "enrolments", "term": "HT2012", "provider": "2480"}


def checked(contracts: Contracts, *files: Path, **options) -> tuple[ExitCode, dict[str, dict[str, object]], str]:
    """Exit code, the findings of the first file by code, and all that is printed."""
    out = io.StringIO()
    code = check_command(files, contracts, json=True, console=Console(file=out, width=200), **(GIVEN | options))
    found = json.loads(out.getvalue())["files"][0]["findings"]
    return code, {one["code"]: one for one in found}, out.getvalue()


def export(folder: Path, *rows: str) -> Path:
    """An export as a Nordic Excel writes one."""
    file = folder / "elever.csv"
    file.write_bytes("\r\n".join([HEADER, *rows, "Summa;;;;;;;;;;;", ""]).encode("cp1252"))
    return file


def test_an_export_is_checked_as_what_it_would_become(tmp_path: Path, contracts: Contracts) -> None:
    """Names and protected persons are told as what stays, a year of birth is known by the number; nothing stops it."""
    file = export(tmp_path, ROW.format(ANNA, ""), ROW.format(BO, "J"))
    code, found, printed = checked(contracts, file)
    assert code is ExitCode.DONE, printed
    assert {one: found[one]["count"] for one in ("READ_EXPORT", "READ_EXPORT_COLUMNS", "READ_EXPORT_PROTECTED")} == {
        "READ_EXPORT": 2,
        "READ_EXPORT_COLUMNS": 2,
        "READ_EXPORT_PROTECTED": 1,
    }
    assert {"READ_WINDOWS_1252", "READ_SEMICOLON", "READ_TOTAL_ROW", "READ_DATE_COMPACT", "READ_BOOLEAN"} <= set(found)
    assert not any(value in printed for value in ("Andersson", ANNA, BO, "1996"))


def test_an_impossible_number_stops_it_by_its_row(tmp_path: Path, contracts: Contracts) -> None:
    """And the rules of the delivery hold as well, with the rows of the export."""
    bad = ROW.format(ANNA, "").replace(";Kvinna;", ";X;")
    code, found, printed = checked(contracts, export(tmp_path, ROW.format(WRONG, ""), bad))
    assert code is ExitCode.FINDINGS
    assert (found["IDENTITY_DATE"]["severity"], found["IDENTITY_DATE"]["rows"]) == ("blocking", [2])
    assert found["VALUE_CODE"]["rows"] == [3]
    assert "VALUE_MISSING" not in found, "the year would have been the number's, and so would the pseudonym"
    assert WRONG not in printed


def test_one_person_twice_is_found_by_the_number(tmp_path: Path, contracts: Contracts) -> None:
    """However it is written."""
    same = (ROW.format(ANNA, ""), ROW.format(f"{ANNA[2:8]}-{ANNA[8:]}", "").replace(";1;", ";2;"))
    _, found, _ = checked(contracts, export(tmp_path, *same))
    assert found["KEY_DUPLICATE"]["rows"] == [2, 3]


def test_an_export_needs_its_term(tmp_path: Path, contracts: Contracts) -> None:
    """The century of a number is judged at the term."""
    with pytest.raises(BadInput, match="CHECK_EXPORT_NEEDS_TERM"):
        checked(contracts, export(tmp_path, ROW.format(ANNA, "")), term=None)


def test_a_delivery_with_a_personnummer_beside_its_pseudonym_is_refused(contracts: Contracts) -> None:
    """It is no export, and must not leave."""
    code, found, _ = checked(
        contracts, Path(__file__).parent.parent / "fixtures" / "delivery" / "unknown_column_of_names.csv"
    )
    assert code is ExitCode.FINDINGS
    assert "READ_EXPORT" not in found
    assert "IDENTITY_CONTENT" in found


def test_ss12000_is_an_export(tmp_path: Path, contracts: Contracts) -> None:
    """Persons and organisations as the API gives them; a person of protected identity stays."""
    persons = [PERSONS[0] | {"civicNo": {"value": ANNA}, "enrolments": PERSONS[0]["enrolments"][:1]}]
    persons.append(persons[0] | {"id": "p3", "civicNo": {"value": BO}, "securityMarking": "Sekretessmarkering"})
    files = [tmp_path / "persons.json", tmp_path / "organisations.json"]
    for file, found in zip(files, (persons, ORGANISATIONS), strict=True):
        file.write_bytes(content(found))
    code, found, printed = checked(contracts, *files)
    assert code is ExitCode.DONE, printed
    assert found["READ_EXPORT_PROTECTED"]["count"] == 1
    assert ANNA not in printed


def test_a_value_in_another_form_has_that_finding_alone(tmp_path: Path, contracts: Contracts) -> None:
    """It is no unlisted code, and no unit of somebody else's; one that keeps its form is."""
    rows = (ROW.format(ANNA, "Nej"), ROW.format(BO, "Nej"))
    broken = rows[0].replace(";2480;99248001;", ";Okänd by;Skolan;")
    code, found, _ = checked(contracts, export(tmp_path, broken, rows[1]))
    assert code is ExitCode.FINDINGS
    assert {"VALUE_FORMAT"} == {one for one in found if one in {"VALUE_FORMAT", "CODE_UNKNOWN", "UNIT_NOT_OWN"}}
    _, found, _ = checked(contracts, export(tmp_path, broken, rows[1].replace(";2480;99248001;", ";9999;99248201;")))
    assert [found[one]["rows"] for one in ("CODE_UNKNOWN", "UNIT_NOT_OWN")] == [[3], [3]]


def test_a_missing_column_is_one_finding(tmp_path: Path, contracts: Contracts) -> None:
    """Not one more that every row lacks its value."""
    file = export(tmp_path, ROW.format(ANNA, ""), ROW.format(BO, ""))
    file.write_bytes(file.read_bytes().replace(b"Startdatum", b"Annat"))
    code, found, printed = checked(contracts, file)
    assert code is ExitCode.FINDINGS
    assert found["COLUMN_MISSING"]["field"] == "start_date", printed
    assert "VALUE_MISSING" not in found


def test_a_study_path_of_another_form_is_one_finding(tmp_path: Path, contracts: Contracts) -> None:
    """That it begins with no programme only follows."""
    file = export(tmp_path, ROW.format(ANNA, "").replace("EKJUR", "ek-jur"), ROW.format(BO, "").replace("EKJUR", "QQJUR"))
    _, found, _ = checked(contracts, file)
    assert found["VALUE_FORMAT"]["rows"] == [2]
    assert found["PROGRAMME_UNKNOWN"]["rows"] == [3]


def test_the_rows_of_an_export_are_counted_as_they_stand(tmp_path: Path, contracts: Contracts) -> None:
    """Those of protected persons too, as in what is said of the file beside."""
    file = export(tmp_path, ROW.format(ANNA, ""), ROW.format(BO, "J"))
    _, found, printed = checked(contracts, file)
    assert json.loads(printed)["files"][0]["rows"] == found["READ_EXPORT"]["count"] == 2


@pytest.mark.parametrize("others", [True, False])
def test_numbers_under_another_header_are_told_as_that(others: bool, tmp_path: Path, contracts: Contracts) -> None:
    """Whether other columns say that it is an export or not; no advice is given to remove the mark of protection, or them."""
    header = (
        HEADER.replace("Personnr", "Elev-ID") if others else HEADER.replace("Personnr", "Elev-ID").replace("Sekretess", "x")
    )
    file = tmp_path / "elever.csv"
    file.write_text("\n".join([header, ROW.format(ANNA, ""), ROW.format(BO, "J" if others else ""), ""]), "utf-8")
    code, found, printed = checked(contracts, file)
    assert code is ExitCode.FINDINGS
    assert [(one, found[one]["field"]) for one in found if found[one]["severity"] == "blocking"] == [
        ("COLUMN_MISSING", "personnummer")
    ]
    assert "Döp om rubriken över personnumren till Personnummer" in str(found["COLUMN_MISSING"]["mend"])
    assert "#1" in str(found["COLUMN_UNRECOGNISED"]["field"]).split(", ")
    assert ANNA not in printed


def test_zeros_that_a_number_has_lost_are_told(tmp_path: Path, contracts: Contracts) -> None:
    """As those of a municipality are; a number that lost other digits is refused as that."""
    born = number("20040229", 238)
    _, found, _ = checked(
        contracts, export(tmp_path, ROW.format(born[2:].lstrip("0"), ""), ROW.format(ANNA, "")), term="HT2020"
    )
    assert (found["READ_IDENTITY_ZERO"]["rows"], found["READ_IDENTITY_ZERO"]["field"]) == ([2], "personnummer")
    _, found, _ = checked(contracts, export(tmp_path, ROW.format(ANNA[4:], ""), ROW.format(BO, "")))
    assert found["IDENTITY_DIGITS_LOST"]["rows"] == [2]


def test_an_export_of_rows_that_are_all_set_aside_is_stopped_as_prepare_stops_it(
    tmp_path: Path, contracts: Contracts
) -> None:
    """A part of them is not."""
    bad = ROW.format(ANNA, "").replace(";Kvinna;", ";X;")
    assert "ROWS_ALL_ASIDE" in checked(contracts, export(tmp_path, bad))[1]
    assert "ROWS_ALL_ASIDE" not in checked(contracts, export(tmp_path, bad, ROW.format(BO, "")))[1]


def test_the_values_shown_of_an_export_are_those_that_stand_in_it(tmp_path: Path, contracts: Contracts) -> None:
    """On its owner's own screen, and never a pseudonym that nobody keeps."""
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=True, color_system=None)
    file = export(tmp_path, ROW.format(WRONG, ""), ROW.format(ANNA, ""), ROW.format(ANNA, ""), ROW.format(BO, "J"))
    check_command([file], contracts, console=console, show_values=True, **GIVEN)
    shown = [line.strip() for line in out.getvalue().splitlines()]
    assert f"2: {WRONG}" in shown
    assert any(line.startswith(f"4: {ANNA}, 99248001") for line in shown)
    assert BO not in out.getvalue()


def test_no_number_is_in_what_is_passed_on(tmp_path: Path, contracts: Contracts) -> None:
    """Neither in a report nor in what an error would show of what was checked: the numbers are for the screen alone."""
    (entry,) = check_files([export(tmp_path, ROW.format(ANNA, ""), ROW.format(WRONG, ""))], contracts, **GIVEN_TERM)
    assert entry.identities.height == 2
    texts = load_messages()
    told = (as_html([entry], contracts, texts, None, None), as_junit([entry], contracts, texts))
    told += (json.dumps(as_json([entry], contracts, texts, None, None)), repr(entry))
    assert not any(number in one for number in (ANNA, WRONG) for one in told)
