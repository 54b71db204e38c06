"""Broken certificates that the checker must reject, one by one through the engine's API.

A mutant is a small function of what the checker is given; each says which fault it must give. Those in files are in
``test_forged_files``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from avbrott.counting.spec import Table
from avbrott.policy import Policy
from tests.certificate_case import RULED, Certificate, certificate_of, stage_of
from tests.promise.case import Case

DELTA = pl.col("delta")
FIRST = pl.int_range(pl.len()) == 0


@pytest.fixture(scope="module")
def positive() -> Certificate:
    """One release where zeros are shown."""
    found = certificate_of(Case([stage_of(2)], Policy(zeros="shown")).protect())
    assert found.codes() == set()
    return found


def _delta(edit: pl.Expr) -> Callable[[Certificate], Certificate]:
    return lambda good: replace(good, witnesses=good.witnesses.with_columns(delta=edit))


def _shown(status: str) -> Callable[[Certificate], Certificate]:
    def change(good: Certificate) -> Certificate:
        one = good.one(status).select(*good.names, _now=pl.lit("shown"))
        cells = good.cells.join(one, on=good.names, how="left").with_columns(status=pl.coalesce("_now", "status"))
        return replace(good, cells=cells.drop("_now"))

    return change


def _rule_shown(rule: str) -> Callable[[Certificate], Certificate]:
    status = pl.when(pl.col("rule").eq_missing(rule)).then(pl.lit("shown")).otherwise("status")
    return lambda good: replace(good, cells=good.cells.with_columns(status=status))


def _rules_shown(good: Certificate) -> Certificate:
    return replace(good, cells=good.cells.with_columns(status=pl.lit("shown")))


def _policy(**fields: object) -> Callable[[Certificate], Certificate]:
    return lambda good: replace(good, policy=good.policy.model_copy(update=fields))


def _count(edit: pl.Expr) -> Callable[[Certificate], Certificate]:
    return lambda good: replace(good, cells=good.cells.with_columns(count=edit))


def _kept(keep: pl.Expr) -> Callable[[Certificate], Certificate]:
    return lambda good: replace(good, cells=good.cells.filter(keep), witnesses=good.witnesses.filter(keep))


def _fact_moved(good: Certificate) -> Certificate:
    fact = good.one("complementary").select(*good.names, "count")
    return replace(good, earlier=pl.concat([good.earlier, fact]))


def _known_moved(good: Certificate) -> Certificate:
    return replace(good, known=good.one("complementary").select(*good.names, "count"))


def _known_differs(good: Certificate) -> Certificate:
    return replace(good, known=good.one("complementary").select(*good.names, pl.col("count") + 1))


def _earlier_differs(good: Certificate) -> Certificate:
    return replace(good, earlier=good.earlier.with_columns(pl.col("count") + FIRST.cast(pl.Int64)))


def _earlier_hidden(good: Certificate) -> Certificate:
    away = good.earlier.head(1).select(*good.names, _now=pl.lit("complementary"))
    cells = good.cells.join(away, on=good.names, how="left").with_columns(status=pl.coalesce("_now", "status"))
    return replace(good, cells=cells.drop("_now"))


def _item_missing(good: Certificate) -> Certificate:
    """Every witness that moves one unsafe cell is gone."""
    one = good.one("unsafe").select(good.names)
    serving = good.witnesses.join(one, on=good.names, how="semi").select("witness")
    return replace(good, witnesses=good.witnesses.join(serving, on="witness", how="anti"))


def _cell_missing(good: Certificate) -> Certificate:
    return replace(good, cells=good.cells.join(good.one("complementary"), on=good.names, how="anti"))


def _cell_twice(good: Certificate) -> Certificate:
    return replace(good, cells=pl.concat([good.cells, good.one("unsafe")]))


def _other_counts(good: Certificate) -> Certificate:
    """The proof of another table with the same codes."""
    stage = replace(good.stage, counts=good.stage.counts[:, ::-1])
    return replace(good, witnesses=Case([stage], good.policy).protect().protection.witnesses)


def _another_table_too(good: Certificate) -> Certificate:
    """A table that the proof does not know of: areas by sex."""
    levels = good.stage.tables[1].levels | {"area": ("area",)}
    stage = replace(good.stage, tables=(*good.stage.tables, Table("more", levels)))
    more = Case([stage], good.policy).protect().protection.cells
    return replace(good, stage=stage, cells=pl.concat([good.cells, more.join(good.cells, on=good.names, how="anti")]))


MUTANTS: dict[str, tuple[Callable[[Certificate], Certificate], str]] = {
    "a delta off by one": (_delta(DELTA + FIRST.cast(pl.Int64)), "WITNESS_BREAKS_SUM"),
    "a delta's sign turned": (_delta(pl.when(FIRST).then(-DELTA).otherwise(DELTA)), "WITNESS_BREAKS_SUM"),
    "a delta left out": (lambda good: replace(good, witnesses=good.witnesses.slice(1)), "WITNESS_BREAKS_SUM"),
    "no delta at all": (_delta(DELTA * 0), "COUNT_BELOW_THRESHOLD"),
    "empty deltas": (_delta(pl.lit(None, pl.Int64)), "COUNT_BELOW_THRESHOLD"),
    "fractions": (_delta(DELTA / 2), "DELTA_NOT_WHOLE"),
    "deltas as text": (_delta(DELTA.cast(pl.String)), "DELTA_NOT_WHOLE"),
    "deltas that go too far down": (_delta(DELTA * 9), "WITNESS_BELOW_FLOOR"),
    "a delta told twice": (
        lambda good: replace(good, witnesses=pl.concat([good.witnesses, good.witnesses.head(1)])), "WITNESS_CELL_TWICE",
    ),
    "two witnesses made one": (
        lambda good: replace(good, witnesses=good.witnesses.with_columns(witness=pl.lit(0))), "WITNESS_CELL_TWICE",
    ),
    "a level left out": (_kept(~pl.col("area").is_in(["g", "h"])), "CELL_ALONE"),
    "the finest level left out": (_kept(~pl.col("area").is_in(list("abcd"))), "CELL_ALONE"),
    "the parts of one cell left out": (_kept((pl.col("outcome") == "Total") | (pl.col("area") != "a")), "CELL_ALONE"),
    "a witness for a cell that is not there": (
        lambda good: replace(good, witnesses=good.witnesses.with_columns(area=pl.lit("x"))), "WITNESS_WITHOUT_CELL",
    ),
    "an earlier fact moved": (_fact_moved, "WITNESS_MOVES_FACT"),
    "a cell hidden that was shown": (_earlier_hidden, "EARLIER_CELL_HIDDEN"),
    "an earlier figure changed": (_earlier_differs, "EARLIER_CELL_CHANGED"),
    "a known cell moved": (_known_moved, "WITNESS_MOVES_FACT"),
    "a known cell with another count": (_known_differs, "KNOWN_CELL_CHANGED"),
    "small counts shown": (_rule_shown("count"), "COUNT_SHOWN"),
    "a complementary cell shown": (_shown("complementary"), "WITNESS_MOVES_SHOWN"),
    "what a complement rule hides shown": (_rule_shown("complement"), "COMPLEMENT_SHOWN"),
    "all that rules hide shown": (_rules_shown, "PART_OF_SMALL_BASE_SHOWN"),
    "small bases shown": (_rule_shown("base"), "SMALL_BASE_SHOWN"),
    "an item without witnesses": (_item_missing, "COUNT_BELOW_THRESHOLD"),
    "no witnesses for complements": (_delta(DELTA * 0), "COMPLEMENT_BELOW_THRESHOLD"),
    "no witnesses for rests": (_delta(DELTA * 0), "REST_BELOW_THRESHOLD"),
    "a count changed": (_count(pl.col("count") + FIRST.cast(pl.Int64)), "CELLS_DO_NOT_ADD_UP"),
    "counts below zero": (_count(-pl.col("count")), "COUNT_NEGATIVE"),
    "a cell missing": (_cell_missing, "WITNESS_WITHOUT_CELL"),
    "a cell twice": (_cell_twice, "CELL_TWICE"),
    "the proof of another table": (_other_counts, "WITNESS_MOVES_SHOWN"),
    "a table more": (_another_table_too, "COUNT_BELOW_THRESHOLD"),
    "a higher threshold": (_policy(threshold=60), "COUNT_BELOW_THRESHOLD"),
    "a greater width": (_policy(width=200), "COUNT_TOO_NARROW"),
    "a higher least base": (_policy(base=RULED.base.model_copy(update={"minimum": 60})), "SMALL_BASE_SHOWN"),
    "zeros that are shown": (_policy(zeros="shown", complement={}, base=None), "WITNESS_BELOW_FLOOR"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(MUTANTS))
def test_a_broken_certificate_is_rejected(ruled: Certificate, name: str) -> None:
    """Each with the fault that says what is wrong."""
    change, code = MUTANTS[name]
    assert ruled.codes() == set()
    assert code in change(ruled).codes()


def test_a_floor_of_one_is_held(positive: Certificate) -> None:
    """Where zeros are shown, a witness that goes below one is none."""
    down = positive.witnesses.join(positive.cells.select(*positive.names, "count"), on=positive.names)
    emptied = down.with_columns(_to=pl.col("count") + DELTA).filter(pl.col("_to") == 1).head(1)
    assert emptied.height, "some witness goes to the floor"
    serving = down.join(emptied.select("witness"), on="witness", how="semi")
    further = serving.with_columns(delta=DELTA * 2).select(positive.witnesses.columns)
    assert "WITNESS_BELOW_FLOOR" in replace(positive, witnesses=further).codes()


def test_every_small_count_needs_its_witnesses(ruled: Certificate) -> None:
    """Whichever small count loses those that move it, the proof is short of it."""
    small = ruled.cells.filter(rule="count").join(ruled.witnesses, on=ruled.names, how="semi")
    assert small.height >= 10
    for at in range(small.height):
        serving = ruled.witnesses.join(small[at], on=ruled.names, how="semi").select("witness")
        less = replace(ruled, witnesses=ruled.witnesses.join(serving, on="witness", how="anti"))
        assert "COUNT_BELOW_THRESHOLD" in less.codes(), small.select(ruled.names).row(at)


def test_random_changes_of_one_delta_are_rejected(ruled: Certificate) -> None:
    """A number added to any one delta breaks a sum, whichever it is."""
    lots = np.random.default_rng(4)
    for at in lots.choice(ruled.witnesses.height, 40, replace=False).tolist():
        add = int(lots.choice([-3, -1, 1, 2]))
        edit = pl.when(pl.int_range(pl.len()) == at).then(DELTA + add).otherwise(DELTA)
        found = replace(ruled, witnesses=ruled.witnesses.with_columns(delta=edit)).codes()
        assert found & {"WITNESS_BREAKS_SUM", "WITNESS_BREAKS_PART"}, at
