"""Signs that others lie on, as those of several lines at 0 do: larger, so that they are seen around them.

As ``uncovered`` of ``static/forms.js`` does it when the script draws, whose numbers these are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NEAR = 0.006
"""Signs nearer to each other than this part of the highest value lie on each other."""
LARGER, MOST = 7, 4
"""So many pixels larger is a sign for each that lies on it, of so many at most."""

Trace = dict[str, Any]


def sizes(trace: Trace, data: Sequence[Trace]) -> list[float]:
    """The size of each sign of ``trace``, in pixels: its own, and more for each later trace that has one on the same spot."""
    own = _own(trace)
    if "yaxis" in trace:
        return own
    shown = [one for one in data if "markers" in one.get("mode", "") and "yaxis" not in one]
    near = NEAR * max((abs(y) for one in shown for y in one["y"] if y is not None), default=0)
    above = [one for one in shown[shown.index(trace) + 1 :] if one.get("meta") is None or one["meta"] != trace.get("meta")]
    spots = [
        [(x, y) for x, y, size in zip(one["x"], one["y"], _own(one), strict=True) if y is not None and size >= 1]
        for one in above
    ]
    return [
        size + LARGER * min(sum(_on(x, y, near, other) for other in spots), MOST) if y is not None and size >= 1 else size
        for x, y, size in zip(trace["x"], trace["y"], own, strict=True)
    ]


def _own(trace: Trace) -> list[float]:
    size = trace["marker"]["size"]
    return size if isinstance(size, list) else [size] * len(trace["x"])


def _on(x: Any, y: float, near: float, spots: Sequence[tuple[Any, float]]) -> bool:
    return any(one == x and abs(other - y) <= near for one, other in spots)
