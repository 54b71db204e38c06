"""The look that all figures share. Not here: what a figure shows.

Colours are the names of CSS tokens: the drawing script looks them up, so that one figure serves light, dark and paper.
Figures are plain data in the form of Plotly; the tests hold every one of them against plotly.py's own validators, which take
longer than all the rest of a site.
"""

from __future__ import annotations

from typing import Any

from dashboards.grids import Grid, number
from dashboards.released import Status
from dashboards.words import Words

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")
"""Series differ by symbol as well as by colour."""

FEW = 6
"""Where there are fewer persons than this, an axis has a line for each."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

STATUS_SYMBOLS: dict[Status, tuple[str, str]] = {
    "hidden": ("square-x-open", "\u22a0"),
    "unreliable": ("circle-open-dot", "\u2299"),
    "not_delivered": ("x-thin-open", "\u2715"),
}
"""What is drawn below the figure where it has no value, and the same sign as a letter. What cannot occur is not drawn."""


def series_colour(place: int) -> str:
    """The colour of the series at ``place``; after six the colours come again, and the symbols tell them apart no longer."""
    return f"var(--series-{place % len(SYMBOLS) + 1})"


def figure(traces: list[Any], words: Words, *, height: int, **layout: Any) -> dict[str, Any]:
    """A whole figure as plain data: the traces, and the shared layout overlaid with ``layout``."""
    shared = {
        "height": height,
        "separators": words.separators,
        "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "var(--ink)", "size": 13},
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8, "pad": 4},
        "hoverlabel": {"bgcolor": "var(--paper)", "bordercolor": "var(--line-strong)", "font": {"color": "var(--ink)"}},
        "dragmode": False,
    }
    return {"data": traces, "layout": {**shared, **layout}}


def value_axis(grid: Grid, words: Words, **more: Any) -> dict[str, Any]:
    """The axis that figures are read on: it begins at 0, and carries its unit. Persons are whole."""
    drawn = [number(cell, grid.measure) for (_, _, measure), cell in grid.cells.items() if measure == grid.measure]
    few = grid.measure != "share" and max((one for one in drawn if one is not None), default=FEW) < FEW
    return {
        "rangemode": "tozero",
        "ticksuffix": words.percent if grid.measure == "share" else "",
        "gridcolor": "var(--line)",
        "zeroline": True,
        "zerolinecolor": "var(--line-strong)",
        "zerolinewidth": 1,
        "fixedrange": True,
        "automargin": True,
        **({"dtick": 1} if few else {"nticks": 6}),
        "separatethousands": True,
        **more,
    }


def category_axis(**more: Any) -> dict[str, Any]:
    """The axis of names or school years, in the order of the table."""
    return {
        "type": "category",
        "fixedrange": True,
        "automargin": True,
        "showgrid": False,
        "linecolor": "var(--line-strong)",
        **more,
    }


def wrapped(label: str, width: int = 24) -> str:
    """``label`` broken at spaces into lines of about ``width`` characters, so that it keeps its room on a narrow screen."""
    lines: list[str] = []
    for word in label.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return "<br>".join(lines)
