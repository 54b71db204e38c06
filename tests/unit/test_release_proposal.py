"""How a release would differ from the one before: numbers of figures, before it is made."""

from __future__ import annotations

import polars as pl

from avbrott.release.proposal import change_of
from tests.unit.conftest import Run

COLUMNS = ("year", "measure", "value", "status")


def table(**figures: str | None) -> pl.DataFrame:
    """A row of persons a year: its figure, None where it is hidden."""
    rows = [(year, "persons", value, "hidden" if value is None else "shown") for year, value in figures.items()]
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def test_figures_that_come_go_and_change_are_counted_apart() -> None:
    """A hidden figure that stays hidden is none of them."""
    before = table(a="10", b=None, c="7", d="8", e=None)
    now = table(a="10", b="12", c=None, d="9", e=None, f="20", g=None)
    found = change_of("pupils", now, before, None)
    assert (found.shown, found.added, found.newly_shown, found.newly_hidden, found.changed) == (4, 1, 1, 1, 1)
    assert found.fewer is None


def test_what_another_threshold_would_hide_is_counted_of_what_is_shown() -> None:
    """Not what both hide."""
    now = table(a="10", b="12", c=None)
    assert change_of("pupils", now, now.clear(), table(a=None, b="12", c=None)).fewer == 1


def test_a_table_that_is_divided_otherwise_is_new() -> None:
    """Its rows are no rows of the earlier one."""
    now = table(a="10", b=None)
    assert change_of("pupils", now, now.rename({"year": "term"}), None).added == 1


def test_a_threshold_alone_is_refused(run: Run) -> None:
    """A release of another threshold than the policy's is never made."""
    ended = run("release", "--threshold", 10)
    assert ended.code == 2
    assert "--diff" in ended.err
