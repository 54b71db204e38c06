"""Small figures drawn as SVG here and now: for pages that one reader gets alone, and that carry no script.

Colours are classes of the style sheet. A figure grows with its place; it is never the only way to a number, the page's table
has it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 344, 14, 186

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Plane:
    """Where values lie in a figure: each axis from its least to its most, ``ticks`` are values and what they are called.

    What is said below the axis can be of two lines.
    """

    across: tuple[float, float]
    up: tuple[float, float]
    across_ticks: tuple[tuple[float, str], ...]
    up_ticks: tuple[tuple[float, str], ...]

    def x(self, value: float) -> float:
        least, most = self.across
        return round(LEFT + (RIGHT - LEFT) * (value - least) / (most - least or 1), 1)

    def y(self, value: float) -> float:
        least, most = self.up
        return round(BOTTOM - (BOTTOM - TOP) * (value - least) / (most - least or 1), 1)

    def points(self, points: Points) -> str:
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in points)


def drawing(title: str, plane: Plane, *marks: str) -> str:
    """The figure under its title: grid, axes with their names, and the marks on it."""
    box_of = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"'
    parts = [f'<figure><figcaption class="subtitle">{escape(title)}</figcaption>']
    parts.append(f'<svg class="sketch" xmlns="http://www.w3.org/2000/svg" {box_of}>')
    for value, name in plane.up_ticks:
        at = plane.y(value)
        parts.append(f'<line class="sketch-grid" x1="{LEFT}" x2="{RIGHT}" y1="{at}" y2="{at}"/>')
        parts.append(f'<text class="sketch-name" x="{LEFT - 6}" y="{at}" dy="0.35em" text-anchor="end">{escape(name)}</text>')
    parts.append(f'<line class="sketch-axis" x1="{LEFT}" x2="{RIGHT}" y1="{BOTTOM}" y2="{BOTTOM}"/>')
    parts += [_below(plane.x(value), name) for value, name in plane.across_ticks]
    return "".join([*parts, *marks, "</svg></figure>"])


def _below(x: float, name: str) -> str:
    """A name below the axis at ``x``, of one or two lines."""
    first, *second = escape(name).split("\n")
    more = "".join(f'<tspan x="{x}" dy="12">{line}</tspan>' for line in second)
    return f'<text class="sketch-name" x="{x}" y="{BOTTOM + 18}" text-anchor="middle">{first}{more}</text>'


def line(plane: Plane, points: Points, kind: str = "sketch-line") -> str:
    """A line through ``points``; nothing where there are fewer than two."""
    return f'<polyline class="{kind}" points="{plane.points(points)}"/>' if len(points) > 1 else ""


def upright(plane: Plane, x: float) -> str:
    """A line from the axis to the top at ``x``: where a series breaks."""
    at = plane.x(x)
    return f'<line class="sketch-break" x1="{at}" x2="{at}" y1="{TOP}" y2="{BOTTOM}"/>'


def dots(plane: Plane, points: Points, kind: str = "sketch-dot") -> str:
    """A dot at each of ``points``."""
    return "".join(f'<circle class="{kind}" cx="{plane.x(x)}" cy="{plane.y(y)}" r="4"/>' for x, y in points)


def band(plane: Plane, low: Points, high: Points) -> str:
    """The area between two lines."""
    return f'<polygon class="sketch-band" points="{plane.points([*low, *reversed(high)])}"/>' if low else ""


def box(plane: Plane, x: float, low: float, middle: float, high: float) -> str:
    """A box from ``low`` to ``high`` at ``x``, with a level line at ``middle``."""
    left, top, bottom, at = round(plane.x(x) - 9, 1), plane.y(high), plane.y(low), plane.y(middle)
    height = round(max(bottom - top, 1), 1)
    return (
        f'<rect class="sketch-band" x="{left}" y="{top}" width="18" height="{height}"/>'
        f'<line class="sketch-tick" x1="{left}" x2="{left + 18}" y1="{at}" y2="{at}"/>'
    )


def steps(top: float) -> list[int]:
    """Level lines from zero to ``top`` at whole numbers, at most six of them above zero."""
    every = next((each for power in range(9) for each in (10**power, 2 * 10**power, 5 * 10**power) if top / each < 6), 1)
    return list(range(0, int(top) + 1, every))
