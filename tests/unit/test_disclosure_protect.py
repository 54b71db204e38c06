"""The engine and its checker on one small system: what is hidden keeps the promise, and a broken proof is found out."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import polars as pl
import pytest

from avbrott.counting.spec import TOTAL, Dimension, Never, SystemSpec, Table
from avbrott.disclosure import reused
from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.files import read_record, spec_from_json, spec_to_json, verify_record, write_record
from avbrott.disclosure.lattice import Ints
from avbrott.disclosure.protect import Protection, protect
from avbrott.errors import BadInput
from avbrott.policy import BaseRule, Policy

PLACES = {"north": ["a", "b", "c"], "south": ["d", "e", "f"]}
OUTCOMES = ["stayed", "changed", "dropout"]
POLICY = Policy(
    complement={"outcome": ("dropout",)},
    base=BaseRule(dimension="outcome", minimum=10, known=True, record=("year", "place", "sex")),
)


def _spec(years: int = 4) -> SystemSpec:
    def frame(level: str, codes: list[str]) -> pl.DataFrame:
        return pl.DataFrame({level: codes})

    groups = pl.DataFrame([(g, p) for g, ps in PLACES.items() for p in ps], schema=["group", "place"], orient="row")
    dimensions = {
        "year": Dimension("year", frame("year", [f"y{i}" for i in range(years)]), (("year",),), total=False, window=3),
        "place": Dimension("place", groups, (("group", "place"),)),
        "sex": Dimension("sex", frame("sex", ["k", "m"]), (("sex",),)),
        "outcome": Dimension("outcome", frame("outcome", OUTCOMES), (("outcome",),)),
        "cause": Dimension("cause", frame("cause", ["c1", "c2", "c3"]), (("cause",),)),
    }
    year, both = {"year": ("year",)}, {"place": ("group", "place")}
    tables = (
        Table("main", {**year, **both, "sex": ("sex",), "outcome": ("outcome",)}),
        Table(
            "pooled", {**year, **both, "outcome": ("outcome",)}, windows=frozenset({"year"}), windows_only=frozenset({"year"})
        ),
        Table("causes", {**year, "place": ("group",), "cause": ("cause",)}, where={"outcome": "dropout"}),
    )
    return SystemSpec("small", dimensions, tables)


def _cells(spec: SystemSpec, seed: int = 1, *, last: int | None = None) -> pl.DataFrame:
    """Cells counted from invented persons, table by table and combination by combination."""
    draw = np.random.default_rng(seed)
    persons = [
        (f"y{y}", g, p, s, str(o), str(draw.choice(["c1", "c2", "c3"])))
        for y in range(6)
        for g, ps in PLACES.items()
        for p in ps
        for s in ("k", "m")
        for o in draw.choice(OUTCOMES, draw.integers(0, 60), p=[0.75, 0.1, 0.15])
    ]
    years = spec.dimensions["year"].members["year"].to_list()[:last]
    found: dict[tuple[str, ...], int] = {}
    for table in spec.tables:
        windows = {w: set(ys) for w, ys in spec.dimensions["year"].windows().items() if ys[-1] in years}
        slots = windows if "year" in table.windows else {y: {y} for y in years}
        places = [TOTAL, *PLACES, *(itertools.chain(*PLACES.values()) if "place" in table.levels["place"] else [])]
        sexes = [TOTAL, "k", "m"] if "sex" in table.levels else [TOTAL]
        outcomes = [TOTAL, *OUTCOMES] if "outcome" in table.levels else ["dropout"]
        causes = [TOTAL, "c1", "c2", "c3"] if "cause" in table.levels else [TOTAL]
        for slot, place, sex, outcome, cause in itertools.product(slots, places, sexes, outcomes, causes):
            found[slot, place, sex, outcome, cause] = sum(
                y in slots[slot]
                and place in {TOTAL, g, p}
                and sex in {TOTAL, s}
                and outcome in {TOTAL, o}
                and cause in {TOTAL, c}
                for y, g, p, s, o, c in persons
            )
    rows = [(*place, count) for place, count in found.items()]
    return pl.DataFrame(rows, schema=[*spec.dimensions, "count"], orient="row")


@pytest.fixture(scope="module")
def made() -> tuple[SystemSpec, pl.DataFrame, Protection]:
    spec = _spec()
    cells = _cells(spec)
    return spec, cells, protect(spec, cells, POLICY, seed=b"a secret")


def test_every_unsafe_item_has_its_proof_and_something_is_shown(made: tuple[SystemSpec, pl.DataFrame, Protection]) -> None:
    """The checker finds no fault, small counts are hidden, and hiding is not everything."""
    spec, _, protection = made
    assert check_protection(spec, POLICY, protection.cells, protection.witnesses) == []
    shown = protection.cells.filter(pl.col("status") == "shown")
    assert shown.filter(pl.col("count").is_between(1, 4) & (pl.col("outcome") != TOTAL)).height == 0
    assert 0.4 < shown.height / protection.cells.height < 1
    assert protection.summary["unsafe"] > 10


def test_the_order_of_rows_does_not_matter(made: tuple[SystemSpec, pl.DataFrame, Protection]) -> None:
    """The same cells in another order give the same protection."""
    spec, cells, protection = made
    again = protect(spec, cells.sample(fraction=1.0, shuffle=True, seed=3), POLICY, seed=b"a secret")
    assert again.cells.equals(protection.cells)
    assert again.witnesses.equals(protection.witnesses)


def test_a_later_release_shows_what_was_shown(made: tuple[SystemSpec, pl.DataFrame, Protection]) -> None:
    """Cells shown earlier are facts: still shown, and no witness moves them; with the earlier proof and without."""
    spec, cells, _ = made
    first_spec = _spec(3)
    first = protect(first_spec, _cells(first_spec), POLICY, seed=b"a secret")
    earlier = first.cells.filter(pl.col("status") == "shown")
    for previous in (first, None):
        later = protect(spec, cells, POLICY, earlier=earlier, previous=previous, seed=b"a secret")
        assert check_protection(spec, POLICY, later.cells, later.witnesses, earlier) == []
        assert earlier.join(later.cells.filter(pl.col("status") == "shown"), on=list(spec.dimensions), how="anti").height == 0


def test_earlier_witnesses_are_carried_over_alike_however_many_at_once(
    made: tuple[SystemSpec, pl.DataFrame, Protection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at a time, as a very large system needs it, or all together."""
    spec, cells, _ = made
    first = protect(_spec(3), _cells(_spec(3)), POLICY, seed=b"a secret")
    together = protect(spec, cells, POLICY, previous=first, seed=b"a secret")
    handed: list[int] = []
    monkeypatch.setattr(reused, "_NUMBERS", 1)
    monkeypatch.setattr(reused._Completion, "of", _counting(reused._Completion.of, handed))
    apart = protect(spec, cells, POLICY, previous=first, seed=b"a secret")
    assert len(handed) > 1
    assert set(handed) == {1}
    assert apart.cells.equals(together.cells)
    assert apart.witnesses.equals(together.witnesses)


def _counting(complete: Callable[..., None], handed: list[int]) -> Callable[..., None]:
    """``complete``, which notes how many differences it is handed."""

    def counted(self: object, deltas: Ints) -> None:
        handed.append(len(deltas))
        complete(self, deltas)

    return counted


def test_a_changed_earlier_figure_is_refused(made: tuple[SystemSpec, pl.DataFrame, Protection]) -> None:
    """A frozen figure that differs is told apart from everything else, with the number of cells."""
    spec, cells, protection = made
    earlier = protection.cells.filter(pl.col("status") == "shown").with_columns(pl.col("count") + 1).head(2)
    with pytest.raises(BadInput) as caught:
        protect(spec, cells, POLICY, earlier=earlier, seed=b"a secret")
    assert caught.value.code == "EARLIER_CELLS_CHANGED"
    assert caught.value.parameters["cells"] == "2"


DELTA = pl.col("delta")
FIRST = pl.int_range(pl.len()) == 0
SMALL_BASE_SHOWN = pl.when(pl.col("rule").eq_missing("base")).then(pl.lit("shown")).otherwise("status")
COMPLEMENTARY_SHOWN = pl.col("status").replace("complementary", "shown")


@pytest.mark.parametrize(
    ("code", "cells_with", "witnesses_with"),
    [
        ("WITNESS_BREAKS_SUM", {}, {"delta": DELTA + FIRST.cast(pl.Int64)}),
        ("COUNT_BELOW_THRESHOLD", {}, {"delta": DELTA * 0}),
        ("DELTA_NOT_WHOLE", {}, {"delta": DELTA + 0.5}),
        ("COUNT_SHOWN", {"status": pl.lit("shown")}, {}),
        ("WITNESS_MOVES_SHOWN", {"status": COMPLEMENTARY_SHOWN}, {}),
        ("WITNESS_BELOW_FLOOR", {}, {"delta": DELTA * -7}),
        ("CELLS_DO_NOT_ADD_UP", {"count": pl.col("count") + 1}, {}),
        ("WITNESS_WITHOUT_CELL", {}, {"sex": pl.lit("x")}),
        ("WITNESS_CELL_TWICE", {}, {"witness": pl.lit(0)}),
        ("PART_OF_SMALL_BASE_SHOWN", {"status": SMALL_BASE_SHOWN}, {}),
        ("SMALL_BASE_SHOWN", {"status": SMALL_BASE_SHOWN}, {}),
    ],
)
def test_a_broken_proof_is_found_out(made, code, cells_with, witnesses_with) -> None:
    """Each way to break a proof gives its own fault."""
    spec, _, protection = made
    cells, witnesses = protection.cells.with_columns(**cells_with), protection.witnesses.with_columns(**witnesses_with)
    assert code in {fault.code for fault in check_protection(spec, POLICY, cells, witnesses)}


def test_a_record_is_verified_from_its_files(made: tuple[SystemSpec, pl.DataFrame, Protection], tmp_path) -> None:
    """A written record reads back equal and verifies; one changed byte does not."""
    spec, _, protection = made
    write_record(tmp_path, spec, POLICY, protection)
    _, policy, read = read_record(tmp_path)
    assert policy == POLICY
    assert read.cells.equals(protection.cells)
    assert verify_record(tmp_path) == []
    protection.witnesses.with_columns(pl.col("delta") * 2).write_parquet(tmp_path / "witnesses.parquet")
    assert "FILE_CHANGED" in {fault.code for fault in verify_record(tmp_path)}
    (tmp_path / "system.json").write_text('{"spec": {}}')
    with pytest.raises(BadInput, match="RECORD_UNREADABLE"):
        verify_record(tmp_path)


def test_a_spec_reads_back_whole() -> None:
    """Every field of a spec comes back from its JSON, also as text: no part of it is taken from a default."""
    spec = _spec()
    year = replace(spec.dimensions["year"], sequence=("y0", "y1", "gap", "y2", "y3"))
    never = Never("year", frozenset({"y3", "y2"}), "outcome", frozenset({"changed"}))
    whole = replace(
        spec,
        dimensions=spec.dimensions | {"year": year},
        never=(never,),
        unpublished=(
            {"outcome": frozenset({"changed", "stayed"})},
            {"year": frozenset({"y3"}), "place": frozenset({"north"})},
        ),
        vintage="year",
        observed=True,
    )
    read = spec_from_json(json.loads(json.dumps(spec_to_json(whole))))
    assert [field.name for field in fields(SystemSpec) if not getattr(whole, field.name)] == []
    assert spec_to_json(read) == spec_to_json(whole)
    assert (read.tables, read.never, read.unpublished) == (whole.tables, whole.never, whole.unpublished)
    assert read.vintage == "year"
    for name, dimension in whole.dimensions.items():
        assert read.dimensions[name].members.equals(dimension.members.sort(dimension.members.columns))
        assert replace(read.dimensions[name], members=dimension.members) == dimension


def test_counts_that_do_not_add_up_are_refused(made: tuple[SystemSpec, pl.DataFrame, Protection]) -> None:
    """Cells from different rows of persons cannot be protected together."""
    spec, cells, _ = made
    wrong = cells.with_columns(
        pl.when(pl.int_range(pl.len()) == 5).then(pl.col("count") + 1).otherwise("count").alias("count")
    )
    with pytest.raises(BadInput, match="CELLS_DO_NOT_ADD_UP"):
        protect(spec, wrong, POLICY, seed=b"a secret")
