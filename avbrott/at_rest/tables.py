"""Row-level files lent to DuckDB, and what a query finds written to one. DuckDB itself reads and writes no file.

Files are opened one after the other while a query runs, so that no more than one of them is in memory beside what DuckDB
holds. Not here: what is asked (``linking``, ``counting``), and the session (``session``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from avbrott.at_rest.files import read_bytes, writing
from avbrott.at_rest.vault import Vault
from avbrott.errors import BadInput

_TYPES = {
    # By dictionary: few values come many times, and are then neither copied nor compared one by one.
    "VARCHAR": pa.dictionary(pa.int32(), pa.string()),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
}
_ROWS = 122_880
"""Rows of a row group, as DuckDB writes them."""


class Tables:
    """The row-level files of a store in one session of DuckDB, for a ``with`` block that has its queries in it.

    ``BadInput`` of a file that could not be read is raised when the block ends: DuckDB would tell of it in its own words.
    """

    def __init__(self, vault: Vault, connection: duckdb.DuckDBPyConnection) -> None:
        self._vault, self._connection = vault, connection
        self._problems: list[BadInput] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._problems:
            raise self._problems[0] from None

    def open(self, name: str, files: Iterable[Path], kinds: Mapping[str, str]) -> None:
        """Make the view ``name`` of the rows of ``files``, with the columns ``kinds`` (DuckDB's types by name).

        A column that a file does not have is null there.
        """
        self._connection.register(name, _Rows(self._vault, tuple(files), kinds, self._problems))

    def write(self, query: str, target: Path) -> int:
        """Write the rows of ``query`` to ``target``, whole or not at all; return how many there are.

        The query says its own ``ORDER BY``; equal rows then give equal bytes.
        """
        found = self._connection.sql(query).to_arrow_reader(_ROWS)
        rows = 0
        with writing(self._vault, target) as sink, pq.ParquetWriter(sink, found.schema, compression="zstd") as writer:
            for group in _groups(found):
                writer.write_table(group, row_group_size=_ROWS)
                rows += group.num_rows
        return rows


def stored_rows(vault: Vault, files: Iterable[Path], kinds: Mapping[str, str]) -> pa.RecordBatchReader:
    """The rows of ``files`` with the columns ``kinds``, for another engine than DuckDB; words come by dictionary.

    ``BadInput`` of a file that cannot be read is raised while they are read.
    """
    return _Rows(vault, tuple(files), kinds, []).reader()


class _Rows:
    """The rows of some files, read anew each time that DuckDB asks for them."""

    def __init__(self, vault: Vault, files: tuple[Path, ...], kinds: Mapping[str, str], problems: list[BadInput]) -> None:
        self._vault, self._files, self._problems = vault, files, problems
        self._schema = pa.schema([(name, _TYPES[kind]) for name, kind in kinds.items()])
        self._words = [name for name, kind in kinds.items() if kind == "VARCHAR"]

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The way in which DuckDB reads what is not its own."""
        return self.reader().__arrow_c_stream__(requested_schema)

    def reader(self) -> pa.RecordBatchReader:
        """The rows, a batch at a time."""
        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for file in self._files:
            try:
                content = read_bytes(self._vault, file)
            except BadInput as problem:
                self._problems.append(problem)
                raise
            held = pq.ParquetFile(pa.BufferReader(content), read_dictionary=self._words)
            there = held.schema_arrow.names
            names = [name for name in self._schema.names if name in there]
            for batch in held.iter_batches(_ROWS, columns=names, use_threads=False):
                yield batch if batch.schema.equals(self._schema) else self._shaped(batch)

    def _shaped(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        held = dict(zip(batch.schema.names, batch.columns, strict=True))
        columns = [
            held[field.name].cast(field.type) if field.name in held else pa.nulls(batch.num_rows, field.type)
            for field in self._schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)


def _groups(found: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The rows in groups of ``_ROWS``, however they came: what is written depends on the rows alone."""
    held = found.schema.empty_table()
    for batch in found:
        held = pa.concat_tables([held, pa.Table.from_batches([batch])])
        while held.num_rows >= _ROWS:
            yield held.slice(0, _ROWS).combine_chunks()
            held = held.slice(_ROWS)
    yield held.combine_chunks()
