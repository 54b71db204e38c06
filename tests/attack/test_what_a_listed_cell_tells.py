"""What ``public.csv`` tells by listing a cell at all: a shown zero is not listed, so a hidden cell could be known to be none.

The reader knows the program: codes are those found in the data, and where two of them cross a zero can be hidden too.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp

from avbrott.disclosure.checker import check_protection
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import TableCase

AREA = {"area": [["area"]]}

Place = tuple[str, ...]
Range = Callable[[Place], tuple[int, int]]


def reader_of(case: TableCase, names: list[str], slices: tuple[str, ...]) -> Range:
    """The least and the most that a cell can be in any whole-number table that agrees with the file."""
    listed = {row[: len(names)]: row[len(names) :] for row in case.public().select(*names, "count", "hidden").iter_rows()}
    codes = [sorted({place[at] for place in listed} - {"Total"}) for at in range(len(names))]
    leaves = list(itertools.product(*codes))
    totals = [[] if name in slices else ["Total"] for name in names]
    places = list(itertools.product(*(own + total for own, total in zip(codes, totals, strict=True))))
    holds = [[all(c in {"Total", x} for c, x in zip(place, leaf, strict=True)) for leaf in leaves] for place in places]
    low, high = np.zeros(len(places)), np.full(len(places), np.inf)
    for at, place in enumerate(places):
        count, hidden = listed.get(place, ("0", "false"))
        if hidden == "true":
            low[at] = sum(place[d] != "Total" for d, name in enumerate(names) if name not in slices) <= 1
        else:
            low[at] = high[at] = int(count)
    known: dict[str, Any] = {
        "constraints": LinearConstraint(np.array(holds, float), low, high),
        "integrality": np.ones(len(leaves)),
        "bounds": Bounds(0, 1000),
    }

    def between(place: Place) -> tuple[int, int]:
        cost = np.array(holds[places.index(place)], float)
        least, most = (milp(sign * cost, **known) for sign in (1, -1))
        return round(least.fun), round(-most.fun)

    return between


def test_cells_of_one_each_that_add_up_to_their_number(tmp_path: Path) -> None:
    """12 areas of 1 beside one of 500, as a reader of the file sees them: hidden alone, they are 12 together, so 1 each."""
    frame = pl.DataFrame({"area": [*(f"K{i:02}" for i in range(12)), "Stor"], "freq": [*([1] * 12), 500]})
    case = TableCase(tmp_path, frame, dimensions=AREA, policy={})
    case.protect()
    low, high = reader_of(case, ["area"], ())(("K00",))
    assert low == 1
    assert high >= 6


def test_no_reader_of_the_file_knows_more_than_is_promised(tmp_path: Path) -> None:
    """Small tables with many small counts and zeros: every unsafe cell keeps the promise to who reckons with the listing."""
    lots = random.Random(5)  # noqa: S311  tables to test with
    zeros = tried = 0
    for number in range(60):
        slices = ("year",) if number % 3 == 0 else ()
        names = ["area", "kind", *slices]
        codes = [list("abc" if slices else "abcd"), list("km" if slices else "kmn"), *(["1", "2"] for _ in slices)]
        rows = [(*place, lots.choice([0, 0, 1, 1, 2, 3, 7, 12])) for place in itertools.product(*codes)]
        frame = pl.DataFrame(rows, schema=[*names, "freq"], orient="row").filter(pl.col("freq") > 0)
        more = {"additive": {"year": False}} if slices else {}
        case = TableCase(tmp_path / str(number), frame, dimensions={name: [[name]] for name in names}, policy={}, **more)
        case.protect()
        between = reader_of(case, names, slices)
        record = case.confidential("cells")
        for place in record.filter(pl.col("count").is_between(1, 4)).select(names).iter_rows():
            tried += 1
            low, high = between(place)
            assert high >= 5
            assert high - low >= 5
        zeros += record.filter((pl.col("count") == 0) & (pl.col("status") != "shown")).height
    assert tried > 300
    assert zeros > 3, "a cell that is listed and hidden can be a zero, because some are"


def test_hierarchies_that_add_up_by_way_of_codes_that_no_table_has(tmp_path: Path) -> None:
    """A and B divide the same places, which are in no table; Gotland is alone in both, so one code of A is one of B."""
    rows = [
        ("gotland", "A-gotland", "B-gotland", 30), ("f2", "A-north", "B-coast", 9), ("f3", "A-north", "B-inland", 9),
        ("f4", "A-south", "B-coast", 30), ("f5", "A-west", "B-inland", 2),
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["f", "a", "b", "freq"], orient="row")
    case = TableCase(tmp_path, frame, dimensions={"area": [["a", "f"], ["b", "f"]]}, tables=[{"area": ["a", "b"]}], policy={})
    case.protect()
    public = dict(case.public().select("area", "count").iter_rows())
    assert "f5" not in public
    assert public["A-west"] is None
    assert (public["A-gotland"] is None) == (public["B-gotland"] is None), "the two are the same persons"
    assert None in {public[code] for code in ("Total", "A-gotland", "A-north", "A-south")}
    audit = audit_output(read_output(case.out))
    assert audit.faults == ()
    assert audit.systems == 0, "what is published alone does not tell how the two hierarchies hang together"
    made = read_output(case.out).record()
    apart = replace(made.system, tables=made.system.tables[:1])
    published = made.cells.filter(pl.col("published"))
    faults = check_protection(apart, made.policy, published, made.witnesses.join(published, on=["d0"], how="semi"))
    assert "HIERARCHIES_UNJOINED" in {fault.code for fault in faults}
