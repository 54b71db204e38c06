"""What a release would say if it was made now, beside the newest one, and what another threshold would hide. Counts alone.

For the releaser, before a release is made. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from avbrott.disclosure.protect import protect
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.release import ledger
from avbrott.release.codes import code_lists
from avbrott.release.public import read_public
from avbrott.release.stage import protected_systems, secret_seed
from avbrott.release.tables import PERSONS, SHOWN, Protected, released_table

Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Change:
    """How one table would differ from that of the newest release, in numbers of figures."""

    table: str
    shown: int
    """Figures that it would show."""
    added: int
    """Of these, those of combinations that the newest release does not list."""
    newly_shown: int
    newly_hidden: int
    changed: int
    """Figures that both show, and that are not the same."""
    fewer: int | None
    """Figures that would not be shown with the other threshold; None where none was asked for."""


def proposed_changes(
    home: Home, contracts: Contracts, threshold: int | None = None, progress: Callable[[int, int], None] | None = None
) -> list[Change]:
    """By table of the counted and protected systems, how it would differ; ``threshold`` replaces that of every policy.

    ``BadInput`` where a system is not protected yet, or the newest release cannot be read.
    """
    systems = protected_systems(home, contracts)
    now = _tables(contracts, systems)
    other: Tables = {}
    if threshold is not None:
        other = _tables(contracts, {name: _with(home, one, threshold, progress) for name, one in systems.items()})
    newest = ledger.newest(home)
    before = read_public(home.release(newest)).tables if newest else {}
    return [
        change_of(name, table, before[name].frame if name in before else table.clear(), other.get(name))
        for name, table in sorted(now.items())
    ]


def _tables(contracts: Contracts, systems: Mapping[str, Protected]) -> Tables:
    lists = code_lists(contracts, [system.spec for system in systems.values()])
    return {
        name: released_table(table, systems[table.system], lists)
        for name, table in contracts.published.items()
        if table.system is not None and table.system in systems
    }


def _with(home: Home, system: Protected, threshold: int, progress: Callable[[int, int], None] | None) -> Protected:
    """The system as another threshold would leave it if nothing had been published: what was shown stays so under any."""
    policy = system.policy.model_copy(update={"threshold": threshold})
    cells = system.protection.cells.select(*system.spec.dimensions, "count")
    made = protect(system.spec, cells, policy, seed=secret_seed(home), progress=progress)
    return replace(system, policy=policy, protection=made)


def change_of(name: str, now: pl.DataFrame, before: pl.DataFrame, other: pl.DataFrame | None) -> Change:
    """How the table ``now`` differs from ``before`` (both as they are published), and from what another threshold leaves."""
    now, before = (table.filter(pl.col("measure") == PERSONS) for table in (now, before))
    keys = [column for column in now.columns if column not in {"value", "status"}]
    shown = now.filter(pl.col("status") == SHOWN)
    if not set(keys).issubset(before.columns):
        before = now.clear()
    both = now.join(before.select(*keys, was="value", then="status"), on=keys, how="left")
    here, there = pl.col("status") == SHOWN, pl.col("then") == SHOWN
    told = other.filter(pl.col("measure") == PERSONS, pl.col("status") == SHOWN) if other is not None else None
    return Change(
        table=name,
        shown=shown.height,
        added=both.filter(here & pl.col("then").is_null()).height,
        newly_shown=both.filter(here & pl.col("then").is_not_null() & ~there).height,
        newly_hidden=both.filter(~here & there).height,
        changed=both.filter(here & there & pl.col("value").ne_missing(pl.col("was"))).height,
        fewer=None if told is None else shown.join(told, on=keys, how="anti").height,
    )
