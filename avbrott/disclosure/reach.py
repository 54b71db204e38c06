"""The checker's own reckoning of what facts leave of numbers that add up: no solver, and no code of the engine.

Numbers are sets of persons, and what one vintage of a set has more than another. From what is known, bounds are narrowed
equation by equation until nothing more follows. Of a difference, what both forms are made of cancels. Not here: what the
forms are and who can be alone in one (``insider_persons``), what is asked of items (``item_checks``, ``insider_checks``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from avbrott.disclosure.differences import Pairs
from avbrott.disclosure.insider_persons import Forms

Ints = npt.NDArray[np.int64]
Pair = tuple[int, int]
Equation = tuple[list[int], list[int]]
"""Numbers that add up to as much as others do."""
UNBOUNDED = 2**40
"""More than any count."""


class Narrowed(dict[int, int]):
    """What is known more of some numbers than of all of them before."""

    def __init__(self, before: list[int]) -> None:
        super().__init__()
        self._before = before

    def __missing__(self, number: int) -> int:
        return self._before[number]


Ends = list[int] | Narrowed
"""The least, or the most, that each number can be."""


class Reach:
    """What bounds and facts leave of the forms of one system, and of one less another."""

    def __init__(self, forms: Forms, vintages: Pairs) -> None:
        """``vintages`` are cells, an earlier and a later vintage of each other."""
        self._forms = forms
        self._largest = max((abs(int(value)) for value in forms.value), default=0)
        self._set = _sets(forms)
        self._ways: dict[int, set[frozenset[int]]] = defaultdict(set)
        for total, ways in forms.divisions.items():
            for way in ways:
                if len(way) > 1:
                    self._ways[self._set[total]].add(frozenset(self._set[part] for part in way))
        self._other: dict[int, set[int]] = defaultdict(set)
        self._more: dict[Pair, int] = {}
        """The number of what one set has more than another vintage of it."""
        for one, other in zip(*(cells.tolist() for cells in vintages), strict=True):
            self._add_vintages(self._set[one], self._set[other])
        self._equations: list[Equation] = [([total], list(way)) for total, ways in self._ways.items() for way in ways]
        for (more, less), number in self._more.items():
            self._equations.append(([more], [less, number]))
            self._equations += [(left, [*right, number]) for left, right in self._apart(more, less)]
        self._with: dict[int, list[int]] = defaultdict(list)
        """By number the equations that have it."""
        for at, (left, right) in enumerate(self._equations):
            for number in (*left, *right):
                self._with[number].append(at)

    def started(self, least: Ints, most: Ints) -> tuple[list[int], list[int]]:
        """The bounds of cells by number: what is left over of a sum is at most the sum, and nothing bounds differences."""
        low, high = ([end] * len(self._forms.value) + [end] * len(self._more) for end in (0, UNBOUNDED))
        low[len(self._forms.value) :] = [-UNBOUNDED] * len(self._more)
        for form in range(len(self._forms.value)):
            over, number = self._forms.over(form), self._set[form]
            low[number] = max(low[number], int(least[form]) if form == over else 0)
            high[number] = min(high[number], int(most[over]))
        return low, high

    def settled(self, least: Ints, most: Ints) -> tuple[list[int], list[int]]:
        """What follows from the bounds of cells, by number."""
        low, high = self.started(least, most)
        self._follow(low, high, range(len(self._equations)), UNBOUNDED // 2)
        return low, high

    def before(self, known: Iterable[int], low: list[int], high: list[int], limit: int) -> tuple[Narrowed, Narrowed]:
        """The bounds ``low`` and ``high`` as they are to who is alone in the forms ``known``.

        What does not follow from her facts is left as it is; so is an upper bound above ``limit``.
        """
        least, most = Narrowed(low), Narrowed(high)
        hers = [self._set[form] for form in known]
        least.update(dict.fromkeys(hers, 1))
        most.update(dict.fromkeys(hers, 1))
        self._follow(least, most, (at for number in hers for at in self._with[number]), limit)
        return least, most

    def _follow(self, low: Ends, high: Ends, equations: Iterable[int], limit: int) -> None:
        """Narrow bounds by ``equations``, and by those that have what became narrower."""
        waiting = dict.fromkeys(equations)
        while waiting:
            at = next(iter(waiting))
            del waiting[at]
            for number, *ends in _followed(low, high, *self._equations[at]):
                if _narrower(low, high, limit, number, *ends):
                    if low[number] > min(high[number], self._largest) or high[number] < -self._largest:
                        return  # facts that contradict each other: a fault of its own, and nothing follows from them
                    waiting.update(dict.fromkeys(self._with[number]))

    def each(self, low: Ends, high: Ends, plus: Iterable[int], minus: Iterable[int]) -> tuple[Ints, Ints]:
        """The least and the most of each form ``plus`` less the form ``minus`` (-1: nothing)."""
        ends = [self._of(low, high, *forms) for forms in zip(plus, minus, strict=True)]
        least, most = np.array(ends, np.int64).reshape(-1, 2).T
        return least, most

    def _of(self, low: Ends, high: Ends, plus: int, minus: int) -> Pair:
        one = self._set[plus]
        if minus < 0:
            return low[one], high[one]
        other = self._set[minus]
        ways = [([one], [other]), *self._apart(one, other)]
        if other in self._other[one]:
            ways.append(self._less(one, other))
        every = [_between(low, high, *way) for way in ways]
        return max(least for least, _ in every), min(most for _, most in every)

    def _add_vintages(self, one: int, other: int) -> None:
        if one != other and other not in self._other[one]:
            self._other[one].add(other)
            self._other[other].add(one)
            self._more[one, other] = len(self._forms.value) + len(self._more)

    def _less(self, one: int, other: int) -> Equation:
        """What one vintage of a set has more than another, or the opposite of what that has more."""
        if (one, other) in self._more:
            return [self._more[one, other]], []
        return [], [self._more[other, one]]

    def _apart(self, plus: int, minus: int) -> Iterator[Equation]:
        """What one set less another is, by every way of dividing one or both, where these have something in common."""
        for more in (frozenset([plus]), *self._ways.get(plus, ())):
            for less in (frozenset([minus]), *self._ways.get(minus, ())):
                if len(more) == len(less) == 1:
                    continue
                left, right, lost = list[int](), list[int](), set(less - more)
                alike = len(more & less)
                for one in sorted(more - less):
                    others = self._other.get(one, set()) & lost
                    if others:
                        alike += 1
                        lost.remove(min(others))
                        gained, given = self._less(one, min(others))
                        left, right = [*left, *gained], [*right, *given]
                    else:
                        left.append(one)
                if alike:
                    yield left, [*right, *sorted(lost)]


def _between(low: Ends, high: Ends, left: list[int], right: list[int]) -> Pair:
    """The least and the most that some numbers less others can be."""
    least = sum(low[one] for one in left) - sum(high[one] for one in right)
    return least, sum(high[one] for one in left) - sum(low[one] for one in right)


def _followed(low: Ends, high: Ends, left: list[int], right: list[int]) -> Iterator[tuple[int, int, int]]:
    """By number of an equation, what the others leave of it: the least and the most."""
    least, most = _between(low, high, left, right)
    yield from [(one, high[one] - most, low[one] - least) for one in left]
    yield from [(one, least + high[one], most + low[one]) for one in right]


def _narrower(low: Ends, high: Ends, limit: int, number: int, least: int, most: int) -> bool:
    """Narrow the bounds of a number, unless that is an upper bound above ``limit``; whether they were."""
    was = low[number], high[number]
    if least > -UNBOUNDED // 2:
        low[number] = max(was[0], least)
    if most <= limit or most == low[number]:
        high[number] = min(was[1], most)
    return was != (low[number], high[number])


def _sets(forms: Forms) -> list[int]:
    """By form the first that is the same set of persons: a sum and its only part, and what no revision touched."""
    found = list(range(len(forms.value)))

    def first(form: int) -> int:
        while found[form] != form:
            form = found[form]
        return form

    for total, ways in forms.divisions.items():
        for (part,) in (way for way in ways if len(way) == 1):
            one, other = sorted((first(total), first(part)))
            found[other] = one
    return [first(form) for form in found]
