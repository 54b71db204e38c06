"""Cells against a brute-force count in plain Python, over random specs and base cells."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from avbrott.at_rest.vault import vault_of
from avbrott.counting.base import count_base
from avbrott.counting.cells import count_cells
from avbrott.counting.spec import TOTAL, Dimension, Never, SystemSpec, Table
from avbrott.home import Home
from tests import stored

YEARS = ["2012/13", "2013/14", "2014/15", "2015/16"]
SPEC = SystemSpec(
    "small",
    {
        "year": Dimension("year", pl.DataFrame({"year": YEARS}), (("year",),), total=False, window=2),
        # Two alternative ways of adding up the same areas, and one group of a single area.
        "area": Dimension(
            "area",
            pl.DataFrame({"half": ["N", "N", "S"], "kind": ["K1", "K2", "K1"], "area": ["a", "b", "c"]}),
            (("half", "area"), ("kind", "area")),
        ),
        "status": Dimension(
            "status",
            pl.DataFrame({"group": ["in", "out", "out"], "status": ["in", "left", "paused"]}),
            (("group", "status"),),
        ),
        "cause": Dimension("cause", pl.DataFrame({"cause": ["x", "y"]}), (("cause",),)),
    },
    (
        Table("by_area", {"year": ("year",), "area": ("half", "kind", "area"), "status": ("group",)}),
        Table("by_status", {"year": ("year",), "status": ("group", "status")}, windows=frozenset({"year"})),
        Table("by_cause", {"year": ("year",), "cause": ("cause",)}, where={"status": "left"}),
        Table(
            "pooled",
            {"year": ("year",), "area": ("half",)},
            windows=frozenset({"year"}),
            windows_only=frozenset({"year"}),
        ),
    ),
    never=(Never("year", frozenset({"2015/16"}), "status", frozenset({"left", "paused"})),),
)

person = st.tuples(
    st.sampled_from(YEARS),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["in", "left", "paused"]),
    st.sampled_from(["x", "y"]),
).map(lambda p: (p[0], p[1], "in" if p[0] == "2015/16" else p[2], p[3]))
people = st.lists(person.map(lambda p: p if p[2] == "left" else (*p[:3], None)), max_size=40)

Key = tuple[str, ...]


def belongs(dimension: str, code: str, finest: str | None) -> bool:
    if code == TOTAL:
        return True
    if finest is None:
        return False
    if ".." in code:
        first, last = code.split("..")
        return YEARS.index(first) <= YEARS.index(finest) <= YEARS.index(last)
    row = SPEC.dimensions[dimension].members.filter(pl.col(SPEC.dimensions[dimension].finest) == finest).row(0)
    return code in row


def brute(rows: list[tuple[str | None, ...]]) -> dict[Key, tuple[int, set[str]]]:
    """Every cell by its definition: all combinations of the codes shown, and how many rows belong to all of them."""
    found: dict[Key, tuple[int, set[str]]] = {}
    windows = [f"{one}..{two}" for one, two in pairwise(YEARS)]
    for table in SPEC.tables:
        codes = []
        for name, dimension in SPEC.dimensions.items():
            if name not in table.levels:
                codes.append([table.where.get(name, TOTAL)])
                continue
            shown = (
                []
                if name in table.windows_only
                else [code for level in table.levels[name] for code in dimension.members[level].unique().to_list()]
            )
            shown += windows if name in table.windows else []
            codes.append([*dict.fromkeys(shown), *([TOTAL] if dimension.total else [])])
        for key in product(*codes):
            if key[0] == "2015/16" and key[2] in {"out", "left", "paused"} and "status" in table.levels:
                continue
            count = sum(all(belongs(n, c, v) for n, c, v in zip(SPEC.dimensions, key, r, strict=True)) for r in rows)
            tables = found.get(key, (0, set()))[1] | {table.name}
            found[key] = (count, tables)
    return found


def base_of(rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(SPEC.dimensions, pl.String), orient="row")
    return frame.group_by(list(SPEC.dimensions)).agg(pl.len().cast(pl.Int64).alias("count"))


@given(people)
@settings(max_examples=12, deadline=None)
def test_cells_are_what_their_definition_says(rows: list[tuple[str | None, ...]]) -> None:
    """Counts, coordinates and tables agree with a count by hand; nothing is missing and nothing is extra."""
    cells = count_cells(base_of(rows), SPEC)
    found = {tuple(row[:4]): (row[4], set(row[5])) for row in cells.rows()}
    assert len(found) == cells.height
    assert found == brute(rows)


@given(people, st.randoms(use_true_random=False))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_row_order_does_not_matter(tmp_path: Path, rows: list[tuple[str | None, ...]], random: object) -> None:
    """Base cells and cells of shuffled rows are equal to the byte, and hold everybody."""
    written = []
    for place in range(2):
        home = Home(tmp_path)
        source, target = home.linked("rows"), home.counted(str(place)) / "base.parquet"
        frame = pl.DataFrame(rows, schema=dict.fromkeys(SPEC.dimensions, pl.String), orient="row")
        stored.put_rows(home, source, frame)
        base = count_base(vault_of(home), source, {name: name for name in SPEC.dimensions})
        stored.put_rows(home, target, base)
        written.append((stored.content(home, target), count_cells(base, SPEC)))
        random.shuffle(rows)
    assert written[0][0] == written[1][0]
    assert written[0][1].equals(written[1][1])
    assert stored.rows(home, home.counted("0") / "base.parquet")["count"].sum() == len(rows)
