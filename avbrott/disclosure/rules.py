"""Which whole-number combinations of cells must not be known, and how far each must be able to reach. No search here.

An item is a variable, or one minus another (``items``). What the rules mean: ``docs/method.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avbrott.disclosure.apart import Apart
from avbrott.disclosure.bounds import NO_CAP
from avbrott.disclosure.items import Items
from avbrott.disclosure.lattice import Ints, Mask
from avbrott.disclosure.system import System
from avbrott.disclosure.vintages import differing
from avbrott.errors import BadInput
from avbrott.policy import Policy
from avbrott.table import TOTAL

RULES = ("count", "complement", "base", "revision", "provider")
"""The last is found by ``provider_items``."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a policy says about one system."""

    items: Items
    fixed: Mask
    """Variables that are facts to the attacker or shown whatever happens: no witness moves them."""
    floor: Ints
    """The least whole number that each variable can be where it is hidden."""
    hidden: Mask
    """Variables that a rule hides by itself: unsafe cells, small bases and what these are divided into."""
    rule: Ints
    """The rule that hides each of them, -1 for none."""
    known: Mask
    """Variables that the attacker has from elsewhere, as a public record; among ``fixed``."""
    cap: Ints
    """The most that each variable can be by these."""
    apart: Apart
    least: Ints
    most: Ints
    """How little and how much each of the numbers of ``apart`` can be; where there are vintages, by all facts and floors."""


def apply_rules(system: System, policy: Policy, facts: Mask, given: Mask) -> Rules:
    """The unsafe items of ``system``. ``BadInput`` where rules contradict.

    ``facts`` are variables shown before, ``given`` those that the attacker has from elsewhere: small ones are hidden all the
    same, as are small bases that are known, and nothing else can be promised about them.
    """
    if policy.zeros == "shown" and (policy.base is not None or policy.complement):
        raise BadInput("ZEROS_SHOWN_WITH_COMPLEMENT", policy=policy.name)
    n, truth = system.size, system.truth
    bases, known = _bases(system, policy)
    known |= given
    fixed = facts | known
    floor = np.zeros(n, np.int64)
    if policy.zeros == "shown":
        fixed |= system.published & (truth == 0)
        floor[system.published] = 1
    floor[_occupied(system)] = 1
    for rest in range(system.cell_variables, n):
        row = system.relations[[int(system.relations[:, [rest]].nonzero()[0][0])], :].indices
        fixed[rest] = bool(fixed[row[row != rest]].all())
    cap = _caps(system, known)
    rows = [_count(policy, truth, np.flatnonzero((truth > 0) & (truth < policy.threshold) & ~fixed))]
    for dimension, codes in policy.complement.items():
        rows.append(_complement(system, policy, dimension, codes))
    if policy.base is not None:
        small = np.flatnonzero(bases & ~fixed & (truth > 0) & (truth < policy.base.minimum))
        rows.append(_item_rows(2, small, np.full(len(small), -1), truth[small], policy.base.minimum))
    table = np.concatenate(rows)
    # A part that was shown is no item; with a total that is none of the facts (it was revised) what it leaves still is.
    table = table[~(facts[np.where(table[:, 2] >= 0, table[:, 2], table[:, 1])] & fixed[table[:, 1]])]
    still = fixed[table[:, 1]] & ((table[:, 2] < 0) | fixed[table[:, 2]])
    revised, revision_hides = _revisions(system, policy, fixed)
    every = np.concatenate([table[~still], revised])
    apart = Apart(system)
    least, most = apart.started(np.where(fixed, truth, floor), np.where(fixed, truth, cap))
    low, limit = np.where(every[:, 2] < 0, floor[every[:, 1]], 0), cap[every[:, 1]]
    if system.lattice.spec.vintage is not None:
        least, most = apart.narrowing.narrowed(least, most, np.arange(apart.size))
        at_least, at_most = apart.each(least, most, every[:, 1], every[:, 2])
        two = every[:, 0] == RULES.index("revision")
        low = np.where(two, at_least, np.maximum(low, at_least))
        limit = np.where(two, at_most, np.minimum(limit, at_most))
    items = _items(every, policy, low, limit)
    hidden = np.zeros(n, np.bool_)
    rule = np.full(n, -1, np.int64)
    for at in reversed(range(len(RULES))):
        target = table[table[:, 0] == at]
        cell = np.where(target[:, 2] >= 0, target[:, 2], target[:, 1])
        hidden[cell] = True
        rule[cell] = at
    rule[revision_hides & (rule < 0)] = RULES.index("revision")
    hidden |= revision_hides
    taken = known & (truth > 0) & (truth < policy.threshold)
    rule[taken] = 0
    hidden |= taken
    if policy.base is not None:
        small_base = bases & (truth > 0) & (truth < policy.base.minimum)
        parts = _parts(system, small_base, policy.base.dimension)
        rule[(small_base | parts) & (rule < 0)] = 2
        hidden |= small_base | parts
    return Rules(
        items=items,
        fixed=fixed,
        floor=floor,
        hidden=hidden & ~facts,
        rule=np.where(facts, -1, rule),
        known=known,
        cap=cap,
        apart=apart,
        least=least,
        most=most,
    )


def _occupied(system: System) -> Mask:
    """Variables that everybody knows to hold somebody: a code, alone, of a system whose codes are those of the data."""
    lattice = system.lattice
    found = np.zeros(system.size, np.bool_)
    if lattice.spec.observed:
        divided = np.zeros(len(lattice), np.int64)
        for d, axis in enumerate(lattice.axes):
            if axis.total:
                divided += lattice.codes[:, d] != axis.index[TOTAL]
        found[system.variable[(divided <= 1) & (lattice.count > 0)]] = True
    return found


def _item_rows(rule: int, plus: Ints, minus: Ints, value: Ints, top: int) -> Ints:
    n = len(plus)
    return np.column_stack([np.full(n, rule), plus, minus, value, np.full(n, top)]).astype(np.int64)


def _count(policy: Policy, truth: Ints, cells: Ints) -> Ints:
    return _item_rows(0, cells, np.full(len(cells), -1), truth[cells], policy.threshold)


def _complement(system: System, policy: Policy, dimension: str, codes: tuple[str, ...]) -> Ints:
    lattice = system.lattice
    d = lattice.names.index(dimension)
    axis = lattice.axes[d]
    wanted = np.array([code != TOTAL and (not codes or code in codes) for code in axis.codes], np.bool_)
    cells = np.flatnonzero(wanted[lattice.codes[:, d]])
    parents = lattice.moved(cells, d, axis.index[TOTAL])
    cells, parents = cells[parents >= 0], parents[parents >= 0]
    minus, plus = system.variable[cells], system.variable[parents]
    value = system.truth[plus] - system.truth[minus]
    unsafe = (system.truth[plus] > 0) & (value < policy.threshold) & (plus != minus)
    pairs = np.unique(np.column_stack([plus[unsafe], minus[unsafe]]), axis=0)
    value = system.truth[pairs[:, 0]] - system.truth[pairs[:, 1]]
    return _item_rows(1, pairs[:, 0], pairs[:, 1], value, policy.threshold)


def _items(table: Ints, policy: Policy, low: Ints, limit: Ints) -> Items:
    """The items of ``table``, which facts leave at least ``low`` and at most ``limit``."""
    rule, plus, minus, value, top = table.T
    return Items(
        rule=rule,
        plus=plus,
        minus=minus,
        value=value,
        top=np.minimum(top, limit),
        span=np.minimum(policy.width, limit - low),
        values=np.minimum(3, limit - low + 1),
        floor=low,
        bottom=value,
    )


def _revisions(system: System, policy: Policy, fixed: Mask) -> tuple[Ints, Mask]:
    """Small differences of two vintages, taken so that they are positive, and what is hidden so that none is read off."""
    before, after = differing(system.lattice)
    newest = system.newest[after]
    before, after = system.variable[before], system.variable[after]
    rise = system.truth[after] - system.truth[before]
    small = np.abs(rise) < policy.threshold
    hides = np.zeros(system.size, np.bool_)
    hides[after[small & newest & fixed[before] & ~fixed[after]]] = True
    use = small & ~(fixed[before] & fixed[after])
    pairs = np.column_stack([np.where(rise > 0, after, before), np.where(rise > 0, before, after)])[use]
    plus, minus = np.unique(pairs, axis=0).T
    return _item_rows(RULES.index("revision"), plus, minus, system.truth[plus] - system.truth[minus], policy.threshold), hides


def _bases(system: System, policy: Policy) -> tuple[Mask, Mask]:
    """Which variables are bases (divided over the dimension of the rule), and which of them the attacker knows."""
    bases, known = np.zeros(system.size, np.bool_), np.zeros(system.size, np.bool_)
    if policy.base is None:
        return bases, known
    lattice = system.lattice
    d = lattice.names.index(policy.base.dimension)
    total = lattice.axes[d].index[TOTAL]
    parts = np.flatnonzero(lattice.codes[:, d] != total)
    cells = np.unique(lattice.moved(parts, d, total))
    cells = cells[cells >= 0]
    bases[system.variable[cells]] = True
    if policy.base.known:
        record = policy.base.record or tuple(lattice.names)
        public = np.ones(len(cells), np.bool_)
        for e, axis in enumerate(lattice.axes):
            if axis.name not in record and e != d and axis.total:
                public &= lattice.codes[cells, e] == axis.index[TOTAL]
        known[system.variable[cells[public]]] = True
    return bases, known


def _caps(system: System, known: Mask) -> Ints:
    """The most that each variable can be by the known bases it is a part of."""
    cap = np.full(system.size, NO_CAP, np.int64)
    cap[known] = system.truth[known]
    coo = system.relations.tocoo()
    up, down = coo.data < 0, coo.data > 0
    above = np.full(system.relations.shape[0], -1, np.int64)
    above[coo.row[up]] = coo.col[up]
    parent, child = above[coo.row[down]], coo.col[down]
    parent, child = parent[parent >= 0], child[parent >= 0]
    while True:
        before = cap.copy()
        np.minimum.at(cap, child, cap[parent])
        if (cap == before).all():
            return cap


def _parts(system: System, bases: Mask, dimension: str) -> Mask:
    """What small bases are divided into over ``dimension``, and what these parts are divided into in turn."""
    lattice = system.lattice
    d = lattice.names.index(dimension)
    total = lattice.axes[d].index[TOTAL]
    cells = np.flatnonzero(lattice.codes[:, d] != total)
    over = lattice.moved(cells, d, total)
    part = np.zeros(system.size, np.bool_)
    part[system.variable[cells[(over >= 0) & bases[system.variable[over]]]]] = True
    coo = system.relations.tocoo()
    sums = np.zeros(system.relations.shape[0], np.bool_)
    while True:
        sums[:] = False
        sums[coo.row[(coo.data < 0) & part[coo.col]]] = True
        below = coo.col[(coo.data > 0) & sums[coo.row]]
        if part[below].all():
            return part
        part[below] = True
