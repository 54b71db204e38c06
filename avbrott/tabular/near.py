"""Which hidden cells can move together: those of some finest codes of each dimension, with all that these add up to.

Not here: moving them (``public_witnesses``).
"""

from __future__ import annotations

import numpy as np
import polars as pl

from avbrott.counting.spec import Dimension
from avbrott.table import TOTAL
from avbrott.tabular.layout import Layout
from avbrott.tabular.public import Ints, Mask

OWN = 0.5
"""The share of codes that is taken near the cell's own, the others by lot."""
LEAST = 3
"""No dimension is cut to fewer finest codes than this."""


class Near:
    """The hidden cells of one table by their codes."""

    def __init__(self, layout: Layout, hidden: pl.DataFrame) -> None:
        self._codes: list[Ints] = []
        self._holds: list[Mask] = []
        for name, dimension in layout.system.dimensions.items():
            codes = sorted(set(hidden[name].to_list()))
            number = hidden[name].replace_strict(codes, range(len(codes)), return_dtype=pl.Int64).to_numpy().astype(np.int64)
            self._codes.append(number)
            self._holds.append(_holds(dimension, codes))

    def around(self, cell: int, largest: int, lots: np.random.Generator) -> Ints:
        """About ``largest`` cells or fewer, ``cell`` among them: codes are left out of the longest dimension, by lot."""
        kept = [np.ones(holds.shape[1], np.bool_) for holds in self._holds]
        inside = np.arange(len(self._codes[0]))
        closed: set[int] = set()
        while len(inside) > largest and len(closed) < len(kept):
            longest = max((d for d in range(len(kept)) if d not in closed), key=lambda d: int(kept[d].sum()))
            number = max(LEAST, int(kept[longest].sum() * max(0.5, largest / len(inside))))
            if number >= kept[longest].sum():
                closed.add(longest)
                continue
            kept[longest] = self._fewer(longest, cell, kept[longest], number, lots)
            inside = self._inside(cell, kept)
        return inside

    def _fewer(self, dimension: int, cell: int, kept: Mask, number: int, lots: np.random.Generator) -> Mask:
        """``number`` of the finest codes ``kept``: first those under the cell's own and their kin, then any."""
        holds = self._holds[dimension]
        own: Mask = holds[self._codes[dimension][cell]]
        # The kin are those that share most of what holds the cell's own.
        kin = holds.T.astype(np.int64) @ holds[:, own].any(axis=1).astype(np.int64)
        lot = lots.random(len(own))
        order = np.lexsort((lot, -kin, ~own))
        order = order[kept[order]]
        near = max(1, int(OWN * number))
        rest = order[near:]
        chosen = np.concatenate([order[:near], rest[np.argsort(lots.random(len(rest)))][: number - near]])
        fewer = np.zeros(len(own), np.bool_)
        fewer[chosen] = True
        return fewer

    def _inside(self, cell: int, kept: list[Mask]) -> Ints:
        inside = np.ones(len(self._codes[0]), np.bool_)
        for codes, holds, mask in zip(self._codes, self._holds, kept, strict=True):
            member: Mask = np.asarray(holds[:, mask].any(axis=1), np.bool_)
            inside &= member[codes]
        inside[cell] = True
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
