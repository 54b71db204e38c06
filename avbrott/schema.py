"""Checks generated from contracts and glossary, held against rows in one pass: which rule, and which rows break it.

Each rule is one expression that gives one truth value a row. Nothing of a row but its place leaves this module. What is
accepted is held against the same checks once more by Pandera (``gate``). Reading files, and rules that need another extract,
are not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.delivery.rules import Situation, listed_beginning, row_rules
from avbrott.delivery.typed import DAY_NUMBER, DAYS, NO_DAY, SHORT_YEAR, dtype, form, value
from avbrott.findings import Severity
from avbrott.glossary import Code, Glossary, Term
from avbrott.periods import Term as SchoolTerm

OF_FORM = frozenset({"VALUE_FORMAT", "VALUE_DAY_NUMBER", "VALUE_SHORT_YEAR", "VALUE_NO_DAY"})
"""The rules that a value breaks by how it is written."""


@dataclass(frozen=True, slots=True)
class RowCheck:
    """A rule judged row by row: ``holds`` is true, false, or null where another rule has its say."""

    code: str
    field: str
    severity: Severity
    holds: pl.Expr


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule and the rows that break it (one truth value a row of the frame)."""

    code: str
    field: str
    severity: Severity
    fails: pl.Series
    beside: pl.Series | None = None
    """For a rule about two rows, the position of the other one; null where the rule holds."""


def row_checks(contract: ExtractContract, glossary: Glossary, situation: Situation) -> list[RowCheck]:
    """Every rule that can be judged on one row: the terms' forms, codes and ranges, then the contract's own."""
    terms = [glossary.terms[name] for name in contract.terms]
    return [
        *(check for term in terms for check in term_checks(term, glossary)),
        *(check for term in terms for check in _validity(term, contract, glossary, situation.term)),
        *(
            RowCheck(rule.code, rule.fields[0] if len(rule.fields) == 1 else "", rule.severity, holds)
            for rule, holds in row_rules(contract, glossary, situation)
        ),
    ]


def term_checks(term: Term, glossary: Glossary) -> list[RowCheck]:
    """What the glossary says of one term: form, range, and which codes there are."""
    checks = []
    text = pl.col(term.id)
    pattern = form(term)
    if pattern is not None:
        keeps = text.str.contains(f"^(?:{pattern})$")
        readable = keeps & value(term).is_not_null() if dtype(term) != pl.String() else keeps
        if term.type in DAYS:
            is_day_number = text.str.contains(DAY_NUMBER)
            checks.append(RowCheck("VALUE_DAY_NUMBER", term.id, Severity.QUARANTINE, ~is_day_number))
            readable = readable | is_day_number
        if term.type == "date":
            is_short = text.str.contains(SHORT_YEAR)
            checks.append(RowCheck("VALUE_SHORT_YEAR", term.id, Severity.QUARANTINE, ~is_short))
            is_none = text.str.contains(NO_DAY) & value(term).is_null()
            checks.append(RowCheck("VALUE_NO_DAY", term.id, Severity.QUARANTINE, ~is_none))
            readable = readable | is_short | is_none
        checks.append(RowCheck("VALUE_FORMAT", term.id, Severity.QUARANTINE, text.is_null() | readable))
    if term.minimum is not None or term.maximum is not None:
        within = value(term).is_between(
            term.minimum if term.minimum is not None else -(2**62), term.maximum if term.maximum is not None else 2**62
        )
        checks.append(RowCheck("VALUE_RANGE", term.id, Severity.QUARANTINE, within))
    listed = deliverable(glossary.known_codes(term.id))
    if term.type == "code" and listed:
        code, severity = ("CODE_UNKNOWN", Severity.WARNING) if term.open_list else ("VALUE_CODE", Severity.QUARANTINE)
        is_listed = text.is_in([code.code for code in listed])
        known = is_listed if pattern is None else is_listed | ~text.str.contains(f"^(?:{pattern})$")
        checks.append(RowCheck(code, term.id, severity, known))  # what breaks its form has that finding alone
    return checks


def deliverable(codes: Sequence[Code]) -> tuple[Code, ...]:
    """The codes a row may hold: those that no other code divides further."""
    parents = {code.parent for code in codes}
    return tuple(code for code in codes if code.code not in parents)


def _validity(
    term: Term, contract: ExtractContract, glossary: Glossary, school_term: SchoolTerm | None
) -> Iterator[RowCheck]:
    """Codes that may not be used on the row's own day, or in no part of the delivery's term where rows have none."""
    if term.begins_with is not None:
        code, codes = listed_beginning(term, glossary), glossary.codes(term.begins_with)
    else:
        code, codes = pl.col(term.id), glossary.codes(term.id)
    periods: dict[tuple[date | None, date | None], list[Code]] = {}
    for listed in codes:
        if listed.valid_from is not None or listed.valid_to is not None:
            periods.setdefault((listed.valid_from, listed.valid_to), []).append(listed)
    outside = []
    for (first, last), dated in periods.items():
        used = code.is_in([listed.code for listed in dated])
        if contract.dated_by is not None:
            day = value(glossary.terms[contract.dated_by])
            outside.append(used & ~day.is_between(first or date.min, last or date.max))
        elif school_term is not None and not dated[0].is_valid(school_term.first_day, school_term.last_day):
            outside.append(used)
    if outside:
        yield RowCheck("CODE_NOT_VALID", term.id, Severity.WARNING, ~pl.any_horizontal(outside))


def failures(contract: ExtractContract, frame: pl.DataFrame, checks: Sequence[RowCheck]) -> list[Failure]:
    """Hold ``frame`` against every check and give each rule that some row breaks, in the order of the contract.

    A check that cannot be carried out is an error of the program, raised as RuntimeError with the rule's code alone.
    """
    if frame.is_empty():
        return []
    checks = [*_filled(contract), *checks]
    judged = _judged(frame, checks)
    broken = [
        Failure(check.code, check.field, check.severity, ~holds)
        for check, holds in zip(checks, judged.iter_columns(), strict=True)
        if not holds.all()
    ]
    order = {name: place for place, name in enumerate(contract.terms)}
    return sorted(broken, key=lambda failure: (order.get(failure.field, len(order)), failure.code))


def _filled(contract: ExtractContract) -> Iterator[RowCheck]:
    """That what may not be empty is not."""
    for name in contract.terms:
        if name not in contract.optional:
            yield RowCheck("VALUE_MISSING", name, Severity.QUARANTINE, pl.col(name).is_not_null())


def _judged(frame: pl.DataFrame, checks: Sequence[RowCheck]) -> pl.DataFrame:
    """One truth value a row and check, in one parallel pass; where one cannot be carried out, which."""
    wanted = [check.holds.fill_null(True).alias(str(place)) for place, check in enumerate(checks)]
    try:
        return frame.select(wanted)
    except pl.exceptions.PolarsError:
        pass
    for check, holds in zip(checks, wanted, strict=True):
        try:
            frame.select(holds)
        except pl.exceptions.PolarsError:
            culprit = check.code
            break
    raise RuntimeError(f"CHECK_ERROR: {culprit}")
