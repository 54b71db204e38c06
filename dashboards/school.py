"""One school's own figures and those it is compared with, as its page reads them. How they are drawn is in ``private``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from avbrott.registry import Contracts
from avbrott.table import TOTAL
from dashboards.breaks import crossed, cuts
from dashboards.released import Cell
from dashboards.rounding import unrounded
from dashboards.words import Words

DROPOUT = "dropout"


@dataclass(frozen=True, slots=True)
class School:
    """One school's figures, and how they read."""

    content: dict[str, Any]
    words: Words
    contracts: Contracts
    late: frozenset[str] = frozenset()
    """The school years and windows that are preliminary."""

    def cell(self, rows: str, table: str, period: str, outcome: str, measure: str) -> Cell:
        """A cell of the school's own rows (``tables``) or the county's (``county``)."""
        for row in self.content[rows][table]:
            if (row["school_year"], row["outcome"], row["measure"]) == (period, outcome, measure):
                if measure != "share" or row["value"] is None:
                    return Cell(row["value"], row["status"])
                part, base = (self.cell(rows, table, period, code, "persons").value for code in (outcome, TOTAL))
                return Cell(unrounded(row["value"], part, base), row["status"])
        return Cell(None, "not_applicable")

    def periods(self, table: str) -> list[str]:
        return list(dict.fromkeys(row["school_year"] for row in self.content["tables"][table]))

    def label(self, dimension: str, code: str) -> str:
        return str(self.content["labels"][dimension][code][self.words.language])

    def year(self, code: str) -> str:
        """A school year or window as it is called, marked where it is preliminary."""
        label = self.label("school_year", code)
        return self.words("year.preliminary", year=label) if code in self.late else label

    def breaks(self, table: str) -> list[tuple[str, str]]:
        """The first school year after each break that dropouts of ``table`` cross, and what broke there."""
        language, periods = self.words.language, self.periods(table)
        return [
            (str(one.school_year), f"{one.school_year}: {getattr(one.title, language)}. {getattr(one.text, language)}")
            for one in crossed(self.contracts, self.contracts.tables[table], ("outcome",), (DROPOUT,))
            if cuts(periods, [str(one.school_year)])
        ]

    def cuts(self, table: str) -> list[int]:
        """The places of the periods of ``table`` that lie on another side of a break than the one before."""
        return cuts(self.periods(table), [year for year, _ in self.breaks(table)])

    def shown(self, table: str) -> list[tuple[int, Decimal]]:
        """Place and share of dropouts, from 0 to 1, of each period of ``table`` that shows it."""
        values = [self.cell("tables", table, period, DROPOUT, "share").value for period in self.periods(table)]
        return [(place, Decimal(value)) for place, value in enumerate(values) if value is not None]
