"""What changed between two deliveries, beside a count of rows by hand."""

from __future__ import annotations

from collections import Counter

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from avbrott.sealing.keys import SigningKey
from avbrott.sending.rows import ROWS_SCHEMA, Changes, Memory, compared
from tests.sealed_case import ENROLMENTS, STATEMENT

Row = tuple[int, int, int]
SOME = st.integers(0, 2)
ROWS = st.lists(st.tuples(SOME, SOME, SOME), max_size=12)
"""Person, key and row."""
TEXT = st.text(alphabet="ab\x1f\x1e|", max_size=2) | st.none()


def by_hand(former: list[Row], current: list[Row]) -> Changes:
    """Rows that are alike go out in pairs, then those whose keys are, then those of one person; the rest has come or gone."""
    gone, added = Counter(former) - Counter(current), Counter(current) - Counter(former)
    changed = 0
    for length in (2, 1):
        less, more = (Counter(row[:length] for row in rows.elements()) for rows in (gone, added))
        changed += (less & more).total()
        gone, added = less - more, more - less
    return Changes(added.total(), gone.total(), changed)


@settings(deadline=None)
@given(ROWS, ROWS)
def test_changes_are_those_that_one_counts_by_hand(former: list[Row], current: list[Row]) -> None:
    """Also where rows of one key are several, and where a delivery has none."""
    frames = [pl.DataFrame(rows, schema=ROWS_SCHEMA, orient="row") for rows in (former, current)]
    assert compared(*frames) == by_hand(former, current)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=6))
def test_digests_are_of_what_stands_in_the_rows(values: list[tuple[str | None, str | None]]) -> None:
    """Equal rows have equal digests, in whatever order they come; other rows have others."""
    memory = Memory.of(SigningKey("2482", bytes(32)), STATEMENT)
    terms = ENROLMENTS.terms
    rows = [[*pair, *[""] * (len(terms) - 2)] for pair in values]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(terms, pl.String), orient="row")
    found = memory.rows(frame, ENROLMENTS)
    assert found.equals(memory.rows(frame.reverse(), ENROLMENTS))
    assert found["row"].n_unique() == len(set(values))
