"""The attack: how narrowly linear programs bound hidden cells, by what is public and what the attacker has.

With the record the unsafe items are bounded and compared with the promise; without it, as many hidden cells as time allows.
The bounds are those of the linear relaxation: whole numbers can only be narrower, and the witnesses show those.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from avbrott.disclosure.checker import attacker_of
from avbrott.disclosure.differences import changed
from avbrott.disclosure.sums import find_sums
from avbrott.table import TOTAL
from avbrott.tabular.output import Public, Record
from avbrott.tabular.program import PRIMAL_SIMPLEX, Program
from avbrott.tabular.public import Equations, Ints, equations

MOST = 10_000_000.0
"""An upper bound for what nothing else bounds, in a table of smaller figures."""
ABOVE = 4.0
"""So many times the largest figure that is shown or asked for, in a table of larger ones."""
CLOSE = 1e-4

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Attack:
    """``bounded`` of ``of`` targets; ``exact`` of them have one value left.

    ``narrowed``: unsafe ones that are bounded below the promise; None without the record.
    """

    bounded: int
    of: int
    exact: int
    narrowed: int | None


@dataclass(frozen=True, slots=True)
class _Targets:
    """Items ``plus - minus`` (places among the hidden cells, -1 for none, then ``fixed`` stands for it), and the promise."""

    plus: Ints
    minus: Ints
    fixed: Ints
    top: Ints
    span: Ints


def attack(public: Public, record: Record | None, seconds: float, progress: Progress) -> Attack:
    """Bound hidden cells for at most ``seconds``."""
    if record is None:
        known = equations(public.layout, public.cells, public.zeros, public.ruled)
        size = known.matrix.shape[1]
        none = np.full(size, -1)
        targets = _Targets(
            np.arange(size), none, np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.int64)
        )
    else:
        known, targets = _confidential(record.whole())
    bounded, exact, narrowed = _bounds(known, targets, seconds, progress)
    return Attack(bounded, len(targets.plus), exact, narrowed if record is not None else None)


def _confidential(record: Record) -> tuple[Equations, _Targets]:
    """The equations over every cell that the attacker does not have, and the unsafe items among them."""
    policy, cells = record.policy, record.cells
    facts = record.facts("previous"), record.facts("known")
    known, cap, floor, untouched, figures = attacker_of(record.system, policy, cells, *facts, record.parts)
    count: Ints = cells["count"].to_numpy().astype(np.int64)
    free = ~((cells["status"] == "shown").to_numpy() | known)
    place = np.where(free, np.cumsum(free) - 1, -1)
    sums = find_sums(record.system, cells)
    same = _equal(untouched, cells.height)
    signed = sparse.csr_array(sparse.vstack([-sums.matrix, same]))
    whole = np.concatenate([sums.whole, np.ones(same.shape[0], np.bool_)])
    matrix = sparse.csr_array(signed[:, np.flatnonzero(free)])
    right = -np.asarray(signed @ np.where(free, 0, count))
    some = np.flatnonzero(np.diff(matrix.indptr) > 0)
    found = sparse.csr_array(matrix[some]), right[some], whole[some]
    small = np.flatnonzero(free & (count > 0) & (count < policy.threshold))
    rows = [_rows(small, np.full(len(small), -1), policy.threshold, floor[small], cap[small])]
    names = list(record.names)
    for dimension in sorted(policy.ruled):
        others = [name for name in names if name != dimension]
        numbered = cells.select(names).with_row_index("_row")
        totals = numbered.filter(pl.col(dimension) == TOTAL).drop(dimension)
        parts = numbered.filter(pl.col(dimension) != TOTAL)
        pairs = parts.join(totals, on=others) if others else parts.join(totals, how="cross")
        part, total = pairs["_row"].to_numpy().astype(np.int64), pairs["_row_right"].to_numpy().astype(np.int64)
        if dimension in policy.complement:
            left = count[total] - count[part]
            use = (count[total] > 0) & (left < policy.threshold) & (free[part] | free[total])
            if policy.complement[dimension]:
                use &= pairs[dimension].is_in(list(policy.complement[dimension])).to_numpy()
            none = np.zeros(int(use.sum()), np.int64)
            rows.append(_rows(total[use], part[use], policy.threshold, none, cap[total[use]]))
        if policy.base is not None and dimension == policy.base.dimension:
            base = np.unique(total)
            base = base[free[base] & (count[base] > 0) & (count[base] < policy.base.minimum)]
            rows.append(_rows(base, np.full(len(base), -1), policy.base.minimum, np.zeros(len(base), np.int64), cap[base]))
    before, after = changed(record.system, cells)
    use = (abs(count[after] - count[before]) < policy.threshold) & (free[before] | free[after])
    rise = (count[after] > count[before])[use]
    plus, minus = np.where(rise, after[use], before[use]), np.where(rise, before[use], after[use])
    none = np.full(len(plus), round(MOST))
    rows.append(_rows(plus, minus, policy.threshold, -none, none))
    plus, minus, top, least, limit = np.concatenate(rows).T
    least, limit = figures.left(plus, minus, least, limit)
    fixed = np.where(place[plus] < 0, count[plus], 0) - np.where((minus >= 0) & (place[minus] < 0), count[minus], 0)
    span = np.minimum(policy.width, limit - least)
    targets = _Targets(place[plus], np.where(minus >= 0, place[minus], -1), fixed, np.minimum(top, limit), span)
    return Equations(*found, floor[free]), targets


def _rows(plus: Ints, minus: Ints, top: int, least: Ints, limit: Ints) -> Ints:
    """Items: what they are made of, what they must reach, and the least and most that they could be by facts alone."""
    return np.column_stack([plus, minus, np.full(len(plus), top), least, limit]).astype(np.int64)


def _equal(pairs: tuple[Ints, Ints], size: int) -> sparse.csr_array:
    """An equation a pair of cells that are the same in two vintages."""
    one, other = pairs
    row = np.arange(len(one))
    sign = np.ones(len(one), np.int64)
    entries = (np.concatenate([sign, -sign]), (np.concatenate([row, row]), np.concatenate([one, other])))
    return sparse.csr_array(entries, shape=(len(one), size))


def _bounds(known: Equations, targets: _Targets, seconds: float, progress: Progress) -> tuple[int, int, int]:
    size = known.matrix.shape[1]
    if not len(targets.plus) or not size:
        return 0, 0, 0
    largest = max(int(abs(of).max()) for of in (known.right, targets.top, targets.span) if len(of))
    program = Program(known, known.least.astype(np.float64), np.full(size, max(MOST, ABOVE * largest)))
    program.option("presolve", "off")
    program.option("simplex_strategy", PRIMAL_SIMPLEX)
    end = time.monotonic() + seconds
    exact = narrowed = bounded = 0
    for at, (plus, minus) in enumerate(zip(targets.plus, targets.minus, strict=True)):
        if (left := end - time.monotonic()) <= 0:
            break
        program.stop_after(left)
        cost = np.zeros(size)
        for variable, sign in ((plus, 1.0), (minus, -1.0)):
            if variable >= 0:
                cost[variable] += sign
        ends = []
        for way in (1.0, -1.0):
            values = program.solve(way * cost)
            ends.append(None if values is None else float(cost @ values) + int(targets.fixed[at]))
        low, high = ends
        if (low is None or high is None) and time.monotonic() >= end:
            break
        progress(at + 1, len(targets.plus))
        if low is None or high is None:
            continue
        bounded += 1
        exact += high - low < CLOSE
        narrowed += high < targets.top[at] - CLOSE or high - low < targets.span[at] - CLOSE
    return bounded, exact, narrowed
