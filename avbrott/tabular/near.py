"""Which hidden cells lie near one: those at its codes and at a few others beside them, with all that these add up to.

A difference that serves one cell seldom needs more. Not here: finding differences (``public_witnesses``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from avbrott.counting.spec import Dimension
from avbrott.table import TOTAL
from avbrott.tabular.layout import Layout
from avbrott.tabular.public import Ints, Mask


class Near:
    """The hidden cells of one table by their codes."""

    def __init__(self, layout: Layout, hidden: pl.DataFrame) -> None:
        self._codes: list[Ints] = []
        self._holds: list[Mask] = []
        self._weight: list[Ints] = []
        for name, dimension in layout.system.dimensions.items():
            codes = sorted(set(hidden[name].to_list()))
            number = hidden[name].replace_strict(codes, range(len(codes)), return_dtype=pl.Int64).to_numpy().astype(np.int64)
            self._codes.append(number)
            self._holds.append(_holds(dimension, codes))
            weight: Ints = self._holds[-1].T.astype(np.int64) @ np.bincount(number, minlength=len(codes))
            self._weight.append(weight)

    def around(self, cell: int, breadth: int) -> Ints:
        """The cells near ``cell``: in each dimension ``breadth`` finest codes under its own, and as many beside."""
        inside = np.ones(len(self._codes[0]), np.bool_)
        for codes, holds, weight in zip(self._codes, self._holds, self._weight, strict=True):
            own: Mask = holds[codes[cell], :]
            # Beside: those that share most of what holds them first, then those with many hidden cells.
            kin = holds.T.astype(np.int64) @ holds[:, own].any(axis=1).astype(np.int64) if own.any() else weight
            order = np.lexsort((np.arange(len(own)), -weight, -kin))
            under = own[order]
            chosen = np.concatenate([order[under][:breadth], order[~under][:breadth]])
            member: Mask = np.asarray(holds[:, chosen].any(axis=1), np.bool_)
            member[codes[cell]] = True
            inside &= member[codes]
        return np.flatnonzero(inside)


def _holds(dimension: Dimension, codes: list[str]) -> Mask:
    """By code and finest code, whether the one holds the other."""
    finest = dimension.members[dimension.finest].unique().sort().to_list()
    place = {code: at for at, code in enumerate(finest)}
    number = {code: at for at, code in enumerate(codes)}
    held = np.zeros((len(codes), len(finest)), np.bool_)
    for level in dimension.levels:
        for code, leaf in dimension.members.select(level, pl.col(dimension.finest).alias(f"{level} ")).iter_rows():
            if code in number:
                held[number[code], place[leaf]] = True
    for window, leaves in dimension.windows().items():
        if window in number:
            held[number[window], [place[leaf] for leaf in leaves]] = True
    if TOTAL in number:
        held[number[TOTAL]] = True
    return held
