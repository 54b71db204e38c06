"""One DuckDB session with bounds: memory, threads, and a place for what does not fit in memory. No query stands here.

DuckDB spills rows of persons to its temporary folder, so that folder is always inside the store and is removed afterwards;
what a killed session left there, the next one removes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from avbrott import atomic
from avbrott.living import left_behind, living_folder

MEMORY = "1500MB"
THREADS = 2

_SPILL = ".duckdb-"


@contextmanager
def session(folder: Path, *, memory: str = MEMORY, threads: int = THREADS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB in memory; what exceeds ``memory`` spills to a folder of its own under ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in left_behind(folder, _SPILL):
        shutil.rmtree(left, ignore_errors=True)
    with living_folder(folder, _SPILL) as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": str(spill / "spilled"),
            # Extensions are downloaded at run time: nothing here needs one.
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        with duckdb.connect(":memory:", config=settings) as connection:
            yield connection


def parquet(*files: Path) -> str:
    """What a query reads these files by: each of them alone, also where its path has the signs of a pattern."""
    names = (re.sub(r"([*?\[])", r"[\1]", str(file)).replace("'", "''") for file in files)
    listed = ", ".join(f"'{name}'" for name in names)
    return f"read_parquet([{listed}], union_by_name = true)"


def write_query(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write the rows of ``query`` to ``target`` as Parquet, whole or not at all; return how many there are.

    The query says its own ``ORDER BY``; equal rows then give equal bytes.
    """
    with atomic.replacing(target) as temporary:
        name = str(temporary).replace("'", "''")
        copied = connection.execute(f"COPY ({query}) TO '{name}' (FORMAT parquet, COMPRESSION zstd)").fetchall()
    return int(copied[0][0])


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
