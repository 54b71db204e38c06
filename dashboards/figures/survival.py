"""The share that has left (or returned) by each point of time, worked out from released counts of bands.

It is added up from the first band on, or, where an early band is hidden, taken from all who left or returned less the later
bands: both are sums of what is shown, and a share that neither gives is not drawn.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import Any

from avbrott.table import TOTAL
from dashboards.figures.style import SYMBOLS, figure, series_colour, value_axis
from dashboards.grids import Grid, Item, number
from dashboards.reading import read_cell
from dashboards.released import NOT_APPLICABLE, Cell, Measure
from dashboards.words import Words

HEIGHT = 320

_BAND = re.compile(r"^m\d+_(\d+)$")


def months(code: str) -> int | None:
    """The months that a band such as ``m04_06`` ends at; None for a code that is not a band."""
    found = _BAND.match(code)
    return int(found[1]) if found else None


def accumulated(grid: Grid) -> Grid:
    """The grid of bands (rows; among them the total) with the share of all persons within each band or an earlier one.

    A sum is known if every part of it is shown, or if all bands together are and every later band is; if neither, it has
    the status of the first part that is not shown.
    """
    bands = tuple(row for row in grid.rows if months(row.code) is not None)
    cells: dict[tuple[str, str, Measure], Cell] = {}
    for column in grid.columns:
        base = grid.cells.get((TOTAL, column.code, "persons"), NOT_APPLICABLE)
        parts = [grid.cell(row, column, "persons") for row in bands]
        whole = _whole(grid, bands, column, base)
        for place, row in enumerate(bands):
            below = reduce(_plus, parts[: place + 1])
            from_above = reduce(_minus, parts[place + 1 :], whole)
            cells[row.code, column.code, "persons"] = parts[place]
            cells[row.code, column.code, "share"] = _over(below if from_above.value is None else from_above, base)
    return replace(grid, rows=bands, measures=("share", "persons"), cells=cells)


def _whole(grid: Grid, bands: tuple[Item, ...], column: Item, base: Cell) -> Cell:
    """All bands together: the code that they stand under, or the total less every code that is no band."""
    place = grid.rows.index(bands[0]) if bands else 0
    above = grid.rows[place - 1] if place else None
    if above and above.code != TOTAL and above.depth < bands[0].depth:
        return grid.cell(above, column, "persons")
    others = [row for row in grid.rows if row not in bands and row.code != TOTAL]
    return reduce(_minus, (grid.cell(row, column, "persons") for row in others), base)


def _plus(before: Cell, part: Cell) -> Cell:
    if before.value is None or part.value is None:
        return part if before.value is not None else before
    return Cell(str(int(before.value) + int(part.value)), "shown")


def _minus(before: Cell, part: Cell) -> Cell:
    if before.value is None or part.value is None:
        return part if before.value is not None else before
    return Cell(str(int(before.value) - int(part.value)), "shown")


def _over(part: Cell, base: Cell) -> Cell:
    if part.value is None or base.value is None:
        return part if part.value is None else base
    if int(base.value) == 0:
        return NOT_APPLICABLE
    return Cell(f"{Decimal(part.value) / Decimal(base.value):.4f}", "shown")


def survival(grid: Grid, words: Words) -> dict[str, Any]:
    """Steps of an ``accumulated`` grid over months, one line a column."""
    traces = [_steps(grid, words, column, place) for place, column in enumerate(grid.columns)]
    ends = [months(row.code) for row in grid.rows]
    return figure(
        traces,
        words,
        height=HEIGHT,
        xaxis={
            "tickvals": [0, *ends],
            "range": [0, (ends[-1] or 0) * 1.03],
            "fixedrange": True,
            "showgrid": False,
            "automargin": True,
            "linecolor": "var(--line-strong)",
            "ticks": "outside",
            "title": {"text": words("axis.months"), "standoff": 8},
        },
        yaxis=value_axis(grid, words),
        hovermode="closest",
    )


def _steps(grid: Grid, words: Words, column: Item, place: int) -> dict[str, Any]:
    cells = [grid.cell(row, column) for row in grid.rows]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": column.label,
        "meta": column.code,
        "x": [0, *(months(row.code) for row in grid.rows)],
        "y": [0 if cells[0].value is not None else None, *(number(cell, "share") for cell in cells)],
        "customdata": [
            "",
            *(f"{row.label}: {read_cell(cell, 'share', words)}" for row, cell in zip(grid.rows, cells, strict=True)),
        ],
        "hovertemplate": f"{column.label}<br>%{{customdata}}<extra></extra>",
        "connectgaps": False,
        "cliponaxis": False,
        "line": {"color": series_colour(place), "width": 2.5},
        "marker": {"symbol": SYMBOLS[place % len(SYMBOLS)], "size": 8, "color": series_colour(place)},
    }
