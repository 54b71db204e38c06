"""Revisions through files: what outputs of ``avbrott protect`` tell of each other, against every whole-number system.

A case is a small table, corrected once or twice by one or a few persons in a few cells, people who come and go among them,
and protected each time after the outputs before. What the attacker has is read from the public files alone. Corrections of
all kinds of tables are tried in ``test_disclosure_promise``, without files.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avbrott.counting.spec import Table
from avbrott.policy import BaseRule, Policy
from avbrott.tabular.audit import audit_output
from avbrott.tabular.output import read_output
from tests.printed_features import printed
from tests.promise.attackers import everybody
from tests.promise.axis import Axis
from tests.promise.brute import TooMany, broken
from tests.promise.case import Case, Told
from tests.promise.releases import followed
from tests.promise.tables import VINTAGE, Ints, Place, Stage
from tests.promise.told import corrected
from tests.revised_case import DRAWN, protected
from tests.tabular_case import TableCase

FEATURES: Counter[str] = Counter()
KINDS = ("years", "plain", "apart", "complement", "base", "known base")
CASES = 10
"""Of each kind."""
ALL = "all"


@pytest.fixture(scope="module", autouse=True)
def features() -> Iterator[None]:
    """Tell at the end how many cases had each feature."""
    yield from printed(FEATURES)


@dataclass(frozen=True)
class History:
    """Tables with the counts of every vintage, and the policy that they are protected by."""

    stage: Stage
    policy: Policy
    every: bool
    """Each output names all before it; otherwise the last alone."""

    def spec(self) -> dict[str, Any]:
        """SPEC without ``previous``."""
        names = [name for name in self.stage.axes if name != VINTAGE]
        found: dict[str, Any] = {
            "dimensions": {name: [list(way) for way in self.stage.axes[name].hierarchies] for name in names},
            "additive": {"year": False},
            "tables": [dict.fromkeys((name for name in names if name in one.levels), ALL) for one in self.stage.tables],
            "policy": {"threshold": self.policy.threshold, "width": self.policy.width, "zeros": self.policy.zeros},
        }
        if self.stage.axes["year"].window:
            found["windows"] = {"year": self.stage.axes["year"].window}
        if self.policy.complement:
            found["policy"]["complement"] = list(self.policy.complement)
        if self.policy.base:
            found["policy"]["base"] = self.policy.base.model_dump(exclude={"record"})
        return found

    def rows(self, counts: Ints) -> pl.DataFrame:
        """The input with these counts; an area that nobody is under is not in it at all."""
        area = self.stage.axes["area"]
        places = [(*(area.groups[level][a] for level in area.groups), code) for a, code in enumerate(area.codes)]
        sexes, years = self.stage.axes["sex"].codes, self.stage.axes["year"].codes
        found = [
            (*places[a], sexes[s], years[y], int(number))
            for (a, s, y), number in np.ndenumerate(counts)
            if counts[a].any() or not a
        ]
        return pl.DataFrame(found, schema=[*area.groups, "area", "sex", "year", "freq"], orient="row")


@st.composite
def histories(draw: st.DrawFn, kind: str) -> History:
    """Two or three vintages of a table of one of ``KINDS``."""
    years = draw(st.sampled_from([["1", "2"], ["1", "2", "3"]])) if kind == "years" else ["1"]
    areas = draw(st.integers(3, 4))
    axes = {
        "area": Axis("area", list("abcd"[:areas]), {} if draw(st.booleans()) else {"group": list("gghh"[:areas])}),
        "sex": Axis("sex", ["k", "m"] if len(years) == 1 else ["k"]),
        "year": Axis("year", years, total=False, window=2 if len(years) == 3 else None),
    }
    levels = {name: axis.levels for name, axis in axes.items()}
    tables = [
        {name: levels[name] for name in levels if name != other} for other in (["sex", "area"] if kind == "apart" else [""])
    ]
    windows = frozenset({"year"} if axes["year"].window else ())
    size = (areas, len(axes["sex"].codes), len(years))
    cells = int(np.prod(size))
    counts = [np.array(draw(st.lists(st.sampled_from([0, 1, 1, 2, 3, 4, 6]), min_size=cells, max_size=cells))).reshape(size)]
    for _ in range(draw(st.integers(1, 2))):
        counts.append(corrected(draw, counts[-1], np.ones(cells, np.bool_)))
    for vintage in counts:  # somebody is left in every period: one that is gone is refused
        vintage[0, 0] = np.maximum(vintage[0, 0], 4)
    first = Stage(axes, tuple(Table(f"t{at}", one, windows=windows) for at, one in enumerate(tables)), counts[0])
    base = BaseRule(dimension="sex", minimum=4, known=kind == "known base")
    policy = Policy(
        threshold=3,
        width=3,
        zeros=draw(st.sampled_from(["may_hide", "shown"])) if kind in {"years", "plain", "apart"} else "may_hide",
        complement={"sex": ()} if kind == "complement" else {},
        base=base if kind in {"base", "known base"} else None,
    )
    return History(followed(first, counts[1:]), policy, draw(st.booleans()))


def protect(history: History, folder: Path) -> list[TableCase]:
    """One output a vintage, each after those before it; none where one of them cannot be protected."""

    def vintages() -> Iterator[TableCase]:
        for number, counts in enumerate(history.stage.counts):
            before = [f"../{place}/out" for place in range(number)]
            previous = {"previous": before if history.every else before[-1:]} if number else {}
            yield TableCase(folder / str(number), history.rows(counts), **history.spec(), **previous)

    return protected(vintages(), FEATURES)


@pytest.mark.parametrize("kind", KINDS)
@settings(DRAWN, max_examples=CASES)
@given(st.data())
def test_nothing_small_is_settled_by_figures_of_two_vintages(kind: str, data: st.DataObject) -> None:
    """Small figures of every vintage, small differences between them and complements have the values that are promised."""
    history = data.draw(histories(kind))
    FEATURES["cases"] += 1
    with tempfile.TemporaryDirectory() as name:
        made = protect(history, Path(name))
        if not made:
            return
        assert audit_output(read_output(made[-1].out)).faults == ()
        told = figures(history, made)
    stage = replace(history.stage, listed=frozenset(told), observed=True)
    shown = np.array([told[place] is not None for place in stage.places])
    assert all(told[place] in {None, count} for place, count in zip(stage.places, stage.count.tolist(), strict=True))
    earlier = stage.frame(np.flatnonzero(shown & ~stage.newest))
    attacker = everybody(Case([stage], history.policy), Told(earlier, earlier.clear()))
    FEATURES.update(f"item {item.rule}" for item in attacker.items)
    assert not [item for item in attacker.items if item.cell is not None and shown[item.cell]]
    try:
        wrong = list(broken(attacker, shown))
    except TooMany:
        FEATURES["search given up"] += 1
        return
    FEATURES["enumerated"] += 1
    assert not wrong, [(item.rule, item.value) for item in wrong]


def figures(history: History, made: list[TableCase]) -> dict[Place, int | None]:
    """What the public files tell of each vintage, None where a figure is hidden."""
    found = {}
    for vintage, case in zip(history.stage.axes[VINTAGE].codes, made, strict=True):
        for area, sex, year, count, hidden in case.public().select("area", "sex", "year", "count", "hidden").iter_rows():
            found[vintage, area, sex, year] = None if hidden == "true" else int(count)
    return found
