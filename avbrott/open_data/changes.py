"""What changed from one release to the next: which tables, which periods, and where figures differ.

Anyone can check it from the two releases. How many figures are hidden, or why, is no part of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from avbrott.release.public import PublicRelease, PublicTable


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of tables, and codes of time. ``revised`` are tables that had rows before which are not the same any more."""

    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    revised: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.new, self.gone, self.periods, self.added, self.revised))


def changes(before: PublicRelease, after: PublicRelease, time: Collection[str]) -> Changes:
    """``time``: the dimensions that are time."""
    both = sorted(before.tables.keys() & after.tables.keys())
    added, revised = [], []
    for name in both:
        old, new = before.tables[name], after.tables[name]
        if not old.frame.equals(new.frame):
            more, other = _compared(old, new)
            added += [name] * more
            revised += [name] * other
    return Changes(
        new=tuple(sorted(after.tables.keys() - before.tables.keys())),
        gone=tuple(sorted(before.tables.keys() - after.tables.keys())),
        periods=tuple(sorted(_periods(after, time) - _periods(before, time))),
        added=tuple(added),
        revised=tuple(revised),
    )


def _compared(old: PublicTable, new: PublicTable) -> tuple[bool, bool]:
    """Whether ``new`` has further rows, and whether a row of ``old`` is gone or says something else."""
    if old.frame.columns != new.frame.columns:
        return False, True
    kept = new.frame.join(old.frame, on=old.frame.columns, how="semi", nulls_equal=True)
    key = [*old.dimensions, "measure"]
    further = new.frame.join(old.frame.select(pl.col(key)), on=key, how="anti")
    return not further.is_empty(), kept.height != old.frame.height


def _periods(release: PublicRelease, time: Collection[str]) -> set[str]:
    return {code for table in release.tables.values() for name in time for code in table.codes.get(name, ())}
