"""A small case of the promise: releases about the same persons, what the attacker has besides, and their protection.

Not here: which cases there are (``features``), who attacks (``attackers``), what must hold (``items``), and the systems that
an attacker is left with (``brute``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from avbrott.disclosure.checker import Fault, check_protection
from avbrott.disclosure.protect import Given, Protection, protect
from avbrott.errors import CannotProtect
from avbrott.policy import Policy
from tests.promise.tables import VINTAGE, Ints, Mask, Place, Stage


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
        given = Given(known=told.known, keep=self.keep, parts=stage.parts)
        engine = previous and previous.placed(stage)
        done = protect(stage.spec, stage.cells, self.policy, earlier=told.earlier, previous=engine, given=given, seed=seed)
        shown = stage.mask(done.cells.filter(pl.col("status") == "shown"))
        return Protected(self, done, shown, told)

    def told(self, previous: Protected | None) -> Told:
        """What the attacker has before the last release: cells that ``previous`` or one before it showed, and ``known``."""
        stage = self.last
        facts = {stage.placed(place) for place in previous.facts} if previous else set()
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
        return check_protection(
            stage.spec, self.case.policy, done.cells, done.witnesses, told.earlier, told.known, stage.parts
        )

    def placed(self, stage: Stage) -> Protection:
        """The protection as the engine has it after a revision: a witness moves every later vintage by as much."""
        if VINTAGE not in stage.axes:
            return self.protection
        codes, number = stage.axes[VINTAGE].codes, len(self.case.stages)
        cells, witnesses = self.protection.cells, self.protection.witnesses
        if VINTAGE not in self.case.last.axes:
            cells, witnesses = (frame.with_columns(pl.lit(codes[0]).alias(VINTAGE)) for frame in (cells, witnesses))
        newest = witnesses.filter(pl.col(VINTAGE) == codes[number - 1])
        later = [newest.with_columns(pl.lit(code).alias(VINTAGE)) for code in codes[number:]]
        return Protection(cells, pl.concat([witnesses, *later]), self.protection.summary)

    def moves(self) -> Ints:
        """The witnesses by cell of the last release, a row each."""
        stage, found = self.case.last, self.protection.witnesses
        rows = np.zeros((int(found["witness"].n_unique()), len(stage.places)), np.int64)
        number = {witness: at for at, witness in enumerate(found["witness"].unique(maintain_order=True))}
        for witness, delta, *place in found.select("witness", "delta", *stage.axes).iter_rows():
            rows[number[witness], stage.place[tuple(place)]] = delta
        return rows
