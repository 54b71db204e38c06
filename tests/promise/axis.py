"""A dimension of a small table: its codes, what each of them is made of, and which of them a table shows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from avbrott.counting.spec import Dimension, Table
from avbrott.table import TOTAL, WINDOW_SEPARATOR

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass
class Axis:
    """A dimension: its finest codes in order, by coarser level the code that each belongs to, and its hierarchies."""

    name: str
    codes: list[str]
    groups: dict[str, list[str]] = field(default_factory=dict)
    total: bool = True
    window: int | None = None

    @property
    def hierarchies(self) -> tuple[tuple[str, ...], ...]:
        return tuple((level, self.name) for level in self.groups) or ((self.name,),)

    @property
    def levels(self) -> tuple[str, ...]:
        return (*self.groups, self.name)

    def dimension(self) -> Dimension:
        """As the engine is told."""
        members = pl.DataFrame({**self.groups, self.name: self.codes})
        return Dimension(self.name, members, self.hierarchies, total=self.total, window=self.window)

    def windows(self) -> dict[str, list[str]]:
        length = self.window or len(self.codes) + 1
        runs = [self.codes[i : i + length] for i in range(len(self.codes) - length + 1)]
        return {f"{run[0]}{WINDOW_SEPARATOR}{run[-1]}": run for run in runs}

    def holds(self) -> dict[str, Mask]:
        """By code, which finest codes it is made of."""
        found = {code: np.array([code == other for other in self.codes]) for code in self.codes}
        for level in self.groups.values():
            found |= {code: np.array([code == other for other in level]) for code in level}
        found |= {window: np.isin(self.codes, run) for window, run in self.windows().items()}
        return {**found, **({TOTAL: np.ones(len(self.codes), np.bool_)} if self.total else {})}

    def shown(self, table: Table) -> list[str]:
        """The codes that ``table`` has."""
        if self.name in table.where:
            return [table.where[self.name]]
        found = {TOTAL} if self.total else set()
        if self.name not in table.windows_only:
            for level in table.levels.get(self.name, ()):
                found |= set(self.codes if level == self.name else self.groups[level])
        if self.name in table.windows | table.windows_only:
            found |= set(self.windows())
        return sorted(found)
