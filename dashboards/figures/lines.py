"""Lines over school years, months or pooled years. What is not shown is a gap in its line and a sign in the strip below.

A line also has a gap where its series breaks: what stands on either side is not the same thing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dashboards.breaks import cuts
from dashboards.figures.style import DASHES, STATUS_SYMBOLS, SYMBOLS, category_axis, figure, series_colour, value_axis
from dashboards.grids import Grid, Item, number
from dashboards.reading import read_cell
from dashboards.words import Words

Points = Sequence[tuple[Item, bool]]
"""The rows that a line goes through, each with whether it is a gap that stands in the row's place, before it."""

PLOT_HEIGHT = 300
STRIP_ROW_HEIGHT = 16
MOST = 6
"""So many lines at most are drawn at a time where the reader chooses among them."""
BESIDE = 0.2
"""So large a part of a year the lines that are drawn share, so that their intervals can be told apart."""


def lines(
    grid: Grid,
    words: Words,
    *,
    drawn: Collection[str] | None = None,
    breaks: Mapping[str, Sequence[str]] | None = None,
    intervals: Mapping[tuple[str, str], tuple[float, float]] | None = None,
    plot_height: int = PLOT_HEIGHT,
) -> dict[str, Any]:
    """One line a column of ``grid``, over its rows; only those whose codes are in ``drawn`` are visible to begin with.

    ``breaks``: by column the school years before which its series breaks. ``intervals``: by row and column the bounds of a
    share. ``plot_height``: of the figure without the strip of signs, in pixels.
    """
    missing = [column for column in grid.columns if _missing(grid, column)]
    codes, broken = [row.code for row in grid.rows], breaks or {}
    marked = cuts(codes, {year for years in broken.values() for year in years})
    strip = min(len(missing), MOST) * STRIP_ROW_HEIGHT
    height = plot_height + strip
    floor = strip / height
    traces: list[dict[str, Any]] = []
    for place, column in enumerate(grid.columns):
        visible = drawn is None or column.code in drawn
        cut = {codes[at] for at in cuts(codes, broken.get(column.code, ()))}
        traces += _parts(grid, words, column, place, intervals or {}, cut, visible=visible)
        if column in missing:
            traces.append(_strip(grid, words, column, place, visible=visible))
    layout: dict[str, Any] = {
        **({"scattermode": "group", "scattergap": 1 - BESIDE} if intervals else {}),
        "xaxis": category_axis(
            categoryorder="array",
            categoryarray=[_at(row) for row in grid.rows],
            range=[-0.4, len(grid.rows) - 0.6],
            anchor="free",
            position=0,
            ticks="outside",
            nticks=12,
        ),
        "yaxis": value_axis(grid, words, domain=[floor + 0.04 if strip else 0, 1]),
        "hovermode": "closest",
        "shapes": _break_lines(marked),
        "annotations": _break_names(words, marked),
        "margin": {"l": 8, "r": 12, "t": 26, "b": 8, "pad": 4},
    }
    if drawn is not None and marked:
        layout["meta"] = {"breaks": {code: years for code, years in broken.items() if years}, "at": _years_at(codes, broken)}
    if strip:
        layout["yaxis2"] = {
            "type": "category", "domain": [0, floor], "visible": False, "fixedrange": True,
        }  # fmt: skip
    return figure(traces, words, height=height, **layout)


def _at(row: Item) -> str:
    """The place of ``row`` on the axis: its label, on two lines where it is that of pooled or preliminary school years."""
    return row.label.replace("\u2013", "\u2013<br>").replace(" (", "<br>(")


def _missing(grid: Grid, column: Item) -> bool:
    return any(grid.cell(row, column).status in STATUS_SYMBOLS for row in grid.rows)


def _parts(
    grid: Grid,
    words: Words,
    column: Item,
    place: int,
    intervals: Mapping[tuple[str, str], tuple[float, float]],
    cut: Collection[str],
    *,
    visible: bool,
) -> list[dict[str, Any]]:
    """A line, and the way to its preliminary years as one of its own: dotted, with open signs.

    Before each row of ``cut`` stands a point without a value, which the line does not reach over.
    """
    settled = [row for row in grid.rows if not row.preliminary]
    parts = [(settled, settled)]
    if len(settled) < len(grid.rows):
        begin = max(len(settled) - 1, 0)
        parts.append((list(grid.rows[begin:]), [row for row in grid.rows if row.preliminary]))
    found = []
    for rows, marked in parts:
        points = [(row, gap) for row in rows for gap in ((True, False) if row.code in cut and row != rows[0] else (False,))]
        trace = _line(grid, words, column, place, points, marked, visible=visible)
        found.append(trace | ({"error_y": _bars(grid, column, intervals, points, marked)} if intervals else {}))
    return found


def _line(
    grid: Grid, words: Words, column: Item, place: int, points: Points, marked: Sequence[Item], *, visible: bool
) -> dict[str, Any]:
    """The line over ``points``, with a sign at each of ``marked``."""
    late = any(row.preliminary for row, _ in points)
    symbol = SYMBOLS[place % len(SYMBOLS)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": column.label,
        "meta": column.code,
        "visible": visible,
        "offsetgroup": column.code,
        **({"legendgroup": "preliminary"} if late else {}),
        "x": [_at(row) for row, _ in points],
        "y": [None if gap else number(grid.cell(row, column), grid.measure) for row, gap in points],
        "customdata": ["" if gap else read_cell(grid.cell(row, column), grid.measure, words) for row, gap in points],
        "hovertemplate": f"{column.label}<br>%{{x}}: %{{customdata}}<extra></extra>",
        "connectgaps": False,
        "cliponaxis": False,
        "line": {
            "color": series_colour(place),
            "width": 2.5,
            "dash": "dot" if late else DASHES[place // len(SYMBOLS) % len(DASHES)],
        },
        "marker": {"symbol": symbol, "size": 8, "color": series_colour(place)}
        | (_open(symbol, points, marked) if late else {}),
    }


def _open(symbol: str, points: Points, marked: Sequence[Item]) -> dict[str, Any]:
    """The signs of preliminary years: open, and none at the year that the way to them begins at."""
    return {"symbol": f"{symbol}-open", "size": [8 if row in marked else 0 for row, _ in points], "line": {"width": 2}}


def _bars(
    grid: Grid,
    column: Item,
    intervals: Mapping[tuple[str, str], tuple[float, float]],
    points: Points,
    marked: Sequence[Item],
) -> dict[str, Any]:
    """How far below and above its point each share's interval reaches, in percent; nothing where there is no point."""
    reach = [(0.0, 0.0)] * len(points)
    for place, (row, gap) in enumerate(points):
        share, bounds = number(grid.cell(row, column), "share"), intervals.get((row.code, column.code))
        if share is not None and bounds is not None and row in marked and not gap:
            reach[place] = (max(share - bounds[0] * 100, 0.0), max(bounds[1] * 100 - share, 0.0))
    return {
        "type": "data",
        "symmetric": False,
        "array": [round(above, 3) for _, above in reach],
        "arrayminus": [round(below, 3) for below, _ in reach],
        "thickness": 1,
        "width": 3,
    }


def _strip(grid: Grid, words: Words, column: Item, place: int, *, visible: bool) -> dict[str, Any]:
    rows = [row for row in grid.rows if grid.cell(row, column).status in STATUS_SYMBOLS]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": column.label,
        "meta": column.code,
        "visible": visible,
        "offsetgroup": column.code,
        "yaxis": "y2",
        "x": [_at(row) for row in rows],
        "y": [column.label for _ in rows],
        "customdata": [read_cell(grid.cell(row, column), grid.measure, words) for row in rows],
        "hovertemplate": f"{column.label}<br>%{{x}}: %{{customdata}}<extra></extra>",
        "cliponaxis": False,
        "marker": {
            "symbol": [STATUS_SYMBOLS[grid.cell(row, column).status][0] for row in rows],
            "size": 9,
            "color": series_colour(place),
            "line": {"width": 2, "color": series_colour(place)},
        },
    }


def _years_at(codes: Sequence[str], broken: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """By year of a break where its lines stand, so that the script shows those that the chosen lines cross."""
    years = sorted({year for one in broken.values() for year in one})
    return {year: [at - 0.5 for at in cuts(codes, [year])] for year in years}


def _break_lines(marked: Sequence[int]) -> list[dict[str, Any]]:
    """A line between each of the rows at the places ``marked`` and the row before it."""
    return [
        {
            "type": "line", "x0": at - 0.5, "x1": at - 0.5, "y0": 0, "y1": 1, "yref": "y domain",
            "line": {"color": "var(--ink-soft)", "width": 1, "dash": "dot"},
        }
        for at in marked
    ]  # fmt: skip


def _break_names(words: Words, marked: Sequence[int]) -> list[dict[str, Any]]:
    return [
        {
            "x": at - 0.5, "y": 1, "yref": "y domain", "xref": "x", "text": words("break.mark"), "showarrow": False,
            "xanchor": "center", "yanchor": "bottom", "font": {"size": 11, "color": "var(--ink-soft)"},
        }
        for at in marked
    ]  # fmt: skip
