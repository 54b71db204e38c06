"""The promise against brute force: on small systems, every whole-number system that the attacker cannot tell from the truth.

A case is a few finest cells, counted into linked tables with hierarchies, alternative ones, windows, zeros both ways,
complements, bases and cells that no table has yet. What is shown, and what the attacker knows besides, is turned into
equations over the finest cells; solutions in whole numbers are listed by search, without the engine's or the checker's code.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from avbrott.counting.spec import TOTAL, Dimension, SystemSpec, Table
from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.protect import Protection, protect
from avbrott.errors import CannotProtect
from avbrott.policy import BaseRule, Policy
from tests.enumeration import Ints, every_system

FEATURES: Counter[str] = Counter()
THRESHOLD = 3
WIDTH = 3
CASES = 250
SEARCH = 200_000
"""A search with more open ends than this is given up: the case counts for the checker alone."""

Place = tuple[str, ...]


@pytest.fixture(scope="module", autouse=True)
def features() -> Iterator[None]:
    """Tell at the end how many cases had each feature."""
    FEATURES.clear()
    yield
    print("\n" + ", ".join(f"{name} {number}" for name, number in sorted(FEATURES.items())))


def _area(draw: st.DrawFn) -> Dimension:
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


@st.composite
def cases(draw: st.DrawFn) -> tuple[SystemSpec, Policy, pl.DataFrame, pl.DataFrame]:
    """A spec, a policy, its cells and the cells of the release before (without the newest year), both counted."""
    area = _area(draw)
    years = [f"y{i}" for i in range(draw(st.sampled_from([0, 0, 0, 2, 3])))]
    window = 2 if len(years) == 3 else None
    dimensions = {"area": area}
    if years:
        dimensions["year"] = Dimension("year", pl.DataFrame({"year": years}), (("year",),), total=False, window=window)
    outcome = ["p", "q"] if years else ["p", "q", "r"][: draw(st.integers(2, 3))]
    dimensions["outcome"] = Dimension("outcome", pl.DataFrame({"outcome": outcome}), (("outcome",),))
    third = not years and draw(st.booleans())
    if third:
        dimensions["sex"] = Dimension("sex", pl.DataFrame({"sex": ["k", "m"]}), (("sex",),))
    every = {name: dimension.levels for name, dimension in dimensions.items()}
    base = {name: levels for name, levels in every.items() if name != "sex"}
    tables = [Table("main", base)]
    if third:
        tables.append(Table("by_sex", {"sex": ("sex",), **draw(st.sampled_from([{"outcome": ("outcome",)}, every]))}))
        if draw(st.booleans()):
            tables[-1] = Table("of_p", {"sex": ("sex",), "area": area.levels}, where={"outcome": "p"})
    if window:
        tables.append(Table("pooled", base, windows=frozenset({"year"}), windows_only=frozenset({"year"})))
    zeros = draw(st.sampled_from(["may_hide", "may_hide", "shown"]))
    extra = zeros == "may_hide"
    code = draw(st.sampled_from(area.members[area.levels[0]].to_list()))
    unpublished = (_early(dimensions["year"], code),) if years else ()
    spec = SystemSpec("case", dimensions, tuple(tables), unpublished=unpublished if extra and draw(st.booleans()) else ())
    record = draw(st.sampled_from([(), ("area", "year"), ("year",)]))
    policy = Policy(
        threshold=THRESHOLD,
        width=WIDTH,
        zeros=zeros,
        complement={"outcome": ("p",)} if extra and draw(st.booleans()) else {},
        base=BaseRule(dimension="outcome", minimum=4, known=draw(st.booleans()), record=record)
        if extra and draw(st.booleans())
        else None,
    )
    finest = list(itertools.product(*(dimension.members[dimension.finest].to_list() for dimension in dimensions.values())))
    counts = draw(st.lists(st.sampled_from([0, 0, 1, 1, 2, 3, 4, 6]), min_size=len(finest), max_size=len(finest)))
    return spec, policy, _cells(spec, dict(zip(finest, counts, strict=True))), _before(spec)


def _early(year: Dimension, code: str) -> dict[str, frozenset[str]]:
    """An area that no table has for the newest year yet, nor for the windows that hold it."""
    newest = max(year.members["year"])
    return {
        "year": frozenset([newest, *(w for w, held in year.windows().items() if newest in held)]),
        "area": frozenset([code]),
    }


def _before(spec: SystemSpec) -> pl.DataFrame:
    """Which years the release before had: all but the newest."""
    years = spec.dimensions["year"].members["year"].to_list()[:-1] if "year" in spec.dimensions else []
    return pl.DataFrame({"year": years}, schema={"year": pl.String})


def _holds(dimension: Dimension, code: str) -> set[str]:
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


def _cells(spec: SystemSpec, counts: dict[Place, int]) -> pl.DataFrame:
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
            held = [_holds(d, code) for d, code in zip(spec.dimensions.values(), place, strict=True)]
            found[place] = sum(n for leaf, n in counts.items() if all(c in h for c, h in zip(leaf, held, strict=True)))
    rows = [(*place, count) for place, count in found.items()]
    return pl.DataFrame(rows, schema=[*spec.dimensions, "count"], orient="row")


def _systems(spec: SystemSpec, policy: Policy, cells: pl.DataFrame, known: set[Place]) -> tuple[list[Place], Ints] | None:
    """Every whole-number value of every cell that agrees with what is shown and known; None where there are too many."""
    names = list(spec.dimensions)
    places = list(cells.select(names).iter_rows())
    count = dict(zip(places, cells["count"].to_list(), strict=True))
    leaves = list(itertools.product(*(d.members[d.finest].to_list() for d in spec.dimensions.values())))
    held = {
        place: [
            all(code in _holds(d, c) for code, c, d in zip(leaf, place, spec.dimensions.values(), strict=True))
            for leaf in leaves
        ]
        for place in places
    }
    value = np.array([count[place] for place in places])
    floor = np.where((value > 0) & (policy.zeros == "shown"), 1, 0)
    fixed = np.array([place in known for place in places])
    systems = every_system(np.array([held[place] for place in places], np.int64), value, fixed, most_ends=SEARCH)
    if systems is None:
        return None
    return places, systems[(systems >= floor).all(axis=1)]


def _public(spec: SystemSpec, policy: Policy, places: list[Place]) -> set[Place]:
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


def _promised(
    spec: SystemSpec, policy: Policy, protection: Protection, places: list[Place], systems: Ints, known: set[Place]
) -> None:
    row = {place: i for i, place in enumerate(places)}
    truth = dict(
        zip(protection.cells.select(list(spec.dimensions)).iter_rows(), protection.cells["count"].to_list(), strict=True)
    )
    at = list(spec.dimensions).index("outcome")
    public = _public(spec, policy, places)
    for place in places:
        over = (*place[:at], TOTAL, *place[at + 1 :])
        values = systems[:, row[place]]
        cap = min([truth[b] for b in public if _inside(spec, place, b)], default=10**6)
        if 0 < truth[place] < policy.threshold and place not in known:
            FEATURES["item count"] += 1
            _reaches(values, policy, policy.threshold, cap, 1 if policy.zeros == "shown" else 0)
        if policy.base is not None and place[at] == TOTAL and 0 < truth[place] < policy.base.minimum and place not in known:
            divided = any(p[at] != TOTAL and (*p[:at], TOTAL, *p[at + 1 :]) == place for p in places)
            if divided:
                FEATURES["item base"] += 1
                _reaches(values, policy, policy.base.minimum, cap, 0)
        if place[at] in policy.complement.get("outcome", ()) and over in row and truth[over] > 0:
            left = truth[over] - truth[place]
            if (
                left < policy.threshold
                and len({c for c in places if c[:at] == place[:at] and c[at + 1 :] == place[at + 1 :]}) > 2
            ):
                FEATURES["item complement"] += 1
                limit = min([truth[b] for b in public if _inside(spec, over, b)], default=10**6)
                _reaches(systems[:, row[over]] - values, policy, policy.threshold, limit, 0)


def _inside(spec: SystemSpec, place: Place, base: Place) -> bool:
    return all(_holds(d, p) <= _holds(d, b) for d, p, b in zip(spec.dimensions.values(), place, base, strict=True))


def _reaches(values: Ints, policy: Policy, top: int, cap: int, floor: int) -> None:
    assert values.max() >= min(top, cap)
    assert values.max() - values.min() >= min(policy.width, cap - floor)
    assert len(np.unique(values)) >= min(3, cap - floor + 1)


@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(cases(), st.binary(min_size=4, max_size=4))
def test_no_small_number_is_settled_by_what_is_shown(
    case: tuple[SystemSpec, Policy, pl.DataFrame, pl.DataFrame], seed: bytes
) -> None:
    """Whatever is shown leaves every unsafe item the values that the promise names, and the checker says the same."""
    spec, policy, cells, before = case
    FEATURES["cases"] += 1
    names = list(spec.dimensions)
    earlier = previous = None
    if before.height > 1:
        first_spec, first = _first(spec, cells, before["year"].to_list())
        try:
            previous = protect(first_spec, first, policy, seed=seed)
        except CannotProtect:
            FEATURES["refused"] += 1
            return
        earlier = previous.cells.filter(pl.col("status") == "shown").select(*names, "count")
        FEATURES["earlier facts"] += 1
    try:
        protection = protect(spec, cells, policy, earlier=earlier, previous=previous, seed=seed)
    except CannotProtect:
        FEATURES["refused"] += 1
        return
    assert check_protection(spec, policy, protection.cells, protection.witnesses, earlier) == []
    shown = set(protection.cells.filter(pl.col("status") == "shown").select(names).iter_rows())
    facts = set(earlier.select(names).iter_rows()) if earlier is not None else set()
    places = list(cells.select(names).iter_rows())
    known = _public(spec, policy, places) | facts
    listed = _systems(spec, policy, cells, shown | known | _zeros(policy, cells, names))
    _count(spec, policy)
    if listed is None:
        FEATURES["search given up"] += 1
        return
    FEATURES["enumerated"] += 1
    _promised(spec, policy, protection, *listed, known)


def _zeros(policy: Policy, cells: pl.DataFrame, names: list[str]) -> set[Place]:
    if policy.zeros == "may_hide":
        return set()
    return set(cells.filter(pl.col("count") == 0).select(names).iter_rows())


def _first(spec: SystemSpec, cells: pl.DataFrame, years: list[str]) -> tuple[SystemSpec, pl.DataFrame]:
    year = spec.dimensions["year"]
    smaller = Dimension("year", pl.DataFrame({"year": years}), (("year",),), total=False, window=year.window)
    windows = set(smaller.windows())
    early = tuple(_early(smaller, code) for one in spec.unpublished for code in one["area"])
    first = SystemSpec(spec.name, spec.dimensions | {"year": smaller}, spec.tables, unpublished=early)
    return first, cells.filter(pl.col("year").is_in([*years, *windows]))


def _count(spec: SystemSpec, policy: Policy) -> None:
    FEATURES[f"zeros {policy.zeros}"] += 1
    FEATURES[f"dimensions {len(spec.dimensions)}"] += 1
    FEATURES["linked tables"] += len(spec.tables) > 1
    FEATURES["complement"] += bool(policy.complement)
    FEATURES["base"] += policy.base is not None
    FEATURES["known bases"] += policy.base is not None and policy.base.known
    FEATURES["alternative hierarchies"] += len(spec.dimensions["area"].hierarchies) > 1
    FEATURES["hierarchy"] += len(spec.dimensions["area"].levels) > 1
    FEATURES["cells of no table yet"] += bool(spec.unpublished)
    FEATURES["windows"] += "year" in spec.dimensions and spec.dimensions["year"].window is not None
