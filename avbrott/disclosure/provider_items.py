"""What coalitions of providers must not know, and what each of them knows: items, facts and floors. No search here.

A coalition knows its own part of every cell, and that a cell is at least that. What is left, its own part taken away, is
an item: where few other providers contribute to it, or where it is a small number; and so is what others have more or fewer
of in a later vintage. What the rule means: ``docs/method.md``. Whose persons cells hold is ``providers``'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy import sparse

from avbrott.disclosure.apart import Apart
from avbrott.disclosure.bounds import NO_CAP, Narrowing
from avbrott.disclosure.items import Items
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.providers import Providers
from avbrott.disclosure.rules import RULES, Rules
from avbrott.disclosure.system import System
from avbrott.disclosure.tied import Tied
from avbrott.disclosure.vintages import beside_each_other
from avbrott.policy import Policy

RULE = RULES.index("provider")
Between = Callable[[Ints, Ints], tuple[Ints, Ints]]
"""The least and the most of variables less others."""
MILLION = 10**6
"""A share is taken in millionths, so that it is reckoned with in whole numbers."""


def with_providers(rules: Rules, system: System, policy: Policy, providers: Providers, facts: Mask, given: Mask) -> Rules:
    """``rules`` with what the public attacker must be left by for every coalition's sake, and what is hidden for it.

    ``facts`` were shown before; ``given`` the attacker has from elsewhere, and they are hidden all the same.
    """
    unsafe = np.zeros(system.size, np.bool_)
    revised = np.zeros(system.size, np.bool_)
    bottom, top = system.truth.copy(), system.truth.copy()
    for coalition in providers.coalitions():
        demands = _demands(rules, system, policy, providers, coalition, rules.fixed)
        unsafe |= demands.unsafe
        revised |= _revised(rules, system, demands)
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
    hidden = revised | (unsafe & ~facts & (~rules.fixed | given))
    rule = np.where(hidden & (rules.rule < 0), RULE, rules.rule)
    return replace(rules, items=rules.items + more, hidden=rules.hidden | hidden, rule=rule)


def attackers(
    rules: Rules, system: System, policy: Policy, providers: Providers, facts: Mask
) -> Iterator[tuple[Rules, Tied | None]]:
    """What holds against each coalition: its facts, its floors, and the items that it must not know.

    Where there are vintages these are of another system, which is what others contributed, as the coalition has it. ``facts``
    are those of ``rules.fixed`` that bound what is left: not what is shown only since somebody wants it kept.
    """
    for coalition in providers.coalitions():
        demands = _demands(rules, system, policy, providers, coalition, facts)
        items = _left_items(demands, policy)
        if system.divisions is None:
            yield replace(rules, items=items, fixed=demands.fixed, floor=demands.own + demands.floor), None
        else:
            items += _revision_items(demands, policy)
            yield replace(rules, items=items, fixed=demands.fixed | demands.tied.others, floor=demands.floor), demands.tied


def _left_items(demands: _Demands, policy: Policy) -> Items:
    """What is left of variables."""
    unsafe = demands.unsafe & ~demands.fixed & ~demands.tied.others & (demands.low < demands.high)
    variables = np.flatnonzero(unsafe)
    left, low, high = demands.left[variables], demands.low[variables], demands.high[variables]
    small = left < policy.threshold
    return Items(
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


def _revision_items(demands: _Demands, policy: Policy) -> Items:
    """What others have more or fewer of in a later vintage, where that is a small number."""
    before, after = demands.revised
    open_ = ~(demands.fixed[before] & demands.fixed[after])
    before, after = before[open_], after[open_]
    rise = demands.left[after] - demands.left[before]
    pairs = np.unique(np.column_stack([np.where(rise > 0, after, before), np.where(rise > 0, before, after)]), axis=0)
    plus, minus = pairs.T
    low, high = demands.apart(plus, minus)
    value = demands.left[plus] - demands.left[minus]
    return Items(
        rule=np.full(len(plus), RULE),
        plus=plus,
        minus=minus,
        value=value,
        top=np.minimum(policy.threshold, high),
        span=np.minimum(policy.width, high - low),
        values=np.minimum(3, high - low + 1),
        floor=low,
        bottom=value,
    )


def _revised(rules: Rules, system: System, demands: _Demands) -> Mask:
    """New figures that would tell, beside an old one, of a small number of others' persons."""
    found = np.zeros(system.size, np.bool_)
    before, after = demands.revised_cells
    newest = system.newest[after]
    before, after = system.variable[before], system.variable[after]
    found[after[newest & rules.fixed[before] & ~rules.fixed[after]]] = True
    return found


@dataclass(frozen=True, slots=True)
class _Demands:
    """What one coalition knows and must not know, by variable. All but ``own`` is of what others contributed."""

    tied: Tied
    own: Ints
    floor: Ints
    fixed: Mask
    left: Ints
    low: Ints
    high: Ints
    """What is left is at least and at most this, by facts alone."""
    unsafe: Mask
    """Also where the facts settle what is left: then nothing is promised, and the cell is hidden all the same."""
    top: Ints
    bottom: Ints
    """What is left must be able to be as much as ``top`` and as little as ``bottom``; where it is not unsafe, itself."""
    revised_cells: tuple[Ints, Ints]
    """Cells, an earlier and a later vintage of each other, that differ by a small number of others' persons."""
    apart: Between
    """How little and how much variables can be, less others, by facts and floors."""

    @property
    def revised(self) -> tuple[Ints, Ints]:
        """``revised_cells`` as variables."""
        before, after = self.revised_cells
        return self.tied.system.variable[before], self.tied.system.variable[after]


def _demands(
    rules: Rules, system: System, policy: Policy, providers: Providers, coalition: list[int], facts: Mask
) -> _Demands:
    rule = providers.rule
    some = sparse.csr_array(providers.parts[coalition])
    own = np.asarray(some.sum(axis=0), np.int64)
    others = np.bincount(providers.parts.indices, minlength=system.size) - np.bincount(some.indices, minlength=system.size)
    left = system.truth - own
    one = providers.tied(system, coalition, left)
    floor = one.highest(np.maximum(rules.floor - own, 0))
    inside = providers.inside(system, coalition)
    fixed = one.highest(rules.fixed | inside)
    if system.divisions is None:
        known = rules.known | inside
        if policy.zeros == "shown":
            known |= (system.truth == 0) & facts & system.published
        low, high = _bounds(system, known, left, floor)
        apart: Between = _nothing_apart
    else:
        settled = one.highest(facts | inside)
        low, high, apart = _all_bounds(one, settled, floor, -one.highest(own - rules.cap))
    few = (left > 0) & (others < rule.minimum)
    small = (left > 0) & (left < policy.threshold)
    share = round(rule.share * MILLION)
    top = np.where(few, left * (MILLION + share) // MILLION + 1, left)
    top = np.minimum(np.where(small, np.maximum(top, policy.threshold), top), high)
    bottom = np.where(few, np.maximum(-(-left * (MILLION - share) // MILLION) - 1, low), left)
    before, after = beside_each_other(system.lattice)
    rise = left[system.variable[after]] - left[system.variable[before]]
    little = (rise != 0) & (np.abs(rise) < policy.threshold)
    revised = before[little], after[little]
    return _Demands(one, own, floor, fixed, left, low, high, few | small, top, bottom, revised, apart)


def _bounds(system: System, facts: Mask, count: Ints, least: Ints) -> tuple[Ints, Ints]:
    """By variable the least and the most that it can be by ``facts`` (they are what ``count`` says) and by ``least``.

    A sum is between the sums of its parts' bounds, and a part is what its sum leaves beside the others' bounds.
    """
    low, high = np.where(facts, count, least), np.where(facts, count, NO_CAP)
    return Narrowing(system.relations).narrowed(low, high, np.arange(system.size))


def _nothing_apart(plus: Ints, minus: Ints) -> tuple[Ints, Ints]:
    """The bounds of differences where there is one vintage, and so no difference."""
    return plus - minus, plus - minus


def _all_bounds(
    one: Tied, facts: Mask, least: Ints, cap: Ints
) -> tuple[Ints, Ints, Callable[[Ints, Ints], tuple[Ints, Ints]]]:
    """The same by all facts, of every vintage, and how far apart variables can be."""
    apart = Apart(one.system)
    left = one.system.truth
    low, high = apart.started(np.where(facts, left, least), np.where(facts, left, np.minimum(cap, NO_CAP)))
    low, high = apart.narrowing.narrowed(low, high, np.arange(apart.size))
    size = one.system.size
    return low[:size][one.leader], high[:size][one.leader], partial(apart.each, low, high)
