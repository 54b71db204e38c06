"""The scanner measured on values that were written apart from it: what it finds of identities, and what it takes for one."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from avbrott.delivery.check import scanner_of
from avbrott.delivery.scan import Scanner
from avbrott.periods import Term
from avbrott.registry import Contracts
from tests.planted.generator import clean, planted

VALUES = 20_000


@pytest.fixture(scope="module")
def scanner(contracts: Contracts) -> Scanner:
    return scanner_of(contracts, Term("HT", 2025))


def test_at_least_999_of_1000_identities_are_found(scanner: Scanner) -> None:
    """Numbers, also disguised and as spreadsheets show them, e-mail, telephone and names: of all, and of each kind 995."""
    values = planted(VALUES, seed=4)
    found = set(scanner.identities(pl.Series([value for _, value in values])))
    missed = Counter(kind for kind, value in values if value not in found)
    there = Counter(kind for kind, _ in values)
    assert len(there) == 6
    assert missed.total() <= VALUES / 1000, missed
    assert all(missed[kind] <= count * 5 / 1000 for kind, count in there.items()), missed


def test_at_most_1_of_1000_clean_values_is_taken_for_an_identity(scanner: Scanner) -> None:
    """Codes, dates, amounts, marks, and the names of schools, places and programmes."""
    values = clean(VALUES, seed=5)
    wrong = 0
    for kind in ("date", "string"):
        of_kind = [value for one, value in values if one == kind]
        found = set(scanner.identities(pl.Series(of_kind), kind))
        wrong += sum(value in found for value in of_kind)
    assert wrong <= VALUES / 1000
