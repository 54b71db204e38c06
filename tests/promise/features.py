"""Cases with some of the features, and how often each must have occurred.

A new feature is a function under ``@shape`` in ``shapes`` (it changes a plan before persons are counted) or ``@told`` in
``told`` (it adds to a case when they are). It returns whether it fitted; how many cases had it is printed by its name. A rule
with items of its own has a function in ``items`` besides, whoever knows more than everybody one in ``attackers``.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies as st

from avbrott.counting.spec import Table
from avbrott.policy import Policy
from tests.promise.case import Case
from tests.promise.plan import Feature, Plan
from tests.promise.shapes import SHAPES, axes_of
from tests.promise.tables import Stage
from tests.promise.told import TOLD

LOTS = st.randoms(use_true_random=True)
"""Which features a case has is drawn by lot from one number, as Hypothesis repeats what it has drawn: of numbers drawn a
feature each, one run in ten hardly had some of them."""


def _changed(draw: st.DrawFn, lots: Random, features: list[Feature], of: Any) -> set[str]:
    return {one.name for one in features if lots.random() * 100 < one.chance and one.change(draw, of)}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case with some of the features."""
    axes = axes_of(draw)
    plan = Plan(axes, [Table("main", {})])
    plan.tables[0] = replace(plan.tables[0], levels=plan.every())
    lots = draw(LOTS)
    features = _changed(draw, lots, SHAPES, plan)
    size = tuple(len(axis.codes) for axis in axes.values())
    few = [0, 0, 0, 1, 2, 4] if np.prod(size) > 9 else [0, 1, 1, 2, 3, 6]
    counts = draw(st.lists(st.sampled_from(few), min_size=int(np.prod(size)), max_size=int(np.prod(size))))
    rules = {"never": plan.never, "unpublished": plan.unpublished}
    shows = {"lists_zeros": plan.lists_zeros, "observed": plan.observed}
    stage = Stage(axes, tuple(plan.tables), np.array(counts).reshape(size), **rules, **shows)
    stage.counts = np.where(stage.possible.reshape(size), stage.counts, 0)
    case = Case([stage], Policy(**plan.policy), features=features | {f"{len(size)} dimensions"})
    if stage.places:
        case.features |= _changed(draw, lots, TOLD, case)
    parents = [codes for codes in axes["area"].groups.values() if any(codes.count(code) == 1 for code in codes)]
    case.features |= {"a parent with one child"} if parents else set()
    case.features |= {name for name, both in TOGETHER.items() if both <= case.features}
    return case


OF_ITSELF = {"2 dimensions": 15.0, "3 dimensions": 10.0, "4 dimensions": 3.0, "a parent with one child": 5.0}
"""What cases have without being asked, and of a hundred how many must have had it."""
ATTACKS = ("insiders", "providers", "revisions")
BESIDE = ("providers", "windows", "linked tables", "latent tables", "zeros shown", "complement", "known bases", "known cells")
TOGETHER = {f"{one} with {other}": {one, other} for one in ATTACKS for other in BESIDE if one != other}
"""What occurs together, and is counted."""

LEAST = {one.name: one.least for one in itertools.chain(SHAPES, TOLD)} | OF_ITSELF
