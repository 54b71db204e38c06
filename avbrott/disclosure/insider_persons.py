"""The checker's own reckoning of who can be alone where, and in which cells at once. No code of the engine.

*Forms* are the cells and, after them, what is left over of each sum that lists only some of its parts. A cell that no
revision touched is a part of itself in the vintage after. Not here: what the proof still shows her (``insider_checks``).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from avbrott.counting.spec import Dimension, SystemSpec
from avbrott.disclosure.differences import Pairs, vintages
from avbrott.disclosure.sums import Sums

Ints = npt.NDArray[np.int64]
Place = list[frozenset[str]]
"""By dimension, the finest codes that somebody can have."""
Where = dict[str, Place]
"""The same by vintage (one without a name, where there are none)."""
Slice = tuple[str, ...]
"""The codes of the dimensions without a total, other than the vintage."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of one system."""

    value: Ints
    partial: Ints
    """The sums that leave something over, in the order of these forms."""
    divisions: dict[int, list[list[int]]]
    """By form that is divided, the parts of each division."""
    above: dict[int, list[int]]
    """By form those that it is a part of, in order."""

    @property
    def cells(self) -> int:
        """How many of the forms are cells."""
        return len(self.value) - len(self.partial)

    def over(self, form: int) -> int:
        """The cell that a form is left over of; a cell itself."""
        return form if form < self.cells else self.above[form][0]


def forms_of(sums: Sums, same: Pairs, count: Ints) -> Forms:
    """The forms of cells with these counts; ``same`` are cells that no revision touched."""
    matrix, partial = sums.matrix, np.flatnonzero(~sums.whole)
    rest = dict(zip(partial.tolist(), range(matrix.shape[1], matrix.shape[1] + len(partial)), strict=True))
    divisions: dict[int, list[list[int]]] = defaultdict(list)
    for row, (start, end) in enumerate(zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)):
        cells, signs = matrix.indices[start:end], matrix.data[start:end]
        parts = cells[signs < 0].tolist()
        divisions[int(cells[signs > 0][0])].append(parts + ([rest[row]] if row in rest else []))
    for one, other in zip(same[0].tolist(), same[1].tolist(), strict=True):
        divisions[one].append([other])
    above: dict[int, set[int]] = defaultdict(set)
    for total, ways in divisions.items():
        for part in (part for way in ways for part in way):
            above[part].add(total)
    value = np.concatenate([count, matrix[partial] @ count])
    return Forms(value, partial, dict(divisions), {part: sorted(totals) for part, totals in above.items()})


def persons_of(spec: SystemSpec, cells: pl.DataFrame, forms: Forms) -> list[list[int]]:
    """Everybody who can be alone in a cell: the forms of 1 that she is alone in, by person.

    She is at one place in all vintages, or at one before a revision and at another from it on.
    """
    singles = _singles(forms)
    found = {tuple(person) for person in _together(_Places(spec, cells, forms).of(singles))}
    order = vintages(spec)
    for first in range(1, len(order)):
        revised, places = _Places(spec, cells, forms, order[:first]).revised(singles)
        found |= {tuple(revised[at] for at in person) for person in _together(places)}
    return [sorted(set[int]().union(*(singles[one] for one in person))) for person in sorted(found)]


class _Places:
    """Where persons can be: ``before`` some revision, and from it on; or, without one, all the time."""

    def __init__(self, spec: SystemSpec, cells: pl.DataFrame, forms: Forms, before: list[str] | None = None) -> None:
        self._forms = forms
        self._before = before or []
        self._vintage = cells[spec.vintage].to_list() if spec.vintage else [""] * cells.height
        dimensions = [dimension for name, dimension in spec.dimensions.items() if name != spec.vintage]
        self._codes = [cells[dimension.name].to_list() for dimension in dimensions]
        self._held = [_held(dimension) for dimension in dimensions]
        self._everywhere = [frozenset[str]().union(*held.values()) for held in self._held]
        apart = [codes for codes, dimension in zip(self._codes, dimensions, strict=True) if not dimension.total]
        self._slice: list[Slice] = list(zip(*apart, strict=True)) if apart else [()] * cells.height
        rows = zip(self._slice, self._vintage, strict=True)
        self._listed = {one for one, vintage in rows if vintage in self._before}

    def of(self, singles: list[list[int]]) -> list[Place]:
        """By single where its person can be, before the revision and after it one after the other."""
        return [self._sides(single) for single in singles]

    def revised(self, singles: list[list[int]]) -> tuple[list[int], list[Place]]:
        """Singles in slices that there were before the revision, and their places: it can have brought nobody to others."""
        there = [any(self._slice[self._forms.over(form)] in self._listed for form in single) for single in singles]
        chosen = [at for at, listed in enumerate(there) if listed]
        return chosen, self.of([singles[at] for at in chosen])

    def _sides(self, single: list[int]) -> Place:
        sides = {True: self._everywhere, False: self._everywhere}
        for form in single:
            side = self._vintage[self._forms.over(form)] in self._before
            sides[side] = [one & other for one, other in zip(sides[side], self._within(form), strict=True)]
        return [*sides[True], *sides[False]]

    def _within(self, form: int) -> Place:
        """The finest codes that a form can hold."""
        over = self._forms.over(form)
        place = [held[codes[over]] for held, codes in zip(self._held, self._codes, strict=True)]
        if form != over:
            (way,) = (way for way in self._forms.divisions[over] if form in way)
            for at, (held, codes) in enumerate(zip(self._held, self._codes, strict=True)):
                beside = {codes[part] for part in way if part != form} - {codes[over]}
                place[at] = place[at].difference(*(held[code] for code in beside))
        return place


def _held(dimension: Dimension) -> dict[str, frozenset[str]]:
    """By code the finest codes in it."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, leaf in dimension.belongs(dimension.levels, windows=True).iter_rows():
        found[code].add(leaf)
    return {code: frozenset(leaves) for code, leaves in found.items()}


def _singles(forms: Forms) -> list[list[int]]:
    """Forms of count 1 that hold the same person: one is a part of the other."""
    leader = {form: form for form in np.flatnonzero(forms.value == 1).tolist()}

    def lead(form: int) -> int:
        while leader[form] != form:
            leader[form] = leader[leader[form]]
            form = leader[form]
        return form

    for total, ways in forms.divisions.items():
        if total in leader:
            for part in (part for way in ways for part in way if part in leader):
                leader[lead(part)] = lead(total)
    found: dict[int, list[int]] = defaultdict(list)
    for form in sorted(leader):
        found[lead(form)].append(form)
    return list(found.values())


def _together(places: list[Place]) -> list[list[int]]:
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
