"""A funnel plot as a block of a page: its points, who is outside, and its table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from avbrott.table import TOTAL
from dashboards.figures.funnel import KINDS, funnel, points, verdicts
from dashboards.grids import Grid
from dashboards.layout import Block
from dashboards.pages.context import Context
from dashboards.pages.data_tables import DataTable, dimension_name


@dataclass(frozen=True, slots=True)
class Funnel:
    """What the block says."""

    figure: dict[str, Any] | None
    """None where no point or no limit may be drawn."""
    verdicts: list[str]
    legend: list[tuple[str, str]]
    table: DataTable

    @classmethod
    def of(cls, context: Context, block: Block, grid: Grid) -> Funnel:
        """The rows of ``grid``, each by its share and by how many there are of whom it is a share."""
        words, table, contract = context.words, context.released.tables[block.table], context.contracts.tables[block.table]
        base_at = {name: code for name, code in grid.at.items() if not contract.share or name != contract.share.dimension}
        column = grid.columns[0]
        bases = {row.code: table.cell(base_at | {grid.rows_of: row.code}, "persons") for row in grid.rows}
        whole = table.cell(grid.at | {grid.rows_of: TOTAL}, "share")
        drawn = points(whole, [(row.label, grid.cell(row, column, "share"), bases[row.code]) for row in grid.rows])
        share = None if whole.value is None or not drawn else Decimal(whole.value)
        return cls(
            None if share is None else funnel(share, context.source.label(grid.rows_of, TOTAL), drawn, words),
            verdicts(drawn, words) if drawn else [],
            [(kind, words(f"funnel.{kind}")) for kind in KINDS],
            DataTable(
                corner=dimension_name(context, grid.rows_of),
                heads=((words("axis.pupils"), 1), (words("measure.share"), 1)),
                subheads=(),
                rows=tuple(
                    (row, ((bases[row.code], "persons"), (grid.cell(row, column, "share"), "share"))) for row in grid.rows
                ),
            ),
        )
