"""The share that has left (or returned) by each point of time, from released counts of bands, with its uncertainty.

Everybody is followed to the last band, so the Kaplan-Meier estimate is this share, and Wilson's interval holds of it.

It is added up from the first band on, or, where an early band is hidden, taken from all who left or returned less the later
bands: both are sums of what is shown, and a share that neither gives is not drawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from itertools import pairwise
from typing import Any

from avbrott.table import TOTAL
from dashboards.figures.style import DASHES, SYMBOLS, figure, series_colour, value_axis
from dashboards.grids import Grid, Item, number
from dashboards.intervals import wilson
from dashboards.reading import MOST, absent, nothing, read_cell
from dashboards.released import NOT_APPLICABLE, Cell, Measure
from dashboards.shares import minus, over, plus
from dashboards.words import Words

HEIGHT = 320
APART = 0.013
"""So large a part of the time lines stand beside each other, so that whiskers of the same month can be told apart."""

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
            below = reduce(plus, parts[: place + 1])
            from_above = reduce(minus, parts[place + 1 :], whole)
            cells[row.code, column.code, "persons"] = parts[place]
            cells[row.code, column.code, "share"] = over(below if from_above.value is None else from_above, base)
    return replace(grid, rows=bands, measures=("share", "persons"), cells=cells)


def _whole(grid: Grid, bands: tuple[Item, ...], column: Item, base: Cell) -> Cell:
    """All bands together: the code that they stand under, or the total less every code that is no band."""
    place = grid.rows.index(bands[0]) if bands else 0
    above = grid.rows[place - 1] if place else None
    if above and above.code != TOTAL and above.depth < bands[0].depth:
        return grid.cell(above, column, "persons")
    others = [row for row in grid.rows if row not in bands and row.code != TOTAL]
    return reduce(minus, (grid.cell(row, column, "persons") for row in others), base)


def survival(grid: Grid, bases: Mapping[str, Cell], words: Words) -> dict[str, Any]:
    """Steps of an ``accumulated`` grid over months, one line a column, each within its 95 % band, a little beside the others.

    ``bases``: by column how many they were to begin with; where that is not shown no share is either.
    """
    ends = _ends(grid)
    points = {column.code: drawn_points(grid, column, bases.get(column.code, NOT_APPLICABLE)) for column in grid.columns}
    shifts = _shifts([code for code, found in points.items() if any(point.share is not None for point in found[1:])], ends)
    traces = [
        trace
        for place, column in enumerate(grid.columns)
        for trace in _column(grid, words, column, place, points[column.code], shifts.get(column.code, 0))
    ]
    aside = max(shifts.values(), default=0)
    return figure(
        traces,
        words,
        height=HEIGHT,
        xaxis={
            "tickvals": ends,
            "range": [0, ends[-1] * 1.03 + aside],
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
            "linecolor": "var(--line-strong)",
            "ticks": "outside",
            "title": {"text": words("axis.months"), "standoff": 8},
        },
        yaxis=value_axis(grid, words),
        hovermode="closest",
    )


@dataclass(frozen=True, slots=True)
class Point:
    """The share by the end of a band, in percent, and between what it lies; all None where it is not known."""

    month: int
    share: float | None
    low: float | None
    high: float | None


def sentences(grid: Grid, bases: Mapping[str, Cell], words: Words) -> list[str]:
    """How far each of the first lines has come at its last point that is drawn, and how many points are not shown and why."""
    found = []
    for column in grid.columns[:MOST]:
        drawn = [
            point
            for point in drawn_points(grid, column, bases.get(column.code, NOT_APPLICABLE))[1:]
            if point.share is not None
        ]
        if not drawn:
            found.append(nothing(column, [grid.cell(row, column) for row in grid.rows], words))
            continue
        row = grid.rows[_ends(grid).index(drawn[-1].month) - 1]
        value = read_cell(grid.cell(row, column), "share", words) + _ranged(drawn[-1], words)
        found.append(words("survival.so_far", series=column.label, value=value, months=words.whole(drawn[-1].month)))
    cells = [grid.cell(row, column) for row in grid.rows for column in grid.columns]
    return found + absent(cells, words, "summary.absent")


def _ends(grid: Grid) -> list[int]:
    """The start, and the month that each band ends at."""
    return [0, *(end for row in grid.rows if (end := months(row.code)) is not None)]


def drawn_points(grid: Grid, column: Item, base: Cell) -> list[Point]:
    """From the start, where nobody has left; that says nothing where the first band is not known.

    Parts that together are no share of their whole are not drawn.
    """
    cells, ends = [grid.cell(row, column) for row in grid.rows], _ends(grid)
    known = bool(cells) and cells[0].value is not None
    found = [Point(0, 0.0, 0.0, 0.0) if known else Point(0, None, None, None)]
    for end, cell in zip(ends[1:], cells, strict=True):
        share = number(cell, "share")
        if share is None or base.value is None or not 0 <= share <= 100:
            found.append(Point(end, None, None, None))
            continue
        low, high = wilson(share / 100, int(base.value))
        found.append(Point(end, share, round(low * 100, 2), round(high * 100, 2)))
    return found


def _shifts(codes: list[str], ends: list[int]) -> dict[str, float]:
    """How many months beside its own each of the lines that are drawn stands, the middle one at none."""
    return {code: round((place - (len(codes) - 1) / 2) * APART * ends[-1], 3) for place, code in enumerate(codes)}


def _at(point: Point, shift: float) -> float:
    """Where a point stands: all lines start together."""
    return point.month + shift if point.month else 0


def _column(grid: Grid, words: Words, column: Item, place: int, points: list[Point], shift: float) -> list[dict[str, Any]]:
    """The band, and the steps before it."""
    cells = [grid.cell(row, column) for row in grid.rows]
    said = [f"{row.label}: {read_cell(cell, 'share', words)}" for row, cell in zip(grid.rows, cells, strict=True)]
    ranged = [_ranged(point, words) for point in points[1:]]
    steps = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": column.label,
        "meta": column.code,
        "x": [_at(point, shift) for point in points],
        "y": [point.share for point in points],
        "customdata": ["", *(text + more for text, more in zip(said, ranged, strict=True))],
        "hovertemplate": f"{column.label}<br>%{{customdata}}<extra></extra>",
        "connectgaps": False,
        "cliponaxis": False,
        "line": {"color": series_colour(place), "width": 2.5, "shape": "hv"},
        "marker": {"symbol": SYMBOLS[place % len(SYMBOLS)], "size": 8, "color": series_colour(place)},
        "error_y": _whiskers(points, place),
    }
    return [_band(column, place, points, shift), steps]


def _ranged(point: Point, words: Words) -> str:
    if point.low is None or point.high is None:
        return ""
    low, high = (words.decimal(Decimal(str(bound))) for bound in (point.low, point.high))
    return f" ({low}\u2013{high}{words.percent})"


def _band(column: Item, place: int, points: list[Point], shift: float) -> dict[str, Any]:
    """Around the steps, one closed shape for each two points that follow each other, with an edge of its own."""
    x: list[float | None] = []
    y: list[float | None] = []
    for now, then in pairwise(points):
        if now.share is not None and then.share is not None:
            start, end = _at(now, shift), _at(then, shift)
            x += [start, end, end, start, None]
            y += [now.low, now.low, now.high, now.high, None]
    return {
        "type": "scatter", "mode": "lines", "name": column.label, "meta": column.code, "hoverinfo": "skip", "x": x, "y": y,
        "fill": "toself", "fillcolor": f"var(--band-{place % len(SYMBOLS) + 1})",
        "line": {"width": 1, "color": series_colour(place), "dash": DASHES[1 + place % (len(DASHES) - 1)]},
    }  # fmt: skip


def _whiskers(points: list[Point], place: int) -> dict[str, Any]:
    """The band of each point after which no known step follows."""
    alone = [place + 1 == len(points) or points[place + 1].share is None for place in range(len(points))]
    ranges = [
        (point.high - point.share, point.share - point.low)
        if stands and point.share is not None and point.low is not None and point.high is not None
        else (0, 0)
        for point, stands in zip(points, alone, strict=True)
    ]
    return {
        "type": "data", "symmetric": False, "array": [round(up, 2) for up, _ in ranges],
        "arrayminus": [round(down, 2) for _, down in ranges], "color": series_colour(place), "thickness": 1.2, "width": 4,
    }  # fmt: skip
