"""What is dear to hide: public figures alone decide, and who is in a hidden or unpublished cell does not."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from avbrott.errors import BadInput
from avbrott.tabular import protect
from tests.revised_case import FLAT
from tests.tabular_case import TableCase

PLACES = [(f"r{row}", f"c{column}") for row in range(3) for column in range(3)]
COUNTS = (3, 9, 12, 7, 8, 11, 20, 6, 30)


def table(*counts: int, **columns: list[Any]) -> pl.DataFrame:
    """Nine cells, also those that nobody is in."""
    frame = pl.DataFrame(PLACES, schema=["row", "column"], orient="row")
    return frame.with_columns(freq=pl.Series(counts), **{name: pl.Series(values) for name, values in columns.items()})


@pytest.fixture
def dearness(monkeypatch):
    """By published cell what the last run made of it; 1.0 is what is not said."""
    found = {}
    real = protect.dearness_of

    def listen(source, spec, layout, base, cells, held):
        frame = real(source, spec, layout, base, cells, held)
        if frame is None:
            return None
        names = list(layout.names)
        told = cells.filter("published").join(frame, on=names, how="left").with_columns(pl.col("dearness").fill_null(1.0))
        found.clear()
        found.update({tuple(cell): dear for *cell, dear in told.select(*names, "dearness").iter_rows()})
        return frame

    monkeypatch.setattr(protect, "dearness_of", listen)
    return found


def test_what_readers_had_is_what_was_published(tmp_path, dearness):
    """The record has a latent cell where somebody is in it; that must not make it cheap beside the others."""
    latent = {"tables": [{"row": "all"}], "latent": [{"row": "all", "column": "all"}], **FLAT}
    TableCase(tmp_path / "1", table(3, 0, 12, 7, 8, 0, 20, 6, 30), **latent).protect()
    TableCase(tmp_path / "2", table(3, 0, 12, 7, 8, 0, 20, 6, 30), previous=["../1/out"], cost="previous", **FLAT).protect()
    assert {dearness[place] for place in PLACES} == {1.0}
    assert dearness["r1", "Total"] == 10.0


def test_readers_have_what_an_output_before_the_last_published(tmp_path, dearness):
    """The last one left the table out; its record has the cells all the same, and does not take them back."""
    frame = table(3, 9, 12, 7, 8, 0, 20, 16, 30)
    first = TableCase(tmp_path / "1", frame, **FLAT)
    first.protect()
    TableCase(tmp_path / "2", frame, previous=["../1/out"], tables=[{"row": "all"}], **FLAT).protect()
    TableCase(tmp_path / "3", frame, previous=["../1/out", "../2/out"], cost="previous", **FLAT).protect()
    hidden = set(first.public().filter(pl.col("hidden") == "true").select("row", "column").iter_rows())
    assert {place for place in PLACES if dearness[place] == 0.1} == hidden & set(PLACES)
    assert {place for place in PLACES if dearness[place] == 10.0} == set(PLACES) - hidden


@pytest.mark.parametrize("listed", [True, False])
def test_a_figure_is_that_of_its_code_whoever_is_there(tmp_path, dearness, listed):
    """A row with the count 0, and none at all, cost as much as others of the same code."""
    price = [{"r0": 10, "r1": 40, "r2": 90}[row] for row, _ in PLACES]
    seen = []
    for number, counts in enumerate((COUNTS, (3, 0, 12, 7, 8, 0, 20, 6, 30))):
        frame = table(*counts, price=price).filter((pl.col("freq") > 0) | listed)
        TableCase(tmp_path / str(number), frame, cost="price", **FLAT).protect()
        seen.append(dict(dearness))
    assert seen[0] == seen[1]
    assert seen[0]["r0", "c1"] < seen[0]["r1", "c1"] < seen[0]["r2", "c1"] == seen[0]["Total", "c1"]


def test_a_figure_of_two_dimensions_needs_every_combination(tmp_path, dearness):
    """Where a row is missing its cost would be missing, and tell that nobody is there."""
    price = [1, 2, 3, 4, 5, 6, 7, 8, 90]
    counts = (3, 0, 12, 7, 8, 0, 20, 6, 30)
    TableCase(tmp_path / "all", table(*counts, price=price), cost="price", **FLAT).protect()
    assert dearness["r0", "c1"] < dearness["r0", "c2"] < dearness["r2", "c2"]
    with pytest.raises(BadInput, match="INPUT_FIGURE_MISSING") as refused:
        TableCase(tmp_path / "some", table(*counts, price=price).filter(pl.col("freq") > 0), cost="price", **FLAT).protect()
    assert (refused.value.parameters["columns"], refused.value.parameters["missing"]) == ("row, column", "2")


def test_a_figure_that_differs_within_the_same_codes_is_none_of_the_codes(tmp_path):
    """The largest of the persons' own would tell of them."""
    persons = pl.concat([table(*COUNTS, price=[5] * 9), table(*COUNTS, price=[5] * 8 + [6])])
    with pytest.raises(BadInput, match="INPUT_FIGURE_VARIES") as refused:
        TableCase(tmp_path, persons, cost="price", **FLAT).protect()
    assert refused.value.parameters["line"] == "19"


def test_a_total_that_no_table_divides_is_no_known_base(tmp_path, dearness):
    """Rows by column are not divided by status anywhere, so that nobody has their counts."""
    seen = []
    for number, counts in enumerate(((3, 9, 12, 7, 8, 11, 20, 6, 30), (9, 3, 12, 7, 8, 11, 20, 6, 30))):
        frame = pl.concat([table(*counts).with_columns(status=pl.lit(status)) for status in ("left", "stays")])
        TableCase(
            tmp_path / str(number),
            frame,
            dimensions={**FLAT["dimensions"], "status": [["status"]]},
            tables=[{"row": "all", "column": "all"}, {"row": "all", "status": "all"}],
            policy={"base": {"dimension": "status", "minimum": 5, "known": True}},
            cost="base",
        ).protect()
        seen.append({place: dear for place, dear in dearness.items() if place[0] != "Total" and place[1] != "Total"})
    assert seen[0] == seen[1]
    assert set(seen[0].values()) == {1.0}
    assert dearness["r2", "Total", "left"] > dearness["r0", "Total", "left"]
