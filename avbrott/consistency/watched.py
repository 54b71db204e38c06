"""What is watched: extracts and fields that exist, columns that the frames of counts have, one code an expectation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from avbrott.consistency.extracts import conditions
from avbrott.consistency.terms import is_empty
from avbrott.expectations.contract import COLUMNS, Expectation, Frame
from avbrott.mistakes import Mistake

if TYPE_CHECKING:
    from avbrott.registry import Contracts

FILE = "expectations.yaml"

_Found = tuple[str, str, dict[str, str]]


def watch_mistakes(contracts: Contracts) -> Iterator[Mistake]:
    """Mistakes of the expectations."""
    for key, code, parameters in _watched(contracts):
        yield Mistake(FILE, key, code, parameters)
    expectations = [(suite, found) for suite in contracts.expectations.suites for found in suite.expectations]
    for name, times in Counter(found.code for _, found in expectations).items():
        if times > 1:
            yield Mistake(FILE, f"suites.{name}", "MISTAKE_TWICE", {"name": name})
    for suite, found in expectations:
        for key, code, parameters in _expectation(found, suite.frame):
            yield Mistake(FILE, f"suites.{suite.name}.{found.code}.{key}", code, parameters)


def _watched(contracts: Contracts) -> Iterator[_Found]:
    for rows in contracts.expectations.rows:
        if rows.extract not in contracts.extracts:
            yield f"rows.{rows.extract}", "MISTAKE_NO_EXTRACT", {"name": rows.extract}
    for share in contracts.expectations.shares:
        extract = contracts.extracts.get(share.extract)
        if extract is None:
            yield f"shares.{share.name}.extract", "MISTAKE_NO_EXTRACT", {"name": share.extract}
            continue
        for key, code, parameters in (
            *conditions("where", share.where, extract, contracts.glossary),
            *conditions("of", share.of, extract, contracts.glossary),
        ):
            yield f"shares.{share.name}.{key}", code, parameters


def _expectation(found: Expectation, frame: Frame) -> Iterator[_Found]:
    for key, text in (("text", found.text), ("mend", found.mend)):
        if is_empty(text):
            yield key, "MISTAKE_EMPTY_TEXT", {}
    if found.minimum is not None and found.maximum is not None and found.minimum > found.maximum:
        yield "minimum", "MISTAKE_ORDER", {}
    if found.expectation == "values_between" and found.column not in COLUMNS[frame]:
        yield "column", "MISTAKE_NO_COLUMN", {"name": str(found.column), "frame": frame}
