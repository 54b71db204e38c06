"""What the watches said, and of which counts, kept in the store: a run forgets itself, and whoever must look comes later.

Of the newest linking, written whole. Which counts are watched, and what a result is reduced to, is in ``suites``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl

from avbrott import atomic
from avbrott.expectations.contract import Frame
from avbrott.expectations.suites import Watch
from avbrott.home import Home

WATCHED_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "suite": pl.String,
    "code": pl.String,
    "success": pl.Boolean,
    "looked_at": pl.Int64,
    "keys": pl.List(pl.String),
    "failing": pl.List(pl.String),
}
"""A row for each expectation that holds (``failing`` is empty), and for each key of one that does not (named in ``keys``)."""


OWN: tuple[Frame, ...] = ("rows", "shares")
"""The frames whose rows are of one provider's own deliveries each, so that it may be told them."""


def keep_counts(home: Home, frames: Mapping[Frame, pl.DataFrame]) -> None:
    """Replace what the store holds of the frames of ``OWN``."""
    atomic.remove_parts(home.watched_counts("-").parent)
    for name in OWN:
        atomic.write_parquet(home.watched_counts(name), frames[name])


def kept_counts(home: Home) -> dict[Frame, pl.DataFrame]:
    """The frames of ``OWN`` as of the newest linking; those that are not there (an earlier version's linking) left out."""
    files: dict[Frame, Path] = {name: home.watched_counts(name) for name in OWN}
    return {name: pl.read_parquet(file, glob=False) for name, file in files.items() if file.is_file()}


def keep_watches(home: Home, watches: Iterable[Watch]) -> None:
    """Replace what the store holds of the watches; equal watches give equal bytes."""
    rows = [
        (entry.suite, entry.code, entry.success, entry.looked_at, list(entry.keys), list(key))
        for entry in watches
        for key in (entry.failing or ((),))
    ]
    atomic.write_parquet(home.watched, pl.DataFrame(rows, schema=WATCHED_SCHEMA, orient="row"))


def kept_watches(home: Home) -> list[Watch]:
    """The watches of the newest linking, in their order; none where nothing has been linked."""
    if not home.watched.is_file():
        return []
    rows = pl.read_parquet(home.watched, glob=False).iter_rows(named=True)
    found = groupby(rows, lambda row: (row["suite"], row["code"]))
    return [_watch(list(one)) for _, one in found]


def _watch(rows: list[dict[str, Any]]) -> Watch:
    first = rows[0]
    failing = tuple(tuple(row["failing"]) for row in rows if row["failing"])
    return Watch(first["suite"], first["code"], tuple(first["keys"]), failing, first["looked_at"])
