"""The proof, checked from frames alone: no solver, and no code of the engine that made it.

Sums are derived anew from the spec (``sums``); what the proof must show is read off matrix products over rows of cells. Every
fault has a code and how often; it names no cell's count. Not here: reading files (``files``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.differences import changed, kept, newest, reach_of
from avbrott.disclosure.insider_checks import Asked, InsiderCheck
from avbrott.disclosure.provider_check import Ground, provider_faults
from avbrott.disclosure.sums import find_sums, released, unjoined
from avbrott.policy import BaseRule, Policy
from avbrott.table import TOTAL

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ROW = "_row"
NO_CAP = np.iinfo(np.int64).max // 4
MOST = 2**40
"""More than any count, and still so where thousands are added."""
VALUES = 3
"""How many values an item must be able to have, the truth among them, where its cap leaves room for them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: what, and how often."""

    code: str
    number: int


def check_protection(
    spec: SystemSpec,
    policy: Policy,
    cells: pl.DataFrame,
    witnesses: pl.DataFrame,
    earlier: pl.DataFrame | None = None,
    known: pl.DataFrame | None = None,
    parts: pl.DataFrame | None = None,
) -> list[Fault]:
    """Faults of a protection; none means that it keeps the promise.

    ``cells``: coordinates, ``count``, ``status``; ``witnesses``: ``witness``, coordinates, ``delta``; ``earlier``:
    coordinates and ``count`` of what was shown before; ``known``: the same of what the attacker has from elsewhere;
    ``parts``: coordinates, ``provider``, ``count``, needed where the policy has providers.
    """
    return _Check(spec, policy, cells, witnesses, earlier, known).run(parts)


def attacker_of(
    spec: SystemSpec, policy: Policy, cells: pl.DataFrame, earlier: pl.DataFrame, known: pl.DataFrame
) -> tuple[Mask, Ints, Ints]:
    """By cell: whether the attacker has it as a fact, the most it can be by these facts, and the least."""
    check = _Check(
        spec, policy, cells, cells.head(0).select(*spec.dimensions, witness="count", delta="count"), earlier, known
    )
    has, cap = check.attacker()
    return has, cap, check.floor


class _Check:
    def __init__(
        self,
        spec: SystemSpec,
        policy: Policy,
        cells: pl.DataFrame,
        witnesses: pl.DataFrame,
        earlier: pl.DataFrame | None,
        known: pl.DataFrame | None,
    ) -> None:
        self.spec, self.policy = spec, policy
        self.names = list(spec.dimensions)
        self.faults: Counter[str] = Counter()
        once = cells.unique(self.names, keep="first", maintain_order=True)
        self.faults["CELL_TWICE"] += cells.height - once.height
        self.faults["COUNT_NEGATIVE"] += int((once["count"] < 0).sum())
        self.cells = once
        self.rows = once.select(self.names).with_row_index(ROW)
        self.count: Ints = once["count"].to_numpy().astype(np.int64)
        self.shown: Mask = (once["status"] == "shown").to_numpy()
        self.silent: Mask = ~released(spec, once)
        self.sums = find_sums(spec, once)
        self.kept = kept(spec, once, self.sums)
        self.twins = self._twins()
        least = np.where(self.silent, 0, 1 if policy.zeros == "shown" else 0)
        self.floor: Ints = self._spread(np.maximum(least, self._peopled()))
        self.facts: Mask = self._spread(self._facts(earlier))
        self.given: Mask = self._spread(self._given(known))
        self.left: Ints = self.sums.matrix @ self.count
        self.deltas = self._deltas(witnesses)

    def run(self, parts: pl.DataFrame | None) -> list[Fault]:
        wrong = (self.left < 0) | (self.sums.whole & (self.left != 0))
        self.faults["CELLS_DO_NOT_ADD_UP"] += int(wrong.sum())
        self.faults["HIERARCHIES_UNJOINED"] += unjoined(self.spec)
        rule = self.policy.base
        known, cap = self.attacker()
        self.deltas = self.deltas[np.flatnonzero(self._valid(known))]
        self.insiders = self._insiders(cap) if self.policy.insiders else None
        self._count_items(known, cap)
        if rule is not None:
            self._base_items(rule, known, cap)
        for dimension, codes in self.policy.complement.items():
            self._complement_items(dimension, codes, known, cap)
        self._rest_items(known, cap)
        self._revision_items(known, cap)
        self.faults += provider_faults(self.spec, self.policy, self._ground(known), parts)
        return [Fault(code, number) for code, number in sorted(self.faults.items()) if number]

    def _ground(self, known: Mask) -> Ground:
        return Ground(
            cells=self.rows,
            count=self.count,
            shown=self.shown,
            known=known,
            public=self._public() | ((self.count == 0) & (self.floor > 0)),
            taken=self.given & ~self.facts,
            floor=self.floor,
            sums=self.sums,
            deltas=self.deltas,
            spread=self._spread,
        )

    def attacker(self) -> tuple[Mask, Ints]:
        """Which cells the attacker has as facts, and the most that each cell can be by those that are public records."""
        public = self._public()
        return self.facts | public, self._caps(public)

    def _public(self) -> Mask:
        """Cells that the attacker has from elsewhere or from public records."""
        rule = self.policy.base
        public = self.given.copy()
        if rule is not None and rule.known:
            public |= self._spread(self._bases(self.names.index(rule.dimension)) & self._in_record(rule))
        self.public = public
        return public

    def _peopled(self) -> Ints:
        """1 at cells that hold somebody as everybody knows: where codes are found in the data, those of one code or none."""
        if not self.spec.observed:
            return np.zeros(len(self.count), np.int64)
        summed = [name for name, dimension in self.spec.dimensions.items() if dimension.total]
        codes = pl.sum_horizontal(pl.lit(0), *((pl.col(name) != TOTAL).cast(pl.Int64) for name in summed))
        few: Mask = self.rows.select(codes.alias(ROW))[ROW].to_numpy() <= 1
        return (few & (self.count > 0)).astype(np.int64)

    def _twins(self) -> tuple[Ints, Ints]:
        """Pairs of cells that are one set of persons: a whole sum and its only part, and what no revision touched."""
        matrix = self.sums.matrix
        starts = matrix.indptr[:-1][self.sums.whole & (np.diff(matrix.indptr) == 2)]
        ones, others = (np.concatenate([matrix.indices[starts + at], self.kept[at]]).astype(np.int64) for at in (0, 1))
        return ones, others

    def _spread(self, values: Any) -> Any:
        """What is so of a cell is so of its twins: the highest of their ``values``."""
        one, other = self.twins
        while (values[one] != values[other]).any():
            np.maximum.at(values, one, values[other])
            np.maximum.at(values, other, values[one])
        return values

    def _facts(self, earlier: pl.DataFrame | None) -> Mask:
        facts = np.zeros(len(self.count), np.bool_)
        if earlier is None or not earlier.height:
            return facts
        found = earlier.select(*self.names, _was="count").join(self.rows, on=self.names, how="left")
        there = found.filter(pl.col(ROW).is_not_null())
        row = there[ROW].to_numpy()
        self.faults["EARLIER_CELL_CHANGED"] += found.height - there.height
        self.faults["EARLIER_CELL_CHANGED"] += int((self.count[row] != there["_was"].to_numpy()).sum())
        self.faults["EARLIER_CELL_HIDDEN"] += int((~self.shown[row]).sum())
        facts[row] = True
        return facts

    def _given(self, known: pl.DataFrame | None) -> Mask:
        given = np.zeros(len(self.count), np.bool_)
        if known is None or not known.height:
            return given
        found = known.select(*self.names, _was="count").join(self.rows, on=self.names, how="left")
        there = found.filter(pl.col(ROW).is_not_null())
        row = there[ROW].to_numpy()
        self.faults["KNOWN_CELL_CHANGED"] += found.height - there.height
        self.faults["KNOWN_CELL_CHANGED"] += int((self.count[row] != there["_was"].to_numpy()).sum())
        given[row] = True
        return given

    def _deltas(self, witnesses: pl.DataFrame) -> sparse.csr_array:
        """A row a witness, a column a cell."""
        if not witnesses["delta"].dtype.is_integer():
            self.faults["DELTA_NOT_WHOLE"] += 1
            witnesses = witnesses.head(0).with_columns(pl.lit(0).alias("delta"))
        found = witnesses.join(self.rows, on=self.names, how="left")
        self.faults["WITNESS_WITHOUT_CELL"] += int(found[ROW].is_null().sum())
        found = found.filter(pl.col(ROW).is_not_null())
        once = found.unique(["witness", ROW])
        self.faults["WITNESS_CELL_TWICE"] += found.height - once.height
        once = once.filter(pl.col("delta").is_not_null() & (pl.col("delta") != 0))
        number = once["witness"].rank("dense").to_numpy().astype(np.int64) - 1
        shape = (int(number.max(initial=-1)) + 1, len(self.count))
        return sparse.csr_array((once["delta"].to_numpy().astype(np.int64), (number, once[ROW].to_numpy())), shape=shape)

    def _valid(self, known: Mask) -> Mask:
        """Which witnesses lead to a system that the attacker cannot tell from the truth."""
        coo = self.deltas.tocoo()
        low = (self.count[coo.col] + coo.data < self.floor[coo.col]) | ((self.count < self.floor)[coo.col])
        off = (self.deltas @ self.sums.matrix.T).tocoo()
        whole = self.sums.whole[off.col]
        split = (self.deltas[:, self.kept[0]] - self.deltas[:, self.kept[1]]).tocoo()
        faults = {
            "WITNESS_MOVES_SHOWN": (coo.row, self.shown[coo.col]),
            "WITNESS_MOVES_FACT": (coo.row, known[coo.col] & ~self.shown[coo.col]),
            "WITNESS_BELOW_FLOOR": (coo.row, low),
            "WITNESS_BREAKS_SUM": (off.row, whole & (off.data != 0)),
            "WITNESS_BREAKS_PART": (off.row, ~whole & (self.left[off.col] + off.data < 0)),
            "WITNESS_SPLITS_VINTAGES": (split.row, split.data != 0),
        }
        valid = np.ones(self.deltas.shape[0], np.bool_)
        for code, (witness, fault) in faults.items():
            self.faults[code] += int(fault.sum())
            valid[witness[fault]] = False
        return valid

    def _over(self, at: int) -> Ints:
        """By cell, the cell at the same coordinates with ``Total`` in dimension ``at``; -1 where there is none."""
        name = self.names[at]
        totals = self.rows.filter(pl.col(name) == TOTAL).drop(name)
        others = [other for other in self.names if other != name]
        found = self.rows.join(totals, on=others, how="left") if others else self.rows.join(totals, how="cross")
        over: Ints = found.sort(ROW)[f"{ROW}_right"].cast(pl.Int64).fill_null(-1).to_numpy()
        return over

    def _bases(self, at: int) -> Mask:
        """Cells that are divided over dimension ``at``."""
        parts = (self.cells[self.names[at]] != TOTAL).to_numpy()
        over = self._over(at)[parts]
        bases = np.zeros(len(self.count), np.bool_)
        bases[over[over >= 0]] = True
        return bases

    def _in_record(self, rule: BaseRule) -> Mask:
        """Cells that only dimensions of the public record divide."""
        outside = [
            name for name in self.names if rule.record and name not in rule.record and self.spec.dimensions[name].total
        ]
        undivided = pl.all_horizontal(pl.lit(True), *(pl.col(name) == TOTAL for name in outside))
        mask: Mask = self.cells.with_columns(undivided.alias(ROW))[ROW].to_numpy()
        return mask

    def _caps(self, public: Mask) -> Ints:
        """The most that a cell can be, by the smallest base of the public record that holds it."""
        cap = np.where(public, self.count, NO_CAP)
        coo = self.sums.matrix.tocoo()
        total = np.zeros(self.sums.matrix.shape[0], np.int64)
        total[coo.row[coo.data > 0]] = coo.col[coo.data > 0]
        below = coo.data < 0
        over, part = total[coo.row[below]], coo.col[below]
        one, other = self.twins
        over, part = np.concatenate([over, one, other]), np.concatenate([part, other, one])
        while True:
            before = cap.copy()
            np.minimum.at(cap, part, cap[over])
            if (cap == before).all():
                return cap

    def _count_items(self, known: Mask, cap: Ints) -> None:
        """Small counts."""
        low = (self.count > 0) & (self.count < self.policy.threshold)
        self.faults["COUNT_SHOWN"] += int((low & self.shown & (~known | (self.given & ~self.facts))).sum())
        small = np.flatnonzero(low & ~known)
        moves, none = self.deltas[:, small], np.full(len(small), -1)
        self._reach("COUNT", small, none, moves, self.count[small], self.policy.threshold, self.floor[small], cap[small])

    def _base_items(self, rule: BaseRule, known: Mask, cap: Ints) -> None:
        """Small bases, and what they are divided into."""
        at = self.names.index(rule.dimension)
        small = self._bases(at) & (self.count > 0) & (self.count < rule.minimum)
        items = np.flatnonzero(small & ~known)
        none = np.zeros(len(items), np.int64)
        self.faults["BASE_SHOWN"] += int(self.shown[items].sum())
        moves, value = self.deltas[:, items], self.count[items]
        self._reach("BASE", items, none - 1, moves, value, rule.minimum, none, cap[items])
        self.faults["SMALL_BASE_SHOWN"] += int((small & ~self.facts & self.shown).sum())
        over = self._over(at)
        part = (self.cells[self.names[at]] != TOTAL).to_numpy() & (over >= 0)
        part &= self.shown & ~self.facts
        self.faults["PART_OF_SMALL_BASE_SHOWN"] += int(small[over[part]].sum())

    def _complement_items(self, dimension: str, codes: tuple[str, ...], known: Mask, cap: Ints) -> None:
        """What is small beside a sensitive code: its total less the cell."""
        at = self.names.index(dimension)
        own, over = self.cells[dimension], self._over(at)
        sensitive = own.is_in(list(codes)).to_numpy() if codes else np.ones(len(own), np.bool_)
        cell = np.flatnonzero(sensitive & (own != TOTAL).to_numpy() & (over >= 0))
        cell = cell[(self.count[over[cell]] > 0) & (self.count[over[cell]] - self.count[cell] < self.policy.threshold)]
        cell = cell[self._divided(at)[over[cell], self._place(at)[cell]]] if len(cell) else cell
        self.faults["COMPLEMENT_SHOWN"] += int((self.shown & ~self.facts)[cell].sum())
        cell = cell[~(known[cell] & known[over[cell]])]
        total = over[cell]
        none = np.zeros(len(cell), np.int64)
        moves = self.deltas[:, total] - self.deltas[:, cell]
        value = self.count[total] - self.count[cell]
        self._reach("COMPLEMENT", total, cell, moves, value, self.policy.threshold, none, cap[total])

    def _place(self, at: int) -> Ints:
        """By cell, the number of its code in dimension ``at``."""
        numbers: Ints = self.cells[self.names[at]].rank("dense").to_numpy().astype(np.int64) - 1
        return numbers

    def _divided(self, at: int) -> Mask:
        """By cell at ``Total`` and code, whether a cell beside that code lists persons outside it."""
        dimension = self.spec.dimensions[self.names[at]]
        codes = sorted(set(self.cells[self.names[at]].to_list()))
        members = dimension.members
        held = {
            code: set(
                members.filter(pl.any_horizontal(pl.col(level) == code for level in dimension.levels))[dimension.finest]
            )
            for code in codes
            if code != TOTAL
        }
        outside = np.array([[not held.get(b, set()) <= held.get(a, set()) for b in codes] for a in codes], np.int64)
        over, place = self._over(at), self._place(at)
        there = over >= 0
        listed = sparse.coo_array(
            (np.ones(int(there.sum()), np.int64), (over[there], place[there])), shape=(len(over), len(codes))
        ).tocsr()
        found: Mask = np.asarray(listed @ outside.T) > 0
        return found

    def _rest_items(self, known: Mask, cap: Ints) -> None:
        """What is left over where only some parts of a sum are listed: a small count like any other, capped by its sum."""
        one = np.where(known | ((self.floor > 0) & (self.count == 0)), 0, 1)
        open_ = np.asarray(abs(self.sums.matrix) @ one) > 0
        rest = np.flatnonzero(~self.sums.whole & open_ & (self.left > 0) & (self.left < self.policy.threshold))
        moves = self.deltas @ self.sums.matrix[rest].T
        none = np.zeros(len(rest), np.int64)
        coo = self.sums.matrix[rest].tocoo()
        over = np.zeros(len(rest), np.int64)
        over[coo.row[coo.data > 0]] = coo.col[coo.data > 0]
        form = len(self.count) + np.searchsorted(np.flatnonzero(~self.sums.whole), rest)
        self._reach("REST", form, none - 1, moves, self.left[rest], self.policy.threshold, none, cap[over])

    def _revision_items(self, known: Mask, cap: Ints) -> None:
        """Small differences of two vintages: later less earlier, or earlier less later where that is the positive one."""
        before, after = changed(self.spec, self.cells)
        rise = self.count[after] - self.count[before]
        small = abs(rise) < self.policy.threshold
        before, after, rise = before[small], after[small], rise[small]
        read = (known | self.shown)[before] & self.shown[after] & ~known[after] & newest(self.spec, self.cells)[after]
        self.faults["REVISION_SHOWN"] += int(read.sum())
        open_ = ~(known[before] & known[after])
        before, after, rise = before[open_], after[open_], rise[open_]
        plus, minus = np.where(rise > 0, after, before), np.where(rise > 0, before, after)
        has = known | ((self.count == 0) & ~self.silent & (self.policy.zeros == "shown"))
        alone = np.where(has, self.count, self.floor), np.where(has, self.count, np.minimum(cap, MOST))
        least, most = reach_of(self.sums, self.twins, *alone)
        moves = self.deltas[:, plus] - self.deltas[:, minus]
        floor, limit = least[plus] - most[minus], most[plus] - least[minus]
        self._reach("REVISION", plus, minus, moves, abs(rise), self.policy.threshold, floor, limit)

    def _insiders(self, cap: Ints) -> InsiderCheck:
        """Who is alone in a cell, and what everybody knows of the cells around her."""
        nobody = self.shown & (self.count == 0) & (self.floor > 0)
        least = np.where(self.public, self.count, np.where(nobody, 0, self.floor))
        most = np.where(self.public, self.count, np.where(nobody, 0, cap))
        rule = self.policy.base
        limit = max(self.policy.threshold, rule.minimum if rule else 0) + self.policy.width
        return InsiderCheck(self.spec, self.cells, self.sums, self.deltas, least, most, limit)

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
    ) -> None:
        """Each item reaches its threshold, spans the width and has three values, or what its cap leaves of these.

        ``moves``: a row a witness, a column an item, which is the form ``plus`` less ``minus`` (-1: nothing).
        """
        if not len(value):
            return
        coo = sparse.coo_array(moves)
        pairs = np.unique(np.column_stack([coo.col, coo.data])[coo.data != 0], axis=0)
        seen = np.zeros((3, len(value)), np.int64)
        np.maximum.at(seen[0], pairs[:, 0], pairs[:, 1])
        np.minimum.at(seen[1], pairs[:, 0], pairs[:, 1])
        seen[2] = 1 + np.bincount(pairs[:, 0], minlength=len(value))
        asked = Asked(plus, minus, value, moves, top, self.policy.width, VALUES, floor, cap)
        self._lacks(rule, asked.lacks(np.arange(len(value)), seen, floor, cap).sum(axis=1).tolist())
        if self.insiders is not None:
            self._lacks(f"INSIDER_{rule}", self.insiders.short(asked))

    def _lacks(self, rule: str, numbers: Iterable[int]) -> None:
        for lack, number in zip(("BELOW_THRESHOLD", "TOO_NARROW", "TOO_FEW_VALUES"), numbers, strict=True):
            self.faults[f"{rule}_{lack}"] += number
