"""What counts: a session that is lent rows and small tables, and answers queries. No query stands here.

Queries are DuckDB's SQL, in the part of it that other engines have as well; another engine has them translated and has none
of its own, so that what is counted is said once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, Protocol, cast, get_args

import duckdb
import polars as pl

from avbrott.at_rest.tables import Tables
from avbrott.at_rest.vault import Vault
from avbrott.errors import BadInput
from avbrott.session import fetch, session

EngineName = Literal["duckdb", "spark"]
DUCKDB: EngineName = "duckdb"


class Engine(Protocol):
    """One session. Names of views and tables are the caller's; one that is given again takes the place of the other."""

    def rows(self, name: str, vault: Vault, file: Path, kinds: Mapping[str, str]) -> None:
        """Make the view ``name`` of a row-level file of the store, with the columns ``kinds`` (DuckDB's types by name)."""

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Make the table ``name`` of a frame that is in memory."""

    def fetch(self, query: str) -> pl.DataFrame:
        """The rows of ``query``, in its order."""


def engine_named(name: str) -> EngineName:
    """The engine of this name; ``BadInput`` where there is none."""
    if name not in get_args(EngineName):
        raise BadInput("ENGINE_UNKNOWN", engine=name, engines=", ".join(get_args(EngineName)))
    return cast("EngineName", name)


@contextmanager
def counting_with(name: EngineName) -> Iterator[Engine]:
    """A session of an engine; ``BadInput`` where what it needs is not installed, or where there is too little memory."""
    if name == "spark":
        from avbrott.counting.spark import spark_engine

        yield spark_engine()
        return
    with session() as connection, ExitStack() as opened:
        yield _DuckDB(connection, opened)


class _DuckDB:
    """DuckDB in this process. Frames are lent to it where they lie."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, opened: ExitStack) -> None:
        self._connection, self._opened = connection, opened

    def rows(self, name: str, vault: Vault, file: Path, kinds: Mapping[str, str]) -> None:
        self._opened.enter_context(Tables(vault, self._connection)).open(name, [file], kinds)

    def put(self, name: str, frame: pl.DataFrame) -> None:
        self._connection.register(name, frame.to_arrow())

    def fetch(self, query: str) -> pl.DataFrame:
        return fetch(self._connection, query)
