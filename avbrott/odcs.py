"""Extract contracts in the Open Data Contract Standard, version 3.1, for catalogues and tools of others. YAML, a file each.

Everything said there stands in the contract and the glossary. Rules that the standard has a metric for are that (codes, empty
values, repeated keys); the others are text, with their code as name, since no other program can judge them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from avbrott.contract import ExtractContract
from avbrott.delivery.typed import form
from avbrott.documentation.fields import codes_of_field
from avbrott.documentation.glossary import both
from avbrott.glossary import Term, TermType
from avbrott.registry import Contracts

API_VERSION = "v3.1.0"
_TYPES: dict[TermType, str] = {"integer": "integer", "year": "integer", "boolean": "boolean", "date": "date"}
"""What is not here is a string: months are no days, and codes keep their zeros."""
_DOMAIN = "upper-secondary-dropout"


def odcs_pages(contracts: Contracts) -> dict[str, str]:
    """The YAML of every extract's contract, by the name of its file."""
    return {f"{name}.odcs.yaml": odcs_yaml(contract, contracts) for name, contract in contracts.extracts.items()}


def odcs_yaml(contract: ExtractContract, contracts: Contracts) -> str:
    """One contract; the same contract gives the same text."""
    return yaml.safe_dump(odcs(contract, contracts), allow_unicode=True, sort_keys=False, width=1000)


def odcs(contract: ExtractContract, contracts: Contracts) -> dict[str, Any]:
    """One contract as the standard's model has it."""
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"avbrott-{contract.name}",
        "name": contract.name,
        "version": contract.version,
        "status": "active",
        "domain": _DOMAIN,
        "description": {"purpose": both(contract.description)},
        "schema": [_schema(contract, contracts)],
        "customProperties": [
            {"property": "validFrom", "value": contract.valid_from.isoformat()},
            *([{"property": "validTo", "value": contract.valid_to.isoformat()}] if contract.valid_to else []),
            {"property": "rowsOfPersons", "value": contract.rows_of_persons},
        ],
    }


def _schema(contract: ExtractContract, contracts: Contracts) -> dict[str, Any]:
    key = {"metric": "duplicateValues", "arguments": {"properties": list(contract.key)}, "mustBe": 0}
    return {
        "name": contract.name,
        "logicalType": "object",
        "physicalType": "table",
        "businessName": both(contract.title),
        "description": both(contract.description),
        "properties": [_property(name, contract, contracts) for name in contract.terms],
        "quality": [{"name": "KEY_DUPLICATE", "type": "library", **key, "severity": "quarantine"}, *_rules(contract)],
    }


def _property(name: str, contract: ExtractContract, contracts: Contracts) -> dict[str, Any]:
    term = contracts.glossary.terms[name]
    kind = _TYPES.get(term.type, "string")
    said: dict[str, Any] = {"name": name, "businessName": both(term.name), "description": both(term.definition)}
    said |= {"logicalType": kind, "required": name not in contract.optional}
    if name in contract.key:
        said |= {"primaryKey": True, "primaryKeyPosition": contract.key.index(name) + 1}
    if options := _options(term, kind):
        said["logicalTypeOptions"] = options
    if term.type == "pseudonym":
        said["classification"] = "pseudonymised"
    if term.example:
        said["examples"] = [_example(term, kind)]
    if quality := list(_quality(term, contracts)):
        said["quality"] = quality
    if term.unit:
        said["customProperties"] = [{"property": "unit", "value": term.unit}]
    return said


def _options(term: Term, kind: str) -> dict[str, Any]:
    pattern = form(term)
    if kind == "date":
        return {"format": "yyyy-MM-dd"}
    if kind == "integer":
        return {name: bound for name, bound in (("minimum", term.minimum), ("maximum", term.maximum)) if bound is not None}
    return {"pattern": f"^(?:{pattern})$"} if kind == "string" and pattern is not None else {}


def _example(term: Term, kind: str) -> object:
    """An example in the type of the value."""
    example = str(term.example)
    match kind:
        case "integer":
            return int(example)
        case "boolean":
            return example == "true"
        case _:
            return example


def _quality(term: Term, contracts: Contracts) -> Iterator[dict[str, Any]]:
    codes = [code.code for code in codes_of_field(term.id, contracts.glossary, beside=True)]
    if codes:
        name, severity = ("CODE_UNKNOWN", "warning") if term.open_list else ("VALUE_CODE", "quarantine")
        valid = {"metric": "invalidValues", "arguments": {"validValues": codes}, "mustBe": 0}
        yield {"name": name, "type": "library", **valid, "severity": severity}


def _rules(contract: ExtractContract) -> Iterator[dict[str, Any]]:
    """The contract's own rules, in its words."""
    for rule in contract.rules:
        yield {"name": rule.code, "type": "text", "description": both(rule.text), "severity": rule.severity.value}
