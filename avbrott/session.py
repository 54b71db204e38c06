"""One DuckDB session with bounds: memory and threads, and no file. No query stands here.

What does not fit in memory DuckDB would write to a temporary folder, rows of persons in plain; to encrypt them it needs an
extension that is downloaded. So nothing is written, and a query that needs more memory than there is says so. Rows of persons
come and go by ``at_rest.tables``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl

from avbrott.errors import BadInput

THREADS = 2
SETTING = "AVBROTT_MEMORY"
"""How much memory a session may take (``12GB``); without it, four fifths of what the machine or its container has."""


@contextmanager
def session(*, memory: str | None = None, threads: int = THREADS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB in memory, and in memory alone; ``BadInput`` (MEMORY_TOO_SMALL) where there is too little of it."""
    allowed = memory or os.environ.get(SETTING)
    settings: dict[str, str | bool | int | float | list[str]] = {
        **({"memory_limit": allowed} if allowed else {}),
        "threads": threads,
        "temp_directory": "",
        # Extensions are downloaded at run time: nothing here needs one.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(":memory:", config=settings) as connection:
            yield connection
    except duckdb.OutOfMemoryException:
        raise BadInput("MEMORY_TOO_SMALL", setting=SETTING) from None


def fetch(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    """The rows of ``query`` as a frame. For counts and small tables: rows of persons stay in DuckDB."""
    found = pl.from_arrow(connection.sql(query).to_arrow_table())
    assert isinstance(found, pl.DataFrame)
    return found


def put(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Make the small table ``name`` anew from ``frame``: code lists, calendars, never rows of persons."""
    connection.register("incoming", frame.to_arrow())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM incoming")
    connection.unregister("incoming")
