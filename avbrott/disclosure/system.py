"""Cells to variables and relations: which sets of persons are the same, and which are the sum of others. No rules here.

A relation holds where the sum's parts are all either cells or known to be empty: covered by a table and not listed.
Where only some parts are covered (dropouts by cause, but nobody else by cause), what is left over is a *rest*: a
variable that is never published but follows from what is, and is protected like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.lattice import Axis, Ints, Lattice, Mask
from avbrott.disclosure.vintages import Differs, by_count, by_parts, of_newest, unchanged
from avbrott.disclosure.whose import whose_of
from avbrott.errors import BadInput

REST = "\\"
"""In a rest's code, between the sum and the parts that are taken from it: ``Total\\entrant``."""


@dataclass(frozen=True, slots=True)
class System:
    """Variables ``0..n-1``: first those of cells in the order of their codes, then rests."""

    lattice: Lattice
    variable: Ints
    """The variable of each cell."""
    first: Ints
    """A cell of each variable (the first by codes); of a rest, the cell it is a part of."""
    truth: Ints
    relations: sparse.csr_array
    """One row a relation: -1 at the sum, 1 at its parts; times the true counts it is zero."""
    rests: list[tuple[int, str]]
    """Of each rest variable, after those of cells: the dimension and its code there."""
    silent: Mask
    """Cells that no released table has a row for: ``SystemSpec.unpublished``, and cells of latent tables alone."""
    newest: Mask
    """Cells of this release: all, unless there are vintages. What others showed or hid is decided."""
    divisions: sparse.csr_array | None
    """Where there are vintages, the relations by cell and, after cells, by rest, before any of them were one variable."""

    @property
    def published(self) -> Mask:
        """Variables with a cell that a released table has a row for."""
        found = np.zeros(self.size, np.bool_)
        found[self.variable[~self.silent]] = True
        return found

    @property
    def showable(self) -> Mask:
        """Variables with a cell that a table of this release has a row for."""
        found = np.zeros(self.size, np.bool_)
        found[self.variable[~self.silent & self.newest]] = True
        return found

    @property
    def decided(self) -> Mask:
        """Variables of earlier vintages alone."""
        found = np.ones(self.size, np.bool_)
        found[self.variable[self.newest]] = False
        found[self.cell_variables :] = False
        return found

    @property
    def size(self) -> int:
        return len(self.truth)

    @property
    def cell_variables(self) -> int:
        """How many variables have a cell."""
        return self.size - len(self.rests)

    def places(self, variables: Ints) -> pl.DataFrame:
        """Coordinates of variables: those of the first cell, and of a rest those of its sum with the rest's code."""
        frame = self.lattice.places(self.first[variables])
        names = [axis.name for axis in self.lattice.axes]
        for row in np.flatnonzero(variables >= self.cell_variables):
            dimension, code = self.rests[int(variables[row]) - self.cell_variables]
            frame[int(row), names[dimension]] = code
        return frame


@dataclass(slots=True)
class _Edges:
    """Relations found so far as (row, cell, coefficient)."""

    rows: list[Ints]
    cells: list[Ints]
    values: list[Ints]
    count: int = 0

    def add(self, parents: Ints, relation: Ints, children: Ints) -> None:
        """``parents`` has one cell a relation, ``relation`` the place in it of each of ``children``."""
        self.rows += [np.arange(len(parents)) + self.count, relation + self.count]
        self.cells += [parents, children]
        self.values += [np.full(len(parents), -1, np.int64), np.ones(len(children), np.int64)]
        self.count += len(parents)


def build_system(spec: SystemSpec, cells: pl.DataFrame, parts: pl.DataFrame | None = None) -> System:
    """Variables and relations of ``cells``; ``BadInput`` where counts do not add up.

    ``parts`` are as in ``protect.Given``: a cell of other persons than in an earlier vintage is another variable.
    """
    lattice = Lattice(spec, cells)
    edges = _Edges([], [], [])
    rests: list[tuple[int, int, str]] = []
    shown = lattice.members_of_tables()
    for dimension, axis in enumerate(lattice.axes):
        _relate(lattice, dimension, axis, shown, edges, rests)
    n_cells = len(lattice)
    shape = (edges.count, n_cells + len(rests))
    if edges.count:
        matrix = sparse.coo_array(
            (np.concatenate(edges.values), (np.concatenate(edges.rows), np.concatenate(edges.cells))), shape=shape
        ).tocsr()
    else:
        matrix = sparse.csr_array(shape, dtype=np.int64)
    truth = np.concatenate([lattice.count, np.zeros(len(rests), np.int64)])
    for place, (_, dimension, _) in enumerate(rests):
        row = int(matrix[:, [n_cells + place]].nonzero()[0][0])
        truth[n_cells + place] = -int((matrix[[row], :] @ truth)[0])
        if truth[n_cells + place] < 0:
            raise BadInput("CELLS_DO_NOT_ADD_UP", system=spec.name, dimension=lattice.axes[dimension].name, cells=1)
    wrong = np.asarray(matrix @ truth) != 0
    if wrong.any():
        raise BadInput("CELLS_DO_NOT_ADD_UP", system=spec.name, dimension="", cells=int(wrong.sum()))
    differs = by_count(lattice) if parts is None or spec.vintage is None else by_parts(whose_of(lattice, parts)[1])
    return _merged(lattice, matrix, truth, rests, differs)


def _relate(
    lattice: Lattice, dimension: int, axis: Axis, shown: list[list[Mask]], edges: _Edges, rests: list[tuple[int, int, str]]
) -> None:
    codes = lattice.codes
    others = np.zeros(len(lattice), np.int64)
    for place, table in enumerate(shown):
        inside = np.ones(len(lattice), np.bool_)
        for d, member in enumerate(table):
            if d != dimension:
                inside &= member[codes[:, d]]
        others |= inside.astype(np.int64) << place
    tops: dict[int, list[list[Ints]]] = {}
    for top, _, parents in sorted(axis.steps, key=lambda step: (step[0], step[1])):
        tops.setdefault(top, []).append(parents)
    for top, steps in tops.items():
        done = np.zeros(len(lattice), np.bool_)
        partial: dict[int, list[int]] = {}
        for arrays in steps:
            found = _families(lattice, dimension, arrays)
            if found is None:
                continue
            sums, relation, children = found
            whole = _covered(sums, others, codes[:, dimension], arrays, [table[dimension] for table in shown])
            fresh = ~done[sums]
            if top < 0 and not whole.all():
                raise BadInput("WINDOW_WITHOUT_YEARS", system=lattice.spec.name, dimension=axis.name)
            take = whole & fresh
            number = np.cumsum(take) - 1
            use = take[relation]
            edges.add(sums[take], number[relation[use]], children[use])
            done[sums[take]] = True
            for some in np.flatnonzero(fresh & ~whole):
                partial.setdefault(int(sums[some]), children[relation == some].tolist())
        for parent, listed in sorted(partial.items()):
            if not done[parent]:
                _rest(lattice, dimension, axis, parent, listed, edges, rests)


def _rest(
    lattice: Lattice,
    dimension: int,
    axis: Axis,
    parent: int,
    listed: list[int],
    edges: _Edges,
    rests: list[tuple[int, int, str]],
) -> None:
    names = sorted(axis.codes[int(lattice.codes[c, dimension])] for c in listed)
    code = axis.codes[int(lattice.codes[parent, dimension])] + REST + "+".join(names)
    children = np.array([*listed, len(lattice) + len(rests)], np.int64)
    edges.add(np.array([parent]), np.zeros(len(children), np.int64), children)
    rests.append((parent, dimension, code))


def _families(lattice: Lattice, dimension: int, arrays: list[Ints]) -> tuple[Ints, Ints, Ints] | None:
    """Parents that are cells and have a child that is one: the parents, and per child its parent's place and the child."""
    up, down = [], []
    for parents_of in arrays:
        over = parents_of[lattice.codes[:, dimension]]
        children = np.flatnonzero(over >= 0)
        parents = lattice.moved(children, dimension, over[children])
        there = parents >= 0
        up.append(parents[there])
        down.append(children[there])
    above, below = np.concatenate(up), np.concatenate(down)
    if not len(above):
        return None
    parents, relation = np.unique(above, return_inverse=True)
    return parents, relation.astype(np.int64), below


def _covered(parents: Ints, others: Ints, code: Ints, arrays: list[Ints], members: list[Mask]) -> Mask:
    """Whether every code under each parent is shown by a table that shows the parent's other coordinates."""
    pairs, inverse = np.unique(np.column_stack([code[parents], others[parents]]), axis=0, return_inverse=True)
    whole = np.zeros(len(pairs), np.bool_)
    for place, (parent, tables) in enumerate(pairs):
        under = np.flatnonzero(np.logical_or.reduce([array == parent for array in arrays]))
        seen = np.zeros(len(under), np.bool_)
        for bit, member in enumerate(members):
            if tables >> bit & 1:
                seen |= member[under]
        whole[place] = seen.all()
    return whole[inverse.reshape(-1)]


def _merged(
    lattice: Lattice, matrix: sparse.csr_array, truth: Ints, rests: list[tuple[int, int, str]], differs: Differs
) -> System:
    """One variable where a sum has one part or nothing changed between vintages, and each relation once."""
    length = np.diff(matrix.indptr)
    pair = np.flatnonzero(length == 2)
    starts = matrix.indptr[pair]
    a, b = matrix.indices[starts], matrix.indices[starts + 1]
    n = matrix.shape[1]
    before, after = unchanged(lattice, matrix, differs)
    a, b = np.concatenate([a, before]), np.concatenate([b, after])
    links = sparse.coo_array((np.ones(len(a)), (a, b)), shape=(n, n))
    _, label = connected_components(links, directed=False)
    _, first, variable = np.unique(label, return_index=True, return_inverse=True)
    # Variables are numbered by their first cell, so that their order is that of the codes; rests stay last.
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    variable = rank[variable.reshape(-1)]
    first = first[order]
    coo = matrix.tocoo()
    folded = sparse.coo_array((coo.data, (coo.row, variable[coo.col])), shape=(matrix.shape[0], len(first))).tocsr()
    n_cells = len(lattice)
    kept = [(d, code) for place, (_, d, code) in enumerate(rests) if first[variable[n_cells + place]] == n_cells + place]
    own = first.copy()
    for place, (parent, _, _) in enumerate(rests):
        own[first == n_cells + place] = parent
    return System(
        lattice=lattice,
        variable=variable[:n_cells],
        first=own,
        truth=truth[first],
        relations=distinct_relations(folded),
        rests=kept,
        silent=_silent(lattice),
        newest=of_newest(lattice),
        divisions=None if lattice.spec.vintage is None else matrix,
    )


def distinct_relations(relations: sparse.csr_array) -> sparse.csr_array:
    """``relations`` (a row each) in which variables may stand several times: each once, and none that says nothing."""
    relations.sum_duplicates()
    relations.eliminate_zeros()
    weights = np.random.Generator(np.random.Philox(1)).integers(-(2**40), 2**40, relations.shape[1])
    _, once = np.unique(np.asarray(relations @ weights), return_index=True)
    once = np.sort(once)
    once = once[np.diff(relations.indptr)[once] > 0]
    return relations[once].astype(np.int64)


def _silent(lattice: Lattice) -> Mask:
    silent = np.zeros(len(lattice), np.bool_)
    for named in lattice.spec.unpublished:
        inside = np.ones(len(lattice), np.bool_)
        for d, axis in enumerate(lattice.axes):
            if axis.name in named:
                inside &= np.array([code in named[axis.name] for code in axis.codes], np.bool_)[lattice.codes[:, d]]
        silent |= inside
    released = np.zeros(len(lattice), np.bool_)
    for table, members in zip(lattice.spec.tables, lattice.members_of_tables(), strict=True):
        if not table.latent:
            released |= np.logical_and.reduce([member[lattice.codes[:, d]] for d, member in enumerate(members)])
    return silent | ~released
