"""Flows of persons between statuses (a Sankey diagram). A flow that is not shown is not drawn; the table says which."""

from __future__ import annotations

from typing import Any

from dashboards.figures.style import figure, series_colour, wrapped
from dashboards.grids import Grid, number
from dashboards.reading import read_cell
from dashboards.words import Words

HEIGHT = 460
GAPS = 0.3
"""The share of the height that is room between nodes."""


def flows(grid: Grid, words: Words) -> dict[str, Any]:
    """From the rows of ``grid`` (left) to its columns (right), as wide as the persons who went that way."""
    ways = [
        (start, len(grid.rows) + end, cell)
        for start, row in enumerate(grid.rows)
        for end, column in enumerate(grid.columns)
        if (cell := grid.cell(row, column, "persons")).value not in (None, "0")
    ]
    items = [*grid.rows, *grid.columns]
    heights = [0.0] * len(items)
    for start, end, cell in ways:
        heights[start] += number(cell, "persons") or 0
        heights[end] += number(cell, "persons") or 0
    left, right = heights[: len(grid.rows)], heights[len(grid.rows) :]
    trace = {
        "type": "sankey",
        "arrangement": "snap",
        "node": {
            "label": [wrapped(item.label, 18) for item in items],
            "color": [series_colour(place) if place < len(grid.rows) else "var(--ink-soft)" for place in range(len(items))],
            "x": [0.001] * len(left) + [0.999] * len(right),
            "y": [*_centres(left), *_centres(right)],
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


def _centres(heights: list[float]) -> list[float]:
    """Where the middle of each node is, from the top (0) to the bottom (1), so that nodes keep the order of the table."""
    whole = sum(heights) or 1
    share = 1 - GAPS
    found, above = [], 0.0
    for place, height in enumerate(heights):
        gaps = GAPS * place / max(len(heights) - 1, 1)
        found.append(round(min(max(share * (above + height / 2) / whole + gaps, 0.001), 0.999), 4))
        above += height
    return found
