"""A release held against its confidential record: the proof is checked again, and what is public is what the record shows.

Only the hub has the record; what anyone can check is in ``checks``. The record's files are ``disclosure.files``' matter.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from avbrott.errors import BadInput
from avbrott.release.checks import Fault
from avbrott.release.public import PublicRelease, system_cells
from avbrott.release.tables import NOT_APPLICABLE, NOT_DELIVERED, SHOWN

CELLS = "cells.parquet"


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
