"""A funnel plot: the share of each municipality by how many pupils it has, within limits of chance around the county's.

Only what is shown is a point; the limits follow from the county's share alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10
from typing import Any

from dashboards.figures.style import SYMBOLS, figure, series_colour
from dashboards.intervals import Z_95, Z_998, around
from dashboards.released import Cell
from dashboards.words import Words

HEIGHT = 420
POINTS = 60
"""So many places of each limit are reckoned."""
KINDS = ("inside", "between", "outside")
"""Within the inner limits, between inner and outer, beyond the outer ones: each with a symbol and colour of its own."""
MARKS = (1, 2, 5), (1, 2, 3, 5, 7)
"""Times a power of ten: where numbers of pupils are written, and where they are if these are fewer than ``LEAST_MARKS``."""
LEAST_MARKS = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One municipality whose share and number of pupils are both shown."""

    label: str
    share: Decimal
    base: int
    kind: str


def points(whole: Cell, places: Sequence[tuple[str, Cell, Cell]]) -> list[Point]:
    """Of ``places`` (label, share, number of pupils) those that are shown, held against the share of the ``whole``."""
    if whole.value is None:
        return []
    found = []
    for label, share, base in places:
        if share.value is not None and base.value is not None and int(base.value):
            at, persons = Decimal(share.value), int(base.value)
            found.append(Point(label, at, persons, _kind(float(at), persons, float(whole.value))))
    return found


def _kind(share: float, base: int, whole: float) -> str:
    for kind, z in zip(KINDS[:2], (Z_95, Z_998), strict=True):
        low, high = around(whole, base, z)
        if low <= share <= high:
            return kind
    return KINDS[2]


def funnel(share: Decimal, whole_label: str, drawn: Sequence[Point], words: Words) -> dict[str, Any]:
    """The ``drawn`` points, the ``share`` of the whole as a level line, and limits that 95 and 99.8 of 100 stay within."""
    bases = [point.base for point in drawn]
    low, high = log10(min(bases) * 0.8), log10(max(bases) * 1.25)
    along = [10 ** (low + (high - low) * place / (POINTS - 1)) for place in range(POINTS)]
    top = max(*(point.share for point in drawn), share) * 100 * Decimal("1.15")
    return figure(
        [
            *(_limit(along, float(share), z, dash) for z, dash in ((Z_95, "dash"), (Z_998, "solid"))),
            _level(along, share, whole_label, words),
            *(_points([point for point in drawn if point.kind == kind], place, words) for place, kind in enumerate(KINDS)),
        ],
        words,
        height=HEIGHT,
        xaxis={
            "type": "log", "range": [low, high], "tickvals": _marks(low, high),
            "title": {"text": words("axis.pupils"), "standoff": 8}, "showgrid": False, "fixedrange": True, "automargin": True,
            "linecolor": "var(--line-strong)", "ticks": "outside", "separatethousands": True,
        },
        yaxis={
            "range": [0, float(top)], "ticksuffix": words.percent, "gridcolor": "var(--line)", "fixedrange": True,
            "automargin": True, "nticks": 6, "zeroline": True, "zerolinecolor": "var(--line-strong)",
        },
        hovermode="closest",
    )  # fmt: skip


def _marks(low: float, high: float) -> list[int]:
    """Round numbers whose logarithms lie between ``low`` and ``high``."""
    found: list[int] = []
    for times in MARKS:
        found = [one * 10**power for power in range(7) for one in times if low <= log10(one * 10**power) <= high]
        if len(found) >= LEAST_MARKS:
            break
    return found


def _limit(along: Sequence[float], share: float, z: float, dash: str) -> dict[str, Any]:
    """Both limits as one line: the lower from where it leaves 0, a gap, and the upper."""
    limits = [(round(base, 1), *around(share, int(base) or 1, z)) for base in along]
    lower = [(base, low) for base, low, _ in limits if low > 0]
    line = [*lower, (None, None), *((base, high) for base, _, high in limits)]
    return {
        "type": "scatter", "mode": "lines", "hoverinfo": "skip",
        "x": [base for base, _ in line], "y": [None if limit is None else round(limit * 100, 3) for _, limit in line],
        "line": {"color": "var(--ink-soft)", "width": 1.2, "dash": dash},
    }  # fmt: skip


def _level(along: Sequence[float], share: Decimal, label: str, words: Words) -> dict[str, Any]:
    """The line of the whole, within the axis: Plotly drops the text of a point that is rounded out of it."""
    return {
        "type": "scatter", "mode": "lines+text", "hoverinfo": "skip",
        "x": [ceil(along[0] * 10) / 10, floor(along[-1] * 10) / 10], "y": [float(share * 100)] * 2,
        "text": [f"{label} {words.share(str(share))}", ""], "textposition": "top right",
        "line": {"color": "var(--ink)", "width": 1.2},
    }  # fmt: skip


def _points(drawn: Sequence[Point], place: int, words: Words) -> dict[str, Any]:
    """Points of one kind; those beyond a limit carry their name."""
    return {
        "type": "scatter",
        "mode": "markers+text" if place else "markers",
        "x": [point.base for point in drawn],
        "y": [float(point.share * 100) for point in drawn],
        "text": [point.label for point in drawn],
        "textposition": "top center",
        "customdata": [
            words("funnel.point", share=words.share(str(point.share)), base=words.whole(point.base)) for point in drawn
        ],
        "hovertemplate": "%{text}: %{customdata}<extra></extra>",
        "marker": {"color": series_colour(place), "symbol": SYMBOLS[place], "size": 10},
        "cliponaxis": False,
    }


def verdicts(drawn: Sequence[Point], words: Words) -> list[str]:
    """Who is outside which limits, in sentences; the rest as a number."""
    named = {kind: ", ".join(point.label for point in drawn if point.kind == kind) for kind in KINDS[1:]}
    inside = sum(point.kind == KINDS[0] for point in drawn)
    return [
        *(words(f"funnel.{kind}.who", who=who) for kind, who in reversed(named.items()) if who),
        words("funnel.inside.count", count=words.whole(inside), of=words.whole(len(drawn))),
    ]
