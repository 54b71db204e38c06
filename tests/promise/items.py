"""What must not be known, by the words of ``docs/method.md`` and without the program's code: one function a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from avbrott.table import TOTAL
from tests.promise.case import Case, Told
from tests.promise.tables import Ints, Mask, Place, Stage

FREE = 10**6
"""A cap that caps nothing."""


@dataclass
class Facts:
    """What everybody has of a case as facts, by cell of its last release."""

    case: Case
    told: Told
    """What is there from earlier releases and from elsewhere."""

    def __post_init__(self) -> None:
        stage, policy = self.case.last, self.case.policy
        self._one = _one_cell(stage)
        self.shown, self.given = stage.mask(self.told.earlier), stage.mask(self.told.known)
        self.record = self.same(self.given | _record(self.case))
        self.known = self.same(self.shown) | self.record
        whole = stage.matrix.astype(np.bool_)
        self.cap = np.full(len(whole), FREE)
        for base in np.flatnonzero(self.record):
            inside = ~(whole & ~whole[base]).any(axis=1)
            self.cap[inside] = np.minimum(self.cap[inside], stage.count[base])
        self.floor = self.same(stage.published & (policy.zeros == "shown") | stage.peopled).astype(np.int64)
        self.fixed = self.known | ((self.floor > 0) & (stage.count == 0))

    def same(self, mask: Mask) -> Mask:
        """What is so of a cell is so of every other that is the same persons."""
        return np.isin(self._one, self._one[mask])


def _one_cell(stage: Stage) -> Ints:
    """By cell a number, which others have that hold the same finest cells, or that are it in another vintage."""
    number = np.unique(stage.matrix, axis=0, return_inverse=True)[1].reshape(-1)
    for one, other in stage.kept:
        number[number == number[other]] = number[one]
    return number


@dataclass(frozen=True)
class Item:
    """A whole-number combination of finest cells, what it is, and what it must be able to be."""

    rule: str
    row: Ints
    value: int
    top: int
    cap: int = FREE
    floor: int = 0
    bottom: int = FREE
    width: int = 0
    number: int = 3
    """How many values."""
    cell: int | None = None
    """The cell that must be hidden for it."""
    of: int | None = None
    """The cell of which it is what is left over."""

    def kept(self, values: Ints) -> bool:
        """Whether ``values``, all that it can be, keep the promise."""
        return bool(
            values.max() >= min(self.top, self.cap)
            and values.min() <= max(self.bottom, self.floor)
            and values.max() - values.min() >= min(self.width, self.cap - self.floor)
            and len(np.unique(values)) >= min(self.number, self.cap - self.floor + 1)
        )

    def within(self, low: int, high: int) -> Item:
        """What is left to be promised where facts settle that it is at least and at most this."""
        return replace(self, floor=max(self.floor, low), cap=min(self.cap, high))


RULES: list[Callable[[Facts], Iterator[Item]]] = []


def rule(found: Callable[[Facts], Iterator[Item]]) -> Callable[[Facts], Iterator[Item]]:
    """A rule whose items every case is held to."""
    RULES.append(found)
    return found


def items_of(facts: Facts) -> list[Item]:
    """Every unsafe item of a case."""
    return [item for one in RULES for item in one(facts)]


@rule
def small_count(facts: Facts) -> Iterator[Item]:
    """A cell of 1 to t-1 persons."""
    stage, policy = facts.case.last, facts.case.policy
    for at in np.flatnonzero((stage.count > 0) & (stage.count < policy.threshold) & ~facts.known):
        row, value, cap, floor = stage.matrix[at], int(stage.count[at]), int(facts.cap[at]), int(facts.floor[at])
        yield Item("count", row, value, policy.threshold, cap, floor, width=policy.width, cell=int(at))


@rule
def rest(facts: Facts) -> Iterator[Item]:
    """What is left over of a total of which a table tells only some parts."""
    stage, policy = facts.case.last, facts.case.policy
    for over, parts in divided(facts.case):
        row = stage.matrix[over] - stage.matrix[list(parts)].sum(axis=0)
        value = int(stage.count[over] - stage.count[list(parts)].sum())
        if 0 < value < policy.threshold and not facts.fixed[[over, *parts]].all():
            yield Item("rest", row, value, policy.threshold, int(facts.cap[over]), width=policy.width, of=over)


@rule
def complement(facts: Facts) -> Iterator[Item]:
    """All of a group but those with a sensitive code."""
    case, stage, policy = facts.case, facts.case.last, facts.case.policy
    for name, codes in policy.complement.items():
        for part, over in _parts(case, name):
            code = stage.places[part][list(stage.axes).index(name)]
            value = int(stage.count[over] - stage.count[part])
            row = stage.matrix[over] - stage.matrix[part]
            if (codes and code not in codes) or not row.any() or (facts.known[part] and facts.known[over]):
                continue
            if stage.count[over] > 0 and value < policy.threshold:
                hidden, cap = None if facts.same(facts.shown)[part] else part, int(facts.cap[over])
                yield Item("complement", row, value, policy.threshold, cap, width=policy.width, cell=hidden, of=over)


@rule
def base(facts: Facts) -> Iterator[Item]:
    """A small total over the base's dimension."""
    case, stage = facts.case, facts.case.last
    if case.policy.base is not None:
        for at in sorted({over for _, over in _parts(case, case.policy.base.dimension)}):
            if 0 < stage.count[at] < case.policy.base.minimum and not facts.known[at]:
                value, top = int(stage.count[at]), case.policy.base.minimum
                cap, floor = int(facts.cap[at]), int(facts.floor[at])
                yield Item("base", stage.matrix[at], value, top, cap, floor, width=case.policy.width, cell=at)


@rule
def difference(facts: Facts) -> Iterator[Item]:
    """A figure of one vintage less that of another."""
    stage, policy = facts.case.last, facts.case.policy
    for old, new in stage.beside:
        plus, minus = (new, old) if stage.count[new] > stage.count[old] else (old, new)
        value = int(stage.count[plus] - stage.count[minus])
        if 0 < value < policy.threshold and not (facts.fixed[old] and facts.fixed[new]):
            hidden = new if facts.fixed[old] and not facts.fixed[new] and stage.newest[new] else None
            row = stage.matrix[plus] - stage.matrix[minus]
            yield Item("difference", row, value, policy.threshold, floor=-FREE, width=policy.width, cell=hidden)


def _parts(case: Case, name: str) -> Iterator[tuple[int, int]]:
    """Cells with a code in a dimension, and beside each the cell at its total."""
    stage = case.last
    d = list(stage.axes).index(name)
    for at, place in enumerate(stage.places):
        over: Place = (*place[:d], TOTAL, *place[d + 1 :])
        if place[d] != TOTAL and over in stage.place:
            yield at, stage.place[over]


def divided(case: Case) -> Iterator[tuple[int, tuple[int, ...]]]:
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
