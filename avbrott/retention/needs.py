"""How many years rows must be kept for the tables that are published, by their own contracts. No file is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avbrott.registry import Contracts
    from avbrott.table import TableContract

LOOK_BACK = 1
"""Linking looks at the October before a school year, for where its pupils came from (``linking.sources``)."""


def years_needed(contracts: Contracts) -> tuple[int, str]:
    """The years that rows must be kept after the first term of their school year, and the table that needs them longest.

    A table needs the school years until the last code of its dimensions is known (``horizon``), and those of a pooled window
    until its last school year is; before its own first year linking looks back as well.
    """
    needs = {table.name: _needed(contracts, table) for table in contracts.tables.values() if table.system is not None}
    table = max(sorted(needs), key=lambda name: needs[name], default="")
    return needs.get(table, 0), table


def _needed(contracts: Contracts, table: TableContract) -> int:
    used = [(one, contracts.dimensions[one.dimension]) for one in table.dimensions]
    horizons = [code.horizon or 1 for _, dimension in used for code in contracts.codes(dimension.name)]
    pooled = [dimension.window or 1 for one, dimension in used if one.windows != "no"]
    return max(horizons, default=1) + max(pooled, default=1) - 1 + LOOK_BACK
