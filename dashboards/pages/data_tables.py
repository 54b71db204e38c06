"""Tables of cells, as they stand below their figures: the same grid, set out in rows and columns."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.grids import Grid, Item
from dashboards.pages.context import Context
from dashboards.released import Cell, Measure

WIDE = 7
"""With more columns than this the table is turned: what was a column becomes a row."""


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table as it is set out: one or two rows of heads, then rows of cells, each with the measure it is read by."""

    corner: str
    heads: tuple[tuple[str, int], ...]
    """Heads and how many columns each spans."""
    subheads: tuple[str, ...]
    rows: tuple[tuple[Item, tuple[tuple[Cell, Measure], ...]], ...]


def data_table(context: Context, grid: Grid, *, accumulates: bool = False) -> DataTable:
    """The cells of ``grid`` as a table; a wide one is turned and holds the figure's own measure only.

    ``accumulates``: the share is of this row and all before it, the number of this row alone, and the heads say so.
    """
    words = context.words
    if len(grid.columns) > WIDE:
        return DataTable(
            corner=dimension_name(context, grid.columns_of),
            heads=tuple((row.label, 1) for row in grid.rows),
            subheads=(),
            rows=tuple(
                (column, tuple((grid.cell(row, column), grid.measure) for row in grid.rows)) for column in grid.listed
            ),
        )
    single = len(grid.columns) == 1 and grid.columns_of is None
    kind = "measure.accumulated" if accumulates else "measure"
    names = tuple(words(f"{kind}.{measure}") for measure in grid.measures)
    return DataTable(
        corner=dimension_name(context, grid.rows_of),
        heads=tuple((name, 1) for name in names)
        if single
        else tuple((column.label, len(grid.measures)) for column in grid.columns),
        subheads=names * len(grid.columns) if len(names) > 1 and not single else (),
        rows=tuple(
            (
                row,
                tuple((grid.cell(row, column, measure), measure) for column in grid.columns for measure in grid.measures),
            )
            for row in grid.rows
        ),
    )


def dimension_name(context: Context, dimension: str | None) -> str:
    """The name of a dimension: that of its glossary term."""
    contract = context.contracts.dimensions.get(dimension or "")
    term = context.contracts.glossary.terms.get(contract.term) if contract else None
    if term:
        return str(getattr(term.name, context.language))
    return context.words.maybe(f"coverage.{dimension}") or dimension or ""
