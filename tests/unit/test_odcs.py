"""Contracts in the Open Data Contract Standard: valid by its model and its schema, with all that the contract asks."""

from __future__ import annotations

import importlib.resources
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from avbrott.documentation.fields import codes_of_field
from avbrott.odcs import odcs_pages, odcs_yaml
from avbrott.registry import Contracts
from tests.unit.conftest import Run

NAMES = ["enrolments", "events", "absence", "kaa", "agency_counts"]


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_valid(contracts: Contracts, name: str) -> None:
    """By the model of pydantic, which forbids what it does not know, and by the standard's JSON schema."""
    text = odcs_yaml(contracts.extracts[name], contracts)
    OpenDataContractStandard.from_string(text)
    schema = json.loads((importlib.resources.files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
    jsonschema.Draft201909Validator(schema).validate(yaml.safe_load(text))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_a_contract_is_lost(contracts: Contracts, name: str) -> None:
    """Version, fields in their order, key, what may be empty, codes, patterns that fit the example, every rule."""
    contract = contracts.extracts[name]
    read = OpenDataContractStandard.from_string(odcs_yaml(contract, contracts))
    assert (read.name, read.version) == (contract.name, contract.version)
    assert read.schema_ is not None
    (table,) = read.schema_
    assert table.properties is not None
    assert table.quality is not None
    fields = {str(one.name): one for one in table.properties}
    assert tuple(fields) == contract.terms
    key = sorted((one.primaryKeyPosition or 0, one.name) for one in table.properties if one.primaryKey)
    assert tuple(name for _, name in key) == contract.key
    assert {one.name for one in table.properties if not one.required} == set(contract.optional)
    assert [one.name for one in table.quality][1:] == [rule.code for rule in contract.rules]
    for term, one in fields.items():
        codes = [code.code for code in codes_of_field(term, contracts.glossary, beside=True)]
        listed = [found.arguments["validValues"] for found in one.quality or () if found.arguments]
        assert listed == ([codes] if codes else [])
        pattern = (one.logicalTypeOptions or {}).get("pattern")
        if pattern and one.examples:
            assert re.fullmatch(pattern, one.examples[0])


def test_the_command_writes_a_file_each(run: Run, tmp_path: Path, contracts: Contracts) -> None:
    """The same bytes each time."""
    assert run("contracts", "export", "--format", "odcs", "--out", tmp_path / "odcs").code == 0
    written = {file.name: file.read_text("utf-8") for file in (tmp_path / "odcs").iterdir()}
    assert written == odcs_pages(contracts)
    assert set(written) == {f"{name}.odcs.yaml" for name in contracts.extracts}
    assert run("contracts", "export", "--format", "xml", "--out", tmp_path).code == 2
