"""What the checker is given, as arrays over rows of cells: the cells, what the attacker has as facts, and the witnesses.

No solver and no code of the engine. Not here: what the proof must show of which items (``item_checks``).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.contributions import ROW, Contributions
from avbrott.disclosure.differences import kept, newest
from avbrott.disclosure.sums import find_sums, released
from avbrott.disclosure.unjoined import unjoined
from avbrott.policy import BaseRule, Policy
from avbrott.table import TOTAL

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NO_CAP = np.iinfo(np.int64).max // 4


class Proof:
    """A protection that is looked at; ``faults`` counts what does not hold by its code."""

    def __init__(
        self,
        spec: SystemSpec,
        policy: Policy,
        cells: pl.DataFrame,
        witnesses: pl.DataFrame,
        earlier: pl.DataFrame | None,
        known: pl.DataFrame | None,
        parts: pl.DataFrame | None = None,
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
        self.own = Contributions(self.rows, parts if policy.providers else None)
        self.kept = kept(spec, once, self.sums, np.column_stack([self.count, self.own.counts]))
        self.twins = self._twins()
        least = np.where(self.silent, 0, 1 if policy.zeros == "shown" else 0)
        self.floor: Ints = self.spread(np.maximum(least, self._peopled()))
        self.facts: Mask = self.spread(self._facts(earlier))
        self.given: Mask = self.spread(self._given(known))
        self.left: Ints = self.sums.matrix @ self.count
        """By sum, what is left over of it."""
        wrong = (self.left < 0) | (self.sums.whole & (self.left != 0))
        self.faults["CELLS_DO_NOT_ADD_UP"] += int(wrong.sum())
        # An earlier vintage has the slices that differ alone, and not every window that they are in.
        alone = self.sums.bare | (self.sums.orphan & newest(spec, once))
        self.faults["CELL_ALONE"] += int((alone & (self.count > 0)).sum())
        self.faults["HIERARCHIES_UNJOINED"] += unjoined(spec)
        self.public: Mask = self._public()
        self.known: Mask = self.facts | self.public
        """The attacker has it as a fact."""
        self.cap: Ints = self._caps()
        """The most that a cell can be, by the smallest base of the public record that holds it."""
        self.deltas = self._deltas(witnesses)

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

    def spread(self, values: Any) -> Any:
        """What is so of a cell is so of its twins: the highest of their ``values``."""
        one, other = self.twins
        while (values[one] != values[other]).any():
            np.maximum.at(values, one, values[other])
            np.maximum.at(values, other, values[one])
        return values

    def sets(self) -> Ints:
        """By cell the number of its set of persons: that of its twins and of their twins."""
        links = sparse.coo_array((np.ones(len(self.twins[0])), self.twins), shape=(len(self.count), len(self.count)))
        numbers: Ints = connected_components(links, directed=False)[1].astype(np.int64)
        return numbers

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

    def _public(self) -> Mask:
        """Cells that the attacker has from elsewhere or from public records."""
        rule = self.policy.base
        public = self.given.copy()
        if rule is not None and rule.known:
            public |= self.spread(self.bases(self.names.index(rule.dimension)) & self._in_record(rule))
        return public

    def _deltas(self, witnesses: pl.DataFrame) -> sparse.csr_array:
        """A row a witness, a column a cell."""
        if not witnesses["delta"].dtype.is_integer():
            self.faults["DELTA_NOT_WHOLE"] += 1
            witnesses = witnesses.head(0).with_columns(pl.lit(0).alias("delta"))
        placed = witnesses.lazy().join(self.rows.lazy(), on=self.names, how="left")
        found = placed.select("witness", ROW, "delta").collect()  # no more of it: a large proof has millions of rows
        self.faults["WITNESS_WITHOUT_CELL"] += int(found[ROW].is_null().sum())
        found = found.filter(pl.col(ROW).is_not_null())
        witness = found["witness"].rank("dense").fill_null(0).to_numpy().astype(np.int64)
        _, first = np.unique(witness * len(self.count) + found[ROW].to_numpy(), return_index=True)
        self.faults["WITNESS_CELL_TWICE"] += found.height - len(first)
        once = found if len(first) == found.height else found[np.sort(first)]
        once = once.filter(pl.col("delta").is_not_null() & (pl.col("delta") != 0))
        number = once["witness"].rank("dense").to_numpy().astype(np.int64) - 1
        shape = (int(number.max(initial=-1)) + 1, len(self.count))
        return sparse.csr_array((once["delta"].to_numpy().astype(np.int64), (number, once[ROW].to_numpy())), shape=shape)

    def keep_valid(self) -> None:
        """Leave the witnesses that lead to a system that the attacker cannot tell from the truth."""
        coo = self.deltas.tocoo()
        low = (self.count[coo.col] + coo.data < self.floor[coo.col]) | ((self.count < self.floor)[coo.col])
        off = (self.deltas @ self.sums.matrix.T).tocoo()
        whole = self.sums.whole[off.col]
        split = (self.deltas[:, self.kept[0]] - self.deltas[:, self.kept[1]]).tocoo()
        faults = {
            "WITNESS_MOVES_SHOWN": (coo.row, self.shown[coo.col]),
            "WITNESS_MOVES_FACT": (coo.row, self.known[coo.col] & ~self.shown[coo.col]),
            "WITNESS_BELOW_FLOOR": (coo.row, low),
            "WITNESS_BREAKS_SUM": (off.row, whole & (off.data != 0)),
            "WITNESS_BREAKS_PART": (off.row, ~whole & (self.left[off.col] + off.data < 0)),
            "WITNESS_SPLITS_VINTAGES": (split.row, split.data != 0),
        }
        valid = np.ones(self.deltas.shape[0], np.bool_)
        for code, (witness, fault) in faults.items():
            self.faults[code] += int(fault.sum())
            valid[witness[fault]] = False
        self.deltas = self.deltas[np.flatnonzero(valid)]

    def over(self, at: int) -> Ints:
        """By cell, the cell at the same coordinates with ``Total`` in dimension ``at``; -1 where there is none."""
        name = self.names[at]
        totals = self.rows.filter(pl.col(name) == TOTAL).drop(name)
        others = [other for other in self.names if other != name]
        if not others:
            return np.full(len(self.count), totals[ROW][0] if totals.height else -1, np.int64)
        found = self.rows.join(totals, on=others, how="left")
        over: Ints = found.sort(ROW)[f"{ROW}_right"].cast(pl.Int64).fill_null(-1).to_numpy()
        return over

    def bases(self, at: int) -> Mask:
        """Cells that are divided over dimension ``at``."""
        parts = (self.cells[self.names[at]] != TOTAL).to_numpy()
        over = self.over(at)[parts]
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

    def _caps(self) -> Ints:
        cap = np.where(self.public, self.count, NO_CAP)
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
