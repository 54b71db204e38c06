"""A system of tables: dimensions with their hierarchies, and which levels each table shows. No counts and no policy here.

The words are those of ``docs/method``: a *system* is everything published together about the same persons; a *cell* is one
combination of codes, one a dimension, with ``Total`` where a dimension is not divided; a *relation* says that a cell is the
sum of others. Contracts are turned into this by ``counting.from_contracts``, a file's own spec by ``disclosure``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from avbrott.table import TOTAL, WINDOW_SEPARATOR


@dataclass(frozen=True)
class Dimension:
    """A dimension: its finest codes, and what each of them belongs to.

    ``members`` has one row a finest code and one String column a level; the column ``finest`` holds the code itself. A code
    with no finer division repeats itself in the finer levels. ``hierarchies`` lists the levels coarse to fine, each list
    ending in ``finest``; several are alternative ways of adding up the same finest codes. With ``total`` false the
    codes are never summed to ``Total`` (school years). ``window`` is the length of rolling windows over the
    codes in their sorted order; a window's code is ``first..last``.
    """

    name: str
    members: pl.DataFrame
    hierarchies: tuple[tuple[str, ...], ...]
    total: bool = True
    window: int | None = None

    @property
    def finest(self) -> str:
        """The finest level, shared by all hierarchies."""
        return self.hierarchies[0][-1]

    @property
    def levels(self) -> tuple[str, ...]:
        """Every level once, coarse to fine."""
        return tuple(dict.fromkeys(level for hierarchy in self.hierarchies for level in hierarchy))

    def windows(self) -> dict[str, tuple[str, ...]]:
        """The codes of each rolling window, by the window's code; empty where the dimension has none."""
        if self.window is None:
            return {}
        codes = sorted(self.members[self.finest].unique().to_list())
        size = self.window
        return {
            f"{codes[i]}{WINDOW_SEPARATOR}{codes[i + size - 1]}": tuple(codes[i : i + size])
            for i in range(len(codes) - size + 1)
        }


@dataclass(frozen=True)
class Table:
    """One table: by dimension the levels it shows. A dimension that is not named stands at its total, or at the code that
    ``where`` gives. ``windows`` names the dimensions that are shown in windows, and ``windows_only`` those where the single
    codes are left out."""

    name: str
    levels: dict[str, tuple[str, ...]]
    where: dict[str, str] = field(default_factory=dict)
    windows: frozenset[str] = frozenset()
    windows_only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SystemSpec:
    """Everything that is published together about the same persons."""

    name: str
    dimensions: dict[str, Dimension]
    tables: tuple[Table, ...]


__all__ = ["TOTAL", "Dimension", "SystemSpec", "Table"]
