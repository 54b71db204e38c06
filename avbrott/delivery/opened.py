"""The rows of an extract that the store has, whichever way it came: plain, or sealed and opened again. Not judged here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from avbrott import logs
from avbrott.at_rest.files import read_bytes
from avbrott.at_rest.vault import vault_of
from avbrott.delivery.parquet import has_room
from avbrott.delivery.read import read_content
from avbrott.delivery.record import Delivery, Extract
from avbrott.delivery.table import Table, of_cells, unusable
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.retention.reduced import read_rest, rest_of
from avbrott.sealing.keys import read_reception_key
from avbrott.sealing.opening import members_of

_ENCODING = "Parquet"


def table_of(home: Home, delivery: Delivery, extract: Extract, columns: Sequence[str]) -> Table:
    """The table of an extract of a delivery; ``columns`` are those of one that has nothing to report.

    Its signature was verified when it was accepted: it is held against the sum that was recorded then. ``BadInput`` where the
    hub's key is not there.
    """
    folder = home.delivered(delivery.provider, str(delivery.term))
    file, rest = folder / extract.file, rest_of(folder, extract)
    if rest.is_file():
        return read_rest(vault_of(home), rest)
    if extract.kind is None:
        table = _read(read_bytes(vault_of(home), file), file.suffix.lower())
        return table if has_room(table.frame.height * table.frame.width) else unusable("FILE_TOO_LARGE")
    hub = read_reception_key(home.reception_key)
    try:
        content = file.read_bytes()
        if sum_of(content) != extract.sha256:
            return unusable("FILE_UNREADABLE", encoding=_ENCODING)
        members = members_of(content, hub)
    except (OSError, BadInput):
        return unusable("FILE_UNREADABLE", encoding=_ENCODING)
    if extract.kind == "nil":
        return Table(tuple(columns), of_cells(columns, [], []), encoding=_ENCODING, separator="")
    return _as_prepared(_read(members[f"{extract.name}.parquet"], ".parquet"))


def _read(content: bytes, kind: str) -> Table:
    """A file's table; one that the reader breaks down on is refused, as no other delivery may have to wait for it.

    What is the machine's and not the file's (memory, the disk, processes) is raised. Of the error its kind is logged.
    """
    try:
        return read_content(content, kind=kind)
    except (MemoryError, OSError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:  # noqa: BLE001  whatever the file does to a reader
        logs.write("error", "FILE_READER_FAILED", about={"format": kind, "kind": type(error).__name__})
        return unusable("FILE_READER_FAILED")


def _as_prepared(table: Table) -> Table:
    """The table with the lines that its rows have in the CSV that it was sealed from: the header is line 1."""
    return replace(table, frame=table.frame.with_columns(pl.col("row") + 1)) if table.header else table
