"""Flows between statuses (a Sankey diagram) of persons. A flow that is not shown is not drawn; the table beside says which."""

from __future__ import annotations

from typing import Any

from dashboards.figures.style import figure, series_colour, wrapped
from dashboards.grids import Grid, number
from dashboards.reading import read_cell
from dashboards.words import Words

HEIGHT = 460


def flows(grid: Grid, words: Words) -> dict[str, Any]:
    """From the rows of ``grid`` (left) to its columns (right), as wide as the persons who went that way."""
    ways = [
        (start, len(grid.rows) + end, cell)
        for start, row in enumerate(grid.rows)
        for end, column in enumerate(grid.columns)
        if (cell := grid.cell(row, column, "persons")).value not in (None, "0")
    ]
    items = [*grid.rows, *grid.columns]
    trace = {
        "type": "sankey",
        "arrangement": "fixed",
        "node": {
            "label": [wrapped(item.label, 18) for item in items],
            "color": [series_colour(place) if place < len(grid.rows) else "var(--ink-soft)" for place in range(len(items))],
            "pad": 14,
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}<extra></extra>",
        },
        "link": {
            "source": [start for start, _, _ in ways],
            "target": [end for _, end, _ in ways],
            "value": [number(cell, "persons") for _, _, cell in ways],
            "color": [f"var(--flow-{start % 6 + 1})" for start, _, _ in ways],
            "customdata": [read_cell(cell, "persons", words) for _, _, cell in ways],
            "hovertemplate": "%{source.label} \u2192 %{target.label}: %{customdata}<extra></extra>",
        },
    }
    return figure([trace], words, height=HEIGHT)
