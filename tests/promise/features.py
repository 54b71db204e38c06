"""What cases are made of: one function a feature, and how often each is asked for.

A new feature is a function here under ``@shape`` (it changes a plan before persons are counted) or ``@told`` (it adds what
the attacker has when they are). It returns whether it fitted; how many cases had it is printed by its name. A rule
with items of its own has a function in ``items`` besides.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from avbrott.counting.spec import Never, Table
from avbrott.policy import BaseRule, Policy
from tests.promise.case import Axis, Case, Stage


@dataclass
class Plan:
    """A case before its persons are counted: axes, tables and the fields of its policy."""

    axes: dict[str, Axis]
    tables: list[Table]
    policy: dict[str, Any] = field(default_factory=lambda: {"threshold": 3, "width": 3})
    never: tuple[Never, ...] = ()
    unpublished: tuple[dict[str, frozenset[str]], ...] = ()
    lists_zeros: bool = True

    def every(self, *left_out: str) -> dict[str, tuple[str, ...]]:
        """All levels of all dimensions but some."""
        return {name: axis.levels for name, axis in self.axes.items() if name not in left_out}

    @property
    def extra(self) -> list[str]:
        """The dimensions beside area and outcome."""
        return [name for name in self.axes if name not in {"area", "outcome"}]

    @property
    def year(self) -> Axis | None:
        return self.axes.get("year")


@dataclass(frozen=True)
class Feature:
    """``chance``: of a hundred cases, how many it is asked for. ``least``: of a hundred, how many must have had it."""

    name: str
    chance: int
    least: float
    change: Callable[[st.DrawFn, Any], bool]


SHAPES: list[Feature] = []
TOLD: list[Feature] = []


def shape(name: str, chance: int, least: float) -> Callable[[Callable[[st.DrawFn, Plan], bool]], None]:
    """A feature of a plan."""
    return lambda change: SHAPES.append(Feature(name, chance, least, change))


def told(name: str, chance: int, least: float) -> Callable[[Callable[[st.DrawFn, Case], bool]], None]:
    """A feature of a case whose persons are counted."""
    return lambda change: TOLD.append(Feature(name, chance, least, change))


def _axes(draw: st.DrawFn) -> dict[str, Axis]:
    number = draw(st.sampled_from([2, 2, 2, 3, 3, 4]))
    areas = draw(st.integers(3, 4)) if number == 2 else draw(st.integers(2, 3))
    found = {"area": Axis("area", ["a", "b", "c", "d"][:areas])}
    if number == 4 or (number == 3 and draw(st.booleans())):
        years = 3 if number == 3 else 2
        found["year"] = Axis("year", ["y0", "y1", "y2"][:years], total=False)
    found["outcome"] = Axis("outcome", ["p", "q", "r"][: draw(st.integers(2, 3)) if number == 2 else 2])
    if number == 4 or (number == 3 and "year" not in found):
        found["sex"] = Axis("sex", ["k", "m"])
    return found


@shape("hierarchy", 55, 12.5)
def _hierarchy(_: st.DrawFn, plan: Plan) -> bool:
    area = plan.axes["area"]
    if len(area.codes) < 3:
        return False
    area.groups["group"] = ["g", "g", "h", "h"][: len(area.codes)]
    return True


@shape("alternative hierarchies", 50, 3)
def _alternative(draw: st.DrawFn, plan: Plan) -> bool:
    area = plan.axes["area"]
    if "group" not in area.groups:
        return False
    area.groups["other"] = ["u", "v", "u", "v"][: len(area.codes)]
    if len(area.codes) == 4 and draw(st.booleans()):
        area.groups["third"] = ["s", "w", "w", "s"]
    return True


@shape("windows", 65, 2)
def _windows(draw: st.DrawFn, plan: Plan) -> bool:
    year = plan.year
    if year is None:
        return False
    year.window = 2
    if draw(st.booleans()):
        pooled = draw(st.sampled_from([plan.every(), plan.every("outcome")]))
        plan.tables.append(Table("pooled", pooled, windows=frozenset({"year"}), windows_only=frozenset({"year"})))
    else:
        plan.tables[0] = replace(plan.tables[0], windows=frozenset({"year"}))
    return True


@shape("linked tables", 60, 7.5)
def _linked(draw: st.DrawFn, plan: Plan) -> bool:
    """No table has every dimension."""
    apart = [name for name in plan.extra if name != "year"] or ([] if plan.year else ["outcome"])
    if not apart:
        return False
    name = apart[0]
    plan.tables[0] = replace(plan.tables[0], levels=plan.every(name))
    beside = draw(st.sampled_from(["area", "outcome", "nothing"]))
    levels = {name: plan.axes[name].levels, **(plan.every("area", "outcome") if plan.year else {})}
    if beside in plan.axes and beside != name:
        levels[beside] = plan.axes[beside].levels
    plan.tables.append(Table("beside", levels))
    return True


@shape("a slice of another table", 70, 0.5)
def _slice(_: st.DrawFn, plan: Plan) -> bool:
    """By sex among those with one outcome alone: what a table by sex has, so that no sum leads through cells of no table."""
    beside = plan.tables[-1]
    if "sex" not in plan.axes or beside.name != "beside" or "outcome" in beside.levels:
        return False
    plan.tables.append(Table("of_p", beside.levels, where={"outcome": "p"}))
    return True


@shape("latent tables", 25, 2)
def _latent(draw: st.DrawFn, plan: Plan) -> bool:
    """A crossing that no table has; where there is none, the margins alone are published."""
    pairs = [("area", name) for name in ("sex", "outcome") if name in plan.axes]
    name = draw(st.sampled_from(pairs))[1]
    if any(name in table.levels and "area" in table.levels for table in plan.tables):
        if len(plan.tables) > 1:
            return False
        plan.tables[:] = [Table("areas", plan.every(name)), Table("others", plan.every("area"))]
    years = {"year": ("year",)} if plan.year else {}
    plan.tables.append(Table("latent", {"area": plan.axes["area"].levels, name: (name,), **years}, latent=True))
    return True


@shape("zeros shown", 30, 7.5)
def _zeros(_: st.DrawFn, plan: Plan) -> bool:
    plan.policy["zeros"] = "shown"
    return True


@shape("complement", 45, 7.5)
def _complement(draw: st.DrawFn, plan: Plan) -> bool:
    if "zeros" in plan.policy:
        return False
    plan.policy["complement"] = {"outcome": draw(st.sampled_from([("p",), ()]))}
    return True


@shape("base", 45, 7.5)
def _base(draw: st.DrawFn, plan: Plan) -> bool:
    if "zeros" in plan.policy:
        return False
    plan.policy["base"] = BaseRule(dimension="outcome", minimum=draw(st.integers(2, 5)))
    return True


@shape("known bases", 60, 4)
def _known_bases(draw: st.DrawFn, plan: Plan) -> bool:
    rule = plan.policy.get("base")
    if rule is None:
        return False
    record = draw(st.sampled_from([(), ("area", "year"), ("year",)]))
    plan.policy["base"] = rule.model_copy(update={"known": True, "record": record})
    return True


@shape("zeros that are not listed", 45, 4)
def _unlisted(_: st.DrawFn, plan: Plan) -> bool:
    """As of a table that is read without code lists."""
    plan.lists_zeros = bool({"complement", "base"} & set(plan.policy)) or any(table.where for table in plan.tables)
    return not plan.lists_zeros


@shape("cells of no table yet", 60, 0.4)
def _early(draw: st.DrawFn, plan: Plan) -> bool:
    if plan.year is None or "zeros" in plan.policy or not plan.lists_zeros:
        return False
    area = plan.axes["area"]
    plan.unpublished = (_newest(plan.year, draw(st.sampled_from(area.codes))),)
    return True


@shape("combinations that cannot occur", 15, 1.5)
def _never(draw: st.DrawFn, plan: Plan) -> bool:
    if any(table.where for table in plan.tables):
        return False
    code = draw(st.sampled_from(plan.axes["area"].codes))
    plan.never = (Never("area", frozenset({code}), "outcome", frozenset({"q"})),)
    return True


@shape("another threshold or width", 40, 10)
def _policy(draw: st.DrawFn, plan: Plan) -> bool:
    plan.policy["threshold"], plan.policy["width"] = draw(st.sampled_from([(2, 2), (2, 4), (4, 2), (3, 5), (3, 0), (5, 5)]))
    return True


@told("earlier releases of fewer years", 55, 2.5)
def _years(draw: st.DrawFn, case: Case) -> bool:
    """One release a year that is added; the figures of the years before are what they were."""
    last = case.last
    if "year" not in last.axes:
        return False
    codes = last.axes["year"].codes
    at = list(last.axes).index("year")
    for length in range(len(codes) - 1, draw(st.integers(1, len(codes) - 1)) - 1, -1):
        year = replace(last.axes["year"], codes=codes[:length])
        early = tuple(_newest(year, code) for one in last.unpublished for code in one["area"])
        counts = np.take(last.counts, range(length), axis=at)
        case.stages.insert(0, replace(last, axes={**last.axes, "year": year}, counts=counts, unpublished=early))
    return True


@told("earlier tables that are not published again", 25, 2.5)
def _tables(draw: st.DrawFn, case: Case) -> bool:
    """What they showed is known, what they hid is as secret as it was."""
    last = case.last
    if len(case.stages) > 1 or last.unpublished:
        return False
    table = draw(st.sampled_from([table for table in last.tables if not table.latent]))
    rest = [one for one in last.tables if one is not table]
    coarse = {name: levels[:1] for name, levels in list(table.levels.items())[:-1]}
    if "year" in last.axes:
        coarse["year"] = ("year",)
    rest.append(Table("coarser", coarse, where=table.where if "outcome" not in coarse else {}))
    case.stages.insert(0, last)
    case.stages[-1] = replace(last, tables=(*rest, replace(table, latent=True)))
    return True


@told("known cells", 25, 5)
def _known(draw: st.DrawFn, case: Case) -> bool:
    number = len(case.last.places)
    which = draw(st.lists(st.integers(0, number - 1), min_size=1, max_size=2, unique=True))
    case.known = case.last.frame(np.array(which))
    return True


@told("kept cells", 15, 1.5)
def _kept(draw: st.DrawFn, case: Case) -> bool:
    stage = case.last
    large = np.flatnonzero(stage.published & (stage.count >= max(case.policy.threshold, 6)))
    if not len(large):
        return False
    case.keep = stage.frame(large[[draw(st.integers(0, len(large) - 1))]]).drop("count")
    return True


def _newest(year: Axis, code: str) -> dict[str, frozenset[str]]:
    """An area that no table has for the newest year yet, nor for the windows that hold it."""
    newest = year.codes[-1]
    windows = [window for window, held in year.windows().items() if newest in held]
    return {"year": frozenset([newest, *windows]), "area": frozenset([code])}


def _changed(draw: st.DrawFn, features: list[Feature], of: Any) -> set[str]:
    return {one.name for one in features if draw(st.integers(1, 100)) <= one.chance and one.change(draw, of)}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case with some of the features."""
    axes = _axes(draw)
    plan = Plan(axes, [Table("main", {})])
    plan.tables[0] = replace(plan.tables[0], levels=plan.every())
    features = _changed(draw, SHAPES, plan)
    size = tuple(len(axis.codes) for axis in axes.values())
    few = [0, 0, 0, 1, 2, 4] if np.prod(size) > 9 else [0, 1, 1, 2, 3, 6]
    counts = draw(st.lists(st.sampled_from(few), min_size=int(np.prod(size)), max_size=int(np.prod(size))))
    stage = Stage(
        axes, tuple(plan.tables), np.array(counts).reshape(size), plan.never, plan.unpublished, lists_zeros=plan.lists_zeros
    )
    stage.counts = np.where(stage.possible.reshape(size), stage.counts, 0)
    case = Case([stage], Policy(**plan.policy), features=features | {f"{len(size)} dimensions"})
    if stage.places:
        case.features |= _changed(draw, TOLD, case)
    parents = [codes for codes in axes["area"].groups.values() if any(codes.count(code) == 1 for code in codes)]
    return replace(case, features=case.features | ({"a parent with one child"} if parents else set()))


OF_ITSELF = {"2 dimensions": 15.0, "3 dimensions": 10.0, "4 dimensions": 3.0, "a parent with one child": 5.0}
"""What cases have without being asked, and of a hundred how many must have had it."""

LEAST = {one.name: one.least for one in itertools.chain(SHAPES, TOLD)} | OF_ITSELF
