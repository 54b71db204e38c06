"""Two vintages of one list of areas, made by hand, and a proof that holds before everybody alone in one of them. Not a test.

One person is alone in b then, one in f now; 2 in c are who they were. Each of the witnesses of c moves b or f, so that who
was moved from b to f can tell all of them from the truth; two more, which move neither, make the proof hold before her too.
"""

from __future__ import annotations

import polars as pl

from avbrott.counting.spec import TOTAL, Dimension, SystemSpec, Table
from avbrott.disclosure.checker import check_protection
from avbrott.policy import Policy

THEN, NOW = "000", "001"
COUNTS = {THEN: {"b": 1, "c": 2, "e": 6, TOTAL: 9}, NOW: {"c": 2, "f": 1, "g": 6, TOTAL: 9}}
POLICY = Policy(threshold=3, width=3, insiders=True)
MOVES: list[dict[str, int]] = [
    {"b": 2, "e": -2}, {"b": -1, "e": 1}, {"f": 2, "g": -2}, {"f": -1, "g": 1},
    {"c": 1, "e": -1, "f": -1}, {"c": -2, "e": 2, "f": 2}, {"c": 1, "b": -1, "g": -1}, {"c": -2, "b": 2, "g": 2},
]  # fmt: skip
BEFORE_HER: list[dict[str, int]] = [{"c": 1, "e": -1, "g": -1}, {"c": -2, "e": 2, "g": 2}]


def spec() -> SystemSpec:
    areas = Dimension("area", pl.DataFrame({"area": list("bcefg")}), (("area",),))
    vintage = Dimension("vintage", pl.DataFrame({"vintage": [THEN, NOW]}), (("vintage",),), total=False)
    table = Table("areas", {"area": ("area",), "vintage": ("vintage",)})
    return SystemSpec("moved", {"area": areas, "vintage": vintage}, (table,), vintage="vintage")


def cells() -> pl.DataFrame:
    rows = [(area, vintage, n) for vintage, by_area in COUNTS.items() for area, n in by_area.items()]
    frame = pl.DataFrame(rows, schema=["area", "vintage", "count"], orient="row")
    return frame.with_columns(status=pl.when(pl.col("area") == TOTAL).then(pl.lit("shown")).otherwise(pl.lit("unsafe")))


def witnesses(moves: list[dict[str, int]]) -> pl.DataFrame:
    """What moves an area moves it in every vintage that lists it."""
    rows = [
        (number, area, vintage, delta)
        for number, move in enumerate(moves)
        for area, delta in move.items()
        for vintage, by_area in COUNTS.items()
        if area in by_area
    ]
    return pl.DataFrame(rows, schema=["witness", "area", "vintage", "delta"], orient="row")


def faults(moves: list[dict[str, int]]) -> set[str]:
    """What the checker says of the proof that has these witnesses."""
    earlier = cells().filter((pl.col("area") == TOTAL) & (pl.col("vintage") == THEN)).drop("status")
    return {fault.code for fault in check_protection(spec(), POLICY, cells(), witnesses(moves), earlier)}
