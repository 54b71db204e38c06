"""Insiders against brute force: what somebody who is counted, and alone in a cell, can still take the truth for.

Persons are known here, so that an insider's facts are exactly the cells of 1 that hold her; what her facts and the public
record leave of an item is found by whole-number programs over the finest cells. Systems that she cannot tell from the truth
are listed by search. None of it is the engine's or the checker's code.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from avbrott.counting.spec import TOTAL, Dimension, SystemSpec, Table
from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.protect import protect
from avbrott.errors import CannotProtect
from avbrott.policy import BaseRule, Policy
from tests.small_tables import area_of, cells_of, holds, public_bases, published, systems_of, zeros_of

FEATURES: Counter[str] = Counter()
THRESHOLD = 3
WIDTH = 3
CASES = 150
MOST = 60
"""What nothing caps can be this much."""

Place = tuple[str, ...]
Ints = npt.NDArray[np.int64]


@pytest.fixture(scope="module", autouse=True)
def features() -> Iterator[None]:
    """Tell at the end how many cases had each feature."""
    FEATURES.clear()
    yield
    print("\n" + ", ".join(f"{name} {number}" for name, number in sorted(FEATURES.items())))


@st.composite
def cases(draw: st.DrawFn) -> tuple[SystemSpec, Policy, dict[Place, int]]:
    """A spec of one table, or of two that share all but one dimension, a policy, and the persons in each finest cell."""
    areas = area_of(draw)
    dimensions = {
        "area": areas,
        "outcome": Dimension("outcome", pl.DataFrame({"outcome": ["p", "q"]}), (("outcome",),)),
        "sex": Dimension("sex", pl.DataFrame({"sex": ["k", "m"]}), (("sex",),)),
    }
    every = {name: dimension.levels for name, dimension in dimensions.items()}
    main = Table("main", {"area": every["area"], "outcome": every["outcome"]})
    second = draw(
        st.sampled_from(
            [
                None,
                Table("sex", {"area": areas.levels, "sex": ("sex",)}),
                Table("sex", {"sex": ("sex",)}, where={"outcome": "p"}),
                Table("sex", {"area": areas.levels, "sex": ("sex",)}, where={"outcome": "p"}),
                Table("sex", every, latent=draw(st.booleans())),
            ]
        )
    )
    if second is None:
        del dimensions["sex"]
    zeros = draw(st.sampled_from(["may_hide", "may_hide", "shown"]))
    ruled = zeros == "may_hide"
    base = BaseRule(dimension="outcome", minimum=4, known=draw(st.booleans()), record=draw(st.sampled_from([(), ("area",)])))
    policy = Policy(
        threshold=THRESHOLD,
        width=WIDTH,
        zeros=zeros,
        complement={"outcome": ("p",)} if ruled and draw(st.booleans()) else {},
        base=base if ruled and draw(st.booleans()) else None,
        insiders=True,
    )
    finest = list(itertools.product(*(dimension.members[dimension.finest].to_list() for dimension in dimensions.values())))
    few = [0, 0, 0, 1, 1, 2, 5] if second is not None else [0, 1, 1, 1, 2, 2, 3, 4, 6]
    counts = draw(st.lists(st.sampled_from(few), min_size=len(finest), max_size=len(finest)))
    spec = SystemSpec("case", dimensions, (main,) if second is None else (main, second))
    return spec, policy, dict(zip(finest, counts, strict=True))


class Truth:
    """The cells of one case, which finest cells each holds, and what programs say that a number can be."""

    def __init__(self, spec: SystemSpec, counts: dict[Place, int], cells: pl.DataFrame) -> None:
        self.places = list(cells.select(list(spec.dimensions)).iter_rows())
        self.row = {place: row for row, place in enumerate(self.places)}
        self.count: Ints = cells["count"].to_numpy()
        self.holds: Ints = np.array(
            [
                [
                    all(code in holds(d, c) for code, c, d in zip(leaf, place, spec.dimensions.values(), strict=True))
                    for leaf in counts
                ]
                for place in self.places
            ],
            np.int64,
        )

    def bounds(self, known: list[int], item: Ints) -> tuple[int, int]:
        """The least and the most of ``item`` (how often each finest cell counts) where cells ``known`` are true."""
        rule = LinearConstraint(self.holds[known], self.count[known], self.count[known])
        ends = []
        for way in (1, -1):
            found = milp(way * item, constraints=rule, integrality=np.ones(len(item)), bounds=Bounds(0, MOST))
            assert found.success
            ends.append(round(way * found.fun))
        return ends[0], ends[1]


def facts_of_insiders(truth: Truth, counts: dict[Place, int]) -> set[frozenset[int]]:
    """The cells of 1 that each person is alone in, of those who are in one."""
    alone = {
        frozenset(np.flatnonzero((truth.holds[:, leaf] > 0) & (truth.count == 1)).tolist())
        for leaf, number in enumerate(counts.values())
        if number
    }
    return {facts for facts in alone if facts}


def unsafe(spec: SystemSpec, policy: Policy, truth: Truth, known: set[Place]) -> Iterator[tuple[str, int, int, int]]:
    """Rule, cell, the cell taken away (-1: none), and the threshold of every unsafe item."""
    at = list(spec.dimensions).index("outcome")
    for place, row in truth.row.items():
        count = truth.count[row]
        if 0 < count < policy.threshold and place not in known:
            yield "count", row, -1, policy.threshold
        divided = any(p[at] != TOTAL and (*p[:at], TOTAL, *p[at + 1 :]) == place for p in truth.places)
        small = policy.base is not None and divided and 0 < count < policy.base.minimum
        if small and policy.base is not None and place not in known:
            yield "base", row, -1, policy.base.minimum
        over = truth.row.get((*place[:at], TOTAL, *place[at + 1 :]), -1)
        if place[at] in policy.complement.get("outcome", ()) and over >= 0 and truth.count[over] > 0:
            beside = {p[at] for p in truth.places if p[:at] == place[:at] and p[at + 1 :] == place[at + 1 :]}
            if truth.count[over] - count < policy.threshold and len(beside) > 2:
                yield "complement", over, row, policy.threshold


def nothing_is_settled(spec: SystemSpec, policy: Policy, counts: dict[Place, int], shown: set[Place]) -> bool:
    """Hold every insider of a case against every item; False where there are too many systems to list."""
    cells = cells_of(spec, counts)
    truth = Truth(spec, counts, cells)
    record = public_bases(spec, policy, truth.places)
    zeros = zeros_of(spec, policy, cells)
    listed = systems_of(spec, policy, cells, shown | record | zeros)
    if listed is None:
        return False
    places, systems = listed
    assert places == truth.places
    least, table = 1 if policy.zeros == "shown" else 0, published(spec)
    for facts in facts_of_insiders(truth, counts):
        FEATURES["insiders"] += 1
        own = sorted(facts)
        left = systems[(systems[:, own] == 1).all(axis=1)]
        known = sorted({*own, *(truth.row[place] for place in record)})
        for rule, plus, minus, top in unsafe(spec, policy, truth, record):
            item = truth.holds[plus] - (truth.holds[minus] if minus >= 0 else 0)
            low, high = truth.bounds(known, item) if record or plus in facts else (0, MOST)
            low = max(low, least) if minus < 0 and places[plus] in table else low
            values = left[:, plus] - (left[:, minus] if minus >= 0 else 0)
            FEATURES[f"pairs {rule}"] += 1
            FEATURES["pairs settled by her own facts"] += low == high
            FEATURES["pairs capped"] += low < high < top
            assert values.max() >= min(top, high)
            assert values.max() - values.min() >= min(policy.width, high - low)
            assert len(np.unique(values)) >= min(3, high - low + 1)
    return True


@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(cases(), st.binary(min_size=4, max_size=4))
def test_nobody_who_is_counted_learns_of_the_others(case: tuple[SystemSpec, Policy, dict[Place, int]], seed: bytes) -> None:
    """Whoever is alone in a cell, what is shown and what she knows leave every item what the promise names."""
    spec, policy, counts = case
    FEATURES["cases"] += 1
    cells = cells_of(spec, counts)
    try:
        protection = protect(spec, cells, policy, seed=seed)
    except CannotProtect:
        FEATURES["refused"] += 1
        return
    assert check_protection(spec, policy, protection.cells, protection.witnesses) == []
    shown = set(protection.cells.filter(pl.col("status") == "shown").select(list(spec.dimensions)).iter_rows())
    FEATURES["enumerated" if nothing_is_settled(spec, policy, counts, shown) else "search given up"] += 1
    FEATURES[f"zeros {policy.zeros}"] += 1
    FEATURES["two tables"] += len(spec.tables) > 1
    FEATURES["known bases"] += policy.base is not None and policy.base.known
