"""Revisions against brute force: every whole-number system of all vintages that agrees with all outputs, by search.

A case is a small table, corrected once or twice by one or a few persons in a few cells, people who come and go among them,
and protected each time after the outputs before. What the attacker has is read from the public files alone; that nobody
moved where no figure of ours moved is told to the search as well.
"""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from avbrott.errors import CannotProtect
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.tabular_case import TableCase
from tests.whole_numbers import solutions

FEATURES: Counter[str] = Counter()
CASES = 60
LIMIT = 200_000
ROOM = 7
THRESHOLD = WIDTH = 3
TOTAL = "Total"
AREAS = {"a": "g", "b": "g", "c": "h", "d": "h"}

Leaf = tuple[str, str, str]
Place = tuple[str, str, str]
Ints = npt.NDArray[np.int64]


@pytest.fixture(scope="module", autouse=True)
def features() -> Iterator[None]:
    """Tell at the end how many cases had each feature."""
    FEATURES.clear()
    yield
    print("\n" + ", ".join(f"{name} {number}" for name, number in sorted(FEATURES.items())))


@dataclass(frozen=True)
class Case:
    """The counts of each vintage by finest cell, and SPEC without ``previous``."""

    spec: dict[str, Any]
    counts: list[dict[Leaf, int]]
    every: bool
    """Each output names all before it; otherwise the last alone."""
    held: dict[str, set[str]] = field(default_factory=dict)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    areas = list(AREAS)[: draw(st.integers(3, 4))]
    years = draw(st.sampled_from([["1"], ["1"], ["1", "2"], ["1", "2", "3"]]))
    sexes = ["k", "m"] if len(years) == 1 else ["k"]
    leaves = list(itertools.product(areas, sexes, years))
    sizes = st.sampled_from([0, 1, 1, 2, 3, 4, 6])
    counts = [dict(zip(leaves, draw(st.lists(sizes, min_size=len(leaves), max_size=len(leaves))), strict=True))]
    for _ in range(draw(st.integers(1, 2))):
        revised = dict(counts[-1])
        for leaf in draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=3, unique=True)):
            revised[leaf] = max(0, revised[leaf] + draw(st.sampled_from([-9, -2, -1, -1, 1, 1, 2, 4])))
        if draw(st.booleans()):
            # +1 -1 in one revision: the total is what it was.
            one, other = draw(st.lists(st.sampled_from(leaves), min_size=2, max_size=2, unique=True))
            revised[one], revised[other] = revised[one] + 1, max(0, revised[other] - 1)
        counts.append(revised)
    for vintage in counts:
        # Somebody is left in every period: one that is gone is refused.
        vintage.update({("a", "k", year): max(vintage["a", "k", year], 4) for year in years})
    flat = draw(st.booleans())
    dimensions = {"area": [["area"]] if flat else [["group", "area"]], "sex": [["sex"]], "year": [["year"]]}
    spec: dict[str, Any] = {"dimensions": dimensions, "additive": {"year": False}}
    if len(years) == 3:
        spec["windows"] = {"year": 2}
    if draw(st.booleans()) and len(sexes) == 2:
        spec["tables"] = [{"area": "all", "year": "all"}, {"sex": "all", "year": "all"}]
    spec["policy"] = {"threshold": THRESHOLD, "width": WIDTH, "zeros": draw(st.sampled_from(["may_hide", "shown"]))}
    if spec["policy"]["zeros"] == "may_hide" and draw(st.integers(0, 2)) == 0:
        spec["policy"]["complement"] = ["sex"]
    if spec["policy"]["zeros"] == "may_hide" and len(sexes) == 2 and draw(st.integers(0, 2)) == 0:
        spec["policy"]["base"] = {"dimension": "sex", "minimum": 4, "known": draw(st.booleans())}
    return Case(spec, counts, draw(st.booleans()))


class Published:
    """What one output tells: by place (area, sex, year) its count, None where it is hidden; a place not there is zero."""

    def __init__(self, case: TableCase, every: set[Place]) -> None:
        rows = case.public().select("area", "sex", "year", "count", "hidden").iter_rows()
        told = {(area, sex, year): None if hidden == "true" else int(count) for area, sex, year, count, hidden in rows}
        years = {place[2] for place in told}
        self.listed = set(told)
        self.figures: dict[Place, int | None] = {place: told.get(place, 0) for place in every if place[2] in years}


def held(place: Place, windows: bool) -> set[Leaf]:
    """The finest cells of a place."""
    area, sex, year = place
    areas = {a for a, g in AREAS.items() if area in {TOTAL, a, g}}
    years = set(year.split("..")) if windows and ".." in year else {year}
    return set(itertools.product(areas, {"k", "m"} if sex == TOTAL else {sex}, years))


def places_of(case: Case) -> set[Place]:
    """Every place that a table has."""
    leaves = list(case.counts[0])
    years = {leaf[2] for leaf in leaves} | ({"1..2", "2..3"} if "windows" in case.spec else set())
    areas = {leaf[0] for leaf in leaves} | {TOTAL}
    if len(case.spec["dimensions"]["area"][0]) == 2:
        areas |= {AREAS[area] for area in areas if area in AREAS}
    crossed = set(itertools.product(areas, {leaf[1] for leaf in leaves} | {TOTAL}, years))
    return {place for place in crossed if "tables" not in case.spec or TOTAL in place[:2]}


def protect(case: Case, folder: Path) -> list[TableCase]:
    """One output a vintage, each after those before it; none where one of them cannot be protected."""
    made: list[TableCase] = []
    for number, counts in enumerate(case.counts):
        rows = [(AREAS[area], area, sex, year, n) for (area, sex, year), n in counts.items()]
        # A code that nobody is under any more is not in the input at all.
        gone = {area for area in AREAS if not sum(n for leaf, n in counts.items() if leaf[0] == area)}
        frame = pl.DataFrame(rows, schema=["group", "area", "sex", "year", "freq"], orient="row")
        frame = frame.filter(~pl.col("area").is_in(sorted(gone)) | (pl.col("freq") > 0)) if number else frame
        before = [f"../{place}/out" for place in range(number)]
        previous = {"previous": before if case.every else before[-1:]} if number else {}
        made.append(TableCase(folder / str(number), frame, **case.spec, **previous))
        try:
            made[-1].protect()
        except CannotProtect:
            FEATURES["refused revision" if number else "refused"] += 1
            return []
    return made


@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(cases())
def test_nothing_small_is_settled_by_figures_of_two_vintages(case: Case) -> None:
    """Small figures of every vintage, small differences between them and complements have the values that are promised."""
    FEATURES["cases"] += 1
    with tempfile.TemporaryDirectory() as name:
        made = protect(case, Path(name))
        if not made:
            return
        assert audit_output(read_output(made[-1].out)).faults == ()
        every = places_of(case)
        told = [Published(one, every) for one in made]
    Listing(case, told).check()


class Listing:
    """All systems of one case."""

    def __init__(self, case: Case, told: list[Published]) -> None:
        self.case, self.told = case, told
        self.vintages = range(len(told))
        windows = "windows" in case.spec
        self.inside = {place: held(place, windows) & set(case.counts[0]) for place in places_of(case)}
        self.truth = [{p: sum(counts[leaf] for leaf in held) for p, held in self.inside.items()} for counts in case.counts]

    def same(self, place: Place, old: int, new: int) -> bool:
        """Whether both outputs list the place, and nothing in it that a table shows has changed."""
        if place not in self.told[old].listed & self.told[new].listed:
            return False
        below = [other for other, held in self.inside.items() if held <= self.inside[place]]
        if any((other in self.told[old].listed) != (other in self.told[new].listed) for other in below):
            return False
        return all(self.truth[old][other] == self.truth[new][other] for other in below)

    def check(self) -> None:
        case, told = self.case, self.told
        variables = [(leaf, vintage) for vintage in self.vintages for leaf in case.counts[0]]
        number = {variable: at for at, variable in enumerate(variables)}
        # A finest cell that a table shows, and that did not change, is one variable.
        for (leaf, vintage), (old, _) in itertools.product(variables, [(v, None) for v in self.vintages]):
            if old < vintage and leaf in self.inside and self.same(leaf, old, vintage):
                number[leaf, vintage] = min(number[leaf, vintage], number[leaf, old])
        columns = {at: place for place, at in enumerate(sorted(set(number.values())))}

        def row(place: Place, vintage: int) -> Ints:
            found = np.zeros(len(columns), np.int64)
            for leaf in self.inside[place]:
                found[columns[number[leaf, vintage]]] += 1
            return found

        self.row = row
        known = [
            (p, v) for v in self.vintages for p, figure in told[v].figures.items() if figure is not None or self.given(p, v)
        ]
        sums = np.array([row(*one) for one in known])
        figures = np.array([self.truth[v][p] for p, v in known])
        most = np.full(len(columns), 10**6)
        for v in self.vintages:
            for place in self.inside:
                over = row(place, v) > 0
                most[over] = np.minimum(most[over], self.truth[v][place] + ROOM)
        listed = solutions(sums, figures, most, LIMIT)
        if listed is None:
            FEATURES["search given up"] += 1
            return
        FEATURES["enumerated"] += 1
        floor = 1 if case.spec["policy"]["zeros"] == "shown" else 0
        values = {}
        keep = np.ones(len(listed), np.bool_)
        for v in self.vintages:
            for place in self.inside:
                values[place, v] = listed @ row(place, v)
                if place in told[v].listed and told[v].figures[place] is None:
                    keep &= values[place, v] >= floor
        for old, new in itertools.combinations(self.vintages, 2):
            for place in self.inside:
                if self.same(place, old, new):
                    keep &= values[place, old] == values[place, new]
        self.values = {one: found[keep] for one, found in values.items()}
        self.floor = floor
        self.counts()
        self.differences()
        self.complements()
        self.bases()

    def given(self, place: Place, vintage: int) -> bool:
        """Whether the attacker has the figure as a base from elsewhere."""
        base = self.case.spec["policy"].get("base")
        return bool(base and base["known"]) and self.divided(place, vintage)

    def divided(self, place: Place, vintage: int) -> bool:
        """Whether the place is a total that sexes divide."""
        return place[1] == TOTAL and any((place[0], sex, place[2]) in self.told[vintage].listed for sex in ("k", "m"))

    def cap(self, place: Place, vintage: int) -> int:
        """The most that a figure can be by known bases."""
        others = [v for v in self.vintages if v == vintage or self.same(place, min(v, vintage), max(v, vintage))]
        bases = [
            self.truth[v][other]
            for v in others
            for other, held in self.inside.items()
            if self.inside[place] <= held and self.given(other, v)
        ]
        return min(bases, default=10**6)

    def fact(self, place: Place, vintage: int) -> bool:
        """Whether an output before the last showed the figure."""
        return any(
            (self.given(place, v) or (v < len(self.told) - 1 and self.told[v].figures.get(place) is not None))
            and (v == vintage or self.same(place, min(v, vintage), max(v, vintage)))
            for v in self.vintages
        )

    def counts(self) -> None:
        for (place, v), values in self.values.items():
            if place in self.told[v].listed and 0 < self.truth[v][place] < THRESHOLD and not self.fact(place, v):
                FEATURES["item count"] += 1
                FEATURES["item count of an earlier vintage"] += v < len(self.told) - 1
                reaches(values, self.floor, self.cap(place, v))

    def differences(self) -> None:
        for old, new in itertools.combinations(self.vintages, 2):
            for place in self.told[old].listed & self.told[new].listed:
                rise = self.truth[new][place] - self.truth[old][place]
                if not 0 < abs(rise) < THRESHOLD:
                    continue
                plus, minus = (new, old) if rise > 0 else (old, new)
                facts = [self.fact(place, v) for v in (old, new)]
                if facts[0] and not facts[1] and new == len(self.told) - 1:
                    assert self.told[new].figures[place] is None
                    FEATURES["hidden beside a shown figure"] += 1
                if all(facts):
                    continue
                FEATURES["item difference"] += 1
                values = self.values[place, plus] - self.values[place, minus]
                if values.max() < THRESHOLD or values.max() - values.min() < WIDTH or len(np.unique(values)) < 3:
                    FEATURES["difference bounded by facts"] += 1
                    item = self.row(place, plus) - self.row(place, minus)
                    lowest, highest = (way * self.most_of(way * item) for way in (-1, 1))
                    reaches(values, lowest, highest)

    def complements(self) -> None:
        if "complement" not in self.case.spec["policy"]:
            return
        for (place, v), values in self.values.items():
            over = (place[0], TOTAL, place[2])
            beside = [p for p in self.told[v].listed if p[0] == place[0] and p[2] == place[2] and p[1] != TOTAL]
            if place not in self.told[v].listed or place[1] == TOTAL or len(beside) < 2 or not self.truth[v][over]:
                continue
            facts = [self.fact(one, v) for one in (place, over)]
            if self.truth[v][over] - self.truth[v][place] < THRESHOLD and not all(facts):
                FEATURES["item complement"] += 1
                reaches(self.values[over, v] - values, 0, self.cap(over, v))

    def most_of(self, item: Ints) -> int:
        """The most that an item can be by facts alone: what was shown before, bases, and what two vintages have in common."""
        rows, low, high = [], [], []
        for v in self.vintages:
            for place in self.inside:
                fact = self.fact(place, v) or self.told[v].figures.get(place) == 0
                listed = place in self.told[v].listed
                rows.append(self.row(place, v))
                low.append(self.truth[v][place] if fact else self.floor * listed)
                high.append(self.truth[v][place] if fact else np.inf)
                for other in self.vintages:
                    if other > v and self.same(place, v, other):
                        rows.append(self.row(place, v) - self.row(place, other))
                        low.append(0)
                        high.append(0)
        found = milp(-item, constraints=LinearConstraint(np.array(rows), low, high), integrality=np.ones(len(item)))
        return round(-found.fun) if found.status == 0 else 10**6

    def bases(self) -> None:
        rule = self.case.spec["policy"].get("base")
        for (place, v), values in self.values.items() if rule else ():
            small = self.divided(place, v) and 0 < self.truth[v][place] < rule["minimum"]
            if small and not self.fact(place, v):
                FEATURES["item base"] += 1
                reaches(values, 0, self.cap(place, v), rule["minimum"])


def reaches(values: Ints, floor: int, cap: int, top: int = THRESHOLD) -> None:
    assert values.max() >= min(top, cap)
    assert values.max() - values.min() >= min(WIDTH, cap - floor)
    assert len(np.unique(values)) >= min(3, cap - floor + 1)
