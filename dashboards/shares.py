"""Shares worked out on a page, from numbers that are shown: a sum, a difference or a quotient of what is not shown is not."""

from __future__ import annotations

from dataclasses import replace

from avbrott.table import TOTAL
from dashboards.grids import Grid
from dashboards.released import NOT_APPLICABLE, Cell, Table
from dashboards.rounding import share_text


def plus(before: Cell, part: Cell) -> Cell:
    """Both together; the status of the first that is not shown."""
    if before.value is None or part.value is None:
        return part if before.value is not None else before
    return Cell(str(int(before.value) + int(part.value)), "shown")


def minus(before: Cell, part: Cell) -> Cell:
    """The first less the second; the status of the first that is not shown."""
    if before.value is None or part.value is None:
        return part if before.value is not None else before
    return Cell(str(int(before.value) - int(part.value)), "shown")


def over(part: Cell, base: Cell, least: int = 1) -> Cell:
    """``part`` as a share of ``base``, rounded as released shares are; unreliable where the base is below ``least``."""
    if part.value is None or base.value is None:
        return part if part.value is None else base
    if int(base.value) == 0:
        return NOT_APPLICABLE
    if int(base.value) < least:
        return Cell(None, "unreliable")
    return Cell(share_text(int(part.value), int(base.value)), "shown")


def shared_over(grid: Grid, table: Table, dimension: str, least: int) -> Grid:
    """``grid`` with each share worked out of the total over ``dimension``, of which ``grid.at`` names a code."""
    cells = dict(grid.cells)
    for row in grid.rows:
        for column in grid.columns:
            at = grid.at | {grid.rows_of: row.code, dimension: TOTAL}
            if grid.columns_of:
                at[grid.columns_of] = column.code
            part = grid.cell(row, column, "persons")
            cells[row.code, column.code, "share"] = over(part, table.cell(at, "persons"), least)
    return replace(grid, cells=cells)
