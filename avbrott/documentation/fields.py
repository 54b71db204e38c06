"""What may be said of one field of an extract besides its own words: which rules hold for it, and its codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from avbrott.contract import ExtractContract, Rule
from avbrott.delivery.typed import form
from avbrott.findings import Severity
from avbrott.glossary import Code, Glossary
from avbrott.schema import deliverable, term_checks


def general_rules(name: str, contract: ExtractContract, glossary: Glossary) -> Iterator[tuple[str, Severity]]:
    """The codes of the rules that follow from the glossary, in the order in which they are judged."""
    term = glossary.terms[name]
    if name not in contract.optional:
        yield "VALUE_MISSING", Severity.QUARANTINE
    yield from ((check.code, check.severity) for check in term_checks(term, glossary))
    if any(code.valid_from or code.valid_to for code in glossary.codes(term.begins_with or name)):
        yield "CODE_NOT_VALID", Severity.WARNING


def own_rules(name: str, contract: ExtractContract) -> list[Rule]:
    """The contract's own rules that speak of the field."""
    return [rule for rule in contract.rules if name in (*rule.fields, *rule.when, rule.limit)]


def codes_of_field(name: str, glossary: Glossary, *, beside: bool = False) -> tuple[Code, ...]:
    """The codes that a row may hold: those that keep the term's pattern; none where the term has no list.

    ``beside``: those too that are known beside the list.
    """
    term = glossary.terms[name]
    if term.type != "code":
        return ()
    pattern = form(term)
    listed = deliverable(glossary.known_codes(name) if beside else glossary.codes(name))
    return tuple(code for code in listed if pattern is None or re.fullmatch(pattern, code.code))
