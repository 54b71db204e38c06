"""A small case of the promise: tables over a few finest cells, what the attacker has besides, and its protection.

Cells are counted here by a matrix of zeros and ones over the finest cells, without the program's counting. Not here: which
cases there are (``features``), what must hold of them (``items``), and the systems that an attacker is left with (``brute``).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from avbrott.counting.spec import Dimension, Never, SystemSpec, Table
from avbrott.disclosure.checker import Fault, check_protection
from avbrott.disclosure.protect import Given, Protection, protect
from avbrott.errors import CannotProtect
from avbrott.policy import Policy
from avbrott.table import TOTAL, WINDOW_SEPARATOR

Place = tuple[str, ...]
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

    @cached_property
    def spec(self) -> SystemSpec:
        dimensions = {name: axis.dimension() for name, axis in self.axes.items()}
        return SystemSpec("case", dimensions, self.tables, self.never, self.unpublished)

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
        held = self.counts.reshape(-1)[self.possible]
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
            for place in frame.select(list(self.axes)).iter_rows():
                if place in self.place:
                    found[self.place[place]] = True
        return found


@dataclass
class Case:
    """Releases about the same persons, the last of which is looked at, and what the attacker has from elsewhere."""

    stages: list[Stage]
    policy: Policy
    known: pl.DataFrame | None = None
    """Cells of the last release."""
    keep: pl.DataFrame | None = None
    features: set[str] = field(default_factory=set)

    @property
    def last(self) -> Stage:
        return self.stages[-1]

    @property
    def before(self) -> Case:
        """The case as it was at the release before."""
        return Case(self.stages[:-1], self.policy, features=self.features)

    def protect(self, seed: bytes = b"a secret") -> Protected:
        """Protect each release after those before it. ``CannotProtect``: the last cannot be, ``Refused``: one before."""
        previous = None
        if len(self.stages) > 1:
            try:
                previous = self.before.protect(seed)
            except CannotProtect:
                raise Refused(self.before) from None
        return self.after(previous, seed)

    def after(self, previous: Protected | None, seed: bytes = b"a secret") -> Protected:
        """Protect the last release after ``previous``."""
        told = self.told(previous)
        stage = self.last
        given = Given(known=told.known, keep=self.keep)
        engine = previous and previous.protection
        done = protect(stage.spec, stage.cells, self.policy, earlier=told.earlier, previous=engine, given=given, seed=seed)
        shown = stage.mask(done.cells.filter(pl.col("status") == "shown"))
        return Protected(self, done, shown, told)

    def told(self, previous: Protected | None) -> Told:
        """What the attacker has before the last release: cells that ``previous`` or one before it showed, and ``known``."""
        stage = self.last
        facts = previous.facts if previous else set()
        before = np.array([at for at, place in enumerate(stage.places) if place in facts], np.int64)
        earlier, known = stage.frame(before[stage.published[before]]), stage.frame(before[~stage.published[before]])
        if self.known is not None:
            known = pl.concat([known, self.known]).unique(maintain_order=True).join(earlier, on=list(stage.axes), how="anti")
        return Told(earlier, known)


class Refused(Exception):
    """An earlier release cannot be protected: the case that ends with it."""

    @property
    def case(self) -> Case:
        return self.args[0]


@dataclass
class Told:
    """Cells that were shown before, and cells that are known from elsewhere, as the engine and the checker are told."""

    earlier: pl.DataFrame
    known: pl.DataFrame


@dataclass
class Protected:
    """A case's last release as the engine left it: ``shown`` by cell; ``told`` is what the attacker had before."""

    case: Case
    protection: Protection
    shown: Mask
    told: Told

    @property
    def facts(self) -> set[Place]:
        """Every cell shown so far."""
        stage = self.case.last
        return {stage.places[at] for at in np.flatnonzero(self.shown)} | set(
            pl.concat([self.told.earlier, self.told.known]).select(list(stage.axes)).iter_rows()
        )

    def faults(self) -> list[Fault]:
        """What the checker says."""
        stage, done, told = self.case.last, self.protection, self.told
        return check_protection(stage.spec, self.case.policy, done.cells, done.witnesses, told.earlier, told.known)

    def moves(self) -> Ints:
        """The witnesses by cell of the last release, a row each."""
        stage, found = self.case.last, self.protection.witnesses
        rows = np.zeros((int(found["witness"].n_unique()), len(stage.places)), np.int64)
        number = {witness: at for at, witness in enumerate(found["witness"].unique(maintain_order=True))}
        for witness, delta, *place in found.select("witness", "delta", *stage.axes).iter_rows():
            rows[number[witness], stage.place[tuple(place)]] = delta
        return rows
