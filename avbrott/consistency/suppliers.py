"""Suppliers: one id and one unit code each, extracts and places that exist, periods of membership that can be read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from avbrott.consistency.terms import is_pattern
from avbrott.errors import BadInput
from avbrott.mistakes import Mistake
from avbrott.periods import Term
from avbrott.suppliers import Membership, SchoolUnit, Supplier

if TYPE_CHECKING:
    from avbrott.registry import Contracts

FILE = "suppliers.yaml"
PLACES = "municipality"
"""The term whose codes suppliers and units lie in."""
UNITS = "school_unit"
"""The term whose form a unit's code keeps."""

_Found = tuple[str, str, dict[str, str]]


def supplier_mistakes(contracts: Contracts) -> Iterator[Mistake]:
    """Mistakes of every supplier."""
    suppliers = contracts.suppliers.suppliers
    for name, times in Counter(supplier.id for supplier in suppliers).items():
        if times > 1:
            yield Mistake(FILE, f"suppliers.{name}", "MISTAKE_TWICE", {"name": name})
    for unit, times in Counter(unit.code for supplier in suppliers for unit in supplier.units).items():
        if times > 1:
            yield Mistake(FILE, f"units.{unit}", "MISTAKE_TWICE", {"name": unit})
    for supplier in suppliers:
        for key, code, parameters in _supplier(supplier, contracts):
            yield Mistake(FILE, f"suppliers.{supplier.id}.{key}", code, parameters)


def _supplier(supplier: Supplier, contracts: Contracts) -> Iterator[_Found]:
    for extract in supplier.extracts:
        if extract not in contracts.extracts:
            yield "extracts", "MISTAKE_NO_EXTRACT", {"name": extract}
    if supplier.municipality is not None:
        yield from _place("municipality", supplier.municipality, contracts)
    for unit in supplier.units:
        yield from _unit(unit, contracts)
    for period in supplier.member:
        yield from _period(period)


def _unit(unit: SchoolUnit, contracts: Contracts) -> Iterator[_Found]:
    form = contracts.glossary.terms.get(UNITS)
    pattern = None if form is None else form.pattern
    if pattern is not None and is_pattern(pattern) and re.fullmatch(pattern, unit.code) is None:
        yield f"units.{unit.code}", "MISTAKE_UNIT_CODE", {"name": unit.code}
    if unit.valid_from and unit.valid_to and unit.valid_from > unit.valid_to:
        yield f"units.{unit.code}.valid_to", "MISTAKE_ORDER", {}
    yield from _place(f"units.{unit.code}.municipality", unit.municipality, contracts)


def _place(key: str, place: str, contracts: Contracts) -> Iterator[_Found]:
    if PLACES in contracts.glossary.terms and place not in {code.code for code in contracts.glossary.codes(PLACES)}:
        yield key, "MISTAKE_NO_CODE", {"name": place, "term": PLACES}


def _period(period: Membership) -> Iterator[_Found]:
    try:
        first = Term.parse(period.first)
    except BadInput:
        yield "member.first", "MISTAKE_TERM_UNREADABLE", {"name": period.first}
        return
    if period.last is None:
        return
    try:
        if Term.parse(period.last) < first:
            yield "member.last", "MISTAKE_ORDER", {}
    except BadInput:
        yield "member.last", "MISTAKE_TERM_UNREADABLE", {"name": period.last}
