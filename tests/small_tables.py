"""Small tables with an area and an outcome, their cells, and every whole-number system that agrees with what is known."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
from hypothesis import strategies as st

from avbrott.counting.spec import TOTAL, Dimension, SystemSpec
from avbrott.policy import Policy
from tests.whole_numbers import solutions

SEARCH = 200_000
"""A search with more open ends than this is given up: the case counts for the checker alone."""
ROOM = 8
"""How far above the smallest cell that holds it a finest cell is looked for where nothing shown bounds it."""

Place = tuple[str, ...]
Ints = npt.NDArray[np.int64]


def area_of(draw: st.DrawFn) -> Dimension:
    """An area that is flat, in groups, or in groups of two kinds."""
    kind = draw(st.sampled_from(["flat", "groups", "alternative"]))
    codes = ["a", "b", "c", "d"][: draw(st.integers(3, 4))]
    if kind == "flat":
        return Dimension("area", pl.DataFrame({"area": codes}), (("area",),))
    group = ["g", "g", "h", "h"][: len(codes)]
    if kind == "groups":
        return Dimension("area", pl.DataFrame({"group": group, "area": codes}), (("group", "area"),))
    other = ["u", "v", "u", "v"][: len(codes)]
    members = pl.DataFrame({"group": group, "other": other, "area": codes})
    return Dimension("area", members, (("group", "area"), ("other", "area")))


def holds(dimension: Dimension, code: str) -> set[str]:
    """The finest codes that a code holds."""
    members = dimension.members
    if code == TOTAL:
        return set(members[dimension.finest])
    if code in dimension.windows():
        return set(dimension.windows()[code])
    return {
        str(row[dimension.finest])
        for row in members.iter_rows(named=True)
        if code in {row[level] for level in dimension.levels}
    }


def cells_of(spec: SystemSpec, counts: dict[Place, int]) -> pl.DataFrame:
    """Every cell of the tables, from the persons in each finest cell."""
    found: dict[Place, int] = {}
    for table in spec.tables:
        choices = []
        for name, dimension in spec.dimensions.items():
            codes = {TOTAL} if dimension.total and name not in table.where else set()
            if name in table.where:
                codes = {table.where[name]}
            elif name in table.windows_only:
                codes = set(dimension.windows())
            else:
                for level in table.levels.get(name, ()):
                    codes |= set(dimension.members[level])
            choices.append(sorted(codes))
        for place in itertools.product(*choices):
            held = [holds(d, code) for d, code in zip(spec.dimensions.values(), place, strict=True)]
            found[place] = sum(n for leaf, n in counts.items() if all(c in h for c, h in zip(leaf, held, strict=True)))
    rows = [(*place, count) for place, count in found.items()]
    return pl.DataFrame(rows, schema=[*spec.dimensions, "count"], orient="row")


def systems_of(spec: SystemSpec, policy: Policy, cells: pl.DataFrame, known: set[Place]) -> tuple[list[Place], Ints] | None:
    """Every whole-number value of every cell that agrees with what is shown and known; None where there are too many."""
    names = list(spec.dimensions)
    places = list(cells.select(names).iter_rows())
    count = dict(zip(places, cells["count"].to_list(), strict=True))
    leaves = list(itertools.product(*(d.members[d.finest].to_list() for d in spec.dimensions.values())))
    held = {
        place: [
            all(code in holds(d, c) for code, c, d in zip(leaf, place, spec.dimensions.values(), strict=True))
            for leaf in leaves
        ]
        for place in places
    }
    # Leaves that no cell tells apart are one.
    columns: dict[tuple[bool, ...], None] = dict.fromkeys(zip(*(held[place] for place in places), strict=True))
    matrix = np.array([list(column) for column in columns], np.int64).T
    value = np.array([count[place] for place in places])
    fixed = np.array([place in known for place in places])
    table = published(spec)
    seen = np.array([place in table for place in places])
    floor = np.where((value > 0) & seen & (policy.zeros == "shown"), 1, 0)
    most = np.array([value[column > 0].min() + ROOM for column in matrix.T])
    found = solutions(matrix[fixed], value[fixed], most, SEARCH)
    if found is None:
        return None
    systems = found @ matrix.T
    return places, systems[(systems >= floor).all(axis=1)]


def public_bases(spec: SystemSpec, policy: Policy, places: list[Place]) -> set[Place]:
    """Bases of the public record."""
    rule = policy.base
    if rule is None or not rule.known:
        return set()
    names = list(spec.dimensions)
    at = names.index("outcome")
    return {
        place
        for place in places
        if place[at] == TOTAL
        and any(other[:at] == place[:at] and other[at + 1 :] == place[at + 1 :] and other[at] != TOTAL for other in places)
        and (
            not rule.record
            or all(
                code == TOTAL or name in rule.record or not spec.dimensions[name].total
                for name, code in zip(names, place, strict=True)
            )
        )
    }


def zeros_of(spec: SystemSpec, policy: Policy, cells: pl.DataFrame) -> set[Place]:
    """Cells that everybody knows to be zero: of a latent table alone nobody does."""
    if policy.zeros == "may_hide":
        return set()
    empty = set(cells.filter(pl.col("count") == 0).select(list(spec.dimensions)).iter_rows())
    return empty & published(spec)


def published(spec: SystemSpec) -> set[Place]:
    """Cells of a table that is not latent."""
    seen = replace(spec, tables=tuple(table for table in spec.tables if not table.latent))
    return set(cells_of(seen, {}).drop("count").iter_rows())
