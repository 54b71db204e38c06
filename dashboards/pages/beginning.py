"""What the tool of trends shows before its reader has chosen anything: its first lines, as a still."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from avbrott.table import TOTAL
from dashboards.figures.lines import lines
from dashboards.grids import YEAR, Grid, Item
from dashboards.layout import Statistic
from dashboards.pages.context import Context
from dashboards.pages.series import breaks_of, intervals_of, marked_preliminary, preliminary_years
from dashboards.released import Cell, Measure
from dashboards.stills.still import still

HEIGHT = 360
"""Of the figure without its strip, in pixels; the same as in ``static/trends-figure.js``."""


def beginning(context: Context, statistic: Statistic) -> Markup:
    """The lines that ``statistic`` begins with; empty where none of them has a figure, which the tool says in words."""
    grids = [_grid(context, statistic, at) for at in statistic.begin]
    cells: dict[tuple[str, str, Measure], Cell] = {key: cell for grid in grids for key, cell in grid.cells.items()}
    columns = tuple(column for grid in grids for column in grid.columns)
    measure = grids[0].measure
    told = [
        place
        for place, row in enumerate(grids[0].rows)
        if any(cells[row.code, column.code, measure].status != "not_applicable" for column in columns)
    ]
    if not told:
        return Markup("")
    rows = grids[0].rows[told[0] : told[-1] + 1]
    intervals = {key: found for grid in grids for key, found in _intervals(context, statistic, grid).items()}
    breaks = {grid.columns[0].code: _breaks(context, statistic, grid) for grid in grids}
    whole = Grid(rows, columns, (measure,), cells, {}, YEAR, None)
    figure = lines(whole, context.words, breaks=breaks, intervals=intervals, plot_height=HEIGHT)
    return Markup(still(figure, "explorer"))  # noqa: S704  made here, and every text in it is escaped


def _grid(context: Context, statistic: Statistic, begin: Mapping[str, str]) -> Grid:
    """One line over all school years: the share where the table has one, as the tool begins."""
    table, contract = context.released.tables[statistic.table], context.contracts.published.get(statistic.table)
    at = {name: begin.get(name, TOTAL) for name in table.dimensions if name != YEAR}
    measure: Measure = "share" if contract and contract.share and "share" in table.measures else "persons"
    years = tuple(Item(code, context.source.label(YEAR, code)) for code in sorted(table.codes.get(YEAR, ())))
    rows = marked_preliminary(context, years, preliminary_years(context, contract) if contract else frozenset())
    line = Item(",".join(at.values()), "")
    cells = {(row.code, line.code, measure): table.cell(at | {YEAR: row.code}, measure) for row in rows}
    return Grid(rows, (line,), (measure,), cells, at, YEAR, None)


def _intervals(context: Context, statistic: Statistic, grid: Grid) -> dict[tuple[str, str], tuple[float, float]]:
    contract = context.contracts.tables.get(statistic.table)
    return intervals_of(context, contract, grid) if contract else {}


def _breaks(context: Context, statistic: Statistic, grid: Grid) -> list[str]:
    """The first school year after each break that the line crosses."""
    contract = context.contracts.published.get(statistic.table)
    divided = [name for name, code in grid.at.items() if code != TOTAL]
    return [year for year, _ in breaks_of(context, contract, divided, grid.at.values())] if contract else []
