"""What the attacker had from elsewhere at an earlier output is had at every later one, also that nobody is somewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from avbrott.errors import BadInput
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from avbrott.tabular.spec_file import read_spec
from tests.revised_case import FLAT, square
from tests.tabular_case import TableCase

pytestmark = pytest.mark.usefixtures("zeros_are_used")

ROWS = {"tables": [{"row": "all"}], **FLAT}
COUNTS = (3, 9, 0, 0, 14, 6, 9, 0, 14, 6, 9, 14)
PLACE = ["row", "column"]


def nobody(*counts: int) -> pl.DataFrame:
    """The cells of ``square(*counts)`` that nobody is in."""
    places = [(f"r{at // 3}", f"c{at % 3}", count) for at, count in enumerate(counts)]
    frame = pl.DataFrame(places, schema=[*PLACE, "count"], orient="row")
    return frame.filter(pl.col("count") == 0)


def output(folder: Path, frame: pl.DataFrame, known: pl.DataFrame | None = None, **keys: Any) -> TableCase:
    """One output, with a file of ``known`` cells beside its SPEC."""
    case = TableCase(folder, frame, **({} if known is None else {"known": ["known.csv"]}), **keys)
    if known is not None:
        known.write_csv(folder / "known.csv")
    case.protect()
    assert audit_output(read_output(case.out), read_spec(case.spec)).faults == ()
    return case


def known_zeros(case: TableCase) -> set[tuple[str, str]]:
    """The cells of the record that the attacker is said to know that nobody is in."""
    facts = case.confidential("cells").filter((pl.col("fact") == "known") & (pl.col("count") == 0))
    return set(facts.select(PLACE).iter_rows())


def test_zeros_that_were_known_when_a_table_was_not_published_are_known_when_it_is(tmp_path):
    """The first has no cells for them: its rows alone are published. The second does what it would if told so again."""
    frame, zeros = square(*COUNTS), nobody(*COUNTS)
    output(tmp_path / "1", frame, zeros, **ROWS)
    after = output(tmp_path / "2", frame, previous=["../1/out"], **FLAT)
    again = output(tmp_path / "3", frame, zeros, previous=["../1/out"], **FLAT)
    places = set(zeros.select(PLACE).iter_rows())
    assert known_zeros(after) == places
    assert not places & set(after.confidential("witnesses").select(PLACE).iter_rows())
    assert after.public().equals(again.public())
    alone = output(tmp_path / "4", frame, **FLAT)
    assert places & set(alone.confidential("witnesses").select(PLACE).iter_rows()), "else they would be of no use"


def test_known_zeros_go_from_output_to_output(tmp_path):
    """Over one that has no cells for them either. Once a table is published that does not list them, everybody knows."""
    frame, zeros = square(*COUNTS), nobody(*COUNTS)
    places = set(zeros.select(PLACE).iter_rows())
    output(tmp_path / "1", frame, zeros, **ROWS)
    between = output(tmp_path / "2", frame, previous=["../1/out"], **ROWS)
    assert set(between.confidential("known").select(PLACE).iter_rows()) == places
    third = output(tmp_path / "3", frame, previous=["../1/out", "../2/out"], **FLAT)
    assert known_zeros(third) == places
    assert not places & set(third.public().select(PLACE).iter_rows())
    fourth = output(tmp_path / "4", frame, previous=["../3/out"], **FLAT)
    facts = fourth.confidential("cells").filter((pl.col("fact") == "previous") & (pl.col("count") == 0))
    assert places <= set(facts.select(PLACE).iter_rows())


def test_a_known_zero_that_is_somebody_now_is_known_no_more(tmp_path):
    """Others that are zero still have not been touched."""
    changed = (3, 9, 8, 0, 14, 6, 9, 0, 14, 6, 9, 14)
    output(tmp_path / "1", square(*COUNTS), nobody(*COUNTS), **ROWS)
    second = output(tmp_path / "2", square(*changed), previous=["../1/out"], **FLAT)
    left = set(nobody(*changed).select(PLACE).iter_rows())
    assert known_zeros(second) == left
    assert set(second.confidential("known").select(PLACE).iter_rows()) == left


def test_known_figures_go_with_their_cells(tmp_path):
    """A known count is a fact of the latent crossing that it stands in, and so it is when the crossing is published."""
    frame = square(*COUNTS)
    known = frame.filter(pl.col("freq") == 3).rename({"freq": "count"})
    output(tmp_path / "1", frame, known, **ROWS)
    second = output(tmp_path / "2", frame, previous=["../1/out"], **FLAT)
    facts = second.confidential("cells").filter((pl.col("fact") == "known") & (pl.col("count") == 3))
    assert facts.select(*PLACE, "count").equals(known)


def test_what_was_known_is_bound_by_the_certificate(tmp_path):
    """Another file, or none, is found, by an audit and by a later output."""
    frame = square(*COUNTS)
    case = output(tmp_path / "1", frame, nobody(*COUNTS), **ROWS)
    file = case.out / "confidential" / "known.parquet"
    pl.read_parquet(file).head(1).write_parquet(file)
    told = [(fault.code, fault.where) for fault in audit_output(read_output(case.out)).faults]
    assert told == [("FILE_CHANGED", "confidential/known.parquet")]
    file.unlink()
    with pytest.raises(BadInput, match="PREVIOUS_CHANGED"):
        output(tmp_path / "2", frame, previous=["../1/out"], **FLAT)
