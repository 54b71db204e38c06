"""Whose persons the variables of a system are, and what a coalition of providers has of it. No search and no items here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import polars as pl
from scipy import sparse

from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.system import System
from avbrott.disclosure.tied import Tied, tied
from avbrott.disclosure.vintages import by_parts, unchanged
from avbrott.disclosure.whose import whose_of
from avbrott.errors import BadInput
from avbrott.policy import ProviderRule


@dataclass(frozen=True, slots=True)
class Providers:
    """Whose persons the variables of one system are."""

    rule: ProviderRule
    parts: sparse.csr_array
    """A row a provider, in the order of their names, a column a variable: how many persons."""
    whose: sparse.csr_array
    """The same by cell."""
    held: Mask
    """By code of the dimension that has the providers as a level, which of them it holds; a last column for those without
    a person. No row where no dimension has."""
    dimension: int

    def coalitions(self) -> Iterator[list[int]]:
        """Every coalition, smaller ones first."""
        for size in range(1, self.rule.coalition + 1):
            yield from map(list, combinations(range(self.parts.shape[0]), size))

    def inside(self, system: System, coalition: list[int]) -> Mask:
        """Variables that by a code can hold nobody but the coalition's own persons: facts to it."""
        found = np.zeros(system.size, np.bool_)
        if len(self.held):
            own: Mask = np.logical_not(np.delete(self.held, coalition, axis=1).any(axis=1))
            found[system.variable[own[system.lattice.codes[:, self.dimension]]]] = True
        return found

    def tied(self, system: System, coalition: list[int], left: Ints) -> Tied:
        """``system`` to a coalition, which knows which cells a revision left as they were but for its own persons.

        ``left`` is by variable what others contributed.
        """
        others = np.delete(np.arange(self.whose.shape[0]), coalition)
        if system.divisions is None:
            return Tied(replace(system, truth=left), np.arange(system.size))
        pairs = unchanged(system.lattice, system.divisions, by_parts(sparse.csr_array(self.whose[others])))
        before, after = (system.variable[cells] for cells in pairs)
        return tied(system, before, after, left)


def providers_of(system: System, rule: ProviderRule, parts: pl.DataFrame | None) -> Providers:
    """Whose persons the cells hold. ``parts``: coordinates, ``provider``, ``count``, a row where a provider has persons.

    ``BadInput`` where parts are missing or are not the cells', or where there is no provider outside a coalition.
    """
    if parts is None:
        raise BadInput("PROVIDER_PARTS_MISSING", system=system.lattice.spec.name)
    names, whose = whose_of(system.lattice, parts)
    if rule.coalition >= len(names) > 0:
        raise BadInput("PROVIDERS_TOO_FEW", providers=len(names), coalition=rule.coalition)
    matrix = _by_variable(system, whose)
    wrong = (matrix.sum(axis=0) != system.truth).sum() + len((matrix @ system.relations.T).nonzero()[0])
    if wrong or (matrix.data < 0).any():
        raise BadInput("PROVIDER_PARTS_DIFFER", system=system.lattice.spec.name, cells=max(int(wrong), 1))
    return Providers(rule, matrix, whose, *_held(system, rule, names))


def _by_variable(system: System, whose: sparse.csr_array) -> sparse.csr_array:
    """``whose`` by variable; of a rest what a provider has of the sum, less what it has of the parts that are listed."""
    rests = np.arange(system.cell_variables, system.size)
    cells = sparse.csr_array(whose[:, system.first[: system.cell_variables]])
    parts = sparse.csr_array(sparse.hstack([cells, sparse.csr_array((whose.shape[0], len(rests)), dtype=np.int64)]))
    if not len(rests):
        return parts
    columns = system.relations.tocsc()
    rows = columns.indices[columns.indptr[rests]]
    over = sparse.csr_array(-(parts @ system.relations[rows].T)).tocoo()
    whole = parts.tocoo()
    entries = (np.concatenate([whole.row, over.row]), np.concatenate([whole.col, rests[over.col]]))
    found = sparse.csr_array((np.concatenate([whole.data, over.data]), entries), shape=parts.shape)
    found.eliminate_zeros()
    return found


def _held(system: System, rule: ProviderRule, names: list[str]) -> tuple[Mask, int]:
    for place, dimension in enumerate(system.lattice.spec.dimensions.values()):
        if rule.level in dimension.levels:
            axis = system.lattice.axes[place]
            numbers = {name: number for number, name in enumerate(names)}
            whose = dimension.members.select(finest=dimension.finest, provider=rule.level)
            pairs = dimension.belongs(dimension.levels, windows=True).join(whose, on="finest")
            held = np.zeros((len(axis.codes), len(names) + 1), np.bool_)
            for code, provider in pairs.select("code", "provider").unique().iter_rows():
                held[axis.index[code], numbers.get(provider, len(names))] = True
            return held, place
    return np.zeros((0, len(names) + 1), np.bool_), 0
