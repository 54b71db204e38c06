"""Stills of flows of persons between statuses: two columns of nodes as in the figure, and flows as wide as they are there."""

from __future__ import annotations

from typing import Any

from dashboards.stills.parts import coloured, lines, short

THICK = 14
"""A node, in pixels."""
AT_THE_END = f' x="100%" transform="translate(-{THICK})"'
BEND = 500
"""Where flows turn, in thousandths of the width."""


def flows(figure: dict[str, Any]) -> str:
    """Flows between two columns of nodes, whose names stand outside them."""
    layout, (trace,) = figure["layout"], figure["data"]
    margin, height = layout["margin"], layout["height"]
    node, link = trace["node"], trace["link"]
    area = height - margin["t"] - margin["b"]
    sides = [[place for place, x in enumerate(node["x"]) if (x > BEND / 1000) is right] for right in (False, True)]
    sums = _sums(link, len(node["x"]))
    scale = min((area - (len(side) - 1) * node["pad"]) / (sum(sums[place] for place in side) or 1) for side in sides)
    tops = [margin["t"] + area * y - sums[place] * scale / 2 for place, y in enumerate(node["y"])]
    ribbons = _ribbons(link, tops, scale)
    drawn = [
        f'<path fill="{colour}" d="M0 {short(left)}C{BEND} {short(left)} {BEND} {short(right)} 1000 {short(right)}'
        f'v{short(wide)}C{BEND} {short(right + wide)} {BEND} {short(left + wide)} 0 {short(left + wide)}z"/>'
        for colour, left, right, wide in ribbons
    ]
    nodes = [
        f'<rect{coloured(node["color"][place])}{AT_THE_END if right else ""} y="{short(tops[place])}" width="{THICK}"'
        f' height="{short(sums[place] * scale)}"/>'
        for right, side in enumerate(sides)
        for place in side
    ]
    left, right = (_names(layout, side, height) for side in (0, 1))
    return (
        f'<div class="still-plane still-flows"><svg class="still-side" width="{margin["l"]}" height="{height}">{left}</svg>'
        f'<svg class="still-field" height="{height}">'
        f'<svg viewBox="0 0 1000 {height}" preserveAspectRatio="none" width="100%" height="{height}">{"".join(drawn)}</svg>'
        f'<g class="still-bar">{"".join(nodes)}</g></svg>'
        f'<svg class="still-goals" width="{margin["r"]}" height="{height}">{right}</svg></div>'
    )


def _sums(link: dict[str, Any], count: int) -> list[int]:
    """How many go from or come to each node."""
    found = [0] * count
    for source, target, value in zip(link["source"], link["target"], link["value"], strict=True):
        found[source] += value
        found[target] += value
    return found


def _ribbons(link: dict[str, Any], tops: list[float], scale: float) -> list[tuple[str, float, float, float]]:
    """Colour, height at the left and at the right, and width of each flow; at a node in the order of the other side."""
    ways = list(zip(link["source"], link["target"], link["value"], link["color"], strict=True))
    left, right = list(tops), list(tops)
    starts, ends = {}, {}
    for source, target, value, _ in sorted(ways, key=lambda way: (way[0], tops[way[1]])):
        starts[source, target] = left[source]
        left[source] += value * scale
    for source, target, value, _ in sorted(ways, key=lambda way: (way[1], tops[way[0]])):
        ends[source, target] = right[target]
        right[target] += value * scale
    return [(colour, starts[one, other], ends[one, other], value * scale) for one, other, value, colour in ways]


def _names(layout: dict[str, Any], side: int, height: float) -> str:
    """The names of one side, each about its height."""
    margin, found = layout["margin"], []
    area = height - margin["t"] - margin["b"]
    for one in layout["annotations"]:
        if one["x"] == side:
            said, x = lines(one["text"]), 6 if side else margin["l"] - 6
            first = margin["t"] + area * (1 - one["y"]) - (len(said) - 1) * 7 + 4
            found.append(
                f'<text x="{x}" y="{short(first)}">{said[0]}'
                + "".join(f'<tspan x="{x}" dy="14">{line}</tspan>' for line in said[1:])
                + "</text>"
            )
    return "".join(found)
