"""The features of a case whose persons are counted: who attacks, what was published before, what is known and kept.

One function each, and how often it is asked for; a function returns whether it fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from avbrott.counting.spec import Table
from avbrott.policy import PageRule, ProviderRule
from tests.promise.case import Case
from tests.promise.plan import Feature
from tests.promise.releases import first, followed
from tests.promise.shapes import newest
from tests.promise.tables import Ints, Mask, Stage

MOST_VINTAGES = 24
"""Up to so many finest cells all vintages have together."""

TOLD: list[Feature] = []


def told(name: str, chance: int, least: float) -> Callable[[Callable[[st.DrawFn, Case], bool]], None]:
    """A feature of a case whose persons are counted."""
    return lambda change: TOLD.append(Feature(name, chance, least, change))


@told("insiders", 15, 2)
def _insiders(_: st.DrawFn, case: Case) -> bool:
    case.policy = case.policy.model_copy(update={"insiders": True})
    return True


@told("providers", 18, 2.5)
def _providers(draw: st.DrawFn, case: Case) -> bool:
    """Whoever has persons, named beside the tables or by the codes of a level."""
    stage = case.last
    levels = [level for axis in stage.axes.values() if axis.name in {"area", "principal"} for level in axis.levels]
    level = draw(st.sampled_from([None, None, *levels]))
    named = _beside(draw, stage) if level is None else _by_level(stage, level)
    there = first(named, "year", 1) if "year" in stage.axes else named  # an earlier release has them all
    assert there.whose is not None
    number = int((there.whose.reshape(-1, len(named.providers)).sum(axis=0) > 0).sum())
    if number < 2:
        return False
    rule = ProviderRule(
        column="principal",
        minimum=draw(st.integers(1, 3)),
        coalition=draw(st.sampled_from([1, 1, 2])) if number > 2 else 1,
        share=draw(st.sampled_from([0.1, 0.34, 0.5, 1.0])),
        level=level,
    )
    case.stages[-1], case.policy = named, case.policy.model_copy(update={"providers": rule})
    return True


@told("pages", 16, 2.5)
def _pages(draw: st.DrawFn, case: Case) -> bool:
    """Readers who have what stands under a code of their own."""
    axes = {name: axis for name, axis in case.last.axes.items() if name != "year" and len(axis.codes) > 2}
    if not axes:
        return False
    name = draw(st.sampled_from(sorted(axes)))
    rule = PageRule(dimension=name, coalition=draw(st.sampled_from([1, 1, 2])) if len(axes[name].codes) > 3 else 1)
    case.policy = case.policy.model_copy(update={"pages": rule})
    return True


def _beside(draw: st.DrawFn, stage: Stage) -> Stage:
    """The persons of each finest cell are one provider's, or two providers'."""
    names = ("A", "B", "C", "D")[: draw(st.integers(3, 4))]
    counts = stage.counts.reshape(-1)
    whose = np.zeros((len(counts), len(names)), np.int64)
    some = st.lists(st.integers(0, len(names) - 1), min_size=len(counts), max_size=len(counts))
    second = np.minimum(counts, draw(st.lists(st.sampled_from([0, 0, 1, 2]), min_size=len(counts), max_size=len(counts))))
    owner = np.array(draw(some))
    for who, number in ((owner, counts - second), (np.array(draw(some)), second)):
        whose[np.arange(len(counts)), who] += number
    shape = stage.counts.shape
    return replace(stage, providers=names, whose=whose.reshape(*shape, len(names)), owner=owner.reshape(shape))


def _by_level(stage: Stage, level: str) -> Stage:
    at, axis = next((at, axis) for at, axis in enumerate(stage.axes.values()) if level in axis.levels)
    names = tuple(sorted(set(axis.groups.get(level, axis.codes))))
    codes = np.array([names.index(code) for code in axis.groups.get(level, axis.codes)])
    owner = np.broadcast_to(
        codes.reshape([-1 if place == at else 1 for place in range(stage.counts.ndim)]), stage.counts.shape
    )
    whose = np.stack([stage.counts * (owner == who) for who in range(len(names))], axis=-1)
    return replace(stage, providers=names, whose=whose, owner=owner)


@told("earlier releases of fewer years", 55, 2.5)
def _years(draw: st.DrawFn, case: Case) -> bool:
    """One release a year that is added; the figures of the years before are what they were."""
    last = case.last
    if "year" not in last.axes:
        return False
    number = len(last.axes["year"].codes)
    for length in range(number - 1, draw(st.integers(1, number - 1)) - 1, -1):
        year = replace(last.axes["year"], codes=last.axes["year"].codes[:length])
        early = tuple(newest(year, code) for one in last.unpublished for code in one["area"])
        case.stages.insert(0, first(last, "year", length, unpublished=early))
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


@told("revisions", 32, 3)
def _revisions(draw: st.DrawFn, case: Case) -> bool:
    """Counts that are corrected once or twice; the figures before are known, and what they hid is as secret as it was."""
    last, policy = case.last, case.policy
    # Insiders who may have moved are tried in ``tests/property/test_revision_insiders.py``.
    attackers = policy.insiders or policy.pages is not None
    if len(case.stages) > 1 or any(one.where for one in last.tables) or attackers:
        return False
    most = MOST_VINTAGES // last.counts.size - 1
    if most < 1:
        return False
    counts: list[Ints] = []
    for _ in range(min(most, draw(st.sampled_from([1, 1, 2])))):
        counts.append(corrected(draw, counts[-1] if counts else last.counts, last.possible))
    stages = [last, *(followed(last, counts[:number]) for number in range(1, len(counts) + 1))]
    if any((stage.of_period == 0).any() for stage in stages):  # a period that is gone is refused
        return False
    case.stages[:] = stages
    return True


def corrected(draw: st.DrawFn, counts: Ints, possible: Mask) -> Ints:
    """Counts of finest cells with few of them corrected."""
    revised = counts.reshape(-1).copy()
    some = st.sampled_from(np.flatnonzero(possible).tolist())
    for leaf in draw(st.lists(some, min_size=1, max_size=3, unique=True)):
        revised[leaf] = max(0, revised[leaf] + draw(st.sampled_from([-9, -2, -1, -1, 1, 1, 2, 4])))
    if draw(st.booleans()):  # one comes and another goes: the total is what it was
        one, other = draw(some), draw(some)
        revised[one], revised[other] = revised[one] + 1, max(0, revised[other] - 1)
    return revised.reshape(counts.shape)


@told("known cells", 25, 5)
def _known(draw: st.DrawFn, case: Case) -> bool:
    number = len(case.last.places)
    which = draw(st.lists(st.integers(0, number - 1), min_size=1, max_size=2, unique=True))
    case.known = case.last.frame(np.array(which))
    return True


@told("kept cells", 15, 1.5)
def _kept(draw: st.DrawFn, case: Case) -> bool:
    stage = case.last
    large = np.flatnonzero(stage.published & stage.newest & (stage.count >= max(case.policy.threshold, 6)))
    if not len(large):
        return False
    case.keep = stage.frame(large[[draw(st.integers(0, len(large) - 1))]]).drop("count")
    return True
