"""Stills of lying bars: a row each, its name beside it or, where there is little room, above it.

Rows are elements of the page, so that its style sheet sets them out; in each row a bar is a part of the width that is there.
"""

from __future__ import annotations

from typing import Any

from dashboards.stills.axes import Axis, category_axis, value_axis
from dashboards.stills.parts import LINE, lines, percent, short, text
from dashboards.stills.plane import FOOT, SIDE, TICK, Trace, filled, pattern

BESIDE = 4
"""Between a bar and its figure, in pixels."""


def rows(figure: dict[str, Any], name: str) -> str:
    """Every row from the top, and the names of the axis below them where it has any."""
    layout, data = figure["layout"], figure["data"]
    margin = layout["margin"]
    axis = value_axis(layout["xaxis"], (), layout["separators"])
    named = category_axis(layout["yaxis"]).names
    foot = SIDE + LINE if axis.ticks else margin["b"]
    slot = (layout["height"] - margin["t"] - foot) / len(named)
    bold = {one for one in named if one.startswith("<b>")}
    drawn = [
        f"<span{' class=still-sum' if one in bold else ''}>{' <br>'.join(lines(one))}</span>"
        f'<svg class="still-field" height="{short(slot, 2)}">{_row(layout, data, one, axis, slot, name)}</svg>'
        for one in named
    ]
    below = "".join(f'<text x="{percent(part)}" y="{TICK + LINE - 2}">{label}</text>' for part, label in axis.ticks)
    patterns = "".join(pattern(trace, f"{name}-{place}") for place, trace in enumerate(data))
    field = f'<svg class="still-field still-names" height="{short(foot)}">{below}</svg>'
    top = f'<svg class="still-top" width="1" height="{margin["t"]}">{patterns}</svg>'
    room = "still-rows still-figures" if "text" in data[0] else "still-rows"
    return f'{top}<div class="{room}">{"".join(drawn)}<span></span>{field}</div>'


def _row(layout: dict[str, Any], data: list[Trace], named: str, axis: Axis, slot: float, name: str) -> str:
    """The bars of a row, on or beside each other, each with its figure; the mark of what is not shown, and no bar, for it."""
    stacked = layout["barmode"] == "stack"
    high = slot * (1 - layout["bargap"]) / (1 if stacked else len(data))
    begin, found = 0.0, []
    top = slot * layout["bargap"] / 2
    grid = "".join(
        f'<line class="still-grid" x1="{percent(part)}" x2="{percent(part)}" y2="100%"/>' for part, _ in axis.ticks
    )
    for place, trace in enumerate(data):
        at = trace["y"].index(named)
        value = trace["x"][at]
        y = top if stacked else top + place * high
        if value is not None:
            long = percent(axis.part(begin + value) - axis.part(begin))
            bar = f'<rect x="{percent(axis.part(begin))}" y="{short(y)}" width="{long}" height="{short(high)}"/>'
            found.append(f'<g class="still-bar"{filled(trace, f"{name}-{place}")}>{bar}</g>')
            if stacked:
                begin += value
            elif trace["text"][at]:
                shown = f'<text x="{long}" dx="{BESIDE}" y="{short(y + high / 2 + FOOT)}">{trace["text"][at]}</text>'
                found.append(shown)
    marks = [
        text(str(BESIDE), slot / 2 - one["yshift"] + FOOT, one["text"], ' class="still-mark"')
        for one in layout.get("annotations", ())
        if one["y"] == named
    ]
    return "".join([grid, *found, *marks])
