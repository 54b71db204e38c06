"""The questionnaire of a provider that joins: everything is asked, and the same is asked each time."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook

from avbrott.forms.questionnaire import heading, questionnaire_bytes
from avbrott.forms.questions import coded_terms, disputed_terms, sections
from avbrott.registry import Contracts
from avbrott.texts import load_messages
from tests.unit.conftest import Run


def test_everything_is_asked_that_can_differ(contracts: Contracts) -> None:
    """Every header of every extract, every code of their terms, every reading of a disputed term."""
    asked = {one.name: {question.key for question in one.questions} for one in sections(contracts, load_messages())}
    for contract in contracts.extracts.values():
        for name in contract.terms:
            assert f"{contract.name}.{contracts.glossary.terms[name].replaces or name}" in asked["HEADERS"]
    assert {key.partition(".")[0] for key in asked["OWN_CODES"]} == {term.id for term in coded_terms(contracts)}
    assert asked["READINGS"] == {f"{term.id}.{one.id}" for term in disputed_terms(contracts) for one in term.readings}
    assert len(disputed_terms(contracts)) >= 8


def test_the_same_contracts_give_the_same_questionnaire(contracts: Contracts) -> None:
    """And its headings begin with the key, whose column answers are found by."""
    texts = load_messages()
    assert questionnaire_bytes(contracts, "xlsx") == questionnaire_bytes(contracts, "xlsx")
    assert {heading(section, texts)[0] for section in sections(contracts, texts)} == {"nyckel"}


def test_the_command_writes_an_empty_questionnaire(run: Run, tmp_path: Path, contracts: Contracts) -> None:
    """By the ending of the file's name; one that is there is left."""
    assert run("contracts", "questionnaire", "--out", tmp_path / "q.md").code == 0
    assert (tmp_path / "q.md").read_bytes() == questionnaire_bytes(contracts, "md")
    assert run("contracts", "questionnaire", "--out", tmp_path / "q.xlsx").code == 0
    assert load_workbook(tmp_path / "q.xlsx").sheetnames[0] == "Läs först"
    assert run("contracts", "questionnaire", "--out", tmp_path / "q.md").code == 2
