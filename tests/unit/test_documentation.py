"""Generated pages agree with the contracts, and say what a data owner needs."""

import shutil
from pathlib import Path

import pytest

from avbrott.documentation.__main__ import main
from avbrott.documentation.fields import codes_of_field, general_rules
from avbrott.documentation.glossary import swedish
from avbrott.documentation.pages import pages
from avbrott.documentation.written import stale, write
from avbrott.registry import load_contracts, packaged_contracts

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages(load_contracts())


def test_the_pages_in_the_repository_are_current(made):
    """``docs/`` holds what the contracts say today."""
    assert stale(DOCS, made) == []


def test_check_fails_when_a_contract_changes(tmp_path, capsys):
    """A definition that is changed makes its page stale: exit code 1, the page named, nothing written."""
    docs = tmp_path / "docs"
    contracts = shutil.copytree(packaged_contracts(), tmp_path / "contracts")
    options = ["--docs", str(docs), "--contracts", str(contracts)]
    assert main(options) == 0
    assert main([*options, "--check"]) == 0
    events = contracts / "glossary" / "events.yaml"
    events.write_text(events.read_text("utf-8").replace("Programmet passade inte", "Programmet var fel"), "utf-8")
    before = (docs / "glossary.md").read_bytes()
    assert main([*options, "--check"]) == 1
    assert "glossary.md" in capsys.readouterr().err
    assert (docs / "glossary.md").read_bytes() == before


def test_a_page_of_a_contract_that_is_gone_is_removed(tmp_path, made):
    """No page outlives its contract; pages of others outside the generated folder are left alone."""
    (tmp_path / "contracts" / "extracts").mkdir(parents=True)
    (tmp_path / "contracts" / "extracts" / "grades.md").write_text("old", "utf-8")
    (tmp_path / "decisions.md").write_text("kept", "utf-8")
    assert "contracts/extracts/grades.md" in write(tmp_path, made)
    assert not (tmp_path / "contracts" / "extracts" / "grades.md").exists()
    assert (tmp_path / "decisions.md").read_text("utf-8") == "kept"
    assert write(tmp_path, made) == []


def test_a_contracts_page_tells_every_field_and_rule_in_both_languages(made):
    """Fields, codes of rules, and how to mend, Swedish before English."""
    contracts = load_contracts()
    for contract in contracts.extracts.values():
        text = made[f"contracts/extracts/{contract.name}.md"]
        assert text.index(contract.description.sv) < text.index(contract.description.en)
        assert all(f"`{name}`" in text for name in contract.terms)
        for rule in contract.rules:
            assert all(words in text for words in (f"`{rule.code}`", rule.text.sv, rule.mend.sv, rule.text.en, rule.mend.en))


def test_the_glossary_shows_every_reading_of_a_disputed_term(made):
    """Both the readings that compete and the one in use stand on the page."""
    for term in load_contracts().glossary.terms.values():
        assert term.definition.sv in made["glossary.md"]
        for reading in term.readings:
            assert reading.sv in made["glossary.md"]
            line = next(line for line in made["glossary.md"].splitlines() if reading.sv in line and line.startswith("- "))
            assert ("←" in line) == (reading.id == term.used)


def test_swedish_letters_sort_last():
    """Å, ä and ö come after z, in that order."""
    assert sorted(["Ö", "Ä", "Å", "Z", "A"], key=swedish) == ["A", "Z", "Å", "Ä", "Ö"]


def test_a_contracts_page_tells_all_of_each_field(made):
    """Its meaning, the codes a row may hold, the rules that follow from the glossary, and disputed terms as they are read."""
    contracts = load_contracts()
    for contract in contracts.extracts.values():
        text = made[f"contracts/extracts/{contract.name}.md"]
        for name in contract.terms:
            term = contracts.glossary.terms[name]
            part = text.split(f"#### {term.name.sv} (`{name}`)")[1].split("\n###")[0]
            assert term.definition.sv in part
            assert not term.example or f"`{term.example}`" in part
            assert all(f"| `{code.code}` | {code.sv}" in part for code in codes_of_field(name, contracts.glossary))
            assert all(f"`{rule}`" in part for rule, _ in general_rules(name, contract, contracts.glossary))
            assert ("`VALUE_MISSING`" in part) == (name not in contract.optional)
        for name in contract.disputed:
            term = contracts.glossary.terms[name]
            (used,) = (reading for reading in term.readings if reading.id == term.used)
            assert used.sv in text
            assert used.en in text
    assert any(contract.disputed for contract in contracts.extracts.values())
    assert "`outside`" not in made["contracts/extracts/enrolments.md"]  # it keeps no pattern, and is never delivered


def test_every_provider_and_school_unit_is_told_with_its_code(made, contracts):
    """By name, with the terms of its membership; a unit with whose it is, and until when."""
    lines = made["contracts/providers.md"].splitlines()
    for supplier in contracts.suppliers.suppliers:
        (line,) = [one for one in lines if one.startswith(f"| `{supplier.id}` |")]
        assert supplier.name in line
        assert all(f"](extracts/{extract}.md)" in line for extract in supplier.extracts)
        assert all(period.first in line for period in supplier.member)
        for unit in supplier.units:
            (line,) = [one for one in lines if one.startswith(f"| `{unit.code}` |")]
            assert f"| {unit.name} | `{supplier.id}` |" in line
            assert all(str(day) in line for day in (unit.valid_from, unit.valid_to) if day)
