"""Vintages for the checker, found from the cells alone: what a revision left as it was, and what it changed. No engine code.

A cell that two vintages have is one and the same where neither it nor anything that it is divided into has changed: in any of
the numbers by which the cells are told apart, their counts or what each provider has of them.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.sums import Sums, has_row

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Pairs = tuple[Ints, Ints]

HERE, THERE = "_here", "_there"
NONE: Pairs = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def vintages(spec: SystemSpec) -> list[str]:
    """The codes of the vintages, oldest first; none where there are none."""
    if spec.vintage is None:
        return []
    dimension = spec.dimensions[spec.vintage]
    return sorted(dimension.members[dimension.finest].to_list())


def newest(spec: SystemSpec, cells: pl.DataFrame) -> Mask:
    """By row of ``cells``, whether it is of this release."""
    if spec.vintage is None:
        return np.ones(cells.height, np.bool_)
    last: Mask = (cells[spec.vintage] == max(vintages(spec))).to_numpy()
    return last


def kept(spec: SystemSpec, cells: pl.DataFrame, sums: Sums, numbers: Ints) -> Pairs:
    """Rows that are the same cell in two vintages and untouched by what happened between them.

    ``numbers`` has a row a cell, and as many columns as there are numbers to compare.
    """
    found = [NONE]
    for old, new in combinations(vintages(spec), 2):
        before, after = _beside(spec, cells, old, new)
        touched = _touched(spec, cells, sums, numbers, old, new)
        same = ~(touched[before] | touched[after])
        found.append((before[same], after[same]))
    return _joined(found)


def in_vintages(spec: SystemSpec, cells: pl.DataFrame) -> Pairs:
    """Rows that are the same cell in two vintages, the earlier first."""
    return _joined([NONE, *(_beside(spec, cells, old, new) for old, new in combinations(vintages(spec), 2))])


def changed(spec: SystemSpec, cells: pl.DataFrame) -> Pairs:
    """Rows that are the same cell in two vintages, the earlier first, with another count in each."""
    count = cells["count"].to_numpy()
    before, after = in_vintages(spec, cells)
    other = count[before] != count[after]
    return before[other], after[other]


def _joined(pairs: list[Pairs]) -> Pairs:
    return np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])


def _places(spec: SystemSpec) -> list[str]:
    return [name for name in spec.dimensions if name != spec.vintage]


def _beside(spec: SystemSpec, cells: pl.DataFrame, old: str, new: str) -> Pairs:
    """Rows of ``old``, and those of ``new`` at the same place."""
    assert spec.vintage is not None
    names = _places(spec)
    of = {
        vintage: cells.with_row_index(name).filter(pl.col(spec.vintage) == vintage).select(*names, name)
        for vintage, name in ((old, HERE), (new, THERE))
    }
    both = of[old].join(of[new], on=names).sort(HERE)
    return both[HERE].to_numpy().astype(np.int64), both[THERE].to_numpy().astype(np.int64)


def _touched(spec: SystemSpec, cells: pl.DataFrame, sums: Sums, numbers: Ints, old: str, new: str) -> Mask:
    """Rows of two vintages that differ, or that are sums of such: also where what was added equals what was taken away.

    Where a cell is in both the only part of another, they are the same persons: what touches the one touches the other.
    """
    before, after = _beside(spec, cells, old, new)
    touched = np.zeros(cells.height, np.bool_)
    other = (numbers[before] != numbers[after]).any(axis=1)
    touched[before[other]] = touched[after[other]] = True
    for here, there in ((old, new), (new, old)):
        touched |= _alone(spec, cells, here, there)
    parts, totals = sums.matrix < 0, sums.matrix > 0
    one, other = _only_parts(sums, before, after)
    while True:
        before_this = int(touched.sum())
        touched[other[touched[one]]] = True
        of_sum = np.asarray(parts.astype(np.int64) @ touched.astype(np.int64)) > 0
        touched |= np.asarray(totals.astype(np.int64).T @ of_sum.astype(np.int64)) > 0
        both = touched[before] | touched[after]
        touched[before], touched[after] = both, both
        if int(touched.sum()) == before_this:
            return touched


def _only_parts(sums: Sums, before: Ints, after: Ints) -> Pairs:
    """Rows of sums that have one part, in both vintages the same, and of these parts."""
    chosen = sums.matrix[np.flatnonzero(sums.whole & (np.diff(sums.matrix.indptr) == 2))]
    every = np.arange(sums.matrix.shape[1])
    pairs = set(zip(((chosen > 0) @ every).tolist(), ((chosen < 0) @ every).tolist(), strict=True))
    there = {
        **dict(zip(before.tolist(), after.tolist(), strict=True)),
        **dict(zip(after.tolist(), before.tolist(), strict=True)),
    }
    found = sorted((one, part) for one, part in pairs if (there.get(one), there.get(part)) in pairs)
    return np.array([one for one, _ in found], np.int64), np.array([part for _, part in found], np.int64)


def _alone(spec: SystemSpec, cells: pl.DataFrame, here: str, there: str) -> Mask:
    """Rows of ``here`` that ``there`` does not list though its tables have room for them: known to be zero there alone."""
    assert spec.vintage is not None
    names = _places(spec)
    slices = [name for name in names if not spec.dimensions[name].total]
    other = cells.filter(pl.col(spec.vintage) == there)
    own = cells.with_row_index(HERE).filter(pl.col(spec.vintage) == here)
    if slices:
        own = own.join(other.select(slices).unique(), on=slices, how="semi")
    elif other.is_empty():
        own = own.clear()
    own = own.join(other.select(names), on=names, how="anti")
    there_too = has_row(spec, own.with_columns(pl.lit(there).alias(spec.vintage)))
    alone = np.zeros(cells.height, np.bool_)
    alone[own[HERE].to_numpy()[there_too]] = True
    return alone
