"""Small tables over a few finest cells, counted by a matrix of zeros and ones and without the program's counting.

Not here: what was released after what, and its protection (``case``).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import polars as pl

from avbrott.counting.spec import Never, SystemSpec, Table
from avbrott.table import TOTAL
from tests.promise.axis import Axis, Ints, Mask

Place = tuple[str, ...]

VINTAGE = "vintage"
"""The dimension of tables that are there as they were and as they are."""


@dataclass
class Stage:
    """One release: its tables, and every cell of them with its count."""

    axes: dict[str, Axis]
    tables: tuple[Table, ...]
    counts: Ints
    """One number a finest cell, an axis a dimension."""
    never: tuple[Never, ...] = ()
    unpublished: tuple[dict[str, frozenset[str]], ...] = ()
    lists_zeros: bool = True
    """Where false, a cell that nobody is in is not listed, and known to be zero."""
    listed: frozenset[Place] | None = None
    """The cells that are listed, where these are told; then nothing follows from ``lists_zeros``."""
    observed: bool = False
    """Whether everybody knows that somebody has each code: what one code alone divides holds somebody."""
    providers: tuple[str, ...] = ()
    whose: Ints | None = None
    """The persons of ``counts`` by provider, a last axis."""
    owner: Ints | None = None
    """By finest cell, the provider whose persons come when a count is corrected."""

    @cached_property
    def spec(self) -> SystemSpec:
        dimensions = {name: axis.dimension() for name, axis in self.axes.items()}
        vintage = VINTAGE if VINTAGE in self.axes else None
        return SystemSpec("case", dimensions, self.tables, self.never, self.unpublished, vintage, self.observed)

    @cached_property
    def possible(self) -> Mask:
        """Which finest cells can hold anybody."""
        found = np.ones(self.counts.shape, np.bool_)
        for one in self.never:
            index = [
                np.isin(axis.codes, sorted(codes[axis.name])) if axis.name in codes else np.ones(len(axis.codes), np.bool_)
                for axis in self.axes.values()
                for codes in [{one.first: one.first_codes, one.second: one.second_codes}]
            ]
            found[np.ix_(*index)] = False
        return found.reshape(-1)

    @cached_property
    def _rows(self) -> dict[Place, Ints]:
        holds = {name: axis.holds() for name, axis in self.axes.items()}
        found = {}
        for table in self.tables:
            for place in itertools.product(*(axis.shown(table) for axis in self.axes.values())):
                if place not in found:
                    row = np.ones(1, np.bool_)
                    for name, code in zip(self.axes, place, strict=True):
                        row = np.outer(row, holds[name][code]).reshape(-1)
                    found[place] = row[self.possible].astype(np.int64)
        return {place: row for place, row in found.items() if row.any()}

    @cached_property
    def _listed(self) -> list[Place]:
        if self.listed is not None:
            return [place for place in self._rows if place in self.listed]
        held = self.counts.reshape(-1)[self.possible]
        return [place for place, row in self._rows.items() if self.lists_zeros or row @ held]

    @cached_property
    def live(self) -> Mask:
        """Which possible finest cells are in no cell that is known to be zero since it is not listed."""
        away = set(self._rows) - set(self._listed)
        return ~np.any([self._rows[place] for place in away], axis=0) if away else np.ones(self.possible.sum(), np.bool_)

    @cached_property
    def _columns(self) -> dict[bytes, list[int]]:
        """Live finest cells that no cell tells apart, which are one in what follows."""
        found: dict[bytes, list[int]] = {}
        rows = np.array([self._rows[place] for place in self.places], np.int64).reshape(len(self.places), len(self.live))
        for leaf in np.flatnonzero(self.live):
            found.setdefault(rows[:, leaf].tobytes(), []).append(int(leaf))
        return found

    @cached_property
    def truth(self) -> Ints:
        """By finest cell that is told apart."""
        return self._summed(self.counts.reshape(-1))

    def _summed(self, values: Ints) -> Ints:
        held = values[self.possible]
        return np.array([held[leaves].sum() for leaves in self._columns.values()], np.int64)

    @property
    def places(self) -> list[Place]:
        """The cells, in the order in which every array here has them."""
        return self._listed

    @cached_property
    def place(self) -> dict[Place, int]:
        return {place: at for at, place in enumerate(self.places)}

    @cached_property
    def matrix(self) -> Ints:
        """A row a cell, a column a finest cell that is told apart; 1 where the cell holds it."""
        columns = [np.frombuffer(column, np.int64) for column in self._columns]
        return np.column_stack(columns) if columns else np.zeros((len(self.places), 0), np.int64)

    @cached_property
    def count(self) -> Ints:
        return self.matrix @ self.truth

    @cached_property
    def own(self) -> Ints:
        """By provider, the persons in each finest cell that is told apart."""
        assert self.whose is not None
        return np.array([self._summed(one) for one in self.whose.reshape(-1, len(self.providers)).T], np.int64)

    def others(self, level: str, codes: set[str]) -> Mask:
        """By finest cell that is told apart, whether it holds any that has none of these codes of a level."""
        mine = []
        for axis in self.axes.values():
            of = axis.codes if level == axis.name else axis.groups.get(level, [])
            mine.append([code in codes for code in of] if of else [True] * len(axis.codes))
        held = reduce(np.multiply.outer, (np.array(one, np.bool_) for one in mine)).reshape(-1)
        return self._summed((~held).astype(np.int64)) > 0

    @property
    def of_period(self) -> Ints:
        """The persons in each combination of codes of the dimensions that are never summed."""
        summed = tuple(at for at, axis in enumerate(self.axes.values()) if axis.total)
        return np.asarray(self.counts.sum(axis=summed))

    @cached_property
    def newest(self) -> Mask:
        """Cells as they are now."""
        codes = self.axes[VINTAGE].codes if VINTAGE in self.axes else [""]
        return np.array([len(codes) == 1 or place[0] == codes[-1] for place in self.places], np.bool_)

    @cached_property
    def peopled(self) -> Mask:
        """Cells that hold somebody as everybody knows."""
        summed = [at for at, axis in enumerate(self.axes.values()) if axis.total]
        few = [sum(place[at] != TOTAL for at in summed) <= 1 for place in self.places]
        return np.array(few, np.bool_) & (self.count > 0) & self.observed

    @cached_property
    def beside(self) -> list[tuple[int, int]]:
        """Pairs of cells that are at one place in two vintages, the earlier first."""
        number = {code: at for at, code in enumerate(self.axes[VINTAGE].codes)} if VINTAGE in self.axes else {}
        found = [
            (at, self.place[new, *place[1:]])
            for at, place in enumerate(self.places)
            for new in number
            if number[new] > number[place[0]] and (new, *place[1:]) in self.place
        ]
        return sorted(found)

    @cached_property
    def kept(self) -> list[tuple[int, int]]:
        """Those of them that are one cell: nothing in it has changed that any table tells, nor whose they are."""
        return self.unchanged(range(len(self.providers)), counted=True)

    def unchanged(self, providers: Iterable[int], *, counted: bool) -> list[tuple[int, int]]:
        """Pairs of cells in which no count has changed, where they are ``counted``, and none of these providers' parts."""
        found = []
        vintages = self.axes[VINTAGE].codes if VINTAGE in self.axes else []
        numbers = [self.counts.reshape(-1)] if counted else []
        if self.whose is not None:
            numbers += [self.whose[..., who].reshape(-1) for who in providers]
        persons = np.array(numbers).T[self.possible]
        held = {
            place: (row.reshape(len(vintages), -1).any(axis=0), ((row @ persons).tolist(), place in self.place))
            for place, row in self._rows.items()
            if vintages
        }
        for one, other in self.beside:
            (old, *_), (new, *_) = self.places[one], self.places[other]
            inside = held[self.places[one]][0]
            moved = (
                told != held[new, *place[1:]][1] and not (leaves & ~inside).any()
                for place, (leaves, told) in held.items()
                if place[0] == old
            )
            if not any(moved):
                found.append((one, other))
        return found

    @cached_property
    def published(self) -> Mask:
        """Cells that a released table has a row for."""
        shown = {
            place
            for table in self.tables
            if not table.latent
            for place in itertools.product(*(axis.shown(table) for axis in self.axes.values()))
        }
        names = list(self.axes)
        return np.array(
            [
                place in shown
                and not any(all(place[names.index(n)] in codes for n, codes in one.items()) for one in self.unpublished)
                for place in self.places
            ],
            np.bool_,
        )

    def placed(self, place: Place) -> Place:
        """Where a cell of an earlier release is: in the first vintage, where there was none yet."""
        return (self.axes[VINTAGE].codes[0], *place) if len(place) < len(self.axes) else place

    @cached_property
    def cells(self) -> pl.DataFrame:
        return self.frame(np.arange(len(self.places)))

    def frame(self, which: Ints) -> pl.DataFrame:
        """The cells ``which`` with their counts."""
        rows = [(*self.places[at], int(self.count[at])) for at in which]
        schema = {**dict.fromkeys(self.axes, pl.String), "count": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def mask(self, frame: pl.DataFrame | None) -> Mask:
        """Which cells ``frame`` names."""
        found = np.zeros(len(self.places), np.bool_)
        if frame is not None:
            for place in zip(*(frame[name].to_list() for name in self.axes), strict=True):
                if place in self.place:
                    found[self.place[place]] = True
        return found

    @property
    def parts(self) -> pl.DataFrame | None:
        """By cell and provider the persons, where there are any."""
        if self.whose is None:
            return None
        by = self.matrix @ self.own.T
        rows = [(*self.places[at], self.providers[who], int(by[at, who])) for at, who in np.argwhere(by)]
        schema = {**dict.fromkeys(self.axes, pl.String), "provider": pl.String, "count": pl.Int64}
        return pl.DataFrame(rows, schema=schema, orient="row")
