"""A release held against its confidential record: the proof is checked again, and what is public is what the record shows.

Only the hub has the record; what anyone can check is in ``checks``. The record's files are ``disclosure.files``' matter.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.policy import PageRule
from avbrott.release import ledger
from avbrott.release.checks import Fault
from avbrott.release.public import PublicRelease, read_public, system_cells
from avbrott.release.tables import NOT_APPLICABLE, NOT_DELIVERED, SHOWN
from avbrott.table import OTHER, TOTAL

if TYPE_CHECKING:  # the engine needs a solver; who audits without a record does not
    from avbrott.disclosure.protect import Protection

CELLS = "cells.parquet"


def earlier_facts(home: Home, spec: SystemSpec, cells: pl.DataFrame, pages: PageRule | None) -> pl.DataFrame:
    """What anyone has of ``spec`` from earlier releases: the cells that they showed, and those that their pages are made of.

    As ``ledger.earlier_shown``. Of what schools are compared with they see what is derived; it is reckoned with as if shown.
    Whoever had a page has its own cells for good, and is a reader of every later release: ``BadInput``
    (EARLIER_READER_UNKNOWN) where its code is no longer in the system, (EARLIER_READERS_FORGOTTEN) where ``pages``, the
    policy's rule now, reckons with less than the earlier release's did.
    """
    from avbrott.disclosure.files import read_record

    names = list(spec.dimensions)
    parts = [ledger.earlier_shown(home, spec, cells)]
    for release in ledger.releases(home):
        folder, public = home.confidential(release) / spec.name, read_public(home.release(release))
        if not folder.is_dir() or spec.name not in public.systems:
            continue
        own, policy, before = read_record(folder)
        if policy.pages is not None:
            _refuse_forgotten(spec, policy.pages, pages, before.cells, release)
        divided = {name for table in public.tables.values() if table.system == spec.name for name in table.dimensions}
        private = [pl.col(name) != TOTAL for name in own.dimensions if name not in divided]
        compared = before.cells.filter(pl.col("status") == SHOWN, pl.any_horizontal(pl.lit(value=False), *private))
        parts.append(ledger.placed(spec, compared.select(*own.dimensions, "count"), release))
    return pl.concat(parts).unique(names, maintain_order=True).sort(names)


def _refuse_forgotten(spec: SystemSpec, rule: PageRule, now: PageRule | None, cells: pl.DataFrame, release: str) -> None:
    known = spec.dimensions.get(rule.dimension)
    codes = set(known.members[known.finest].to_list()) if known is not None else set()
    gone = sorted(set(cells[rule.dimension].unique().to_list()) - codes - {TOTAL, OTHER})
    if gone:
        raise BadInput("EARLIER_READER_UNKNOWN", release=release, dimension=rule.dimension, codes=", ".join(gone))
    if now is None or not now.reckons_with(rule):
        raise BadInput("EARLIER_READERS_FORGOTTEN", release=release, dimension=rule.dimension, coalition=rule.coalition)


def earlier_protection(home: Home, spec: SystemSpec) -> Protection | None:
    """The newest release's protection, as the system is now: a dimension that is new since stands at its total."""
    from avbrott.disclosure.files import read_record

    newest = ledger.newest(home)
    if newest is None:
        return None
    before = read_record(home.confidential(newest) / spec.name)[2]
    new = [pl.lit(TOTAL).alias(name) for name in spec.dimensions if name not in before.cells.columns]
    return replace(before, cells=before.cells.with_columns(new), witnesses=before.witnesses.with_columns(new))


def record_faults(folder: Path, release: PublicRelease, system: str) -> list[Fault]:
    """Faults of the record in ``folder`` by itself, and of the public policy and cells of ``system`` beside it.

    A cell is shown exactly where the record shows it, with the record's count; only a cell without its deliveries, be it that
    none was due, may be shown in the record and not in public. A cell that the record does not list is a zero, or cannot
    occur. ``BadInput`` where the record cannot be read.
    """
    from avbrott.disclosure.files import read_record, verify_record

    try:
        found = [Fault(f"PROOF_{fault.code}", system, fault.number) for fault in verify_record(folder)]
        told = [] if read_record(folder)[1] == release.policies[system] else [Fault("POLICY_DIFFERS", system)]
        cells = pl.read_parquet(folder / CELLS, glob=False)
    except (OSError, pl.exceptions.PolarsError):
        raise BadInput("RECORD_UNREADABLE", file=folder) from None
    names = list(release.systems[system])
    recorded = cells.select(*names, recorded="count", engine="status")
    both = system_cells(release, system).join(recorded, on=names, how="left")
    listed = pl.col("engine").is_not_null()
    shown = pl.col("status") == SHOWN
    rules = {
        "SHOWN_NOT_IN_RECORD": shown & listed & (pl.col("engine") != SHOWN),
        "SHOWN_DIFFERS": shown & listed & (pl.col("count").is_null() | (pl.col("count") != pl.col("recorded"))),
        "SHOWN_UNLISTED": shown & ~listed & (pl.col("count").is_null() | (pl.col("count") != 0)),
        "RECORD_NOT_SHOWN": ~shown & (pl.col("engine") == SHOWN) & ~pl.col("status").is_in([NOT_DELIVERED, NOT_APPLICABLE]),
        "RECORD_NOT_APPLICABLE": ~shown & ~listed & (pl.col("status") != NOT_APPLICABLE),
    }
    counted = both.select(**{code: rule.sum() for code, rule in rules.items()}).row(0, named=True)
    return found + told + [Fault(code, system, int(number)) for code, number in counted.items() if number]
