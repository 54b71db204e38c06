"""Extract contracts: their fields are terms that may be delivered, their rules speak of fields and codes that are there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from avbrott.consistency.terms import is_empty
from avbrott.contract import ExtractContract, Rule
from avbrott.glossary import Glossary
from avbrott.mistakes import Mistake

if TYPE_CHECKING:
    from avbrott.registry import Contracts

NEEDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "order": (2, ()),
    "requires": (1, ()),
    "together": (2, ()),
    "at_most": (1, ("limit",)),
    "overlaps_term": (2, ()),
    "within_term": (1, ()),
    "lag": (2, ("maximum",)),
    "age": (2, ("minimum", "maximum")),
    "own_unit": (1, ()),
    "exists_in": (1, ("extract",)),
    "begins_with_code": (1, ()),
    "agrees": (1, ("extract", "other_when")),
}
"""By kind of rule, the least number of fields and the keys it cannot do without."""

_VERSION = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})")
_Found = tuple[str, str, dict[str, str]]


def extract_mistakes(contracts: Contracts) -> Iterator[Mistake]:
    """Mistakes of every extract contract, earlier versions among them."""
    files = {f"extracts/{contract.name}.yaml": contract for contract in contracts.extracts.values()}
    files |= {f"extracts/earlier/{one.name}-{one.version}.yaml": one for one in contracts.earlier}
    for file, contract in files.items():
        for key, code, parameters in (
            *_version(contract, contracts),
            *_fields(contract, contracts.glossary),
            *_rules(contract, contracts),
        ):
            yield Mistake(file, key, code, parameters)


def _version(contract: ExtractContract, contracts: Contracts) -> Iterator[_Found]:
    """A version is three numbers, and an earlier one is lower, and was valid before, the next."""
    if _VERSION.fullmatch(contract.version) is None:
        yield "version", "MISTAKE_VERSION", {}
        return
    if contract.valid_to is not None and contract.valid_to < contract.valid_from:
        yield "valid_to", "MISTAKE_ORDER", {}
    current = contracts.extracts.get(contract.name)
    if current is None:
        yield "name", "MISTAKE_NO_EXTRACT", {"name": contract.name}
    elif contract is not current and _VERSION.fullmatch(current.version) is not None:
        if contract.number >= current.number:
            yield "version", "MISTAKE_VERSION_ORDER", {"name": current.version}
        if contract.valid_from > current.valid_from:
            yield "valid_from", "MISTAKE_ORDER", {}


def _fields(contract: ExtractContract, glossary: Glossary) -> Iterator[_Found]:
    for key, text in (("title", contract.title), ("description", contract.description)):
        if is_empty(text):
            yield key, "MISTAKE_EMPTY_TEXT", {}
    for key, names in (("terms", contract.terms), ("optional", contract.optional), ("key", contract.key)):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{key}.{name}", "MISTAKE_TWICE", {"name": name}
    for name in contract.terms:
        term = glossary.terms.get(name)
        if term is None:
            yield f"terms.{name}", "MISTAKE_NO_TERM", {"name": name}
        elif term.sensitive:
            yield f"terms.{name}", "MISTAKE_SENSITIVE", {"name": name}
        elif term.type == "concept":
            yield f"terms.{name}", "MISTAKE_CONCEPT", {"name": name}
    for name in contract.disputed:
        if name not in glossary.terms:
            yield f"disputed.{name}", "MISTAKE_NO_TERM", {"name": name}
        elif glossary.terms[name].status != "disputed":
            yield f"disputed.{name}", "MISTAKE_NOT_DISPUTED", {"name": name}
    yield from _outside("optional", contract.optional, contract)
    yield from _outside("key", contract.key, contract)
    for name in contract.key:
        if name in contract.optional:
            yield f"optional.{name}", "MISTAKE_OPTIONAL_KEY", {"name": name}
    if contract.dated_by is not None:
        yield from _outside("dated_by", [contract.dated_by], contract)
        if contract.dated_by in glossary.terms and glossary.terms[contract.dated_by].type != "date":
            yield f"dated_by.{contract.dated_by}", "MISTAKE_NO_DATE", {"name": contract.dated_by}


def _rules(contract: ExtractContract, contracts: Contracts) -> Iterator[_Found]:
    codes = [rule.code for rule in contract.rules]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield f"rules.{code}", "MISTAKE_TWICE", {"name": code}
    for rule in contract.rules:
        for key, code, parameters in _rule(rule, contract, contracts):
            yield f"rules.{rule.code}.{key}", code, parameters


def _rule(rule: Rule, contract: ExtractContract, contracts: Contracts) -> Iterator[_Found]:
    for key, text in (("text", rule.text), ("mend", rule.mend)):
        if is_empty(text):
            yield key, "MISTAKE_EMPTY_TEXT", {}
    least, keys = NEEDS[rule.kind]
    if len(rule.fields) < least:
        yield "fields", "MISTAKE_RULE_NEEDS", {"kind": rule.kind, "name": f"{least} fields"}
    for key in keys:
        if getattr(rule, key) in (None, {}):
            yield key, "MISTAKE_RULE_NEEDS", {"kind": rule.kind, "name": key}
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        yield "minimum", "MISTAKE_ORDER", {}
    yield from _outside("fields", rule.fields, contract)
    if rule.kind == "begins_with_code":
        for name in rule.fields:
            if name in contracts.glossary.terms and contracts.glossary.terms[name].begins_with is None:
                yield f"fields.{name}", "MISTAKE_NO_BEGINNING", {"name": name}
    yield from _outside("limit", [rule.limit] if rule.limit else [], contract)
    yield from conditions("when", rule.when, contract, contracts.glossary)
    if rule.extract is None:
        return
    other = contracts.extracts.get(rule.extract)
    if other is None:
        yield "extract", "MISTAKE_NO_EXTRACT", {"name": rule.extract}
        return
    yield from _outside("fields", rule.fields, other)
    yield from conditions("other_when", rule.other_when, other, contracts.glossary)


def _outside(key: str, names: Iterable[str], contract: ExtractContract) -> Iterator[_Found]:
    """Names that are no fields of the contract."""
    for name in names:
        if name not in contract.terms:
            yield f"{key}.{name}", "MISTAKE_NO_FIELD", {"name": name, "extract": contract.name}


def conditions(
    key: str, asked: Mapping[str, tuple[str, ...]], contract: ExtractContract, glossary: Glossary
) -> Iterator[_Found]:
    """Conditions on fields that are not there, or on codes that no row can have."""
    yield from _outside(key, asked, contract)
    for name, values in asked.items():
        if name not in contract.terms or name not in glossary.terms:
            continue
        listed = {code.code for code in glossary.codes(name)}
        for value in values:
            if listed and value not in listed:
                yield f"{key}.{name}", "MISTAKE_NO_CODE", {"name": value, "term": name}
