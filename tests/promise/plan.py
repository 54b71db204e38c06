"""What a case is made from: its plan before persons are counted, and a feature of either. Not here: which there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from avbrott.counting.spec import Never, Table
from tests.promise.axis import Axis


@dataclass
class Plan:
    """A case before its persons are counted: axes, tables and the fields of its policy."""

    axes: dict[str, Axis]
    tables: list[Table]
    policy: dict[str, Any] = field(default_factory=lambda: {"threshold": 3, "width": 3})
    never: tuple[Never, ...] = ()
    unpublished: tuple[dict[str, frozenset[str]], ...] = ()
    lists_zeros: bool = True
    observed: bool = False

    def every(self, *left_out: str) -> dict[str, tuple[str, ...]]:
        """All levels of all dimensions but some."""
        return {name: axis.levels for name, axis in self.axes.items() if name not in left_out}

    @property
    def extra(self) -> list[str]:
        """The dimensions beside area and outcome."""
        return [name for name in self.axes if name not in {"area", "outcome"}]

    @property
    def third(self) -> Axis | None:
        """The dimension beside area, outcome and year."""
        return next((self.axes[name] for name in self.extra if name != "year"), None)

    @property
    def year(self) -> Axis | None:
        return self.axes.get("year")


@dataclass(frozen=True)
class Feature:
    """``chance``: of a hundred cases, how many it is asked for. ``least``: of a hundred, how many must have had it."""

    name: str
    chance: int
    least: float
    change: Callable[[st.DrawFn, Any], bool]
