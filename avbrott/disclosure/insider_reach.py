"""The checker's own reckoning of what an insider's facts leave of a number: no solver, and no code of the engine.

From her facts on, bounds are narrowed step by step, up and down the divisions. Of a difference, what both forms are made of
cancels. Not here: who she can be (``insider_persons``), what is asked of items (``insider_checks``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from avbrott.disclosure.differences import Pairs
from avbrott.disclosure.insider_persons import Forms

Ints = npt.NDArray[np.int64]
Bounds = tuple[Ints, Ints]
"""The least and the most that each cell, or form, can be."""
Ends = tuple[int, int]
UNBOUNDED = 2**40
"""More than any count; sums of a million such are still whole numbers of the machine."""


class Reach:
    """What bounds and somebody's facts leave of the forms of one system, and of one less another."""

    def __init__(self, forms: Forms, vintages: Pairs) -> None:
        """``vintages`` are cells, an earlier and a later vintage of each other."""
        self._forms = forms
        self._set = _sets(forms)
        self._ways: dict[int, set[frozenset[int]]] = defaultdict(set)
        for total, ways in forms.divisions.items():
            for way in ways:
                if len(way) > 1:
                    self._ways[self._set[total]].add(frozenset(self._set[part] for part in way))
        self._other: dict[int, set[int]] = defaultdict(set)
        for one, other in zip(*(cells.tolist() for cells in vintages), strict=True):
            self._other[self._set[one]].add(self._set[other])
            self._other[self._set[other]].add(self._set[one])

    def of_forms(self, cells: Bounds) -> Bounds:
        """The bounds of cells by form: what is left over of a sum is at most the sum."""
        rests = range(self._forms.cells, len(self._forms.value))
        over = np.array([self._forms.over(rest) for rest in rests], np.int64)
        least, most = cells
        low = np.concatenate([least, np.zeros(len(rests), np.int64)])
        return low, np.minimum(np.concatenate([most, most[over]]), UNBOUNDED)

    def narrowed(self, bounds: Bounds, hers: list[int], limit: int) -> Bounds:
        """``bounds`` as they are to who is alone in the forms ``hers``.

        What does not follow from her facts step by step is left as it is; so is an upper bound above ``limit``.
        """
        low, high = (bound.copy() for bound in bounds)
        divisions, above = self._forms.divisions, self._forms.above
        waiting = list(hers)
        low[waiting] = high[waiting] = 1
        while waiting:
            form = waiting.pop()
            for total in (form, *above.get(form, ())):
                for way in divisions.get(total, ()):
                    if total != form and form not in way:
                        continue
                    least, most = int(low[way].sum()), int(high[way].sum())
                    found = [
                        (part, int(low[total] + high[part]) - most, int(high[total] + low[part]) - least) for part in way
                    ]
                    found.append((total, least, most))
                    waiting += [one for one, *ends in found if _narrower(low, high, limit, one, *ends)]
        return low, high

    def of(self, bounds: Bounds, plus: int, minus: int, found: dict[Ends, Ends]) -> Ends:
        """The least and the most of one form less another (-1: nothing); ``found`` are differences reckoned before."""
        low, high = bounds
        if minus < 0:
            return int(low[plus]), int(high[plus])
        return self._apart(bounds, self._set[plus], self._set[minus], found)

    def _apart(self, bounds: Bounds, plus: int, minus: int, found: dict[Ends, Ends]) -> Ends:
        ends = found.get((plus, minus))
        if ends is None:
            low, high = bounds
            every = [
                (int(low[plus] - high[minus]), int(high[plus] - low[minus])),
                *self._by_parts(bounds, plus, minus, found),
            ]
            ends = max(least for least, _ in every), min(most for _, most in every)
            found[plus, minus] = ends
        return ends

    def _by_parts(self, bounds: Bounds, plus: int, minus: int, found: dict[Ends, Ends]) -> Iterator[Ends]:
        """The same by every way of dividing the one or the other, or both, that have something in common."""
        low, high = bounds
        for more in (frozenset([plus]), *self._ways.get(plus, ())):
            for less in (frozenset([minus]), *self._ways.get(minus, ())):
                gained, lost = more - less, sorted(less - more)
                least = most = 0
                alike = len(more & less)
                for one in sorted(gained):
                    other = next((each for each in lost if each in self._other[one]), None)
                    if other is None:
                        ends = int(low[one]), int(high[one])
                    elif len(more) == len(less) == 1:
                        break
                    else:
                        alike += 1
                        lost.remove(other)
                        ends = self._apart(bounds, one, other, found)
                    least, most = least + ends[0], most + ends[1]
                else:
                    if alike:
                        yield least - int(high[lost].sum()), most - int(low[lost].sum())


def _narrower(low: Ints, high: Ints, limit: int, form: int, least: int, most: int) -> bool:
    """Narrow the bounds of a form, unless that is an upper bound above ``limit``; whether they were."""
    was = int(low[form]), int(high[form])
    low[form] = max(was[0], least)
    if most <= limit or most == low[form]:
        high[form] = min(was[1], most)
    return was != (int(low[form]), int(high[form]))


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
