"""What is public of a protection: the cells, the spec of the published tables, and the equations that both give a reader.

Nothing here knows a hidden count: it is dropped first. Systems that solve the equations are ``public_witnesses``'.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from avbrott.counting.spec import Dimension, SystemSpec
from avbrott.disclosure.sums import find_sums
from avbrott.table import TOTAL
from avbrott.tabular.layout import Layout

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

UNSHOWN = "\\"
"""Before the number that stands for a finest code that no published table has: as often as no code of a table begins so."""


@dataclass(frozen=True, slots=True)
class Equations:
    """What is known of the hidden cells, in the order of their rows: ``matrix`` times them is ``right``, or at most that.

    ``least`` is by hidden cell the smallest number that it can be.
    """

    matrix: sparse.csr_array
    right: Ints
    whole: Mask
    """By row: equal; otherwise the parts listed may be less than the sum."""
    least: Ints

    def hold(self, values: Ints) -> Mask:
        """By column of ``values`` (a row a hidden cell), whether it solves every equation."""
        left = np.asarray(self.matrix @ values) - self.right[:, None]
        wrong = (self.whole[:, None] & (left != 0)) | (left > 0)
        held: Mask = ~wrong.any(axis=0) & (values >= self.least[:, None]).all(axis=0)
        return held


def public_cells(layout: Layout, cells: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``public.csv`` from the record's cells: the dimensions, ``count`` (null where hidden), ``hidden``; sorted.

    A shown zero is left out like every other combination that nobody is in.
    """
    hidden = pl.col("status") != "shown"
    listed = cells.filter(pl.col("published") & (hidden | (pl.col("count") > 0)))
    count = pl.when(hidden).then(None).otherwise(pl.col("count")).alias("count")
    return listed.select(*layout.names, count, hidden.alias("hidden")).sort(list(layout.names))


def public_layout(layout: Layout) -> Layout:
    """The published tables alone, and of each dimension only the levels that one of them has."""
    tables = tuple(table for table in layout.system.tables if not table.latent)
    dimensions = {}
    for name, dimension in layout.system.dimensions.items():
        shown = {level for table in tables for level in table.levels.get(name, ())}
        dimensions[name] = _shown(dimension, [level for level in dimension.levels if level in shown])
    return replace(layout, system=SystemSpec(layout.system.name, dimensions, tables, observed=layout.system.observed))


def _shown(dimension: Dimension, levels: list[str]) -> Dimension:
    """The dimension by ``levels``; where the finest is none of them, numbers stand for its codes."""
    if dimension.finest in levels:
        members = dimension.members.select(levels).unique().sort(levels)
    else:
        members = dimension.members.select(levels).unique().sort(levels) if levels else pl.DataFrame({"": [None]}).select()
        height = max(members.height, 1)
        mark = UNSHOWN
        while any(code.startswith(mark) for level in levels for code in members[level]):
            mark += UNSHOWN
        stand_in = pl.Series(dimension.finest, [f"{mark}{place}" for place in range(height)], dtype=pl.String)
        members = members.with_columns(stand_in) if levels else pl.DataFrame([stand_in])
    finest = dimension.finest
    cut = [(*(lv for lv in hierarchy if lv in levels and lv != finest), finest) for hierarchy in dimension.hierarchies]
    sequence = dimension.sequence if finest in levels else ()
    window = dimension.window if finest in levels else None
    return replace(dimension, members=members, hierarchies=tuple(dict.fromkeys(cut)), window=window, sequence=sequence)


def equations(layout: Layout, cells: pl.DataFrame, zeros: str, ruled: frozenset[str] = frozenset()) -> Equations:
    """The equations of ``cells`` (``public_cells``) over those that are hidden.

    ``zeros`` is the policy's word on them, ``ruled`` the dimensions of its complement and base rules.
    """
    sums = find_sums(layout.system, cells.select(list(layout.names)))
    hidden = cells["hidden"].to_numpy()
    shown = np.where(hidden, 0, cells["count"].fill_null(0).to_numpy()).astype(np.int64)
    signed = -sums.matrix
    matrix, right = sparse.csr_array(signed[:, np.flatnonzero(hidden)]), -np.asarray(signed @ shown)
    matrix.eliminate_zeros()
    some = np.flatnonzero((np.diff(matrix.indptr) > 0) | (right < 0) | (sums.whole & (right != 0)))
    least = np.ones(int(hidden.sum()), np.int64) if zeros == "shown" else _peopled(layout, cells.filter("hidden"), ruled)
    return Equations(sparse.csr_array(matrix[some]), right[some], sums.whole[some], least)


def alone(layout: Layout, cells: pl.DataFrame) -> int:
    """How many figures above zero are shown where tables have rows for parts or sums, and none of these is listed."""
    sums = find_sums(layout.system, cells.select(list(layout.names)))
    some = cells.select(((pl.col("count") > 0) & ~pl.col("hidden")).fill_null(value=False))["count"].to_numpy()
    return int((some & (sums.bare | sums.orphan)).sum())


def _peopled(layout: Layout, hidden: pl.DataFrame, ruled: frozenset[str]) -> Ints:
    """1 at cells that are divided by one code or none beside slices: they are listed because somebody is in them.

    Not where the code is of a ruled dimension and there are slices: zeros are listed there (``cube``).
    """
    if not layout.system.observed:
        return np.zeros(hidden.height, np.int64)
    dimensions = layout.system.dimensions
    summed = [name for name, dimension in dimensions.items() if dimension.total]
    slices = len(summed) < len(dimensions)
    coded = pl.sum_horizontal(pl.lit(0), *((pl.col(name) != TOTAL).cast(pl.Int64) for name in summed))
    may = pl.any_horizontal(pl.lit(value=False), *(pl.col(name) != TOTAL for name in summed if name in ruled and slices))
    least: Ints = hidden.select(((coded <= 1) & ~may).cast(pl.Int64).alias("least"))["least"].to_numpy()
    return least
