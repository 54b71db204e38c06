"""The proof held against providers: what each coalition can take away must leave the others unknown. No code of the engine.

What a coalition contributed is known to it, so a cell is at least that, and a witness that goes below proves nothing against
it. Everything is derived anew from the parts by provider and the cells. Not here: what holds against everybody
(``item_checks``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.contributions import ROW, Contributions
from avbrott.disclosure.differences import Pairs, in_vintages, kept
from avbrott.disclosure.insider_persons import forms_of
from avbrott.disclosure.reach import Reach
from avbrott.disclosure.sums import Sums
from avbrott.policy import Policy, ProviderRule

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

VALUES = 3
MILLION = 1_000_000
NO_BOUND = 2**44


@dataclass(frozen=True, slots=True)
class Ground:
    """What holds against everybody, by row of ``cells`` (coordinates and ``_row``)."""

    cells: pl.DataFrame
    count: Ints
    shown: Mask
    known: Mask
    """The attacker has it as a fact."""
    public: Mask
    """Facts that bound what else can be: from elsewhere, public records, and zeros that are known to be."""
    taken: Mask
    """Those of them that are secret all the same: from elsewhere, and shown in no earlier release."""
    floor: Ints
    cap: Ints
    zero: Mask
    """Zeros that are known to be since zeros are shown."""
    sums: Sums
    own: Contributions
    newest: Mask
    """Cells of this release."""
    deltas: sparse.csr_array
    """The witnesses that hold against everybody: a row each, a column a cell."""
    spread: Callable[[Mask], Mask]
    """What is so of a cell is so of the others that are the same set of persons."""


def provider_faults(spec: SystemSpec, policy: Policy, ground: Ground, told: bool) -> Counter[str]:
    """Faults against providers; ``told`` says whether there is a record of whose persons the cells hold."""
    rule = policy.providers
    if rule is None:
        return Counter()
    if not told:
        return Counter(PROVIDER_PARTS_MISSING=1)
    check = _Providers(spec, policy, rule, ground)
    return check.faults if check.faults.total() else check.run()


class _Providers:
    def __init__(self, spec: SystemSpec, policy: Policy, rule: ProviderRule, ground: Ground) -> None:
        self._spec, self._policy, self._rule, self._ground = spec, policy, rule, ground
        self.faults: Counter[str] = Counter(PROVIDER_PARTS_WRONG=ground.own.wrong)
        self._names, self._own = ground.own.names, ground.own.counts
        self._left_over: Ints = np.asarray(ground.sums.matrix @ self._own)
        self._may = self._admitted(spec)
        self._judge()

    def _admitted(self, spec: SystemSpec) -> Mask:
        """By cell and provider, whether its codes let the provider's persons in; a last column for who has none."""
        every = np.ones((len(self._ground.count), len(self._names) + 1), np.bool_)
        level = self._rule.level
        dimension = next((d for d in spec.dimensions.values() if level in d.levels), None)
        if level is None:
            return every
        if dimension is None:
            self.faults["PROVIDER_LEVEL_UNKNOWN"] += 1
            return every
        own = self._ground.cells[dimension.name]
        place = {name: at for at, name in enumerate(self._names)}
        whose = {
            finest: place.get(provider, len(self._names))
            for finest, provider in dimension.members.select(own=dimension.finest, whose=level).iter_rows()
        }
        held: dict[str, set[str]] = {window: set(slots) for window, slots in dimension.windows().items()}
        for each in dimension.levels:
            for code, finest in dimension.members.select(each, pl.col(dimension.finest).alias(ROW)).drop_nulls().iter_rows():
                held.setdefault(code, set()).add(finest)
        lets = {code: {whose[finest] for finest in finests} for code, finests in held.items()}
        for row, code in enumerate(own.to_list()):
            if code in lets:
                every[row] = False
                every[row, list(lets[code])] = True
        return every

    def _judge(self) -> None:
        """Whether the parts are those of the cells."""
        ground = self._ground
        if self._rule.coalition >= len(self._names) > 0:
            self.faults["PROVIDERS_TOO_FEW"] += 1
        self.faults["PROVIDER_PARTS_WRONG"] += int((self._own.sum(axis=1) != ground.count).sum())
        off = (self._left_over < 0) | (ground.sums.whole[:, None] & (self._left_over != 0))
        self.faults["PROVIDER_PARTS_WRONG"] += int(off.sum())
        self.faults["PROVIDER_PARTS_WRONG"] += int(((self._own > 0) & ~self._may[:, :-1]).sum())

    def run(self) -> Counter[str]:
        for coalition in self._coalitions():
            self._against(coalition)
        return self.faults

    def _coalitions(self) -> Iterator[list[int]]:
        for size in range(self._rule.coalition):
            yield from (list(chosen) for chosen in combinations(range(len(self._names)), size + 1))

    def _against(self, coalition: list[int]) -> None:
        ground = self._ground
        own: Ints = self._own[:, coalition].sum(axis=1)
        over: Ints = self._left_over[:, coalition].sum(axis=1)
        others = np.delete(self._own, coalition, axis=1)
        inside = ground.spread(np.logical_not(np.delete(self._may, coalition, axis=1).any(axis=1)))
        floor = np.maximum(ground.floor, own)
        same = kept(self._spec, ground.cells, ground.sums, others)
        deltas = self._believed(inside, floor, over, same)
        left = ground.count - own
        few, small = self._unsafe(left, others)
        self.faults["PROVIDER_SHOWN"] += int(((few | small) & ground.shown & (~ground.known | ground.taken)).sum())
        if self._spec.vintage is None:
            low, high = self._bounds(ground.public | inside, left, floor - own)
        else:
            low, high = self._revisions(own, same, inside, deltas)
        items = np.flatnonzero((few | small) & ~ground.known & ~inside & (low < high))
        self._reach(left[items], deltas[:, items], few[items], low[items], high[items])
        self._rests(deltas, over, np.delete(self._left_over, coalition, axis=1), low, high)

    def _revisions(self, own: Ints, same: Pairs, inside: Mask, deltas: sparse.csr_array) -> Pairs:
        """What others have more or fewer of in a later vintage, where that is a small number. All bounds of what is left.

        Bounds are by all facts, of every vintage. ``same`` are cells of which a revision changed the coalition's own at most.
        """
        ground = self._ground
        left = ground.count - own
        has = ground.known | inside | ground.zero
        reach = Reach(forms_of(ground.sums, same, left), in_vintages(self._spec, ground.cells))
        bounds = reach.settled(np.where(has, left, np.maximum(ground.floor - own, 0)), np.where(has, left, ground.cap - own))
        before, after = in_vintages(self._spec, ground.cells)
        rise = left[after] - left[before]
        small = (rise != 0) & (abs(rise) < self._policy.threshold)
        before, after, rise = before[small], after[small], rise[small]
        settled = ground.known | ground.zero
        read = (ground.known | ground.shown)[before] & ground.shown[after] & ~settled[after] & ground.newest[after]
        self.faults["PROVIDER_REVISION_SHOWN"] += int(read.sum())
        open_ = ~((ground.known | inside)[before] & (ground.known | inside)[after])
        before, after, rise = before[open_], after[open_], rise[open_]
        plus, minus = np.where(rise > 0, after, before), np.where(rise > 0, before, after)
        if len(plus):
            moves = sparse.csr_array(deltas[:, plus] - deltas[:, minus])
            ends = reach.each(*bounds, plus.tolist(), minus.tolist())
            self._reach(abs(rise), moves, np.zeros(len(plus), np.bool_), *ends)
        every = np.arange(len(left))
        return reach.each(*bounds, every.tolist(), np.full(len(left), -1).tolist()) if len(left) else (left, left)

    def _believed(self, inside: Mask, floor: Ints, over: Ints, same: Pairs) -> sparse.csr_array:
        """The witnesses that the coalition cannot tell from the truth."""
        ground = self._ground
        coo = ground.deltas.tocoo()
        wrong = inside[coo.col] | (ground.count[coo.col] + coo.data < floor[coo.col])
        holds = np.ones(ground.deltas.shape[0], np.bool_)
        holds[coo.row[wrong]] = False
        split = sparse.csr_array(ground.deltas[:, same[0]] - ground.deltas[:, same[1]])
        holds[split.nonzero()[0]] = False
        some = np.flatnonzero(~ground.sums.whole)
        rests = np.asarray(ground.sums.matrix[some] @ ground.count)
        off = sparse.coo_array(ground.deltas @ ground.sums.matrix[some].T)
        holds[off.row[rests[off.col] + off.data < over[some][off.col]]] = False
        return sparse.csr_array(ground.deltas[np.flatnonzero(holds)])

    def _unsafe(self, left: Ints, others: Ints) -> tuple[Mask, Mask]:
        """Where too few others contribute to what is left, and where it is a small number."""
        few = (left > 0) & ((others > 0).sum(axis=1) < self._rule.minimum)
        return few, (left > 0) & (left < self._policy.threshold)

    def _bounds(self, facts: Mask, count: Ints, least: Ints) -> tuple[Ints, Ints]:
        """What each cell can be at least and at most by facts and floors alone, followed up and down the sums."""
        low, high = np.where(facts, count, least), np.where(facts, count, NO_BOUND)
        signed = self._ground.sums.matrix
        parts = sparse.csr_array((signed < 0).astype(np.int64))
        coo = signed.tocoo()
        total = np.zeros(signed.shape[0], np.int64)
        total[coo.row[coo.data > 0]] = coo.col[coo.data > 0]
        whole = self._ground.sums.whole
        row, part = coo.row[coo.data < 0], coo.col[coo.data < 0]
        divided = whole[row]
        while True:
            was_low, was_high = low.copy(), high.copy()
            np.maximum.at(low, total, parts @ low)
            np.minimum.at(high, total[whole], (parts @ high)[whole])
            most = high[total[row]] - ((parts @ low)[row] - low[part])
            rest = low[total[row]] - ((parts @ high)[row] - high[part])
            np.minimum.at(high, part, most)
            np.maximum.at(low, part[divided], rest[divided])
            high = np.where(high > NO_BOUND // 2, NO_BOUND, high)
            if np.array_equal(low, was_low) and np.array_equal(high, was_high):
                return low, high

    def _rests(self, deltas: sparse.csr_array, over: Ints, others: Ints, low: Ints, high: Ints) -> None:
        """What is left over where only some parts of a sum are listed, like any cell that is never shown."""
        ground = self._ground
        matrix = ground.sums.matrix
        open_ = np.asarray(abs(matrix) @ np.where(ground.known, 0, 1)) > 0
        left = np.asarray(matrix @ ground.count) - over
        few, small = self._unsafe(left, others)
        rest = np.flatnonzero(~ground.sums.whole & open_ & (few | small))
        sums, parts = matrix[rest] > 0, matrix[rest] < 0
        least = np.maximum(sums @ low - parts @ high, 0)
        most = sums @ high - parts @ low
        moves = sparse.csr_array(deltas @ matrix[rest].T)
        self._reach(left[rest], moves, few[rest], least, most)

    def _reach(self, left: Ints, moves: sparse.csr_array, few: Mask, low: Ints, high: Ints) -> None:
        """Where few others contribute, beyond the share on both sides; a small number reaches what any small count must.

        ``low`` and ``high`` bound what is left. ``moves``: a row a witness, a column an item.
        """
        if not len(left):
            return
        policy, share = self._policy, round(self._rule.share * MILLION)
        coo = sparse.coo_array(moves)
        pairs = np.unique(np.column_stack([coo.col, coo.data])[coo.data != 0], axis=0)
        up, down = np.zeros(len(left), np.int64), np.zeros(len(left), np.int64)
        np.maximum.at(up, pairs[:, 0], pairs[:, 1])
        np.minimum.at(down, pairs[:, 0], pairs[:, 1])
        values = 1 + np.bincount(pairs[:, 0], minlength=len(left))
        near = (left + up < high) & (MILLION * up <= share * left)
        near |= (left + down > low) & (-MILLION * down <= share * left)
        small = left < policy.threshold
        below = small & (left + up < np.minimum(policy.threshold, high))
        narrow = small & ~below & (up - down < np.minimum(policy.width, high - low))
        values_short = small & ~below & ~narrow & (values < np.minimum(VALUES, high - low + 1))
        self.faults["PROVIDER_WITHIN_SHARE"] += int((few & near).sum())
        self.faults["PROVIDER_BELOW_THRESHOLD"] += int(below.sum())
        self.faults["PROVIDER_TOO_NARROW"] += int(narrow.sum())
        self.faults["PROVIDER_TOO_FEW_VALUES"] += int(values_short.sum())
