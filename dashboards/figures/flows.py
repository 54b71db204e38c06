"""Flows of persons between statuses (a Sankey diagram), the protected ones together.

What is left of a shown total, when its shown flows are taken away, is drawn as one grey flow to a place of its own: a reader
sees how much is protected, and nothing of where it went.
"""

from __future__ import annotations

import math
from typing import Any

from avbrott.table import TOTAL
from dashboards.figures.style import figure, series_colour, wrapped
from dashboards.grids import Grid, Item
from dashboards.reading import absent
from dashboards.words import Words

HEIGHT = 680
LEFT, RIGHT = 84, 140
"""Room for the names, in pixels, beside the flows: on top of them they could not be read."""
GAPS = 0.52
"""The share of the height that is room between nodes."""

TOLD = 3
"""So many flows are told in words."""

PROTECTED = "protected"


def flows(grid: Grid, words: Words) -> dict[str, Any]:
    """From the rows of ``grid`` (left) to its columns (right), as wide as the persons who went that way."""
    ends = [*(column for column in grid.columns if column.code != TOTAL), Item(PROTECTED, words("flows.protected"))]
    ways = [way for place, row in enumerate(grid.rows) for way in _from(grid, row, place, ends)]
    left = [row for row in grid.rows if any(start is row for start, _, _, _ in ways)]
    right = [end for end in ends if any(goal is end for _, goal, _, _ in ways)]
    from_above = _centres([sum(value for start, _, _, value in ways if start is row) for row in left])
    to_above = _centres([sum(value for _, goal, _, value in ways if goal is end) for end in right])
    trace = {
        "type": "sankey",
        "textfont": {"color": "rgba(0,0,0,0)", "shadow": "none"},
        "arrangement": "snap",
        "node": {
            "label": [item.label for item in (*left, *right)],
            "color": [*(series_colour(grid.rows.index(row)) for row in left), *("var(--ink-soft)" for _ in right)],
            "x": [0.001] * len(left) + [0.999] * len(right),
            "y": [*from_above, *to_above],
            "pad": math.ceil(GAPS * HEIGHT / max(len(left) - 1, len(right) - 1, 1)),
            "thickness": 14,
            "line": {"width": 0},
            "hovertemplate": "%{label}<extra></extra>",
        },
        "link": {
            "source": [left.index(start) for start, _, _, _ in ways],
            "target": [len(left) + right.index(goal) for _, goal, _, _ in ways],
            "value": [value for _, _, _, value in ways],
            "color": [colour for _, _, colour, _ in ways],
            "customdata": [words.whole(value) for _, _, _, value in ways],
            "hovertemplate": "%{source.label} \u2192 %{target.label}: %{customdata}<extra></extra>",
        },
    }
    return figure(
        [trace],
        words,
        height=HEIGHT,
        margin={"l": LEFT, "r": RIGHT, "t": 12, "b": 12},
        annotations=[
            *(_name(item, above, 0) for item, above in zip(left, from_above, strict=True)),
            *(_name(item, above, 1) for item, above in zip(right, to_above, strict=True)),
        ],
    )


def sentences(grid: Grid, words: Words) -> list[str]:
    """The largest flows that are shown, what is drawn of the protected ones, and how many flows are not shown and why."""
    ends = [*(column for column in grid.columns if column.code != TOTAL), Item(PROTECTED, words("flows.protected"))]
    ways = [way for place, row in enumerate(grid.rows) for way in _from(grid, row, place, ends)]
    largest = sorted((way for way in ways if way[1] is not ends[-1]), key=lambda way: -way[3])[:TOLD]
    rests = [(start, value) for start, goal, _, value in ways if goal is ends[-1]]
    shown = "; ".join(
        words("flows.way", start=start.label, goal=goal.label, persons=words.whole(value))
        for start, goal, _, value in largest
    )
    together = "; ".join(f"{start.label}, {words.whole(value)}" for start, value in rests)
    cells = [grid.cell(row, end, "persons") for row in grid.rows for end in ends[:-1]]
    return [
        *([words("flows.largest", ways=shown)] if shown else []),
        *([words("flows.rests", rests=together)] if together else []),
        *absent(cells, words, "flows.absent"),
    ]


def _name(item: Item, above: float, side: int) -> dict[str, Any]:
    """The name of a node, outside the flows: left of the starts, right of the goals."""
    return {
        "xref": "paper", "yref": "paper", "x": side, "y": round(1 - above, 4), "showarrow": False, "yanchor": "middle",
        "xanchor": "left" if side else "right", "xshift": 6 if side else -6, "align": "left" if side else "right",
        "text": wrapped(item.label, 16 if side else 12), "font": {"size": 12},
    }  # fmt: skip


def _from(grid: Grid, row: Item, place: int, ends: list[Item]) -> list[tuple[Item, Item, str, int]]:
    """Start, end, colour and persons of each flow from ``row``, the protected rest last."""
    shown = [(end, int(value)) for end in ends[:-1] if (value := grid.cell(row, end, "persons").value)]
    total = grid.cells.get((row.code, TOTAL, "persons"))
    rest = int(total.value) - sum(value for _, value in shown) if total and total.value else 0
    ways = [(row, end, f"var(--flow-{place % 6 + 1})", value) for end, value in shown if value]
    return ways + ([(row, ends[-1], "var(--flow-protected)", rest)] if rest > 0 else [])


def _centres(heights: list[int]) -> list[float]:
    """Where the middle of each node is, from the top (0) to the bottom (1), so that nodes keep the order of the table."""
    whole = sum(heights) or 1
    share = 1 - GAPS
    found, above = [], 0
    for place, height in enumerate(heights):
        gaps = GAPS * place / max(len(heights) - 1, 1)
        found.append(round(min(max(share * (above + height / 2) / whole + gaps, 0.001), 0.999), 4))
        above += height
    return found
