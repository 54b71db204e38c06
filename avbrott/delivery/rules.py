"""Contract rules that can be judged row by row, as expressions. Rules that need another extract are in ``across``.

An expression is true where the rule holds, false where it does not, null where a value it needs is missing or unreadable:
that is another rule's finding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import polars as pl

from avbrott.contract import ExtractContract, Rule
from avbrott.delivery.typed import form, value
from avbrott.glossary import Glossary
from avbrott.glossary import Term as GlossaryTerm
from avbrott.periods import Term
from avbrott.suppliers import Supplier

ACROSS = frozenset({"exists_in", "agrees"})
_NEEDS_TERM = frozenset({"overlaps_term", "within_term"})


@dataclass(frozen=True, slots=True)
class Situation:
    """What a rule may need beside the row: the delivery's term, and the school units of each provider."""

    term: Term | None = None
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Providers with school units of their own; the others may name any."""
    providers_known: bool = True

    @classmethod
    def of(cls, term: Term | None, suppliers: list[Supplier]) -> Situation:
        """The situation of a delivery of ``term`` by ``suppliers`` (none: an unknown provider)."""
        return cls(term, {found.id: _units(found, term) for found in suppliers if found.units}, bool(suppliers))


def skipped(contract: ExtractContract, situation: Situation) -> list[Rule]:
    """The row-wise rules that cannot be judged without a term or a provider."""
    return [rule for rule in contract.rules if rule.kind not in ACROSS and not _judgeable(rule, situation)]


def row_rules(contract: ExtractContract, glossary: Glossary, situation: Situation) -> list[tuple[Rule, pl.Expr]]:
    """The rules that can be judged here, each with the expression that is true where it holds."""
    return [
        (rule, _where(rule.when) | _holds(rule, glossary, situation) if rule.when else _holds(rule, glossary, situation))
        for rule in contract.rules
        if rule.kind not in ACROSS and _judgeable(rule, situation)
    ]


def holds_when(when: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """True where every field has one of its values, false elsewhere (also where it is empty)."""
    return reduce(
        lambda left, right: left & right,
        (pl.col(name).is_in(list(values)).fill_null(False) for name, values in when.items()),
        pl.lit(True),
    )


def listed_beginning(term: GlossaryTerm, glossary: Glossary) -> pl.Expr:
    """The longest code of the term's ``begins_with`` that a value begins with; null where there is none."""
    assert term.begins_with is not None
    longest_first = sorted((code.code for code in glossary.codes(term.begins_with)), key=lambda code: (-len(code), code))
    return pl.col(term.id).str.extract(f"^({'|'.join(map(re.escape, longest_first))})")


def _where(when: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    return ~holds_when(when)


def _judgeable(rule: Rule, situation: Situation) -> bool:
    if rule.kind in _NEEDS_TERM:
        return situation.term is not None
    return rule.kind != "own_unit" or situation.providers_known


def _units(supplier: Supplier, term: Term | None) -> tuple[str, ...]:
    """The units that were the supplier's on any day of the term."""
    return tuple(
        unit.code
        for unit in supplier.units
        if term is None
        or (
            (unit.valid_from is None or unit.valid_from <= term.last_day)
            and (unit.valid_to is None or unit.valid_to >= term.first_day)
        )
    )


def _holds(rule: Rule, glossary: Glossary, situation: Situation) -> pl.Expr:
    values = [value(glossary.terms[name]) for name in rule.fields]
    given = [pl.col(name).is_not_null() for name in rule.fields]  # what is there and cannot be read has its own finding
    match rule.kind:
        case "order":
            return values[0] <= values[1]
        case "requires":
            return pl.all_horizontal(given)
        case "together":
            return pl.all_horizontal(given) | ~pl.any_horizontal(given)
        case "at_most":
            assert rule.limit is not None
            return pl.sum_horizontal(values) <= value(glossary.terms[rule.limit])
        case "lag":
            return values[1] <= values[0].dt.offset_by(f"{rule.maximum}mo")
        case "age":
            age = values[1].dt.year().cast(pl.Int64) - values[0]
            return _between(age, rule.minimum, rule.maximum)
        case "begins_with_code":
            begins = listed_beginning(glossary.terms[rule.fields[0]], glossary).is_not_null()
            pattern = form(glossary.terms[rule.fields[0]])
            is_whole = values[0].is_not_null() if pattern is None else values[0].str.contains(f"^(?:{pattern})$")
            return pl.when(is_whole).then(begins)  # what breaks its form has that finding alone
        case "own_unit":
            pairs = [f"{provider}/{unit}" for provider, units in situation.units.items() for unit in units]
            named = pl.concat_str("provider", values[0], separator="/")
            own = ~pl.col("provider").is_in(list(situation.units)) | named.is_in(pairs)
            pattern = form(glossary.terms[rule.fields[0]])
            return own if pattern is None else pl.when(values[0].str.contains(f"^(?:{pattern})$")).then(own)
        case "overlaps_term":
            assert situation.term is not None
            runs_on = values[1].is_null() | (values[1] >= situation.term.first_day)
            return (values[0] <= situation.term.last_day) & runs_on
        case "within_term":
            assert situation.term is not None
            return _within(values[0], glossary.terms[rule.fields[0]], situation.term)
        case _:
            raise AssertionError(rule.kind)


def _between(number: pl.Expr, minimum: int | None, maximum: int | None) -> pl.Expr:
    low = number >= minimum if minimum is not None else number.is_not_null()
    return low & (number <= maximum) if maximum is not None else low


def _within(found: pl.Expr, kind: GlossaryTerm, term: Term) -> pl.Expr:
    if kind.type == "month":
        within = found.is_between(pl.lit(f"{term.first_day:%Y-%m}"), pl.lit(f"{term.last_day:%Y-%m}"))
        return pl.when(within | found.str.contains(f"^(?:{form(kind)})$")).then(within)
    return found.is_between(pl.lit(term.first_day), pl.lit(term.last_day))
