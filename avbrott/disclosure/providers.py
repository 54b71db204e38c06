"""Providers as attackers: what each coalition knows, and what the others contributed that it must not know. No search here.

A coalition knows its own part of every cell, and that a cell is at least that. What is left, its own part taken away, is
an item: where few other providers contribute to it, or where it is a small number. What the rule means: ``docs/method.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import combinations

import numpy as np
import polars as pl
from scipy import sparse

from avbrott.disclosure.bounds import NO_CAP, Narrowing
from avbrott.disclosure.items import Items
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.rules import RULES, Rules
from avbrott.disclosure.system import System
from avbrott.errors import BadInput
from avbrott.policy import Policy, ProviderRule

RULE = RULES.index("provider")
MILLION = 10**6
"""A share is taken in millionths, so that it is reckoned with in whole numbers."""


@dataclass(frozen=True, slots=True)
class Providers:
    """Whose persons the variables of one system are."""

    rule: ProviderRule
    parts: sparse.csr_array
    """A row a provider, in the order of their names, a column a variable: how many persons."""
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


def providers_of(system: System, places: pl.DataFrame, rule: ProviderRule, parts: pl.DataFrame | None) -> Providers:
    """Whose persons the cells hold. ``parts``: coordinates, ``provider``, ``count``, a row where a provider has persons.

    ``places``: coordinates and ``_variable`` of every cell. ``BadInput`` where parts are missing or are not the cells', or
    where there is no provider outside a coalition.
    """
    if parts is None:
        raise BadInput("PROVIDER_PARTS_MISSING", system=system.lattice.spec.name)
    names = sorted(set(parts["provider"].to_list()))
    if rule.coalition >= len(names) > 0:
        raise BadInput("PROVIDERS_TOO_FEW", providers=len(names), coalition=rule.coalition)
    found = parts.join(places, on=system.lattice.names).unique(["provider", "_variable"])
    row = found["provider"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    shape = (len(names), system.size)
    matrix = sparse.csr_array((found["count"].to_numpy().astype(np.int64), (row, found["_variable"].to_numpy())), shape=shape)
    matrix = _with_rests(system, matrix)
    wrong = (matrix.sum(axis=0) != system.truth).sum() + len((matrix @ system.relations.T).nonzero()[0])
    if wrong or (matrix.data < 0).any():
        raise BadInput("PROVIDER_PARTS_DIFFER", system=system.lattice.spec.name, cells=max(int(wrong), 1))
    return Providers(rule, matrix, *_held(system, rule, names))


def with_providers(rules: Rules, system: System, policy: Policy, providers: Providers, facts: Mask, given: Mask) -> Rules:
    """``rules`` with what the public attacker must be left by for every coalition's sake, and what is hidden for it.

    ``facts`` were shown before; ``given`` the attacker has from elsewhere, and they are hidden all the same.
    """
    unsafe = np.zeros(system.size, np.bool_)
    bottom, top = system.truth.copy(), system.truth.copy()
    for coalition in providers.coalitions():
        demands = _demands(rules, system, policy, providers, coalition)
        unsafe |= demands.unsafe
        np.maximum(top, demands.own + demands.top, out=top)
        np.minimum(bottom, demands.own + demands.bottom, out=bottom)
    variables = np.flatnonzero(unsafe & ~rules.fixed)
    value = system.truth[variables]
    none = np.zeros(len(variables), np.int64)
    more = Items(
        rule=np.full(len(variables), RULE),
        plus=variables,
        minus=np.full(len(variables), -1),
        value=value,
        top=top[variables],
        span=none,
        values=none,
        floor=rules.floor[variables],
        bottom=bottom[variables],
    )
    items = Items(*(np.concatenate([getattr(rules.items, f.name), getattr(more, f.name)]) for f in fields(Items)))
    hidden = unsafe & ~facts & (~rules.fixed | given)
    rule = np.where(hidden & (rules.rule < 0), RULE, rules.rule)
    return replace(rules, items=items, hidden=rules.hidden | hidden, rule=rule)


def attackers(rules: Rules, system: System, policy: Policy, providers: Providers) -> Iterator[Rules]:
    """What holds against each coalition: its facts, its floors, and the items that it must not know."""
    for coalition in providers.coalitions():
        demands = _demands(rules, system, policy, providers, coalition)
        fixed = rules.fixed | demands.inside
        variables = np.flatnonzero(demands.unsafe & ~fixed & (demands.low < demands.high))
        left, low, high = demands.left[variables], demands.low[variables], demands.high[variables]
        small = left < policy.threshold
        items = Items(
            rule=np.full(len(variables), RULE),
            plus=variables,
            minus=np.full(len(variables), -1),
            value=left,
            top=demands.top[variables],
            span=np.where(small, np.minimum(policy.width, high - low), 0),
            values=np.where(small, np.minimum(3, high - low + 1), 0),
            floor=low,
            bottom=demands.bottom[variables],
        )
        yield replace(rules, items=items, fixed=fixed, floor=demands.floor)


@dataclass(frozen=True, slots=True)
class _Demands:
    """What one coalition knows and must not know, by variable."""

    own: Ints
    floor: Ints
    inside: Mask
    left: Ints
    low: Ints
    high: Ints
    """What is left is at least and at most this, by facts alone."""
    unsafe: Mask
    """Also where the facts settle what is left: then nothing is promised, and the cell is hidden all the same."""
    top: Ints
    bottom: Ints
    """What is left must be able to be as much as ``top`` and as little as ``bottom``; where it is not unsafe, itself."""


def _demands(rules: Rules, system: System, policy: Policy, providers: Providers, coalition: list[int]) -> _Demands:
    rule = providers.rule
    some = sparse.csr_array(providers.parts[coalition])
    own = np.asarray(some.sum(axis=0), np.int64)
    others = np.bincount(providers.parts.indices, minlength=system.size) - np.bincount(some.indices, minlength=system.size)
    left = system.truth - own
    floor = np.maximum(rules.floor, own)
    inside = providers.inside(system, coalition)
    nobody = (
        (system.truth == 0) & rules.fixed & system.published if policy.zeros == "shown" else np.zeros(system.size, np.bool_)
    )
    low, high = _bounds(system, rules.known | inside | nobody, left, floor - own)
    few = (left > 0) & (others < rule.minimum)
    small = (left > 0) & (left < policy.threshold)
    share = round(rule.share * MILLION)
    top = np.where(few, left * (MILLION + share) // MILLION + 1, left)
    top = np.minimum(np.where(small, np.maximum(top, policy.threshold), top), high)
    bottom = np.where(few, np.maximum(-(-left * (MILLION - share) // MILLION) - 1, low), left)
    return _Demands(own, floor, inside, left, low, high, few | small, top, bottom)


def _bounds(system: System, facts: Mask, count: Ints, least: Ints) -> tuple[Ints, Ints]:
    """By variable the least and the most that it can be by ``facts`` (they are what ``count`` says) and by ``least``.

    A sum is between the sums of its parts' bounds, and a part is what its sum leaves beside the others' bounds.
    """
    low, high = np.where(facts, count, least), np.where(facts, count, NO_CAP)
    return Narrowing(system.relations).narrowed(low, high, np.arange(system.size))


def _with_rests(system: System, parts: sparse.csr_array) -> sparse.csr_array:
    """Parts of rests: what a provider has of the sum, less what it has of the parts that are listed."""
    rests = np.arange(system.cell_variables, system.size)
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
