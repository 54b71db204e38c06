"""What is drawn on the page itself as SVG, without a script: the map and the small multiples, ready for their template."""

from __future__ import annotations

from dataclasses import dataclass

from avbrott.table import TOTAL
from dashboards.figures.map import TileMap, bounds_between, tile_map
from dashboards.figures.multiples import Multiples, multiples
from dashboards.grids import YEAR, Grid, Item
from dashboards.layout import Block
from dashboards.pages.context import Context
from dashboards.pages.series import figure_breaks
from dashboards.released import Cell


@dataclass(frozen=True, slots=True)
class Drawing:
    """Which macro of ``drawn.html`` draws, and what."""

    macro: str
    view: TileMap | Multiples


def drawing(context: Context, block: Block, grid: Grid) -> Drawing | None:
    """The drawing of ``block``; None for a figure that is drawn otherwise, or where there is nothing to draw."""
    if block.figure == "map":
        return Drawing("tile_map", _map(context, block, grid))
    if block.figure == "multiples" and grid.columns_of is not None:
        view = _multiples(context, block, grid)
        return Drawing("multiples", view) if view.pooled or "shown" in grid.drawn_statuses else None
    return None


def _map(context: Context, block: Block, grid: Grid) -> TileMap:
    """The shares of the rows of ``grid``, shaded as on the maps of the other school years."""
    table, column = context.released.tables[block.table], grid.columns[0]
    shares = [
        table.cell(grid.at | {YEAR: year, grid.rows_of: row.code}, "share").value
        for year in table.codes.get(YEAR, ())
        for row in grid.rows
    ]
    return tile_map(
        block.id,
        {row.code: grid.cell(row, column) for row in grid.rows},
        grid.rows,
        context.places.laid([row.code for row in grid.rows]),
        bounds_between([share for share in shares if share is not None]),
        _pages(context, grid.rows_of, grid.rows),
        context.words,
    )


def _multiples(context: Context, block: Block, grid: Grid) -> Multiples:
    of = grid.columns_of or ""
    whole = next((column for column in grid.columns if column.code == TOTAL), Item(TOTAL, context.source.label(of, TOTAL)))
    pooled: dict[tuple[str, str], Cell] = {}
    table = context.released.tables.get(block.pooled or "")
    if table is not None:
        at = {name: code for name, code in grid.at.items() if name in table.dimensions}
        for window in table.codes.get(YEAR, ()):
            for column in grid.columns:
                pooled[window, column.code] = table.cell(at | {YEAR: window, of: column.code}, "share")
    breaks = [year for year, _ in figure_breaks(context, block, grid)]
    return multiples(grid, whole, pooled, _pages(context, of, grid.columns), context.words, breaks)


def _pages(context: Context, dimension: str, items: tuple[Item, ...]) -> dict[str, str]:
    """The page of each of ``items`` that has one."""
    page = next((page for page in context.layout.pages if page.each and page.each.dimension == dimension), None)
    made = {item.code for item in context.made.get(page.id, ())} if page else set()
    return {item.code: context.link(page.id, item.code) for item in items if page and item.code in made}
