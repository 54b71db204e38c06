"""The proof, checked from frames alone: no solver, and no code of the engine that made it.

Sums are derived anew from the spec (``sums``), facts from what is told (``proof``); what the proof must show of each item is
read off matrix products over rows of cells (``item_checks``, ``provider_check``). Every fault has a code and how often; it
names no cell's count. Not here: reading files (``files``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.differences import Pairs, newest
from avbrott.disclosure.figures import Figures
from avbrott.disclosure.item_checks import ItemChecks
from avbrott.disclosure.page_checks import page_faults
from avbrott.disclosure.proof import Proof
from avbrott.disclosure.provider_check import Ground, provider_faults
from avbrott.policy import Policy

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: what, and how often."""

    code: str
    number: int


def check_protection(
    spec: SystemSpec,
    policy: Policy,
    cells: pl.DataFrame,
    witnesses: pl.DataFrame,
    earlier: pl.DataFrame | None = None,
    known: pl.DataFrame | None = None,
    parts: pl.DataFrame | None = None,
) -> list[Fault]:
    """Faults of a protection; none means that it keeps the promise.

    ``cells``: coordinates, ``count``, ``status``; ``witnesses``: ``witness``, coordinates, ``delta``; ``earlier``:
    coordinates and ``count`` of what was shown before; ``known``: the same of what the attacker has from elsewhere;
    ``parts``: coordinates, ``provider``, ``count``, needed where the policy has providers.
    """
    proof = Proof(spec, policy, cells, witnesses, earlier, known, parts)
    proof.keep_valid()
    ItemChecks(proof).run()
    faults = proof.faults + provider_faults(spec, policy, _ground(proof), parts is not None) + page_faults(proof)
    return [Fault(code, number) for code, number in sorted(faults.items()) if number]


def attacker_of(
    spec: SystemSpec,
    policy: Policy,
    cells: pl.DataFrame,
    earlier: pl.DataFrame,
    known: pl.DataFrame,
    parts: pl.DataFrame | None = None,
) -> tuple[Mask, Ints, Ints, Pairs, Figures]:
    """By cell: whether the attacker has it as a fact, the most it can be by these facts, and the least.

    Then pairs of cells that no revision touched, and what all figures leave of one cell less another.
    """
    none = cells.head(0).select(*spec.dimensions, witness="count", delta="count")
    proof = Proof(spec, policy, cells, none, earlier, known, parts)
    return proof.known, proof.cap, proof.floor, proof.kept, Figures(proof)


def _ground(proof: Proof) -> Ground:
    return Ground(
        cells=proof.rows,
        count=proof.count,
        shown=proof.shown,
        known=proof.known,
        public=proof.public | ((proof.count == 0) & (proof.floor > 0)),
        taken=proof.given & ~proof.facts,
        floor=proof.floor,
        cap=proof.cap,
        zero=(proof.count == 0) & ~proof.silent & (proof.policy.zeros == "shown"),
        sums=proof.sums,
        own=proof.own,
        newest=newest(proof.spec, proof.cells),
        deltas=proof.deltas,
        spread=proof.spread,
    )
