"""Persons counted who are alone in a cell: who they can be, and which facts each of them has besides what everybody knows.

Variables of count 1 of which one is a part of the other hold the same person: together they are a *single*. Where tables
have no common crossing, singles whose cells could hold the same person may be one, or not: both are reckoned with. So are
singles of several vintages: she may be where she was, or one revision may have moved her, unless a cell that it did not touch
holds her. What their facts leave of an item is ``insider_bounds``', which items are short before them ``pairs``'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from avbrott.counting.spec import Dimension
from avbrott.disclosure.lattice import Axis, Ints, Mask
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.system import System
from avbrott.disclosure.vintages import slices_of, vintage_of

BLOCK = 200
"""How many singles are held against all others at a time."""


@dataclass(frozen=True, slots=True)
class Insiders:
    """``has`` and ``facts`` have a row an insider and a column a variable."""

    has: sparse.csr_array
    """Every variable of count 1 that the insider is alone in."""
    facts: sparse.csr_array
    """Those of them that not everybody knows."""

    def __len__(self) -> int:
        return int(self.facts.shape[0])


def find_insiders(system: System, rules: Rules) -> Insiders:
    """The insiders who know something that not everybody knows."""
    single = _singles(system)
    persons = _over_vintages(system, single)
    number = np.repeat(np.arange(len(persons)), np.array([len(person) for person in persons], np.int64))
    of = np.array([one for person in persons for one in person], np.int64)
    shape = (len(persons), single.shape[0])
    has = sparse.csr_array((np.ones(len(of), np.int64), (number, of)), shape=shape) @ single
    facts = has @ sparse.diags_array((~rules.fixed).astype(np.int64), dtype=np.int64)
    facts.eliminate_zeros()
    some = np.flatnonzero(np.diff(facts.indptr) > 0)
    return Insiders(has[some].tocsr(), facts[some].tocsr())


def _singles(system: System) -> sparse.csr_array:
    """A row a single, 1 at its variables."""
    one = np.flatnonzero(system.truth == 1)
    coo = system.relations.tocoo()
    total = np.zeros(system.relations.shape[0], np.int64)
    total[coo.row[coo.data < 0]] = coo.col[coo.data < 0]
    part = (coo.data > 0) & (system.truth[coo.col] == 1) & (system.truth[total[coo.row]] == 1)
    links = sparse.coo_array((np.ones(int(part.sum())), (total[coo.row[part]], coo.col[part])), shape=2 * (system.size,))
    _, label = connected_components(links, directed=False)
    _, number = np.unique(label[one], return_inverse=True)
    shape = (int(number.max(initial=-1)) + 1, system.size)
    return sparse.csr_array((np.ones(len(one), np.int64), (number, one)), shape=shape)


def _over_vintages(system: System, single: sparse.csr_array) -> list[tuple[int, ...]]:
    """Every set of singles that can be one person: she has one place, or one before a revision and one from it on."""
    lattice = system.lattice
    vintage, number = vintage_of(lattice)
    cells = np.arange(len(lattice))
    holder = sparse.csr_array((np.ones(len(cells), np.int64), (system.variable, cells)), shape=(system.size, len(cells)))
    in_cells = (single @ holder).tocoo()
    there = np.zeros((number, single.shape[0]), np.bool_)
    there[vintage[in_cells.col], in_cells.row] = True
    boxes = _boxes(system, single, in_cells, vintage, number)
    found = set(_persons([np.logical_and.reduce(box) for box in boxes]))
    slices = slices_of(lattice)
    for first in range(1, number):
        # In a slice that no vintage before has, nobody has come by a revision.
        revised = np.isin(slices, slices[vintage < first])[in_cells.col]
        come: Mask = np.logical_or.reduce(there[:first])
        come[in_cells.row[revised]] = True
        sides = [np.logical_and.reduce(side) & come[:, None] for box in boxes for side in (box[:first], box[first:])]
        found.update(_persons(sides))
    return sorted(found)


def _boxes(system: System, single: sparse.csr_array, in_cells: sparse.coo_array, vintage: Ints, number: int) -> list[Mask]:
    """By dimension, by vintage, single and finest code: where its person can be. Anywhere, if it has no cell there."""
    lattice = system.lattice
    rests = np.flatnonzero(system.truth[system.cell_variables :] == 1) + system.cell_variables
    single_of = np.asarray(single.T @ np.arange(single.shape[0]))
    boxes = []
    for d, axis in enumerate(lattice.axes):
        if axis.name == lattice.spec.vintage:
            continue
        held = _held(lattice.spec.dimensions[axis.name], axis)
        box = np.ones((number, single.shape[0], held.shape[1]), np.bool_)
        np.logical_and.at(box, (vintage[in_cells.col], in_cells.row), held[lattice.codes[in_cells.col, d]])
        for rest in rests.tolist():
            box[vintage[system.first[rest]], single_of[rest]] &= _rest_codes(system, rest, d, held)
        boxes.append(box)
    return boxes


def _held(dimension: Dimension, axis: Axis) -> Mask:
    """By code and finest code, whether the one holds the other."""
    pairs = dimension.belongs(dimension.levels, windows=True)
    finest = {code: place for place, code in enumerate(dimension.members[dimension.finest].unique().sort().to_list())}
    held = np.zeros((len(axis.codes), len(finest)), np.bool_)
    for code, leaf in pairs.iter_rows():
        held[axis.index[code], finest[leaf]] = True
    return held


def _rest_codes(system: System, rest: int, d: int, held: Mask) -> Mask:
    """The finest codes of dimension ``d`` that a rest can hold: those of its sum, less those of the parts beside it."""
    lattice = system.lattice
    cell = int(system.first[rest])
    box: Mask = held[lattice.codes[cell, d]]
    if system.rests[rest - system.cell_variables][0] != d:
        return box
    row = system.relations[[int(system.relations[:, [rest]].nonzero()[0][0])], :]
    beside = lattice.moved(np.full(len(held), cell), d, np.arange(len(held)))
    there = np.flatnonzero(beside >= 0)
    parts = there[np.isin(system.variable[beside[there]], row.indices[row.data > 0])]
    left: Mask = box & ~held[parts].any(axis=0)
    return left


def _persons(boxes: list[Mask]) -> list[tuple[int, ...]]:
    """Every set of singles that can be one person: there is a place that is in the boxes of all."""
    count = len(boxes[0]) if boxes else 0
    if not count:
        return []
    beside = _beside(boxes)
    known = [set(others) for others in beside]
    found: list[tuple[int, ...]] = []
    waiting: list[tuple[tuple[int, ...], list[Mask], list[int]]] = []
    waiting += [((single,), [box[single] for box in boxes], beside[single]) for single in range(count)]
    while waiting:
        person, place, others = waiting.pop()
        found.append(person)
        for other in others:
            both = [box[other] & at for box, at in zip(boxes, place, strict=True)]
            if all(at.any() for at in both):
                waiting.append(((*person, other), both, [one for one in others if one > other and one in known[other]]))
    return sorted(found)


def _beside(boxes: list[Mask]) -> list[list[int]]:
    """By single those after it that can be the same person."""
    count = len(boxes[0])
    found: list[set[int]] = [set() for _ in range(count)]
    unsure = _unsure(boxes)
    for block in np.array_split(unsure, max(1, len(unsure) // BLOCK)):
        same = np.ones((len(block), count), np.bool_)
        for box in boxes:
            same &= box[block].astype(np.float32) @ box.T.astype(np.float32) > 0
        one, other = np.nonzero(same)
        for first, second in zip(block[one].tolist(), other.tolist(), strict=True):
            if first != second:
                found[min(first, second)].add(max(first, second))
    return [sorted(others) for others in found]


def _unsure(boxes: list[Mask]) -> Ints:
    """Singles that are neither nowhere nor known to be in one place of their own: those have nothing in common."""
    point = np.logical_and.reduce([box.sum(axis=1) == 1 for box in boxes])
    place = np.column_stack([box.argmax(axis=1) for box in boxes])
    _, number, often = np.unique(place, axis=0, return_inverse=True, return_counts=True)
    nowhere = np.logical_or.reduce([~box.any(axis=1) for box in boxes])
    alone: Mask = nowhere | (point & (often[number.reshape(-1)] == 1))
    return np.flatnonzero(~alone)
