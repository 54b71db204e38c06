"""Who attacks a case: everybody, one of the persons counted, and providers together; what each knows and must not know.

What is left to find out is whole numbers of at least zero by finest cell: all persons, or those who are not the coalition's
own. The systems that an attacker is left with are ``brute``'s, what must not be known of a case is ``items``'.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from avbrott.policy import PageRule, ProviderRule
from avbrott.table import TOTAL
from tests.promise.case import Case, Told
from tests.promise.items import FREE, Facts, Item, divided, items_of
from tests.promise.tables import VINTAGE, Ints, Mask, Stage


@dataclass(frozen=True)
class Attacker:
    """Arrays are by cell of the last release, and by finest cell that can hold somebody else than the attackers."""

    name: str
    facts: Facts
    held: Ints
    """A row a cell, a column a finest cell; 1 where the one holds the other."""
    count: Ints
    """By cell, how many are left to find out."""
    same: Ints
    """Rows over finest cells that are zero: a cell that a revision left as it was, less that cell as it is now."""
    known: Mask
    """Cells whose number the attacker has, shown or not."""
    floor: Ints
    """The least that is reckoned with in a cell that is hidden."""
    settled: Mask | None
    """Of the cells known, those that with the floors cap or settle an item: then less is promised. None: nothing does."""
    items: list[Item]

    def believes(self, move: Ints) -> bool:
        """Whether a witness, by cell, leads to cells that the attacker cannot tell from the true ones."""
        return not move[self.known].any() and bool((self.count + move >= np.minimum(self.floor, self.count)).all())


def attackers_of(case: Case, told: Told) -> Iterator[Attacker]:
    """Everybody, and those who know more where the policy says that they are reckoned with."""
    public = everybody(case, told)
    yield public
    if case.policy.insiders:
        yield from _insiders(public)
    if case.policy.providers is not None:
        yield from _coalitions(public, case.policy.providers)
    if case.policy.pages is not None:
        yield from _readers(public, case.policy.pages)


def everybody(case: Case, told: Told) -> Attacker:
    """Who has what was published, and what is known from elsewhere."""
    facts, stage = Facts(case, told), case.last
    settled = facts.fixed if VINTAGE in stage.axes else None
    same = np.array([stage.matrix[one] - stage.matrix[other] for one, other in stage.kept], np.int64)
    same = same.reshape(len(stage.kept), len(stage.truth))
    return Attacker("everybody", facts, stage.matrix, stage.count, same, facts.fixed, facts.floor, settled, items_of(facts))


def _insiders(public: Attacker) -> Iterator[Attacker]:
    """Whoever is alone in a cell knows every cell that she is alone in; who has changed nothing, in every vintage."""
    facts, stage = public.facts, public.facts.case.last
    alone = (stage.matrix > 0) & (stage.count == 1)[:, None]
    leaves = np.flatnonzero(stage.truth)
    persons = [(at, alone[:, at]) for at in leaves]
    if VINTAGE in stage.axes:
        persons += [(at, facts.same(person)) for at, person in persons]
    seen = set()
    for at, person in persons:
        if (person & ~public.known).any() and person.tobytes() not in seen:
            seen.add(person.tobytes())
            own = facts.same(person)
            settled = facts.record | own | (public.known & (stage.count == 0))
            items = [replace(item, cell=None) for item in public.items if not _of_herself(item, stage, at)]
            yield replace(public, name="insider", known=public.known | own, settled=settled, items=items)


def _of_herself(item: Item, stage: Stage, leaf: int) -> bool:
    """Whether nobody but the person of a finest cell is left over, and tells nothing of others.

    Where she is the one of a group without a sensitive code, that tells of the rest of the group.
    """
    hers = item.of is not None and item.value == 1 and bool(item.row[leaf] > 0)
    return hers and (item.rule == "rest" or stage.count[item.of] == 1)


def _coalitions(public: Attacker, rule: ProviderRule) -> Iterator[Attacker]:
    """Providers take their own persons away; what stands under their own codes is nobody else's."""
    stage = public.facts.case.last
    there = [who for who, own in enumerate(stage.own) if own.any()]
    for size in range(1, rule.coalition + 1):
        for chosen in itertools.combinations(there, size):
            free = np.ones(len(stage.truth), np.bool_)
            if rule.level is not None:
                free = stage.others(rule.level, {stage.providers[one] for one in chosen})
            own = stage.own[list(chosen)].sum(axis=0)
            of_cell = stage.matrix @ own
            others = [who for who in range(len(stage.providers)) if who not in chosen]
            same = [stage.matrix[one] - stage.matrix[other] for one, other in stage.unchanged(others, counted=False)]
            held = stage.matrix[:, free]
            floor = np.maximum(public.floor - of_cell, 0)
            inside = ~held.any(axis=1)
            zero = (public.floor > 0) & (stage.count == 0)
            one = replace(
                public,
                name="coalition",
                held=held,
                count=stage.count - of_cell,
                same=np.array(same, np.int64).reshape(len(same), len(stage.truth))[:, free],
                known=public.known | inside,
                floor=floor,
                settled=(public.facts.fixed if VINTAGE in stage.axes else public.facts.record | zero) | inside,
                items=[],
            )
            left = np.delete(stage.own, chosen, axis=0)[:, free]
            yield replace(one, items=[*_of_others(one, rule, left), *_revised(one, left.sum(axis=0))])


def _readers(public: Attacker, rule: PageRule) -> Iterator[Attacker]:
    """Whoever has a page has every cell of its own code; of what is not its own as much is promised as to everybody."""
    stage = public.facts.case.last
    at = list(stage.axes).index(rule.dimension)
    codes = sorted({place[at] for place in stage.places} - {TOTAL})
    for size in range(1, rule.coalition + 1):
        for chosen in itertools.combinations(codes, size):
            own = public.facts.same(np.array([place[at] in chosen for place in stage.places], np.bool_))
            has = [np.zeros(stage.matrix.shape[1], np.int64), *stage.matrix[own | public.known]]
            told = {(one - other).tobytes() for one in has for other in has}
            items = [replace(item, cell=None) for item in public.items if item.row.astype(np.int64).tobytes() not in told]
            yield replace(public, name="reader", known=public.known | own, items=items)


def _revised(attacker: Attacker, left: Ints) -> Iterator[Item]:
    """What others have more or fewer of in a later vintage."""
    facts, stage = attacker.facts, attacker.facts.case.last
    threshold, width = facts.case.policy.threshold, facts.case.policy.width
    for old, new in stage.beside:
        row = attacker.held[new] - attacker.held[old]
        value = int(row @ left)
        if 0 < abs(value) < threshold and not (attacker.known[old] and attacker.known[new]):
            hidden = new if facts.fixed[old] and not facts.fixed[new] and stage.newest[new] else None
            yield Item("revised", row * np.sign(value), abs(value), threshold, floor=-FREE, width=width, cell=hidden)


def _of_others(attacker: Attacker, rule: ProviderRule, others: Ints) -> Iterator[Item]:
    """What others have of cells, and of what is left over where a table tells only some parts of one."""
    facts = attacker.facts
    forms: list[tuple[Ints, int | None]] = [(attacker.held[at], int(at)) for at in np.flatnonzero(~attacker.known)]
    for over, parts in divided(facts.case):
        if not facts.fixed[[over, *parts]].all():
            forms.append((attacker.held[over] - attacker.held[list(parts)].sum(axis=0), None))
    left, policy = others.sum(axis=0), facts.case.policy
    for row, at in forms:
        value, floor = int(row @ left), 0 if at is None else int(attacker.floor[at])
        if value > 0 and (others @ row > 0).sum() < rule.minimum:
            share = Fraction(str(rule.share))
            top, bottom = math.floor(value * (1 + share)) + 1, math.ceil(value * (1 - share)) - 1
            yield Item("share", row, value, top, floor=floor, bottom=bottom, width=0, number=0, cell=at)
        if 0 < value < policy.threshold:
            yield Item("others", row, value, policy.threshold, floor=floor, width=policy.width, cell=at)
