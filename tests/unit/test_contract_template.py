"""Templates: headers that are read back as their fields, code lists as drop-downs, instructions, equal bytes."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from avbrott.documentation.fields import codes_of_field
from avbrott.forms.template import header, template_bytes
from avbrott.glossary import Code
from avbrott.headers import header_terms, normal_header, term_of_header
from avbrott.identity.source import read_source_contract
from avbrott.registry import Contracts
from tests.unit.conftest import Run


def opened(contracts: Contracts, name: str, *, prepared: bool = False) -> Workbook:
    """The template of an extract, as a spreadsheet program opens it."""
    return load_workbook(io.BytesIO(template_bytes(contracts.extracts[name], contracts, "xlsx", prepared=prepared)))


@pytest.mark.parametrize("name", ["enrolments", "events", "absence", "kaa", "agency_counts"])
def test_every_header_is_read_as_its_field(contracts: Contracts, name: str) -> None:
    """The first sheet has the contract's fields in their order, with the identity that a pseudonym stands for."""
    sheet = opened(contracts, name).worksheets[0]
    known = header_terms(contracts.glossary)
    found = [term_of_header(str(cell.value), known) for cell in sheet[1]]
    terms = contracts.extracts[name].terms
    assert found == ["personnummer" if term == "pseudonym" else term for term in terms]
    assert sheet.max_row == 1
    assert [str(cell.value) for cell in opened(contracts, name, prepared=True).worksheets[0][1]] == header(
        contracts.extracts[name], contracts.glossary, prepared=True
    )


def test_each_code_list_is_a_drop_down(contracts: Contracts) -> None:
    """It offers the codes that a row may hold, all of them and no other; an open list lets others through with a question."""
    book = opened(contracts, "enrolments")
    sheet = book.worksheets[0]
    offered = {}
    for choice in sheet.data_validations.dataValidation:
        column = str(choice.sqref).split(":")[0].rstrip("0123456789")
        first, last = (int(part.rsplit("$", 1)[1]) for part in str(choice.formula1).split(":"))
        assert str(choice.sqref).endswith("1048576")
        offered[str(sheet[f"{column}1"].value)] = [str(book["Koder"][f"B{row}"].value) for row in range(first, last + 1)]
        assert choice.errorStyle == ("warning" if sheet[f"{column}1"].value == "Hemkommun" else "stop")
    expected = {
        contracts.glossary.terms[name].name.sv: [_as_chosen(code) for code in codes_of_field(name, contracts.glossary)]
        for name in contracts.extracts["enrolments"].terms
        if contracts.glossary.terms[name].type == "code"
    }
    assert offered == expected | {"Avslutad i förväg": ["true", "false"]}


def _as_chosen(code: Code) -> str:
    """Digits that nobody knows by heart stand with their name, which ``avbrott check`` reads as the code."""
    return f"{code.code} {code.sv}" if code.code.isdecimal() else code.code


def test_cells_are_text(contracts: Contracts) -> None:
    """A code with a zero in front keeps it."""
    sheet = opened(contracts, "enrolments").worksheets[0]
    formats = {dimension.number_format for dimension in sheet.column_dimensions.values()}
    assert formats == {"@"}


def test_the_instructions_tell_every_field_and_rule_in_both_languages(contracts: Contracts) -> None:
    """Meaning, rule and how to mend; and that the file with identity numbers never leaves."""
    book = opened(contracts, "events")
    for title, language in (("Instruktion", "sv"), ("Instructions", "en")):
        said = {str(cell.value) for row in book[title].iter_rows() for cell in row if cell.value is not None}
        for name in contracts.extracts["events"].terms:
            term = contracts.glossary.terms[contracts.glossary.terms[name].replaces or name]
            assert {getattr(term.name, language), getattr(term.definition, language)} <= said
        for rule in contracts.extracts["events"].rules:
            assert {rule.code, getattr(rule.text, language), getattr(rule.mend, language)} <= said
        assert any("avbrott prepare" in text for text in said)


def test_the_same_contract_gives_the_same_bytes(contracts: Contracts) -> None:
    """Whenever it is written; and no file inside says when."""
    first = template_bytes(contracts.extracts["kaa"], contracts, "xlsx")
    time.sleep(2.1)  # a zip counts in steps of two seconds
    assert template_bytes(contracts.extracts["kaa"], contracts, "xlsx") == first
    with zipfile.ZipFile(io.BytesIO(first)) as parts:
        assert {part.date_time[:3] for part in parts.infolist()} == {(2012, 7, 1)}


def test_the_command_writes_either_format_and_nothing_over(run: Run, tmp_path: Path, contracts: Contracts) -> None:
    """CSV is one line that a Swedish spreadsheet program opens as columns; a file that is there is left as it is."""
    target = tmp_path / "new" / "events.csv"
    ended = run("contracts", "template", "events", "--format", "csv", "--out", target)
    assert (ended.code, ended.err) == (0, "")
    assert "Skrev" in ended.out
    names = ";".join(header(contracts.extracts["events"], contracts.glossary))
    assert target.read_bytes() == b"\xef\xbb\xbf" + names.encode() + b"\r\n"
    before = target.read_bytes()
    again = run("contracts", "template", "events", "--out", target)
    assert again.code == 2
    assert "skrivs inte över" in again.err
    assert "not written over" in again.err
    assert target.read_bytes() == before
    assert run("contracts", "template", "events", "--out", tmp_path / "events.xlsx").code == 0
    assert load_workbook(tmp_path / "events.xlsx").sheetnames == ["events", "Instruktion", "Instructions", "Koder"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grades", "--out", "grades.xlsx"], "enrolments (Inskrivningar), events (Händelser), kaa"),
        (["events", "--format", "ods", "--out", "events.ods"], "xlsx, csv"),
        (["events", "--out", "events.ods"], ".xlsx, .csv"),
        (["events", "--format", "csv", "--out", "events.xlsx"], "slutar på .csv"),
        (["events"], "--out"),
    ],
)
def test_what_cannot_be_made_is_told(run: Run, arguments: list[str], said: str) -> None:
    """A contract that is not there, another format, a name that ends otherwise, no file."""
    ended = run("contracts", "template", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""


def test_a_folder_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "taken").write_text("")
    ended = run("contracts", "template", "events", "--out", tmp_path / "taken" / "events.xlsx")
    assert ended.code == 2
    assert "går inte att skriva" in ended.err


def test_the_one_column_that_may_be_added_is_read_as_what_it_is(contracts: Contracts) -> None:
    """Both languages name it, where rows are of persons with their numbers; the header and its yes are known ones."""
    source = read_source_contract(contracts)
    assert normal_header("Skyddade personuppgifter") in source.protected.headers
    assert "ja" in source.protected.marked
    cases = (("enrolments", False, True), ("enrolments", True, False), ("agency_counts", False, False))
    for name, prepared, is_told in cases:
        book = opened(contracts, name, prepared=prepared)
        for title in ("Instruktion", "Instructions"):
            said = [str(cell.value) for row in book[title].iter_rows() for cell in row if cell.value is not None]
            assert any("Skyddade personuppgifter, " in text for text in said) == is_told
