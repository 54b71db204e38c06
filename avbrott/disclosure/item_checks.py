"""What the proof must show of every unsafe item: each rule of the policy, and what of it is left before insiders.

No solver and no code of the engine. Not here: whether the witnesses hold (``proof``), and providers (``provider_check``).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy import sparse

from avbrott.disclosure.differences import changed, newest
from avbrott.disclosure.figures import Figures
from avbrott.disclosure.insider_checks import Asked, InsiderCheck
from avbrott.disclosure.proof import Proof
from avbrott.policy import BaseRule
from avbrott.table import TOTAL

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MOST = 2**40
"""More than any count, and still so where thousands are added."""
VALUES = 3
"""How many values an item must be able to have, the truth among them, where its cap leaves room for them."""


class ItemChecks:
    """The items of one proof, whose witnesses hold; what is short is added to its faults."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._figures = Figures(proof)
        self._insiders = self._insider_check() if proof.policy.insiders else None

    def run(self) -> None:
        policy = self._proof.policy
        self._count_items()
        if policy.base is not None:
            self._base_items(policy.base)
        for dimension, codes in policy.complement.items():
            self._complement_items(dimension, codes)
        self._rest_items()
        self._revision_items()

    def _count_items(self) -> None:
        """Small counts."""
        proof = self._proof
        low = (proof.count > 0) & (proof.count < proof.policy.threshold)
        proof.faults["COUNT_SHOWN"] += int((low & proof.shown & ~proof.facts).sum())
        small = np.flatnonzero(low & ~proof.known)
        moves, none = proof.deltas[:, small], np.full(len(small), -1)
        value, floor, cap = proof.count[small], proof.floor[small], proof.cap[small]
        self._reach("COUNT", small, none, moves, value, proof.policy.threshold, floor, cap)

    def _base_items(self, rule: BaseRule) -> None:
        """Small bases, and what they are divided into."""
        proof = self._proof
        at = proof.names.index(rule.dimension)
        small = proof.bases(at) & (proof.count > 0) & (proof.count < rule.minimum)
        items = np.flatnonzero(small & ~proof.known)
        none = np.full(len(items), -1)
        proof.faults["BASE_SHOWN"] += int(proof.shown[items].sum())
        moves, value = proof.deltas[:, items], proof.count[items]
        self._reach("BASE", items, none, moves, value, rule.minimum, proof.floor[items], proof.cap[items])
        proof.faults["SMALL_BASE_SHOWN"] += int((small & ~proof.facts & proof.shown).sum())
        over = proof.over(at)
        part = (proof.cells[proof.names[at]] != TOTAL).to_numpy() & (over >= 0)
        part &= proof.shown & ~proof.facts
        proof.faults["PART_OF_SMALL_BASE_SHOWN"] += int(small[over[part]].sum())

    def _complement_items(self, dimension: str, codes: tuple[str, ...]) -> None:
        """What is small beside a sensitive code: its total less the cell."""
        proof = self._proof
        at = proof.names.index(dimension)
        own, over = proof.cells[dimension], proof.over(at)
        sensitive = own.is_in(list(codes)).to_numpy() if codes else np.ones(len(own), np.bool_)
        cell = np.flatnonzero(sensitive & (own != TOTAL).to_numpy() & (over >= 0))
        cell = cell[(proof.count[over[cell]] > 0) & (proof.count[over[cell]] - proof.count[cell] < proof.policy.threshold)]
        sets = proof.sets()
        cell = cell[sets[cell] != sets[over[cell]]]
        proof.faults["COMPLEMENT_SHOWN"] += int((proof.shown & ~proof.facts)[cell].sum())
        cell = cell[~(proof.known[cell] & proof.known[over[cell]])]
        total = over[cell]
        none = np.zeros(len(cell), np.int64)
        moves = proof.deltas[:, total] - proof.deltas[:, cell]
        value = proof.count[total] - proof.count[cell]
        self._reach("COMPLEMENT", total, cell, moves, value, proof.policy.threshold, none, proof.cap[total])

    def _rest_items(self) -> None:
        """What is left over where only some parts of a sum are listed: a small count like any other, capped by its sum."""
        proof = self._proof
        one = np.where(proof.known | ((proof.floor > 0) & (proof.count == 0)), 0, 1)
        open_ = np.asarray(abs(proof.sums.matrix) @ one) > 0
        rest = np.flatnonzero(~proof.sums.whole & open_ & (proof.left > 0) & (proof.left < proof.policy.threshold))
        moves = proof.deltas @ proof.sums.matrix[rest].T
        none = np.zeros(len(rest), np.int64)
        coo = proof.sums.matrix[rest].tocoo()
        over = np.zeros(len(rest), np.int64)
        over[coo.row[coo.data > 0]] = coo.col[coo.data > 0]
        form = len(proof.count) + np.searchsorted(np.flatnonzero(~proof.sums.whole), rest)
        self._reach("REST", form, none - 1, moves, proof.left[rest], proof.policy.threshold, none, proof.cap[over])

    def _revision_items(self) -> None:
        """Small differences of two vintages: later less earlier, or earlier less later where that is the positive one."""
        proof = self._proof
        before, after = changed(proof.spec, proof.cells)
        rise = proof.count[after] - proof.count[before]
        small = abs(rise) < proof.policy.threshold
        before, after, rise = before[small], after[small], rise[small]
        now = newest(proof.spec, proof.cells)[after]
        settled = proof.known | ((proof.count == 0) & (proof.floor > 0))  # a zero that cannot be hidden is one of the facts
        read = (proof.known | proof.shown)[before] & proof.shown[after] & ~settled[after] & now
        proof.faults["REVISION_SHOWN"] += int(read.sum())
        open_ = ~(proof.known[before] & proof.known[after])
        before, after, rise = before[open_], after[open_], rise[open_]
        plus, minus = np.where(rise > 0, after, before), np.where(rise > 0, before, after)
        moves = proof.deltas[:, plus] - proof.deltas[:, minus]
        none = np.full(len(plus), MOST)
        self._reach("REVISION", plus, minus, moves, abs(rise), proof.policy.threshold, -none, none, by_figures=True)

    def _insider_check(self) -> InsiderCheck:
        """Who is alone in a cell, and what everybody knows of the cells around her."""
        proof = self._proof
        nobody = proof.shown & (proof.count == 0) & (proof.floor > 0)
        least = np.where(proof.public, proof.count, np.where(nobody, 0, proof.floor))
        most = np.where(proof.public, proof.count, np.where(nobody, 0, proof.cap))
        rule = proof.policy.base
        limit = max(proof.policy.threshold, rule.minimum if rule else 0) + proof.policy.width
        figures = self._figures
        record = figures.reach.started(least, most)
        return InsiderCheck(proof.spec, proof.cells, proof.sums, figures.forms, figures.reach, proof.deltas, record, limit)

    def _reach(
        self,
        rule: str,
        plus: Ints,
        minus: Ints,
        moves: sparse.csr_array,
        value: Ints,
        top: int,
        floor: Ints,
        cap: Ints,
        by_figures: bool = False,
    ) -> None:
        """Each item reaches its threshold, spans the width and has three values, or what its cap leaves of these.

        ``moves``: a row a witness, a column an item, which is the form ``plus`` less ``minus`` (-1: nothing).

        ``by_figures``: whether earlier figures bound the items before insiders too.
        """
        proof = self._proof
        if not len(value):
            return
        coo = sparse.coo_array(moves)
        item, moved = _distinct(coo.col[coo.data != 0], coo.data[coo.data != 0])
        seen = np.zeros((3, len(value)), np.int64)
        np.maximum.at(seen[0], item, moved)
        np.minimum.at(seen[1], item, moved)
        seen[2] = 1 + np.bincount(item, minlength=len(value))
        floor, cap = self._figures.left(plus, minus, floor, cap)
        by = self._figures.bounds if by_figures else None
        asked = Asked(plus, minus, value, moves, top, proof.policy.width, VALUES, floor, cap, by)
        self._lacks(rule, asked.lacks(np.arange(len(value)), seen, floor, cap).sum(axis=1).tolist())
        if self._insiders is not None:
            self._lacks(f"INSIDER_{rule}", self._insiders.short(asked))

    def _lacks(self, rule: str, numbers: Iterable[int]) -> None:
        for lack, number in zip(("BELOW_THRESHOLD", "TOO_NARROW", "TOO_FEW_VALUES"), numbers, strict=True):
            self._proof.faults[f"{rule}_{lack}"] += number


def _distinct(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Each pair of two arrays once. A pair is one number while it is sorted: rows of two take ten times as long."""
    least = int(second.min(initial=0))
    span = int(second.max(initial=0)) - least + 1
    pairs = np.unique(first.astype(np.int64) * span + (second - least))
    return pairs // span, pairs % span + least
