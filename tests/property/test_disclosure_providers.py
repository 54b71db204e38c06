"""Providers against brute force: what each coalition can make of what is shown, once its own pupils are taken away.

A case is a few finest cells of three or four providers; providers are a dimension that is published or latent, or only known
beside the tables. For every coalition every system that agrees with what it knows is listed without the engine's or the
checker's code, and held against the definition of ``docs/method.md``.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from avbrott.counting.spec import TOTAL, Dimension, SystemSpec, Table
from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.protect import Given, Protection, protect
from avbrott.errors import CannotProtect
from avbrott.policy import BaseRule, Policy, ProviderRule
from tests.enumeration import Ints, every_system, whole_range

FEATURES: Counter[str] = Counter()
CASES = 60

Place = tuple[str, ...]


@pytest.fixture(scope="module", autouse=True)
def features() -> Iterator[None]:
    """Tell at the end how many cases had each feature."""
    FEATURES.clear()
    yield
    print("\n" + ", ".join(f"{name} {number}" for name, number in sorted(FEATURES.items())))


class Case:
    """One system: finest parts by place and provider, and the cells that hold them."""

    def __init__(self, spec: SystemSpec, policy: Policy, counts: dict[tuple[str, str, str], int]) -> None:
        self.spec, self.policy, self.counts = spec, policy, counts
        self.names = list(spec.dimensions)
        self.places = sorted(set(itertools.chain(*(self._places(table) for table in spec.tables))))
        self.providers = sorted({provider for _, _, provider in counts})
        self.leaves = sorted(counts)
        self._above = {
            name: {row[dimension.finest]: set(row.values()) for row in dimension.members.iter_rows(named=True)}
            for name, dimension in spec.dimensions.items()
        }
        self.held = np.array([[self._holds(place, leaf) for leaf in self.leaves] for place in self.places], np.int64)
        """A row a cell, a column a finest part."""
        self.value = np.array([counts[leaf] for leaf in self.leaves], np.int64)
        """By finest part, how many."""
        published = set(itertools.chain(*(self._places(table) for table in spec.tables if not table.latent)))
        self.published = np.array([place in published for place in self.places])

    def _places(self, table: Table) -> Iterator[Place]:
        choices = []
        for name, dimension in self.spec.dimensions.items():
            codes = {TOTAL}
            for level in table.levels.get(name, ()):
                codes |= set(dimension.members[level])
            choices.append(sorted(codes))
        return itertools.product(*choices)

    def _holds(self, place: Place, leaf: tuple[str, str, str]) -> bool:
        codes = dict(zip(("area", "outcome", "principal"), leaf, strict=True))
        return all(
            code == TOTAL or code in self._above[name][codes[name]] for name, code in zip(self.names, place, strict=True)
        )

    def frames(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Cells and parts, as the engine takes them."""
        held, value = self.held, self.value
        cells = [(*place, int(n)) for place, n in zip(self.places, held @ value, strict=True)]
        parts = []
        for provider in self.providers:
            mine = np.array([leaf[2] == provider for leaf in self.leaves])
            parts += [(*place, provider, int(n)) for place, n in zip(self.places, held @ (value * mine), strict=True) if n]
        schema = dict.fromkeys(self.names, pl.String)
        return (
            pl.DataFrame(cells, schema={**schema, "count": pl.Int64}, orient="row"),
            pl.DataFrame(parts, schema={**schema, "provider": pl.String, "count": pl.Int64}, orient="row"),
        )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Two or three areas, flat or in groups, two outcomes, three or four providers."""
    codes = ["a", "b", "c"][: draw(st.integers(2, 3))]
    grouped = draw(st.booleans())
    members = pl.DataFrame({"group": ["g", "g", "h"][: len(codes)], "area": codes})
    area = Dimension("area", members if grouped else members.select("area"), (("group", "area") if grouped else ("area",),))
    outcome = Dimension("outcome", pl.DataFrame({"outcome": ["p", "q"]}), (("outcome",),))
    providers = ["A", "B", "C", "D"][: draw(st.integers(3, 4))]
    kinds = pl.DataFrame({"kind": ["own", "free", "free", "free"][: len(providers)], "principal": providers})
    principal = Dimension("principal", kinds, (("kind", "principal"),))
    dimensions = {"area": area, "outcome": outcome}
    tables = [Table("main", {"area": area.levels, "outcome": ("outcome",)})]
    kind = draw(st.sampled_from(["beside", "beside", "latent", "published", "kinds", "areas"]))
    FEATURES[f"providers {kind}"] += 1
    if kind != "beside":
        dimensions["principal"] = principal
        levels = {"area": area.levels, "outcome": ("outcome",), "principal": ("kind", "principal")}
        if kind == "kinds":
            levels |= {"principal": ("kind",)}
        if kind == "areas":
            del levels["outcome"]
        tables.append(Table("by provider", levels, latent=kind in {"latent", "areas"}))
    zeros = draw(st.sampled_from(["may_hide", "may_hide", "shown"]))
    known = zeros == "may_hide" and draw(st.booleans())
    policy = Policy(
        threshold=draw(st.sampled_from([1, 3])),
        width=3,
        zeros=zeros,
        base=BaseRule(dimension="outcome", minimum=1, known=True, record=("area",)) if known else None,
        providers=ProviderRule(
            column="principal",
            minimum=draw(st.integers(1, 3)),
            coalition=draw(st.sampled_from([1, 1, 2])),
            share=draw(st.sampled_from([0.1, 0.34, 0.5, 1.0])),
            level=None if kind == "beside" else "principal",
        ),
    )
    leaves = list(itertools.product(codes, ["p", "q"], providers))
    numbers = draw(st.lists(st.sampled_from([0, 0, 0, 1, 1, 2, 4]), min_size=len(leaves), max_size=len(leaves)))
    counts = dict(zip(leaves, numbers, strict=True))
    for name in providers:  # who has nobody is no provider
        if not any(n for leaf, n in counts.items() if leaf[2] == name):
            counts[codes[0], "p", name] = 1
    return Case(SystemSpec("case", dimensions, tuple(tables)), policy, counts)


@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
@given(cases(), st.binary(min_size=4, max_size=4))
def test_no_coalition_learns_what_the_others_have(case: Case, seed: bytes) -> None:
    """Whatever is shown leaves what the others contributed the values that the rule names, and the checker says the same."""
    FEATURES["cases"] += 1
    cells, parts = case.frames()
    try:
        protection = protect(case.spec, cells, case.policy, given=Given(parts=parts), seed=seed)
    except CannotProtect:
        FEATURES["refused"] += 1
        return
    assert check_protection(case.spec, case.policy, protection.cells, protection.witnesses, None, None, parts) == []
    FEATURES["cells shown"] += protection.cells.filter(pl.col("status") == "shown").height
    assert case.policy.providers is not None
    for size in range(1, case.policy.providers.coalition + 1):
        for coalition in itertools.combinations(case.providers, size):
            _holds_against(case, protection, set(coalition))


def _holds_against(case: Case, protection: Protection, coalition: set[str]) -> None:
    policy, rule = case.policy, case.policy.providers
    assert rule is not None
    status = dict(zip(protection.cells.select(case.names).iter_rows(), protection.cells["status"].to_list(), strict=True))
    mine = np.array([leaf[2] in coalition for leaf in case.leaves])
    own, count = case.held @ (case.value * mine), case.held @ case.value
    left = count - own
    base = np.array([policy.base is not None and _is_base(case, place) for place in case.places])
    zero = np.array(
        [policy.zeros == "shown" and status[p] == "shown" and n == 0 for p, n in zip(case.places, count, strict=True)]
    )
    known = np.array([status[place] == "shown" for place in case.places]) | base | zero
    # What stands under the coalition's own codes is nobody else's.
    free = ~mine if rule.level else np.ones(len(mine), np.bool_)
    systems = every_system(case.held[:, free], left, known, most_ends=60_000)
    least = np.where((policy.zeros == "shown") & ~known & case.published, 1, 0)
    if systems is None:
        FEATURES["search given up"] += 1
        systems = left[None, :]
    else:
        FEATURES["enumerated"] += 1
        systems = systems[(systems + own >= least).all(axis=1)]
    many = len(systems) > 1
    for at, place in enumerate(case.places):
        others = {leaf[2] for leaf, n in zip(case.leaves, case.held[at] * case.value, strict=True) if n} - coalition
        inside = rule.level is not None and not case.held[at][free].any()
        if not left[at] or base[at] or inside:
            continue
        values = systems[:, at]
        least_of = np.where(known, left, least - own)
        low, high = whole_range(case.held[:, free], at, left, base | zero, least_of)
        # A search has an end, above which a cell is not looked for; a program finds what lies beyond.
        if _short(values, left[at], rule, policy, low, high):
            values = np.append(values, whole_range(case.held[:, free], at, left, known, least_of))
            FEATURES["beyond the search"] += 1
        if len(others) < rule.minimum and low < high:
            FEATURES["item share"] += 1
            share = Fraction(str(rule.share))
            assert values.max() > left[at] * (1 + share) or values.max() == high, place
            assert values.min() < left[at] * (1 - share) or values.min() == low, place
        if left[at] < policy.threshold and low < high:
            FEATURES["item count"] += 1
            assert values.max() >= min(policy.threshold, high)
            assert values.max() - values.min() >= min(policy.width, high - low)
            assert len(np.unique(values)) >= min(3, high - low + 1) or not many


def _short(values: Ints, left: int, rule: ProviderRule, policy: Policy, low: int, high: int) -> bool:
    """Whether a rule could ask for more than the ends of ``values``."""
    top = max(left * (1 + rule.share) + 1, policy.threshold, low + policy.width)
    return bool(values.max() < min(top, high) or values.min() > max(left * (1 - rule.share) - 1, low))


def _is_base(case: Case, place: Place) -> bool:
    """A total over outcome that nothing but areas divides."""
    codes = dict(zip(case.names, place, strict=True))
    return codes["outcome"] == TOTAL and codes.get("principal", TOTAL) == TOTAL
