"""The engine's front: cells and a policy in, a pattern with its proof out. The parts' work is in the parts' modules."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from scipy import sparse

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.hide import Hiding
from avbrott.disclosure.hide_insiders import HidingFromInsiders
from avbrott.disclosure.insiders import find_insiders
from avbrott.disclosure.lattice import Ints, Mask, ranges
from avbrott.disclosure.pages import readers
from avbrott.disclosure.program import Floats
from avbrott.disclosure.provider_items import attackers, with_providers
from avbrott.disclosure.providers import providers_of
from avbrott.disclosure.reused import carried
from avbrott.disclosure.rules import RULES, Rules, apply_rules
from avbrott.disclosure.system import System, build_system
from avbrott.disclosure.witness import Difference, stacked
from avbrott.errors import BadInput, CannotProtect
from avbrott.policy import Policy

TILE = 4.0
"""How much dearer a window is that, with others beside it, covers each slot once: what is hidden alone is told there."""

UNPUBLISHED = "unpublished"
"""The rule of a cell that is counted and not published, whatever it holds: no table has a row for it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a caller knows or wants of single cells, each a frame of coordinates that are cells.

    ``known`` (with ``count``): the attacker has them from elsewhere. ``keep``: they must stay shown. ``dearness`` (with
    ``dearness``, Float64): how much dearer than others a cell is to hide; from public figures alone. ``parts`` (with
    ``provider`` and ``count``, a row where a provider has persons in a cell): needed by a policy with providers.
    """

    known: pl.DataFrame | None = None
    keep: pl.DataFrame | None = None
    dearness: pl.DataFrame | None = None
    parts: pl.DataFrame | None = None


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class Protection:
    """What is shown, what is hidden and why, and the proof. Confidential as a whole.

    ``cells``: coordinates, ``count``, ``status`` (shown, unsafe, complementary) and ``rule`` (null unless a rule hides
    the cell).
    ``witnesses``: ``witness``, coordinates, ``delta``; a row for each cell that a witness moves (a rest follows from them).
    """

    cells: pl.DataFrame
    witnesses: pl.DataFrame
    summary: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def protect(
    spec: SystemSpec,
    cells: pl.DataFrame,
    policy: Policy,
    *,
    earlier: pl.DataFrame | None = None,
    previous: Protection | None = None,
    given: Given = NOTHING,
    seed: bytes,
    progress: Callable[[int, int], None] | None = None,
) -> Protection:
    """Hide cells of ``cells`` so that every unsafe item keeps the promise, and prove it.

    ``cells`` has one String column a dimension and ``count``; each possible combination once (once a vintage, where ``spec``
    has vintages). ``earlier`` has the coordinates and count of cells that were shown before: facts. ``previous`` is the
    protection that they were shown with: its pattern and proofs are kept where they still hold. ``seed`` is secret: it
    breaks ties. Errors: ``BadInput`` where counts do not add up or differ from what was shown, ``CannotProtect`` where no
    pattern keeps the promise, or none that shows what ``given`` keeps.
    """
    start = time.perf_counter()
    system = build_system(spec, cells, given.parts if policy.providers else None)
    facts = _facts(system, earlier)
    elsewhere = _variables(system, given.known)
    rules = apply_rules(system, policy, facts, elsewhere)
    providers = None
    if policy.providers is not None:
        providers = providers_of(system, policy.providers, given.parts)
        rules = with_providers(rules, system, policy, providers, facts, elsewhere)
    keep = _variables(system, given.keep)
    if (keep & rules.hidden).any():
        raise CannotProtect("KEEP_UNSAFE", system=spec.name, cells=int((keep & rules.hidden).sum()))
    known_before = rules.fixed
    rules = replace(rules, fixed=rules.fixed | keep)
    built = time.perf_counter()
    kept_hidden, witnesses = _reuse(system, rules, previous)
    kept_hidden |= system.decided & ~rules.fixed
    lots = _lots(seed)
    kind = HidingFromInsiders if policy.insiders else Hiding
    search = kind(system, rules, _costs(system, lots, given.dearness), kept_hidden, lots, progress)
    failed = rules.items.plus[search.run(witnesses)]
    if providers is not None:
        for known, to_them in attackers(rules, system, policy, providers, known_before):
            failed = np.append(failed, known.items.plus[search.against(known, to_them)])
    for known in readers(rules, system, policy.pages):
        failed = np.append(failed, known.items.plus[search.against(known)])
    if isinstance(search, HidingFromInsiders) and not len(failed):
        failed = rules.items.plus[search.run_before(find_insiders(system, rules))]
    if len(failed):
        _refuse(system, failed)
    proof = stacked(search.used(), system.size)
    hidden = rules.hidden | kept_hidden
    hidden[np.unique(proof.indices)] = True
    protection = _protection(system, rules, hidden, proof)
    searched = time.perf_counter()
    return Protection(*protection, {"build": built - start, "search": searched - built})


def _facts(system: System, earlier: pl.DataFrame | None) -> Mask:
    facts = np.zeros(system.size, np.bool_)
    if earlier is None or not earlier.height:
        return facts
    names = system.lattice.names
    places = _numbered(system).with_columns(pl.Series("_now", system.lattice.count))
    joined = earlier.select(*names, "count").join(places, on=names, how="left", nulls_equal=True)
    gone = int(joined["_now"].is_null().sum())
    if gone:
        raise BadInput("EARLIER_CELLS_GONE", system=system.lattice.spec.name, cells=gone)
    changed = int((joined["_now"] != joined["count"]).sum())
    if changed:
        raise BadInput("EARLIER_CELLS_CHANGED", system=system.lattice.spec.name, cells=changed)
    facts[joined["_variable"].to_numpy()] = True
    return facts


def _variables(system: System, cells: pl.DataFrame | None) -> Mask:
    """The variables of ``cells``; a combination that is no cell is a zero that everybody knows."""
    found = np.zeros(system.size, np.bool_)
    if cells is not None and cells.height:
        joined = cells.select(system.lattice.names).join(_numbered(system), on=system.lattice.names)
        found[joined["_variable"].to_numpy()] = True
    return found


def _numbered(system: System) -> pl.DataFrame:
    """The coordinates of every cell, and its variable."""
    places = system.lattice.places(np.arange(len(system.lattice)))
    return places.with_columns(pl.Series("_variable", system.variable))


def _reuse(system: System, rules: Rules, previous: Protection | None) -> tuple[Mask, list[Difference]]:
    """Which variables were hidden the last time, and its witnesses carried over to this system."""
    kept = np.zeros(system.size, np.bool_)
    if previous is None:
        return kept, []
    names = system.lattice.names
    places = _numbered(system)
    before = (
        previous.cells.filter((pl.col("status") != "shown") & (pl.col("rule").fill_null("") != UNPUBLISHED))
        .select(names)
        .join(places, on=names)
    )
    kept[before["_variable"].to_numpy()] = True
    kept &= ~(rules.fixed & ~rules.hidden)
    if not previous.witnesses.height:
        return kept, []
    moved = (
        previous.witnesses.join(places, on=names)
        .sort("witness", "_variable")
        .unique(["witness", "_variable"], keep="first", maintain_order=True)
    )
    witness, variable, delta = (moved[name].to_numpy().astype(np.int64) for name in ("witness", "_variable", "delta"))
    return kept, carried(system, witness, variable, delta)


def _lots(seed: bytes) -> np.random.Generator:
    key = int.from_bytes(hashlib.blake2b(seed, digest_size=16, person=b"avbrott-ties").digest(), "big")
    return np.random.Generator(np.random.Philox(key))


def _costs(system: System, lots: np.random.Generator, dearness: pl.DataFrame | None) -> Floats:
    """What hiding a variable costs: sums more than parts, by structure, by public figures, and ties by the seed.

    Never by hidden counts.
    """
    coo = system.relations.tocoo()
    sums = coo.data < 0
    parts = np.diff(system.relations.indptr) - 1
    rows = system.variable[~system.silent & system.newest]
    cost = np.maximum(np.bincount(rows, minlength=system.size), 1).astype(np.float64)
    np.add.at(cost, coo.col[sums], 0.5 * np.log(np.maximum(parts[coo.row[sums]], 2)))
    for d, axis in enumerate(system.lattice.axes):
        tile = np.array([code in axis.tiles for code in axis.codes], np.bool_)[system.lattice.codes[:, d]]
        cost[np.unique(system.variable[tile])] *= TILE
    if dearness is not None:
        told = dearness.join(_numbered(system), on=system.lattice.names)
        dear = np.zeros(system.size)
        np.maximum.at(dear, told["_variable"].to_numpy(), told["dearness"].to_numpy())
        cost *= np.where(dear > 0, dear, 1.0)
    ties: Floats = lots.random(system.size)
    cost[~system.showable] = 1e-3
    return np.asarray(cost * (1 + 0.02 * ties))


def _refuse(system: System, failed: Ints) -> None:
    cells = np.isin(system.variable, failed)
    shown = system.lattice.members_of_tables()
    tables = []
    for table, members in zip(system.lattice.spec.tables, shown, strict=True):
        inside = cells.copy()
        for d, member in enumerate(members):
            inside &= member[system.lattice.codes[:, d]]
        if inside.any():
            tables.append(table.name)
    names = ", ".join(sorted(tables)) or system.lattice.spec.name
    raise CannotProtect("CANNOT_PROTECT", system=system.lattice.spec.name, tables=names, items=len(failed))


def _protection(
    system: System, rules: Rules, hidden: Mask, proof: sparse.csr_array
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, int]]:
    lattice = system.lattice
    cells = np.arange(len(lattice))
    unsafe = rules.rule[system.variable]
    away = hidden[system.variable] | system.silent
    status = np.where(~away, "shown", np.where(unsafe >= 0, "unsafe", "complementary"))
    reasons = zip(unsafe.tolist(), system.silent.tolist(), strict=True)
    frame = lattice.places(cells).hstack(
        [
            pl.Series("count", lattice.count),
            pl.Series("status", status, dtype=pl.String),
            pl.Series("rule", [UNPUBLISHED if s else RULES[r] if r >= 0 else None for r, s in reasons], dtype=pl.String),
        ]
    )
    # A witness is told by cells, so that it can be checked against cells: a variable stands at each of its cells.
    coo = proof.tocoo()
    by_variable = np.argsort(system.variable, kind="stable")
    starts = np.searchsorted(system.variable[by_variable], np.arange(system.size + 1))
    length = np.diff(starts)[coo.col]
    witness, delta, cell = np.repeat(coo.row, length), np.repeat(coo.data, length), by_variable[ranges(starts, coo.col)]
    order = np.lexsort((cell, witness))
    witnesses = lattice.places(cell[order]).hstack([pl.Series("delta", delta[order], dtype=pl.Int64)])
    witnesses.insert_column(0, pl.Series("witness", witness[order], dtype=pl.Int64))
    summary = {
        "cells": len(lattice),
        "unsafe": int((status == "unsafe").sum()),
        "complementary": int((status == "complementary").sum()),
        "items": len(rules.items),
        "witnesses": proof.shape[0],
    }
    return frame, witnesses, summary
