"""The checker's own reckoning of insiders: who can be alone where, what she knows, and what the proof still shows her.

*Forms* are the cells and, after them, what is left over of each sum that lists only some of its parts. No solver, and no code
of the engine. What faults are called is ``item_checks``'.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.sums import Sums

Ints = npt.NDArray[np.int64]
Place = list[frozenset[str]]
"""By dimension, the finest codes that somebody can have."""
UNBOUNDED = 2**40
"""More than any count; sums of a million such are still whole numbers of the machine."""
Divisions = dict[int, list[list[int]]]
"""By form that is divided, the parts of each division."""


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
        self, spec: SystemSpec, cells: pl.DataFrame, sums: Sums, deltas: sparse.csr_array, least: Ints, most: Ints, limit: int
    ) -> None:
        """``cells`` are coordinates and ``count``, ``least`` and ``most`` what each can be by the public record.

        No item needs to reach ``limit``. ``deltas`` has a row a witness.
        """
        self._limit = limit
        partial = np.flatnonzero(~sums.whole)
        count: Ints = cells["count"].to_numpy().astype(np.int64)
        self._value: Ints = np.concatenate([count, sums.matrix[partial] @ count])
        self._divisions = _divisions(sums, partial)
        self._above: dict[int, set[int]] = defaultdict(set)
        for total, ways in self._divisions.items():
            for part in (part for way in ways for part in way):
                self._above[part].add(total)
        over = [next(iter(self._above[form])) for form in range(len(count), len(self._value))]
        self._least = np.concatenate([least, np.zeros(len(partial), np.int64)])
        self._most = np.minimum(np.concatenate([most, most[np.array(over, np.int64)]]), UNBOUNDED)
        singles = _singles(self._value, self._divisions)
        places = self._places(spec, cells, singles)
        self._has = [set[int]().union(*(singles[one] for one in person)) for person in _persons(places)]
        row = np.repeat(np.arange(len(self._has)), np.array([len(has) for has in self._has], np.int64))
        column = np.array([form for has in self._has for form in sorted(has)], np.int64)
        facts = sparse.csr_array((np.ones(len(row), np.int64), (row, column)), shape=(len(self._has), len(self._value)))
        self._hers = row * len(self._value) + column
        moved = sparse.csr_array(sparse.hstack([deltas, deltas @ sums.matrix[partial].T]))
        self._told = sparse.csr_array((abs(moved) @ facts.T) > 0).astype(np.int64)
        """By witness and insider, whether she can tell it from the truth."""

    def short(self, asked: Asked) -> tuple[int, int, int]:
        """How many pairs of an item and an insider are below the threshold, too narrow, and of too few values."""
        item, person, seen = _left(asked.moves, self._told)
        doubtful = asked.lacks(item, seen, asked.floor[item], asked.cap[item]).any(axis=0)
        # What is hers, or a part of it, is settled.
        doubtful &= ~np.isin(person * len(self._value) + asked.plus[item], self._hers)
        total = np.zeros(3, np.int64)
        for one in np.unique(person[doubtful]).tolist():
            at = np.flatnonzero(doubtful & (person == one))
            low, high = self._bounds(one)
            forms = zip(asked.plus[item[at]].tolist(), asked.minus[item[at]].tolist(), strict=True)
            least, most = np.array([self._between(low, high, plus, minus) for plus, minus in forms], np.int64).T
            floor, cap = np.maximum(asked.floor[item[at]], least), np.minimum(asked.cap[item[at]], most)
            total += asked.lacks(item[at], seen[:, at], floor, cap).sum(axis=1)
        return int(total[0]), int(total[1]), int(total[2])

    def _places(self, spec: SystemSpec, cells: pl.DataFrame, singles: list[list[int]]) -> list[Place]:
        """Where the person of each single can be."""
        columns = []
        for name, dimension in spec.dimensions.items():
            held: dict[str, set[str]] = defaultdict(set)
            for code, leaf in dimension.belongs(dimension.levels, windows=True).iter_rows():
                held[code].add(leaf)
            codes = cells[name].to_list()
            inside = [frozenset.intersection(*(self._within(form, codes, held) for form in single)) for single in singles]
            columns.append(inside)
        return [list(place) for place in zip(*columns, strict=True)]

    def _within(self, form: int, codes: list[str], held: dict[str, set[str]]) -> frozenset[str]:
        """The finest codes of one dimension that a form can hold."""
        if form < len(codes):
            return frozenset(held[codes[form]])
        (total,) = self._above[form]
        (way,) = (way for way in self._divisions[total] if form in way)
        beside = {codes[part] for part in way if part != form} - {codes[total]}
        return frozenset(held[codes[total]].difference(*(held[code] for code in beside)))

    def _between(self, low: Ints, high: Ints, plus: int, minus: int) -> tuple[int, int]:
        """The least and the most of one form less another (-1: nothing), which are the other parts where it is divided so."""
        if minus < 0:
            return int(low[plus]), int(high[plus])
        least, most = int(low[plus] - high[minus]), int(high[plus] - low[minus])
        for way in self._divisions.get(plus, ()):
            if minus in way:
                others = [part for part in way if part != minus]
                least, most = max(least, int(low[others].sum())), min(most, int(high[others].sum()))
        return least, most

    def _bounds(self, person: int) -> tuple[Ints, Ints]:
        """The least and the most that each form can be by what an insider has and the public record around her.

        What does not follow from her facts step by step is left as everybody has it.
        """
        low, high = self._least.copy(), self._most.copy()
        waiting = sorted(self._has[person])
        low[waiting] = high[waiting] = 1
        while waiting:
            form = waiting.pop()
            for total in (form, *sorted(self._above[form])):
                for way in self._divisions.get(total, ()):
                    if total != form and form not in way:
                        continue
                    least, most = int(low[way].sum()), int(high[way].sum())
                    found = [
                        (part, int(low[total] + high[part]) - most, int(high[total] + low[part]) - least) for part in way
                    ]
                    found.append((total, least, most))
                    waiting += [one for one, *bounds in found if self._narrower(low, high, one, *bounds)]
        return low, high

    def _narrower(self, low: Ints, high: Ints, form: int, least: int, most: int) -> bool:
        """Narrow the bounds of a form, unless that is an upper bound too high to matter; whether they were."""
        was = int(low[form]), int(high[form])
        low[form] = max(was[0], least)
        if most <= self._limit or most == low[form]:
            high[form] = min(was[1], most)
        return was != (int(low[form]), int(high[form]))


def _divisions(sums: Sums, partial: Ints) -> Divisions:
    """The divisions of ``sums``; what is left over of the ``partial`` ones is a part like the others."""
    matrix = sums.matrix
    rest = dict(zip(partial.tolist(), range(matrix.shape[1], matrix.shape[1] + len(partial)), strict=True))
    found: Divisions = defaultdict(list)
    for row, (start, end) in enumerate(zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)):
        cells, signs = matrix.indices[start:end], matrix.data[start:end]
        parts = cells[signs < 0].tolist()
        found[int(cells[signs > 0][0])].append(parts + ([rest[row]] if row in rest else []))
    return dict(found)


def _singles(value: Ints, divisions: Divisions) -> list[list[int]]:
    """Forms of count 1 that hold the same person: one is a part of the other."""
    leader = {form: form for form in np.flatnonzero(value == 1).tolist()}

    def lead(form: int) -> int:
        while leader[form] != form:
            leader[form] = leader[leader[form]]
            form = leader[form]
        return form

    for total, ways in divisions.items():
        if total in leader:
            for part in (part for way in ways for part in way if part in leader):
                leader[lead(part)] = lead(total)
    found: dict[int, list[int]] = defaultdict(list)
    for form in sorted(leader):
        found[lead(form)].append(form)
    return list(found.values())


def _persons(places: list[Place]) -> list[list[int]]:
    """Every set of singles that one person can be in: some place is in all of theirs."""
    who: list[dict[str, set[int]]] = [defaultdict(set) for _ in places[0]] if places else []
    for single, place in enumerate(places):
        for index, codes in zip(who, place, strict=True):
            for code in codes:
                index[code].add(single)
    found: list[list[int]] = []
    waiting = [([single], place) for single, place in enumerate(places)]
    while waiting:
        person, place = waiting.pop()
        found.append(person)
        near = [set[int]().union(*(index[code] for code in codes)) for index, codes in zip(who, place, strict=True)]
        for other in set.intersection(*sorted(near, key=len)):
            if other > person[-1]:
                both = [codes & more for codes, more in zip(place, places[other], strict=True)]
                waiting.append(([*person, other], both))
    return found


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
