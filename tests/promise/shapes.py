"""The features of a case before its persons are counted: one function each, and how often it is asked for.

A function returns whether it fitted. Features that come when persons are counted are in ``told``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from avbrott.counting.spec import Never, Table
from avbrott.policy import BaseRule
from tests.promise.axis import Axis
from tests.promise.plan import Feature, Plan

SHAPES: list[Feature] = []


def shape(name: str, chance: int, least: float) -> Callable[[Callable[[st.DrawFn, Plan], bool]], None]:
    """A feature of a plan."""
    return lambda change: SHAPES.append(Feature(name, chance, least, change))


def axes_of(draw: st.DrawFn) -> dict[str, Axis]:
    """Two to four dimensions, without hierarchies of areas."""
    number = draw(st.sampled_from([2, 2, 2, 3, 3, 4]))
    areas = draw(st.integers(3, 4)) if number == 2 else draw(st.integers(2, 3))
    found = {"area": Axis("area", ["a", "b", "c", "d"][:areas])}
    if number == 4 or (number == 3 and draw(st.booleans())):
        years = 3 if number == 3 else 2
        found["year"] = Axis("year", ["y0", "y1", "y2"][:years], total=False)
    found["outcome"] = Axis("outcome", ["p", "q", "r"][: draw(st.integers(2, 3)) if number == 2 else 2])
    if number == 4 or (number == 3 and "year" not in found):
        if number == 4 or draw(st.integers(1, 3)) < 3:
            found["sex"] = Axis("sex", ["k", "m"])
        else:
            kinds = {"kind": ["own", "free", "free"]} if draw(st.booleans()) else {}
            found["principal"] = Axis("principal", ["A", "B", "C"], kinds)
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
    if plan.third is None and plan.year:
        return False
    name = plan.third.name if plan.third else "outcome"
    plan.tables[0] = replace(plan.tables[0], levels=plan.every(name))
    beside = draw(st.sampled_from(["area", "outcome", "nothing"]))
    levels = {name: plan.axes[name].levels, **(plan.every("area", "outcome") if plan.year else {})}
    if beside in plan.axes and beside != name:
        levels[beside] = plan.axes[beside].levels
    plan.tables.append(Table("beside", levels))
    return True


@shape("a slice of another table", 70, 0.5)
def _slice(_: st.DrawFn, plan: Plan) -> bool:
    """The third dimension among those with one outcome: what another table has, so that all sums lead through cells."""
    beside = plan.tables[-1]
    if plan.third is None or beside.name != "beside" or "outcome" in beside.levels:
        return False
    plan.tables.append(Table("of_p", beside.levels, where={"outcome": "p"}))
    return True


@shape("latent tables", 25, 2)
def _latent(draw: st.DrawFn, plan: Plan) -> bool:
    """A crossing that no table has; where there is none, the margins alone are published."""
    third = [plan.third] if plan.third else []
    name, axis = draw(st.sampled_from([(one.name, one) for one in (*third, plan.axes["outcome"])]))
    if any(name in table.levels and "area" in table.levels for table in plan.tables):
        if len(plan.tables) > 1:
            return False
        plan.tables[:] = [Table("areas", plan.every(name)), Table("others", plan.every("area"))]
    years = {"year": ("year",)} if plan.year else {}
    plan.tables.append(Table("latent", {"area": plan.axes["area"].levels, name: axis.levels, **years}, latent=True))
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


@shape("codes that somebody has", 25, 2)
def _observed(_: st.DrawFn, plan: Plan) -> bool:
    """As of a table that is read without code lists, and everybody knows it."""
    plan.observed = True
    return True


@shape("cells of no table yet", 60, 0.4)
def _early(draw: st.DrawFn, plan: Plan) -> bool:
    if plan.year is None or "zeros" in plan.policy or not plan.lists_zeros:
        return False
    area = plan.axes["area"]
    plan.unpublished = (newest(plan.year, draw(st.sampled_from(area.codes))),)
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


def newest(year: Axis, code: str) -> dict[str, frozenset[str]]:
    """An area that no table has for the newest year yet, nor for the windows that hold it."""
    newest = year.codes[-1]
    windows = [window for window, held in year.windows().items() if newest in held]
    return {"year": frozenset([newest, *windows]), "area": frozenset([code])}
