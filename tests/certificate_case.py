"""A certificate that holds, as the checker is given it through the engine's API: what the tests of broken ones break."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from avbrott.counting.spec import Table
from avbrott.disclosure.checker import check_protection
from avbrott.policy import BaseRule, Policy
from tests.promise.axis import Axis
from tests.promise.case import Case, Protected
from tests.promise.tables import Stage


@dataclass
class Certificate:
    """What the checker is given."""

    stage: Stage
    policy: Policy
    cells: pl.DataFrame
    witnesses: pl.DataFrame
    earlier: pl.DataFrame
    known: pl.DataFrame

    def codes(self) -> set[str]:
        found = check_protection(self.stage.spec, self.policy, self.cells, self.witnesses, self.earlier, self.known)
        return {fault.code for fault in found}

    @property
    def names(self) -> list[str]:
        return list(self.stage.axes)

    def one(self, status: str) -> pl.DataFrame:
        """The first hidden cell of a status that a witness moves."""
        moved = self.cells.join(self.witnesses, on=self.names, how="semi")
        return moved.filter(pl.col("status") == status).sort(self.names).head(1)


RULED = Policy(
    complement={"outcome": ("p",)}, base=BaseRule(dimension="outcome", minimum=10, known=True, record=("area", "year"))
)
COUNTS = [
    [[[30, 33], [3, 4], [6, 5]], [[40, 31], [12, 9], [2, 8]], [[20, 14], [1, 1], [1, 0]], [[9, 1], [1, 20], [1, 9]]],
    [[[28, 35], [2, 8], [4, 9]], [[39, 30], [11, 7], [6, 8]], [[26, 13], [5, 1], [0, 2]], [[3, 2], [1, 1], [0, 1]]],
    [[[31, 32], [5, 9], [7, 6]], [[37, 34], [13, 6], [4, 9]], [[18, 24], [0, 2], [2, 0]], [[7, 3], [33, 21], [5, 8]]],
]


def stage_of(years: int) -> Stage:
    axes = {
        "year": Axis("year", [f"y{i}" for i in range(years)], total=False, window=2),
        "area": Axis("area", list("abcd"), {"group": list("gghh"), "other": list("uvuv")}),
        "outcome": Axis("outcome", ["p", "q", "r"]),
        "sex": Axis("sex", ["k", "m"]),
    }
    year = {"year": ("year",)}
    tables = (
        Table("main", {**year, "area": axes["area"].levels, "outcome": ("outcome",)}, windows=frozenset({"year"})),
        Table("sexes", {**year, "area": ("group",), "sex": ("sex",)}),
        Table("of_p", {**year, "area": ("group",), "sex": ("sex",)}, where={"outcome": "p"}),
    )
    return Stage(axes, tables, np.array(COUNTS[:years]))


def certificate_of(protected: Protected) -> Certificate:
    done, told = protected.protection, protected.told
    return Certificate(
        protected.case.last, protected.case.policy, done.cells, done.witnesses, told.earlier.clear(), told.known.clear()
    )


def ruled_certificate() -> Certificate:
    """Two releases with windows, groups both ways, a slice, complements and known bases; the checker finds no fault."""
    protected = Case([stage_of(2), stage_of(3)], RULED).protect()
    assert protected.faults() == []
    return replace(certificate_of(protected), earlier=protected.told.earlier)
