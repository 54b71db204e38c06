"""Extract contracts: which terms a delivered extract holds, its key and its rules. They list terms and define none.

Files: ``contracts/extracts/<name>.yaml`` is the current version, ``contracts/extracts/earlier/<name>-<version>.yaml`` each
one before it. The rules are turned into Pandera checks by ``schema``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from avbrott.findings import Severity
from avbrott.model import Model, Text

RuleKind = Literal[
    "order",  # fields[0] <= fields[1] where both are there
    "requires",  # every one of `fields` must be there
    "together",  # `fields` are all there or all empty
    "at_most",  # the sum of `fields` is at most the field `limit`
    "overlaps_term",  # the period fields[0]..fields[1] (open where empty) meets the delivery's term
    "within_term",  # the month or date of `fields` lies in the delivery's term
    "lag",  # fields[1] comes at most `maximum` months after fields[0]
    "age",  # the year of fields[1] minus fields[0] (a year) is `minimum`..`maximum`
    "own_unit",  # the school unit in `fields` belongs to the provider (or it has none of its own)
    "exists_in",  # the values of `fields` are found together in `extract` of the same provider and term
    "begins_with_code",  # the value of `fields` begins with a code of the term that the glossary names in `begins_with`
    "agrees",  # rows where `when` holds have a row of `extract` with the same `fields` where `other_when` holds, and back
]


def _of_a_rule(severity: Severity) -> Severity:
    if severity is Severity.ASSUMED:
        raise PydanticCustomError("enum", "no severity of a rule", {"expected": "'blocking', 'quarantine' or 'warning'"})
    return severity


class Rule(Model):
    """One rule of a contract: a code, what it does, and the rule in the sender's own words.

    ``when`` narrows a rule of any kind to the rows whose fields have one of the listed values, written as in the file
    (``"true"``); ``other_when`` does the same to the rows of ``extract``. An empty field keeps every rule but ``requires``
    and ``together``.
    """

    code: str
    kind: RuleKind
    severity: Annotated[Severity, AfterValidator(_of_a_rule)]
    fields: tuple[str, ...] = ()
    when: dict[str, tuple[str, ...]] = {}
    limit: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    extract: str | None = None
    other_when: dict[str, tuple[str, ...]] = {}
    text: Text
    mend: Text


class ExtractContract(Model):
    """What a provider delivers under one name for one term."""

    name: str
    version: str
    """``<major>.<minor>.<patch>``: major where a file that kept the contract breaks it, minor where it gained something."""
    valid_from: date
    """The first day on which a delivery may name the version."""
    valid_to: date | None = None
    """The last such day; empty: until the next version but one is valid."""
    title: Text
    description: Text
    terms: tuple[str, ...]
    """The columns, in the order of the template; each is a term of the glossary."""
    optional: tuple[str, ...] = ()
    """The terms that may be empty in a row."""
    key: tuple[str, ...]
    dated_by: str | None = None
    """The date on which a row's codes must be valid; empty: on some day of the delivery's term."""
    disputed: tuple[str, ...] = ()
    """The disputed terms that the statistics read out of it: a provider that reads one otherwise delivers something else."""
    rules: tuple[Rule, ...] = ()
    rows_of_persons: bool = True
    """False where the extract holds counts (agency_counts)."""

    @property
    def number(self) -> tuple[int, ...]:
        """The version in the order of versions: 1.10.0 comes after 1.9.0."""
        return tuple(map(int, self.version.split(".")))
