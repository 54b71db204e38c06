"""Bars, one a row of the grid, each with its figure written out. A row that is not shown carries its mark and no bar."""

from __future__ import annotations

from typing import Any

from dashboards.figures.style import category_axis, figure, series_colour, value_axis, wrapped
from dashboards.grids import Grid, Item, number
from dashboards.reading import mark, read_cell
from dashboards.words import Words

ROW_HEIGHT = 26
BAR_HEIGHT = 18
LINE_HEIGHT = 16
GAP = 0.25
LABEL_WIDTH = 56
"""Room for the figure of the longest bar, in pixels."""


def bars(grid: Grid, words: Words) -> dict[str, Any]:
    """Lying bars, the columns of ``grid`` beside each other within a row; the first row is on top."""
    names = [_name(grid, row) for row in grid.rows]
    lines = max(name.count("<br>") + 1 for name in names)
    thickness = max(ROW_HEIGHT, BAR_HEIGHT * len(grid.columns) + 8, LINE_HEIGHT * lines + 6)
    traces = [_bars(grid, words, column, place, names) for place, column in enumerate(grid.columns)]
    return figure(
        traces,
        words,
        height=thickness * len(grid.rows) + 24,
        barmode="group",
        bargap=GAP,
        annotations=[
            found
            for place, column in enumerate(grid.columns)
            for found in _marks(grid, words, column, place, names, thickness)
        ],
        xaxis=value_axis(grid, words, range=[0, _highest(grid) * 1.02], showticklabels=False),
        yaxis=category_axis(categoryorder="array", categoryarray=names, autorange="reversed", tickfont={"size": 12}),
        hovermode="closest",
        margin={"l": 8, "r": LABEL_WIDTH, "t": 12, "b": 8, "pad": 4},
    )


def _name(grid: Grid, row: Item) -> str:
    """The label of ``row``; that of a sum of other rows stands out."""
    return f"<b>{wrapped(row.label)}</b>" if grid.leads(row) else wrapped(row.label)


def _highest(grid: Grid) -> float:
    drawn = [number(cell, measure) for (_, _, measure), cell in grid.cells.items() if measure == grid.measure]
    return max((one for one in drawn if one is not None), default=0) or 1


def _bars(grid: Grid, words: Words, column: Item, place: int, names: list[str]) -> dict[str, Any]:
    cells = [grid.cell(row, column) for row in grid.rows]
    return {
        "type": "bar",
        "orientation": "h",
        "name": column.label,
        "meta": column.code,
        "y": names,
        "x": [number(cell, grid.measure) for cell in cells],
        "text": ["" if cell.value is None else read_cell(cell, grid.measure, words) for cell in cells],
        "textposition": "outside",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "customdata": [read_cell(cell, grid.measure, words) for cell in cells],
        "hovertemplate": "%{y}: %{customdata}<extra></extra>",
        "marker": {"color": series_colour(place)},
    }


def _marks(grid: Grid, words: Words, column: Item, place: int, names: list[str], thickness: float) -> list[dict[str, Any]]:
    """The mark of each row that is not shown, beside the axis: it is text at a place, and no value of the figure."""
    shift = ((len(grid.columns) - 1) / 2 - place) * thickness * (1 - GAP) / len(grid.columns)
    return [
        {
            "xref": "x domain", "x": 0, "y": name, "yref": "y", "yshift": shift, "xanchor": "left", "xshift": 4,
            "showarrow": False, "text": f"<i>{mark(cell, words)}</i>", "hovertext": read_cell(cell, grid.measure, words),
            "font": {"size": 12, "color": "var(--ink-soft)"},
        }
        for name, row in zip(names, grid.rows, strict=True)
        if (cell := grid.cell(row, column)).value is None
    ]  # fmt: skip
