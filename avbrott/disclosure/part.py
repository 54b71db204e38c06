"""One part of a system by itself: items served many at a time. It needs nothing of the rest, so another process can do it.

What lies outside the part stays as it is. Differences that are found here still have to be taken by the search as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from avbrott.disclosure.aim import Aim, Goals
from avbrott.disclosure.items import Items, Moving
from avbrott.disclosure.lattice import Ints, Mask, lengths, ranges
from avbrott.disclosure.merge import merged
from avbrott.disclosure.program import Floats, Program, Wish
from avbrott.disclosure.rules import Rules
from avbrott.disclosure.witness import Shown, Witnesses

BESIDE = 0.1
"""What it is worth to serve an item that is not among those asked for: it uses what is hidden, and hides nothing."""
ROUNDS = 2
SHARE = 4
"""One in so many items that are short is asked for at most: wishes that are at odds would else come out alike every time."""
FREE = 1e-3
"""What a cell costs that is hidden anyway: not nothing, so that differences stay small."""


@dataclass(frozen=True, slots=True)
class Part:
    """Variables that a program sees; after them, in its columns, come items that are one variable less another."""

    inside: Ints
    """The variables."""
    column: Ints
    """By variable its column, -1 where it cannot move."""
    items: Ints
    """The items that they move."""
    at: Ints
    """The column of each of these."""
    relations: sparse.csc_array
    room: Ints
    """By column how far down it may go."""
    reach: int
    """The farthest that any column may go."""

    def still(self, variables: Mask) -> Mask:
        """Which columns are among ``variables``."""
        found = np.zeros(len(self.room), np.bool_)
        found[self.column[variables[self.inside] & (self.column >= 0)]] = True
        return found

    def summed(self, values: Floats) -> Floats:
        """By column the sum of ``values``, one a variable."""
        moves = self.column >= 0
        found: Floats = np.bincount(self.column[moves], values[moves], minlength=len(self.room)).astype(np.float64)
        return found

    def program(self) -> Program:
        """A program of the part."""
        return Program(self.relations, self.room, self.reach)


def opened(columns: sparse.csc_array, inside: Ints, rules: Rules, moving: Moving, truth: Ints, reach: int) -> Part:
    """The part of the variables ``inside``: what moves as one is one column, as is each item that is one less another.

    ``inside`` is sorted. ``columns`` are the relations of all variables; none moves farther than ``reach``.
    """
    column, relations = merged(_rows_of(columns, inside))
    number = relations.shape[1]
    within = moving.of(inside)
    items = rules.items
    plus, minus = _column_of(items.plus[within], inside, column), _column_of(items.minus[within], inside, column)
    moved = plus != minus
    within, plus, minus = within[moved], plus[moved], minus[moved]
    less = items.minus[within] >= 0
    two, at = within[less], np.where(less, number + np.cumsum(less) - 1, plus)
    room = np.full(number, reach)
    moves = column >= 0
    np.minimum.at(room, column[moves], (truth[inside] - rules.floor[inside])[moves])
    if len(two):
        row = np.arange(len(two))
        entries = [(row, number + row, np.full(len(two), -1, np.int64))]
        for of, sign in ((plus[less], 1), (minus[less], -1)):
            there = of >= 0
            entries.append((row[there], of[there], np.full(int(there.sum()), sign, np.int64)))
        rows, places, values = (np.concatenate(part) for part in zip(*entries, strict=True))
        told = sparse.csr_array((values, (rows, places)), shape=(len(two), number + len(two)))
        none = sparse.csr_array((relations.shape[0], len(two)), dtype=np.int64)
        relations = sparse.vstack([sparse.hstack([relations, none]), told]).tocsr()
        room = np.concatenate([room, items.value[two] - items.floor[two]])
    return Part(inside, column, within, at, relations.tocsc(), room, reach)


def _rows_of(columns: sparse.csc_array, inside: Ints) -> sparse.csr_array:
    """The relations that hold some of the variables ``inside``, with a column each of these."""
    entries = ranges(columns.indptr, inside)
    rows, row = np.unique(columns.indices[entries], return_inverse=True)
    column = np.repeat(np.arange(len(inside)), lengths(columns.indptr, inside))
    return sparse.csr_array((columns.data[entries], (row, column)), shape=(len(rows), len(inside)))


def _column_of(variables: Ints, inside: Ints, column: Ints) -> Ints:
    """The column of each of ``variables``, -1 where it is not ``inside`` or cannot move."""
    at = np.minimum(np.searchsorted(inside, variables), max(0, len(inside) - 1))
    return np.where(inside[at] == variables, column[at], -1)


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a part is tried."""

    gain: float
    """What it is worth to serve an item that is asked for."""
    asked: int
    """For how many items a program is asked."""
    idle: int
    """After how many programs that served nobody the part is left."""
    hard: int
    """After how many steps in a program the part is left, as too large."""


@dataclass(frozen=True, slots=True)
class Task:
    """A part, what is shown so far, what is to be shown, and what things cost: all that ``serve_together`` needs."""

    part: Part
    items: Items
    """The items of the part, by its columns."""
    shown: Shown
    goals: Goals
    cost: Floats
    """By column what hiding it costs."""
    free: Floats
    """By column what a step costs where it is hidden anyway, otherwise 0."""
    effort: Effort
    lot: int


@dataclass(frozen=True, slots=True)
class Served:
    """Differences by column, and whether the part proved too large for its programs."""

    differences: list[Ints]
    hard: bool


def serve_together(task: Task) -> Served:
    """Serve the items of a part many at a time: some that may hide more, the others by what is hidden anyway."""
    part, effort = task.part, task.effort
    lots = np.random.Generator(np.random.Philox(task.lot))
    program = part.program()
    witnesses = Witnesses(part.relations, part.room, np.zeros(len(part.room), np.bool_), task.items, task.shown)
    still = np.zeros(program.size, np.bool_)
    free = task.free.copy()
    found: list[Ints] = []
    idle = 0
    while idle < effort.idle:
        aim = task.goals.aim(task.items.value, witnesses.shown, witnesses.short)
        wish = wish_for(task.items, task.items.plus, aim, effort, program.size, lots)
        if wish is None:
            break
        steps = program.iterations
        difference = program.together(task.cost, free, wish, ROUNDS, still)
        if difference is not None and witnesses.add(where := np.flatnonzero(difference), difference[where]):
            found.append(difference)
            hides = (difference != 0) & (free == 0) & (task.cost > 0)
            free[hides] = FREE * task.cost[hides]
        if program.iterations - steps > effort.hard:
            return Served(found, True)
        idle = idle + 1 if aim.left == int(witnesses.short.sum()) else 0
    return Served(found, False)


def wish_for(items: Items, columns: Ints, aim: Aim, effort: Effort, size: int, lots: np.random.Generator) -> Wish | None:
    """What to ask a program of ``size`` columns for: how far each item that is short should move.

    ``items`` and ``columns`` have a place an item of the part. The direction is by lot where both would serve.
    """
    short = np.flatnonzero(aim.short)
    if not len(short):
        return None
    up, down, value = aim.up[short], aim.down[short], items.value[short]
    lot = lots.random(len(short)) < 0.5
    goal = np.where((up != 0) & ((down == 0) | lot), up, down)
    goal = np.where(goal == 0, np.where(value > items.floor[short], np.where(lot, 1, -1), 1), goal)
    amount, worth = np.zeros(size, np.int64), np.zeros(size)
    # Where items move as one, the one that must go farthest up is asked for.
    order = np.argsort(goal, kind="stable")
    amount[columns[short][order]] = goal[order]
    worth[columns[short]] = BESIDE
    asked = columns[lots.permutation(short)[: min(effort.asked, -(-len(short) // SHARE))]]
    worth[asked] = effort.gain * (0.75 + 0.5 * lots.random(len(asked)))
    return Wish(amount, worth)
