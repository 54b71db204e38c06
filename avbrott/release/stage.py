"""The stages that need both the store and earlier releases: protecting a system, and drafting a release. A call an asset."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import polars as pl

from avbrott import atomic
from avbrott.at_rest.files import read_frame
from avbrott.at_rest.vault import vault_of
from avbrott.counting.from_contracts import counted_spec
from avbrott.delivery.coverage import coverage, last_delivery
from avbrott.delivery.settled import taken_in
from avbrott.disclosure.files import read_record, write_record
from avbrott.disclosure.protect import Protection, protect
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.release import ledger
from avbrott.release.approvals import refuse_unapproved
from avbrott.release.complete import refuse_incomplete
from avbrott.release.deliveries import withheld_cells
from avbrott.release.filled import write_tables
from avbrott.release.providers import PROVIDERS, provider_figures
from avbrott.release.record import earlier_facts, earlier_protection
from avbrott.release.schools import FIGURES
from avbrott.release.tables import Protected
from avbrott.release.writer import Draft, open_release
from avbrott.texts import load_messages

DECISIONS = "decisions"
"""Rows of frozen school years that would be read otherwise today, by column: kept as published, and told to the hub alone."""


def protect_system(
    home: Home, contracts: Contracts, system: str, *, progress: Callable[[int, int], None] | None = None
) -> Protection:
    """Protect a counted system against everything that earlier releases showed, and write its record into the store.

    ``BadInput`` where an earlier release is not all there.
    """
    refuse_incomplete(home)
    policy = contracts.policies[contracts.systems[system].policy]
    spec = counted_spec(home, contracts, system)
    cells = pl.read_parquet(home.counted(system) / "cells.parquet", glob=False)
    earlier = earlier_facts(home, spec, cells, policy.pages)
    before = earlier_protection(home, spec)
    protection = protect(spec, cells, policy, earlier=earlier, previous=before, seed=secret_seed(home), progress=progress)
    atomic.remove_parts(home.protected(system))
    write_record(home.protected(system), spec, policy, protection, earlier)
    return protection


@contextmanager
def linking(home: Home) -> Iterator[None]:
    """Note what the store has taken in when the block links it: a release of these linked tables misses nothing else.

    ``BadInput`` (DELIVERIES_UNSETTLED) where a delivery was not checked to its end, (STORE_CHANGED) where one came meanwhile;
    also where an earlier release is not all there, whose frozen years would not be known.
    """
    refuse_incomplete(home)
    before = taken_in(home)
    home.linked_from.unlink(missing_ok=True)
    for folder in (home.store, home.linked_from.parent):
        atomic.remove_parts(folder)
    yield
    if taken_in(home) != before:
        raise BadInput("STORE_CHANGED", home=home.root)
    atomic.write_text(home.linked_from, before)


def secret_seed(home: Home) -> bytes:
    """The installation's secret: made once, then kept."""
    if not home.seed.exists():
        atomic.write_new(home.seed, secrets.token_bytes(32))
    return home.seed.read_bytes()


@contextmanager
def draft_release(home: Home, contracts: Contracts, day: date | None = None) -> Iterator[Draft]:
    """A draft with its tables, its record and private figures written; its pages and its seal are the caller's.

    ``day`` is the release's date, by default that of the last accepted delivery. ``BadInput`` (DELIVERIES_UNSETTLED,
    STORE_CHANGED) where the store has deliveries that the linked tables were not made from, (RELEASE_UNAPPROVED) where the
    policy asks for approvals that are not given.
    """
    if not home.linked_from.is_file() or home.linked_from.read_text("utf-8") != taken_in(home):
        raise BadInput("STORE_CHANGED", home=home.root)
    refuse_unapproved(home, contracts)
    deliveries = coverage(home, contracts)
    systems = protected_systems(home, contracts)
    linked = {system.source: home.linked(system.source) for system in contracts.systems.values()}
    with open_release(home, day or last_delivery(home, contracts)) as draft:
        write_tables(draft, contracts, systems, deliveries, linked)
        for provider, page in provider_figures(home, contracts, load_messages(contracts.folder), deliveries):
            atomic.write_json(draft.private / PROVIDERS / provider / FIGURES, page)
        decided = read_frame(vault_of(home), home.linked(DECISIONS))
        atomic.write_parquet(draft.confidential / f"{DECISIONS}.parquet", decided)
        yield draft


def protected_systems(home: Home, contracts: Contracts) -> dict[str, Protected]:
    """Every system as it was protected last, by name; ``BadInput`` (NOT_PROTECTED) where one was not."""
    deliveries = coverage(home, contracts)
    return {name: _protected(home, contracts, name, deliveries) for name in contracts.systems}


def _protected(home: Home, contracts: Contracts, system: str, deliveries: pl.DataFrame) -> Protected:
    if not (home.protected(system) / "system.json").is_file():
        raise BadInput("NOT_PROTECTED", system=system)
    spec, policy, protection = read_record(home.protected(system))
    rests_on = contracts.systems[system].delivery
    frozen = ledger.lacking_when_published(home, system, rests_on.dimension) if rests_on else {}
    return Protected(spec, policy, protection, withheld_cells(contracts, spec, protection.cells, deliveries, frozen))
