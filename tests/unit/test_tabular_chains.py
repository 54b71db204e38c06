"""Outputs of the same counts one after the other: what one showed all show, and what one hid no later one shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.revised_case import FLAT, square
from tests.tabular_case import TableCase

pytestmark = pytest.mark.usefixtures("zeros_are_used")

FIRST = square(20, 9, 2, 9, 0, 12, 1, 12, 0, 7, 15, 30)
TABLES = [
    square(0, 12, 15, 0, 2, 15, 15, 6, 1, 0, 20, 15),
    square(12, 12, 0, 0, 9, 15, 9, 0, 1, 9, 9, 6),
    square(6, 9, 20, 0, 15, 2, 0, 1, 0, 9, 15, 2),
]
"""In each the first output hides a zero."""


def made(folder: Path, frame, *previous: str, **spec) -> TableCase:
    """One output under a seed of its own."""
    case = TableCase(folder, frame, previous=[f"../{name}/out" for name in previous], **FLAT, **spec)
    (folder / "seed.txt").write_text(f"the seed of the chain's {folder.name}", "utf-8")
    case.protect()
    assert audit_output(read_output(case.out)).holds
    return case


def told(case: TableCase) -> tuple[dict[tuple[str, str], str], set[tuple[str, str]]]:
    """The figures of ``public.csv`` by cell, and the cells that it hides."""
    rows = list(case.public().select("row", "column", "count", "hidden").iter_rows())
    return {(r, c): count for r, c, count, hidden in rows if hidden == "false"}, {
        (r, c) for r, c, _, hidden in rows if hidden == "true"
    }


@pytest.mark.parametrize("frame", [FIRST, *TABLES])
@pytest.mark.parametrize("policy", [{}, {"threshold": 6}])
def test_an_output_between_that_left_the_table_out_changes_nothing_of_it(tmp_path, frame, policy):
    """Hidden zeros move there as before. Nor does a higher threshold hide again what everybody has."""
    first = made(tmp_path / "1", frame)
    made(tmp_path / "2", frame, "1", tables=[{"row": "all"}])
    last = made(tmp_path / "3", frame, "1", "2", policy=policy)
    (shown_then, hidden_then), (shown, hidden) = told(first), told(last)
    assert (shown, hidden) == (shown_then, hidden_then)
    counts = {(r, c): n for r, c, n in first.confidential("cells").select("row", "column", "count").iter_rows()}
    assert 0 in {counts[place] for place in hidden}


@pytest.mark.parametrize("frame", TABLES)
def test_zeros_that_were_hidden_are_told_where_a_later_policy_shows_zeros(tmp_path, frame):
    """No rule makes a zero a secret there; what the first output promised of others is proven anew, without these zeros."""
    first = made(tmp_path / "1", frame)
    last = made(tmp_path / "2", frame, "1", policy={"zeros": "shown"})
    (shown_then, hidden_then), (shown, hidden) = told(first), told(last)
    counts = {(r, c): n for r, c, n in first.confidential("cells").select("row", "column", "count").iter_rows()}
    assert shown_then.items() <= shown.items()
    gone = hidden_then - hidden
    assert 0 in {counts[place] for place in gone}
    unsafe = {place for place in hidden_then if 0 < counts[place] < 5}
    proven = {(r, c) for r, c in last.confidential("witnesses").select("row", "column").iter_rows()}
    assert unsafe
    assert unsafe <= hidden & proven
