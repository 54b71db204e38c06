"""What must not be known, by the words of ``docs/method.md`` and without the program's code: one function a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from avbrott.table import TOTAL
from tests.promise.case import Case, Ints, Mask, Place, Told

FREE = 10**6
"""A cap that caps nothing."""


@dataclass
class Attacker:
    """What the attacker of a case has as facts, by cell of its last release."""

    case: Case
    told: Told
    """What the attacker has from earlier releases and from elsewhere."""

    def __post_init__(self) -> None:
        stage, policy = self.case.last, self.case.policy
        self.facts, self.given = stage.mask(self.told.earlier), stage.mask(self.told.known)
        self.public = self.given | _record(self.case)
        self.known = self._same(self.facts | self.public)
        whole = stage.matrix.astype(np.bool_)
        self.cap = np.full(len(whole), FREE)
        for base in np.flatnonzero(self._same(self.public)):
            inside = ~(whole & ~whole[base]).any(axis=1)
            self.cap[inside] = np.minimum(self.cap[inside], stage.count[base])
        self.floor = self._same(stage.published & (policy.zeros == "shown")).astype(np.int64)
        self.fixed = self.known | ((self.floor > 0) & (stage.count == 0))

    def _same(self, mask: Mask) -> Mask:
        """What is so of a cell is so of every other that is the same persons."""
        matrix = self.case.last.matrix
        keys = {row.tobytes() for row in matrix[mask]}
        return np.array([row.tobytes() in keys for row in matrix], np.bool_)


@dataclass
class Item:
    """A whole-number combination of finest cells, what it is, and what it must be able to be."""

    rule: str
    row: Ints
    value: int
    top: int
    cap: int
    floor: int
    cell: int | None = None
    """The cell that must be hidden for it."""

    def kept(self, values: Ints, width: int) -> bool:
        """Whether ``values``, all that it can be, keep the promise."""
        return bool(
            values.max() >= min(self.top, self.cap)
            and values.max() - values.min() >= min(width, self.cap - self.floor)
            and len(np.unique(values)) >= min(3, self.cap - self.floor + 1)
        )


RULES: list[Callable[[Attacker], Iterator[Item]]] = []


def rule(found: Callable[[Attacker], Iterator[Item]]) -> Callable[[Attacker], Iterator[Item]]:
    """A rule whose items every case is held to."""
    RULES.append(found)
    return found


def items_of(attacker: Attacker) -> list[Item]:
    """Every unsafe item of a case."""
    return [item for one in RULES for item in one(attacker)]


@rule
def small_count(attacker: Attacker) -> Iterator[Item]:
    """A cell of 1 to t-1 persons."""
    stage, top = attacker.case.last, attacker.case.policy.threshold
    for at in np.flatnonzero((stage.count > 0) & (stage.count < top) & ~attacker.known):
        row, value = stage.matrix[at], int(stage.count[at])
        yield Item("count", row, value, top, int(attacker.cap[at]), int(attacker.floor[at]), int(at))


@rule
def rest(attacker: Attacker) -> Iterator[Item]:
    """What is left over of a total of which a table tells only some parts."""
    stage, top = attacker.case.last, attacker.case.policy.threshold
    for over, parts in _divided(attacker.case):
        row = stage.matrix[over] - stage.matrix[list(parts)].sum(axis=0)
        value = int(stage.count[over] - stage.count[list(parts)].sum())
        if 0 < value < top and not attacker.fixed[[over, *parts]].all():
            yield Item("rest", row, value, top, int(attacker.cap[over]), 0)


@rule
def complement(attacker: Attacker) -> Iterator[Item]:
    """All of a group but those with a sensitive code."""
    case, stage = attacker.case, attacker.case.last
    for name, codes in case.policy.complement.items():
        for part, over in _parts(case, name):
            code = stage.places[part][list(stage.axes).index(name)]
            value = int(stage.count[over] - stage.count[part])
            row = stage.matrix[over] - stage.matrix[part]
            if (codes and code not in codes) or not row.any() or attacker.facts[part]:
                continue
            both = attacker.known[part] and attacker.known[over]
            if stage.count[over] > 0 and value < case.policy.threshold and not both:
                yield Item("complement", row, value, case.policy.threshold, int(attacker.cap[over]), 0, part)


@rule
def base(attacker: Attacker) -> Iterator[Item]:
    """A small total over the base's dimension."""
    case, stage = attacker.case, attacker.case.last
    if case.policy.base is not None:
        for at in sorted({over for _, over in _parts(case, case.policy.base.dimension)}):
            if 0 < stage.count[at] < case.policy.base.minimum and not attacker.known[at]:
                value, top = int(stage.count[at]), case.policy.base.minimum
                yield Item("base", stage.matrix[at], value, top, int(attacker.cap[at]), 0, at)


def _parts(case: Case, name: str) -> Iterator[tuple[int, int]]:
    """Cells with a code in a dimension, and beside each the cell at its total."""
    stage = case.last
    d = list(stage.axes).index(name)
    for at, place in enumerate(stage.places):
        over: Place = (*place[:d], TOTAL, *place[d + 1 :])
        if place[d] != TOTAL and over in stage.place:
            yield at, stage.place[over]


def _divided(case: Case) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Totals that a slice of another table divides in part: the total, and its listed parts."""
    stage = case.last
    for table in stage.tables:
        for name in table.where:
            found: dict[int, list[int]] = {}
            for part, over in _parts(case, name):
                found.setdefault(over, []).append(part)
            for over, parts in found.items():
                if len(parts) < len(stage.axes[name].codes):
                    yield over, tuple(parts)


def _record(case: Case) -> Mask:
    """Totals over the base's dimension that are a public record."""
    stage, one = case.last, case.policy.base
    found = np.zeros(len(stage.places), np.bool_)
    if one is not None and one.known:
        for over in {over for _, over in _parts(case, one.dimension)}:
            outside = [
                axis.name
                for axis, code in zip(stage.axes.values(), stage.places[over], strict=True)
                if code != TOTAL and axis.total and one.record and axis.name not in one.record
            ]
            found[over] = not outside
    return found
