"""Insiders of revised tables against brute force: what somebody who is alone in a cell, then or now, makes of all figures.

A small table is corrected once or twice and protected each time after the outputs before. She may have been where she is, or
a revision may have moved her, unless a cell that it did not touch tells otherwise; every way is tried. Systems of all
vintages that she cannot tell from the truth are listed by search, from the public files and her own cells of 1.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.printed_features import printed
from tests.revised_case import DRAWN, protected
from tests.tabular_case import TableCase

FEATURES: Counter[str] = Counter()
CASES = 100
LIMIT = 300_000
ROOM = 6
THRESHOLD = WIDTH = 3
TOTAL = "Total"
GROUP = {"a": "g", "b": "g", "c": "h", "d": "h"}

Leaf = tuple[str, str]
Place = tuple[str, str]
Cell = tuple[Place, int]
"""A place in a vintage."""
Ints = npt.NDArray[np.int64]


@pytest.fixture(scope="module", autouse=True)
def features() -> Iterator[None]:
    """Tell at the end how many cases had each feature."""
    yield from printed(FEATURES)


@dataclass(frozen=True)
class Case:
    """The counts of each vintage by finest cell, and SPEC without ``previous``."""

    spec: dict[str, Any]
    counts: list[dict[Leaf, int]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zeros = draw(st.sampled_from(["may_hide", "shown"]))
    policy: dict[str, Any] = {"threshold": THRESHOLD, "width": WIDTH, "zeros": zeros, "insiders": True}
    if zeros == "may_hide" and draw(st.integers(0, 2)) == 0:
        policy["complement"] = ["sex"]
    areas = list(GROUP)[: 3 if "complement" in policy else draw(st.integers(3, 4))]
    leaves = list(itertools.product(areas, ["k", "m"] if len(areas) == 3 else ["k"]))
    # Where every sex is sensitive, little can be protected among so few persons.
    sizes = st.sampled_from([1, 3, 4, 5, 7] if "complement" in policy else [0, 0, 1, 1, 1, 2, 3, 6])
    counts = [dict(zip(leaves, draw(st.lists(sizes, min_size=len(leaves), max_size=len(leaves))), strict=True))]
    for _ in range(draw(st.sampled_from([1, 1, 1, 2]))):
        revised = dict(counts[-1])
        one, other = draw(st.lists(st.sampled_from(leaves), min_size=2, max_size=2, unique=True))
        if draw(st.integers(0, 2)):
            # Somebody who is alone is moved, to where nobody was if there is such a cell: the total is what it was.
            alone, empty = ([leaf for leaf in leaves[1:] if revised[leaf] == n] for n in (1, 0))
            one, other = draw(st.sampled_from(alone or [one])), draw(st.sampled_from(empty or [other]))
            if revised[one]:
                revised[one], revised[other] = revised[one] - 1, revised[other] + 1
        else:
            revised[one] = max(0, revised[one] + draw(st.sampled_from([-2, -1, 1, 1, 4])))
            revised[other] = max(0, revised[other] + draw(st.sampled_from([-1, 0, 1])))
        counts.append(revised)
    for vintage in counts:
        vintage["a", "k"] = max(vintage["a", "k"], 4)
    dimensions = {"area": [["area"]] if draw(st.booleans()) else [["group", "area"]], "sex": [["sex"]]}
    spec: dict[str, Any] = {"dimensions": dimensions}
    if "complement" not in policy and draw(st.integers(0, 2)) == 0:
        spec["tables"] = [{"area": "all"}, {"sex": "all"}]
    spec["policy"] = policy
    return Case(spec, counts)


def places_of(case: Case) -> dict[Place, set[Leaf]]:
    """Every place that a table has, with its finest cells."""
    leaves = set(case.counts[0])
    areas = {area for area, _ in leaves} | {TOTAL}
    if len(case.spec["dimensions"]["area"][0]) == 2:
        areas |= {GROUP[area] for area in areas if area in GROUP}
    places = itertools.product(areas, {sex for _, sex in leaves} | {TOTAL})
    return {
        (area, sex): {leaf for leaf in leaves if area in {TOTAL, leaf[0], GROUP[leaf[0]]} and sex in {TOTAL, leaf[1]}}
        for area, sex in places
        if "tables" not in case.spec or TOTAL in (area, sex)
    }


def protect(case: Case, folder: Path) -> list[TableCase]:
    """One output a vintage, each after the last one; none where one of them cannot be protected."""

    def vintages() -> Iterator[TableCase]:
        for number, counts in enumerate(case.counts):
            rows = [(GROUP[area], area, sex, n) for (area, sex), n in counts.items()]
            frame = pl.DataFrame(rows, schema=["group", "area", "sex", "freq"], orient="row").filter(pl.col("freq") > 0)
            previous = {"previous": [f"../{number - 1}/out"]} if number else {}
            yield TableCase(folder / str(number), frame, **case.spec, **previous)

    return protected(vintages(), FEATURES)


@settings(DRAWN, max_examples=CASES)
@given(cases())
def test_nobody_who_is_counted_learns_of_the_others_by_a_revision(case: Case) -> None:
    """Small figures of every vintage and small differences between them keep their values before who is alone in a cell."""
    FEATURES["cases"] += 1
    with tempfile.TemporaryDirectory() as name:
        made = protect(case, Path(name))
        if not made:
            return
        assert audit_output(read_output(made[-1].out)).faults == ()
        told = [
            {(area, sex): None if hidden == "true" else int(count) for area, sex, count, hidden in one.public().iter_rows()}
            for one in made
        ]
    history = History(case, told)
    systems = history.systems()
    if systems is None:
        FEATURES["search given up"] += 1
        return
    FEATURES["enumerated"] += 1
    for facts in persons(history):
        FEATURES["insiders"] += 1
        FEATURES["insiders who know cells of two vintages"] += len({vintage for _, vintage in facts}) > 1
        FEATURES["insiders who were moved"] += len({place for place, _ in facts if place in case.counts[0]}) > 1
        hold(history, systems, facts)


class History:
    """What is true and what is shown in all vintages of one case; ``told`` has by listed place its figure, or None."""

    def __init__(self, case: Case, told: list[dict[Place, int | None]]) -> None:
        self.told = told
        self.counts = case.counts
        self.zeros = case.spec["policy"]["zeros"] == "shown"
        self.complement = "complement" in case.spec["policy"]
        self.inside = places_of(case)
        self.vintages = range(len(told))
        self.truth = {
            (place, v): sum(case.counts[v][leaf] for leaf in leaves)
            for place, leaves in self.inside.items()
            for v in self.vintages
        }

    def floor(self, place: Place, v: int) -> int:
        """The least that everybody knows a cell to be: what one code alone divides holds somebody, as the code is there."""
        return int(self.truth[place, v] > 0 and (self.zeros or TOTAL in place))

    def same(self, place: Place, one: int, other: int) -> bool:
        """Whether both outputs list the place, and nothing in it that a table shows has changed."""
        below = [other_place for other_place, leaves in self.inside.items() if leaves <= self.inside[place]]
        listed = place in self.told[one] and place in self.told[other]
        return listed and all(self.truth[p, one] == self.truth[p, other] for p in below)

    @cached_property
    def variables(self) -> list[tuple[Leaf, int]]:
        """Finest cells of all vintages."""
        return [(leaf, v) for v in self.vintages for leaf in self.counts[0]]

    def row(self, place: Place, v: int) -> Ints:
        """How often each variable counts in a cell."""
        return np.array([int(leaf in self.inside[place] and at == v) for leaf, at in self.variables], np.int64)

    def fact(self, place: Place, v: int) -> bool:
        """Whether an output before the last one showed the figure, or everybody knows that it is zero."""
        earlier = self.vintages[:-1]
        if any(self.told[u].get(place, 0) is not None and (u == v or self.same(place, u, v)) for u in earlier):
            return True
        return place not in self.told[v] or (self.zeros and self.truth[place, v] == 0)

    def systems(self) -> Ints | None:
        """Every system that agrees with what all outputs show, a column a variable; None where there are too many."""
        cells = [one for one in self.truth if self.told[one[1]].get(one[0], 0) is not None]
        most = [min(self.truth[p, v] for p, held in self.inside.items() if leaf in held) + ROOM for leaf, v in self.variables]
        # What no revision touched is one variable: the first of them stands for the others.
        first = {
            (leaf, v): next((u for u in self.vintages if u < v and leaf in self.inside and self.same(leaf, u, v)), v)
            for leaf, v in self.variables
        }
        kept = [at for at, (leaf, v) in enumerate(self.variables) if first[leaf, v] == v]
        stands = np.array([kept.index(self.variables.index((leaf, first[leaf, v]))) for leaf, v in self.variables])
        sums = np.zeros((len(cells), len(kept)), np.int64)
        for at, cell in enumerate(cells):
            np.add.at(sums[at], stands, self.row(*cell))
        found = solutions(sums, np.array([self.truth[cell] for cell in cells]), np.array(most)[kept], LIMIT)
        if found is None:
            return None
        systems = found[:, stands]
        keep = np.ones(len(systems), np.bool_)
        for place, v in self.truth:
            values = systems @ self.row(place, v)
            if place in self.told[v]:
                keep &= values >= self.floor(place, v)
            for u in self.vintages[:v]:
                if self.same(place, u, v):
                    keep &= values == systems @ self.row(place, u)
        return systems[keep]

    def ends(self, item: Ints, known: set[Cell]) -> tuple[int, int]:
        """The least and most of an item by earlier figures, what no revision touched, and the cells ``known``."""
        rows, low, high = [], [], []
        for place, v in self.truth:
            fact = self.fact(place, v) or (place, v) in known
            rows.append(self.row(place, v))
            low.append(self.truth[place, v] if fact else self.floor(place, v))
            high.append(self.truth[place, v] if fact else np.inf)
            for u in self.vintages[:v]:
                if self.same(place, u, v):
                    rows.append(self.row(place, v) - self.row(place, u))
                    low.append(0)
                    high.append(0)
        rule = LinearConstraint(np.array(rows), low, high)
        ends = []
        for sign in (1, -1):
            found = milp(sign * item, constraints=rule, integrality=np.ones(len(item)))
            ends.append(round(sign * found.fun) if found.status == 0 else -sign * 10**6)
        return ends[0], ends[1]


def solutions(sums: Ints, known: Ints, most: Ints, limit: int) -> Ints | None:
    """Rows of whole numbers ``0 .. most`` (one a variable) with ``sums @ row == known``; None beyond ``limit`` open ends.

    ``sums`` has a row a known figure and a column a variable, 1 where the figure holds the variable, else 0.
    """
    chosen, left = np.zeros((1, 0), np.int64), known[None, :]
    for at, column in enumerate(sums.T):
        over = column > 0
        last = over & ~sums[:, at + 1 :].any(axis=1)
        top = np.minimum(left[:, over].min(axis=1), most[at]) if over.any() else np.full(len(left), most[at])
        low = left[:, last].max(axis=1) if last.any() else np.zeros(len(left), np.int64)
        length = np.maximum(top - low + 1, 0)
        if length.sum() > limit:
            return None
        number = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + np.repeat(low, length)
        chosen = np.column_stack([np.repeat(chosen, length, axis=0), number])
        left = np.repeat(left, length, axis=0) - number[:, None] * column
    found: Ints = chosen[~left.any(axis=1)]
    return found


def persons(history: History) -> set[frozenset[Cell]]:
    """The cells of 1 that somebody is alone in, for everybody there can be: at one place, or at two, one after the other."""
    found = set()
    places: list[Leaf | None] = [*history.counts[0], None]
    for before, after in itertools.product(places, places):
        for first in history.vintages:
            path = [before if v < first else after for v in history.vintages]
            path = [leaf if leaf and history.counts[v][leaf] else None for v, leaf in enumerate(path)]
            if possible(history, path):
                cells = {(p, v) for p, v in history.truth if path[v] in history.inside[p] and history.truth[p, v] == 1}
                found.add(frozenset(cells))
    return {cells for cells in found if any(not history.fact(*cell) for cell in cells)}


def possible(history: History, path: list[Leaf | None]) -> bool:
    """Whether she is in a cell that a revision did not touch in both vintages or in none."""
    for place, held in history.inside.items():
        for one, other in itertools.combinations(history.vintages, 2):
            if history.same(place, one, other) and (path[one] in held) != (path[other] in held):
                return False
    return True


def hold(history: History, systems: Ints, facts: set[Cell] | frozenset[Cell]) -> None:
    """Hold one insider against every item."""
    left = systems
    for place, v in facts:
        left = left[left @ history.row(place, v) == 1]
    for (place, v), value in history.truth.items():
        if place in history.told[v] and 0 < value < THRESHOLD and not history.fact(place, v) and (place, v) not in facts:
            FEATURES["items count"] += 1
            assert reach(left @ history.row(place, v), history.floor(place, v), 10**6)
    complements(history, left, facts)
    for place, (one, other) in itertools.product(history.inside, itertools.combinations(history.vintages, 2)):
        rise = history.truth[place, other] - history.truth[place, one]
        listed = place in history.told[one] and place in history.told[other]
        if listed and 0 < abs(rise) < THRESHOLD and not all(history.fact(place, v) for v in (one, other)):
            FEATURES["items difference"] += 1
            item = int(np.sign(rise)) * (history.row(place, other) - history.row(place, one))
            if not reach(left @ item, -(10**6), 10**6):
                FEATURES["items that facts bound"] += 1
                assert reach(left @ item, *history.ends(item, set(facts)))


def complements(history: History, left: Ints, facts: set[Cell] | frozenset[Cell]) -> None:
    """Hold what is small beside a sex against one insider."""
    for (place, v), value in history.truth.items() if history.complement else ():
        over = (place[0], TOTAL)
        parts = [other for other in history.told[v] if other[0] == place[0] and other[1] != TOTAL]
        total = history.truth[over, v]
        small = place in parts and len(parts) > 1 and 0 < total < value + THRESHOLD
        if small and not (history.fact(place, v) and history.fact(over, v)):
            FEATURES["items complement"] += 1
            item = history.row(over, v) - history.row(place, v)
            assert reach(left @ item, 0, 10**6) or reach(left @ item, *history.ends(item, set(facts)))


def reach(values: Ints, floor: int, cap: int) -> bool:
    """Whether an item that facts leave between ``floor`` and ``cap`` has the values that are promised."""
    top, span = int(values.max()), int(values.max() - values.min())
    number = len(np.unique(values))
    return top >= min(THRESHOLD, cap) and span >= min(WIDTH, cap - floor) and number >= min(3, cap - floor + 1)
