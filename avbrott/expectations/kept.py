"""What the watches said, kept in the store: a run forgets itself, and whoever must look at a count comes later.

One file of the newest linking, written whole. Which counts are watched, and what a result is reduced to, is in ``suites``.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import polars as pl

from avbrott.atomic import write_parquet
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


def keep_watches(home: Home, watches: Iterable[Watch]) -> None:
    """Replace what the store holds of the watches; equal watches give equal bytes."""
    rows = [
        (entry.suite, entry.code, entry.success, entry.looked_at, list(entry.keys), list(key))
        for entry in watches
        for key in (entry.failing or ((),))
    ]
    write_parquet(home.watched, pl.DataFrame(rows, schema=WATCHED_SCHEMA, orient="row"))


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
