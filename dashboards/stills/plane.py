"""Stills of what stands on two axes: lines with their signs, steps, bands, limits of chance, and standing bars.

As high as the figure, and as wide as there is room: what is a path is stretched, signs and words keep their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dashboards.stills.axes import BEYOND, Axis, category_axis, half_of, thinned, value_axis
from dashboards.stills.covered import sizes
from dashboards.stills.parts import CHARACTER, LINE, coloured, dashed, percent, short, sign, text

Trace = dict[str, Any]

SIDE = 16
"""Room beside the names of an axis, and below them, in pixels."""
TITLE = 23
TICK = 5
NARROW, WIDE = 262, 450
"""So wide is the field at least on a telephone, and where a figure is not narrow, in pixels."""
WIDE_ONLY, NARROW_ONLY = ' class="still-wide"', ' class="still-narrow"'
FOOT = 4.5
"""So far below the middle of a line of text its foot is, in pixels."""
UPENDED = 4
"""Of ``static/forms.js``: so much higher a figure is for each sign of a name that it sets on end, where it is narrow."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The field of a figure: heights are pixels from the top, widths parts of it."""

    x: Axis
    y: Axis
    top: float
    area: float
    """From the top of the area that is drawn on to the axis along its foot."""
    domain: tuple[float, float]
    """The part of the area, from its foot, that values stand in; below them is the strip."""

    @property
    def foot(self) -> float:
        return self.top + self.area

    def up(self, value: float) -> float:
        """The height of a value."""
        return self.up_part(self.y.part(value))

    def up_part(self, part: float) -> float:
        """The height of a part of the upright axis."""
        low, high = self.domain
        return self.level(low + (high - low) * part)

    def level(self, part: float) -> float:
        """The height of a part of the area."""
        return self.top + self.area * (1 - part)


def plane(figure: dict[str, Any], name: str) -> str:
    """The field between the names of its axes. ``name`` is the figure's, for what must be called something on its page."""
    layout = figure["layout"]
    data = [trace for trace in figure["data"] if trace.get("visible", True)]
    on = _plane(layout, data)
    height = layout["height"]
    shift = _beside(data, layout)
    wide = max((len(label) for _, label in on.y.ticks), default=0) * CHARACTER + SIDE + 2
    side = "".join(
        f'<text x="{short(wide - 8)}" y="{short(on.up_part(part) + FOOT)}">{label}</text>' for part, label in on.y.ticks
    )
    paths = [_grid(on), *(path for trace in data for path in _paths(trace, on, shift)), *_shapes(layout, on)]
    bars = _bars([trace for trace in data if trace["type"] == "bar"], layout, on, name)
    marks = [_marks(trace, on, layout, shift, data) for trace in data if trace["type"] == "scatter"]
    return (
        f'<div class="still-plane"><svg class="still-side" width="{short(wide)}" height="{height}">{side}</svg>'
        f'<svg class="still-field" height="{height}">'
        f'<svg class="still-paths" viewBox="0 0 1000 {height}" preserveAspectRatio="none" width="100%" height="{height}">'
        f"{''.join(paths)}</svg>{bars}{''.join(marks)}{_names(layout, on, height)}</svg></div>{_more(on)}"
    )


def _plane(layout: dict[str, Any], data: list[Trace]) -> Plane:
    said = layout["xaxis"]
    values = list(_heights(data, layout.get("barmode") == "stack"))
    y = value_axis(layout["yaxis"], values, layout["separators"])
    along = category_axis(said) if "categoryarray" in said else value_axis(said, (), layout["separators"])
    labelled = max((label.count("<br>") + 1 for _, label in along.ticks), default=0)
    foot = SIDE + LINE * labelled + (TITLE if "title" in said else 0)
    top = layout["margin"]["t"]
    low, high = layout["yaxis"].get("domain", (0, 1))
    return Plane(along, y, top, layout["height"] - top - foot, (low, high))


def _heights(data: list[Trace], stacked: bool) -> Iterator[float]:
    """Every height that the axis must reach."""
    if stacked:
        columns = zip(*(trace["y"] for trace in data), strict=True)
        yield from (sum(one for one in column if one is not None) for column in columns)
        return
    for trace in data:
        reach = trace.get("error_y", {}).get("array")
        if trace.get("yaxis", "y") == "y":
            for place, one in enumerate(trace["y"]):
                if one is not None:
                    yield one + (reach[place] if reach else 0)


def _beside(data: list[Trace], layout: dict[str, Any]) -> dict[str, float]:
    """By ``offsetgroup`` how far beside its place each line stands, where a layout sets lines beside each other."""
    if layout.get("scattermode") != "group":
        return {}
    groups = list(dict.fromkeys(trace["offsetgroup"] for trace in data))
    return {group: ((place + 0.5) / len(groups) - 0.5) * (1 - layout["scattergap"]) for place, group in enumerate(groups)}


def _grid(on: Plane) -> str:
    """Level lines at the names of the upright axis, and the axis along the foot with its ticks."""
    level = "".join(f"M0 {short(on.up_part(part))}H1000" for part, _ in on.y.ticks)
    ticks = "".join(f"M{short(part * 1000, 0)} {short(on.foot)}v{TICK}" for part, _ in on.x.ticks)
    return f'<path class="still-grid" d="{level}"/><path class="still-axis" d="M0 {short(on.foot)}H1000{ticks}"/>'


def _across(trace: Trace, on: Plane, shift: dict[str, float]) -> list[float | None]:
    """Where the points of a trace stand across, from 0 to 1."""
    aside = shift.get(trace.get("offsetgroup", ""), 0) / (on.x.most - on.x.least)
    return [None if x is None else on.x.part(x) + aside for x in trace["x"]]


def _paths(trace: Trace, on: Plane, shift: dict[str, float]) -> list[str]:
    """The line of a trace, broken where it has no value, and how far chance reaches about its points."""
    if trace["type"] != "scatter":
        return []
    across, found = _across(trace, on, shift), []
    reach = trace.get("error_y")
    if reach:
        whiskers = "".join(
            f"M{short(x * 1000, 0)} {short(on.up(y - down))}V{short(on.up(y + up))}"
            for x, y, up, down in zip(across, trace["y"], reach["array"], reach["arrayminus"], strict=True)
            if x is not None and y is not None and (up or down)
        )
        colour = coloured(reach.get("color", trace["line"]["color"]))
        found += [f'<path{colour} stroke-width="{reach["thickness"]}" d="{whiskers}"/>'] if whiskers else []
    if "lines" in trace["mode"]:
        line = trace["line"]
        filled = f' fill="{trace["fillcolor"]}"' if trace.get("fill") == "toself" else ""
        drawn = _line(across, trace["y"], on, steps=line.get("shape") == "hv", closed=bool(filled))
        more = f"{dashed(line.get('dash', ''))}{filled}"
        width = f' stroke-width="{line["width"]}"'
        found += [f'<path{coloured(line["color"])}{width}{more} d="{drawn}"/>'] if drawn else []
    return found


def _line(across: Iterable[float | None], heights: Iterable[float | None], on: Plane, *, steps: bool, closed: bool) -> str:
    """Each run of points that are there, as a line, as level steps, or closed to a shape of its own."""
    runs: list[list[tuple[str, str]]] = [[]]
    for x, y in zip(across, heights, strict=True):
        if x is None or y is None:
            runs.append([])
        else:
            runs[-1].append((short(x * 1000, 0), short(on.up(y))))
    joined = []
    for run in runs:
        if len(run) > 1:
            first, others = run[0], run[1:]
            way = "".join(f"H{x}V{y}" for x, y in others) if steps else "L" + " ".join(f"{x} {y}" for x, y in others)
            joined.append(f"M{first[0]} {first[1]}{way}{'z' if closed else ''}")
    return "".join(joined)


def _shapes(layout: dict[str, Any], on: Plane) -> list[str]:
    """The lines that stand over the whole height of the values: where a series breaks."""
    low, high = (short(on.level(part)) for part in on.domain)
    return [
        f'<path{coloured(one["line"]["color"])} stroke-width="{one["line"]["width"]}"{dashed(one["line"]["dash"])}'
        f' d="M{short(on.x.part(one["x0"]) * 1000)} {low}V{high}"/>'
        for one in layout.get("shapes", ())
    ]


def _marks(trace: Trace, on: Plane, layout: dict[str, Any], shift: dict[str, float], data: list[Trace]) -> str:
    """The signs of a trace and its words, in their own size."""
    across = _across(trace, on, shift)
    heights = _rows(trace, on, layout, data) if "yaxis" in trace else [None if y is None else on.up(y) for y in trace["y"]]
    found = []
    if "markers" in trace["mode"]:
        named = trace["marker"]["symbol"]
        names = named if isinstance(named, list) else [named] * len(across)
        drawn = "".join(
            sign(name, x, y, size)
            for name, x, y, size in zip(names, across, heights, sizes(trace, data), strict=True)
            if x is not None and y is not None and size >= 1
        )
        opened = ' class="still-open"' if any(name.endswith("-open") or "yaxis" in trace for name in names) else ""
        found += [f"<g{coloured(trace['marker']['color'])}{opened}>{drawn}</g>"] if drawn else []
    if "text" in trace["mode"]:
        begins = trace["textposition"].endswith("right")
        above = "" if begins else ' class="still-middle"'
        found += [
            text(percent(x), y - 8, words, above)
            for x, y, words in zip(across, heights, trace["text"], strict=True)
            if words and x is not None and y is not None
        ]
    return "".join(found)


def _rows(trace: Trace, on: Plane, layout: dict[str, Any], data: list[Trace]) -> list[float | None]:
    """The heights of signs in the strip: a row a line, the first at its foot."""
    rows = list(dict.fromkeys(y for one in data if "yaxis" in one for y in one["y"]))
    low, high = layout["yaxis2"]["domain"]
    return [on.level(low + (high - low) * (rows.index(y) + 0.5) / len(rows)) for y in trace["y"]]


def _bars(traces: list[Trace], layout: dict[str, Any], on: Plane, name: str) -> str:
    """Standing bars, each trace on those before it. Where there is no value there is no bar, not one of no height."""
    if not traces:
        return ""
    wide = (1 - layout["bargap"]) / (on.x.most - on.x.least)
    below: dict[Any, float] = {}
    drawn, patterns = [], []
    for place, trace in enumerate(traces):
        found = []
        for x, y in zip(trace["x"], trace["y"], strict=True):
            if y is not None:
                low, high = on.up(below.get(x, 0)), on.up(below.get(x, 0) + y)
                below[x] = below.get(x, 0) + y
                at = on.x.part(x) - wide / 2
                found.append(
                    f'<rect x="{percent(at)}" width="{percent(wide)}" y="{short(high)}" height="{short(low - high)}"/>'
                )
        patterns.append(pattern(trace, f"{name}-{place}"))
        drawn.append(f'<g class="still-bar"{filled(trace, f"{name}-{place}")}>{"".join(found)}</g>')
    return "".join([*patterns, *drawn])


def pattern(trace: Trace, name: str) -> str:
    """What the bars of a trace that has a pattern are filled with, called ``name``."""
    shape = trace["marker"].get("pattern", {}).get("shape")
    ways = {"/": "M-2 2l4-4M0 8l8-8M6 10l4-4", "\\": "M-2 6l4 4M0 0l8 8M6-2l4 4", "x": "M0 8l8-8M0 0l8 8"}
    if not shape:
        return ""
    drawn = f'<path d="{ways[shape]}" stroke="{trace["marker"]["color"]}" stroke-width="2"/>'
    return f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">{drawn}</pattern>'


def filled(trace: Trace, name: str) -> str:
    """The attributes of the bars of a trace: their colour, and the pattern called ``name`` where they have one."""
    patterned = f' fill="url(#{name})"' if trace["marker"].get("pattern", {}).get("shape") else ""
    return coloured(trace["marker"]["color"]) + patterned


def _names(layout: dict[str, Any], on: Plane, height: float) -> str:
    """The names along the foot that have room there, the axis's own, and words at a place of their own."""
    ticks = on.x.ticks
    kept = {narrow: set(thinned(ticks, room, CHARACTER)) for narrow, room in ((True, NARROW), (False, WIDE))}
    found = []
    for place, (part, name) in enumerate(ticks):
        if place in kept[True] | kept[False]:
            y, beyond = on.foot + TICK + LINE - 2, part * NARROW + half_of(name, CHARACTER) > NARROW + BEYOND
            if beyond and place in kept[True]:
                found.append(text("100%", y, name, f' class="still-narrow still-end" transform="translate({BEYOND})"'))
            alone = (
                "" if place in kept[True] & kept[False] and not beyond else WIDE_ONLY if place in kept[False] else NARROW_ONLY
            )
            if alone != NARROW_ONLY or not beyond:
                found.append(text(percent(part), y, name, alone))
    title = layout["xaxis"].get("title")
    more = [text("50%", height - 8, title["text"])] if title else []
    more += [
        text(percent(on.x.part(one["x"])), on.top - 6, one["text"], ' class="still-soft"')
        for one in layout.get("annotations", ())
    ]
    return f'<g class="still-names">{"".join(found + more)}</g>'


def _more(on: Plane) -> str:
    """Room below, where the figure is narrow, as ``upended`` of ``static/forms.js`` takes for the names of pooled years."""
    names = on.x.names
    if not any("\u2013<br>" in name for name in names):
        return ""
    longest = max(len(name.replace("\u2013<br>", "\u2013").replace("<br>", " ")) for name in names)
    return f'<svg class="still-more" width="1" height="{longest * UPENDED}"></svg>'
