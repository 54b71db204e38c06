"""Other releases of the same tables: with fewer codes, as before a year was added, and with corrected counts beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.promise.axis import Axis, Ints
from tests.promise.tables import VINTAGE, Stage


def first(stage: Stage, axis: str, length: int, **changes: Any) -> Stage:
    """The tables as they were when only ``length`` codes of an axis were there."""
    at = list(stage.axes).index(axis)
    cut = replace(stage.axes[axis], codes=stage.axes[axis].codes[:length])
    held = {
        name: np.take(one, range(length), axis=at)
        for name, one in {"counts": stage.counts, "whose": stage.whose, "owner": stage.owner}.items()
        if one is not None
    }
    return replace(stage, axes={**stage.axes, axis: cut}, **held, **changes)


def followed(stage: Stage, counts: list[Ints]) -> Stage:
    """The tables with these counts in later vintages, oldest first."""
    codes = [f"{at:03}" for at in range(len(counts) + 1)]
    tables = tuple(replace(one, levels={VINTAGE: (VINTAGE,), **one.levels}) for one in stage.tables)
    every = np.stack([stage.counts, *counts])
    whose = None
    if stage.whose is not None and stage.owner is not None:
        whose = np.stack([stage.whose, *(_shared(stage.whose, stage.owner, one) for one in counts)])
    axes = {VINTAGE: Axis(VINTAGE, codes, total=False), **stage.axes}
    return replace(stage, axes=axes, tables=tables, counts=every, whose=whose)


def _shared(whose: Ints, owner: Ints, counts: Ints) -> Ints:
    """``whose`` so that it adds up to ``counts``: fewer of the last providers, or more of the ``owner`` of a finest cell."""
    left, found = counts.copy(), np.zeros_like(whose)
    for who in range(whose.shape[-1]):
        found[..., who] = np.minimum(whose[..., who], left)
        left = left - found[..., who]
    for who in range(whose.shape[-1]):
        found[..., who] += left * (owner == who)
    return found
