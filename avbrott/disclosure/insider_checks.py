"""The checker's own reckoning of insiders: what each of them knows, and what the proof still shows her.

No solver, and no code of the engine. Who she can be is ``insider_persons``', what faults are called ``item_checks``'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.insider_persons import Forms, persons_of
from avbrott.disclosure.reach import UNBOUNDED, Reach
from avbrott.disclosure.sums import Sums

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """Items of one rule, the forms ``plus`` less ``minus`` (-1: nothing), and what is asked of them before everybody.

    ``moves`` has a row a witness and a column an item.
    """

    plus: Ints
    minus: Ints
    value: Ints
    moves: sparse.csr_array
    top: int
    width: int
    values: int
    floor: Ints
    cap: Ints
    by_figures: tuple[list[int], list[int]] | None = None
    """By number, where earlier figures bound the items before everybody: what they leave of it."""

    def lacks(self, item: Ints, seen: Ints, floor: Ints, cap: Ints) -> Ints:
        """Three rows, by pair: below the threshold, else too narrow, else too few values.

        ``seen`` has the highest and lowest move and the number of values of each pair, ``item`` its item.
        """
        high, low, number = seen
        below = self.value[item] + high < np.minimum(self.top, cap)
        narrow = ~below & (high - low < np.minimum(self.width, cap - floor))
        few = ~below & ~narrow & (number < np.minimum(self.values, cap - floor + 1))
        return np.stack([below, narrow, few]).astype(np.int64)


class InsiderCheck:
    """The insiders of one system, and its witnesses as each of them sees them."""

    def __init__(
        self,
        spec: SystemSpec,
        cells: pl.DataFrame,
        sums: Sums,
        forms: Forms,
        reach: Reach,
        deltas: sparse.csr_array,
        record: tuple[list[int], list[int]],
        limit: int,
    ) -> None:
        """``forms`` are those of ``cells``, ``record`` has by number of ``reach`` what it can be by the public record.

        No item needs to reach ``limit``. ``deltas`` has a row a witness.
        """
        self._limit, self._forms, self._reach, self._record = limit, forms, reach, record
        self._has = persons_of(spec, cells, self._forms)
        row = np.repeat(np.arange(len(self._has)), np.array([len(has) for has in self._has], np.int64))
        column = np.array([form for has in self._has for form in has], np.int64)
        many = len(self._forms.value)
        facts = sparse.csr_array((np.ones(len(row), np.int64), (row, column)), shape=(len(self._has), many))
        self._hers = row * many + column
        moved = sparse.csr_array(sparse.hstack([deltas, deltas @ sums.matrix[self._forms.partial].T]))
        self._told = sparse.csr_array((abs(moved) @ facts.T) > 0).astype(np.int64)
        """By witness and insider, whether she can tell it from the truth."""

    def short(self, asked: Asked) -> tuple[int, int, int]:
        """How many pairs of an item and an insider are below the threshold, too narrow, and of too few values."""
        item, person, seen = _left(asked.moves, self._told)
        doubtful = asked.lacks(item, seen, asked.floor[item], asked.cap[item]).any(axis=0)
        if asked.by_figures is None:  # What is hers, or a part of it, is settled.
            doubtful &= ~np.isin(person * len(self._forms.value) + asked.plus[item], self._hers)
        total = np.zeros(3, np.int64)
        start, limit = (self._record, self._limit) if asked.by_figures is None else (asked.by_figures, UNBOUNDED // 2)
        for one in np.unique(person[doubtful]).tolist():
            at = np.flatnonzero(doubtful & (person == one))
            bounds = self._reach.before(self._has[one], *start, limit)
            least, most = self._reach.each(*bounds, asked.plus[item[at]].tolist(), asked.minus[item[at]].tolist())
            floor, cap = np.maximum(asked.floor[item[at]], least), np.minimum(asked.cap[item[at]], most)
            total += asked.lacks(item[at], seen[:, at], floor, cap).sum(axis=1)
        return int(total[0]), int(total[1]), int(total[2])


def _left(moves: sparse.csr_array, told: sparse.csr_array) -> tuple[Ints, Ints, Ints]:
    """Pairs of an item and an insider who can tell some value of it from the truth, and what is left before her.

    By pair the item, the insider, and (three rows) the highest and lowest move that is left and the number of values.
    """
    coo = sparse.coo_array(moves)
    use = coo.data != 0
    entries = np.column_stack([coo.col, coo.data])[use]
    shown, value_of = np.unique(entries, axis=0, return_inverse=True)
    by = sparse.csr_array(
        (np.ones(len(entries), np.int64), (value_of.reshape(-1), coo.row[use])), shape=(len(shown), moves.shape[0])
    )
    often = np.asarray(by.sum(axis=1))
    seen_through = (by @ told).tocoo()
    gone = seen_through.data == often[seen_through.row]
    value, person = seen_through.row[gone].astype(np.int64), seen_through.col[gone].astype(np.int64)
    many = max(1, told.shape[1])
    lost = value * many + person
    pairs = np.unique(shown[value, 0] * many + person) if len(value) else np.zeros(0, np.int64)
    item, person = pairs // many, pairs % many
    start = np.searchsorted(shown[:, 0], item)
    length = np.searchsorted(shown[:, 0], item, side="right") - start
    pair = np.repeat(np.arange(len(item)), length)
    at = np.arange(len(pair)) - np.repeat(np.cumsum(length) - length, length) + np.repeat(start, length)
    key = at * many + person[pair]
    kept = ~np.isin(key, lost)
    seen = np.zeros((3, len(item)), np.int64)
    np.maximum.at(seen[0], pair[kept], shown[at[kept], 1])
    np.minimum.at(seen[1], pair[kept], shown[at[kept], 1])
    seen[2] = 1 + np.bincount(pair[kept], minlength=len(item))
    return item, person, seen
