"""Row-level files lent to DuckDB, and what a query finds written to one. DuckDB itself reads and writes no file.

Files are opened one after the other while a query runs, so that no more than one of them is in memory beside what DuckDB
holds. Not here: what is asked (``linking``, ``counting``), and the session (``session``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
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


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a column from ``first`` on and before ``end``, in the order of their bytes; None is without end."""

    column: str
    first: str | None
    end: str | None

    def of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The rows whose word is one of these; the column is held by dictionary."""
        held = batch.column(self.column)
        bounds = [(pc.greater_equal, self.first), (pc.less, self.end)]
        inside = [compare(held.dictionary, bound) for compare, bound in bounds if bound is not None]
        if not inside or not len(held.dictionary):
            return batch
        wanted = inside[0] if len(inside) == 1 else pc.and_(*inside)
        return batch.filter(wanted.take(held.indices))


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

    def open(self, name: str, files: Iterable[Path], kinds: Mapping[str, str], only: Words | None = None) -> None:
        """Make the view ``name`` of the rows of ``files``, with the columns ``kinds`` (DuckDB's types by name).

        A column that a file does not have is null there. ``only``: rows with one of these words, and no others.
        """
        self._connection.register(name, _Rows(self._vault, tuple(files), kinds, self._problems, only))

    def found(self, query: str) -> pa.RecordBatchReader:
        """The rows of ``query``, for ``Written.add``."""
        return self._connection.sql(query).to_arrow_reader(_ROWS)


class Written:
    """A row-level file that is being written: rows in row groups of ``_ROWS``, however they come."""

    def __init__(self, sink: Any) -> None:
        self._sink = sink
        self._writer: pq.ParquetWriter | None = None
        self._held: list[pa.RecordBatch] = []
        self._waiting = 0
        self.rows = 0

    def add(self, found: pa.RecordBatchReader) -> None:
        """Write these rows after those before, with the same columns; what is written depends on the rows alone."""
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._sink, found.schema, compression="zstd")
        for batch in found:
            self._held.append(batch)
            self._waiting += batch.num_rows
            if self._waiting >= _ROWS:
                self._write(self._waiting // _ROWS * _ROWS)

    def end(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._write(self._waiting)
            self._writer.close()

    def _write(self, rows: int) -> None:
        """Write the first rows of what is held."""
        assert self._writer is not None
        held = pa.Table.from_batches(self._held, self._writer.schema)
        self._writer.write_table(held.slice(0, rows).combine_chunks(), row_group_size=_ROWS)
        self._held, self._waiting, self.rows = held.slice(rows).to_batches(), self._waiting - rows, self.rows + rows


@contextmanager
def written(vault: Vault, target: Path, *, here: bool = False) -> Iterator[Written]:
    """Write ``target``, whole or not at all: it is there when the block ends well. Equal rows give equal bytes.

    ``here``: on the disk, wherever rows are to lie.
    """
    with writing(vault, target, here=here) as sink:
        file = Written(sink)
        yield file
        file.end()


def stored_rows(vault: Vault, files: Iterable[Path], kinds: Mapping[str, str]) -> pa.RecordBatchReader:
    """The rows of ``files`` with the columns ``kinds``, for another engine than DuckDB; words come by dictionary.

    ``BadInput`` of a file that cannot be read is raised while they are read.
    """
    return _Rows(vault, tuple(files), kinds, [], None).reader()


def in_groups(found: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The same rows, in batches of at least ``_ROWS`` but for the last: many small ones take their time."""
    held, waiting = list[pa.RecordBatch](), 0
    for batch in found:
        held.append(batch)
        waiting += batch.num_rows
        if waiting >= _ROWS:
            yield from pa.Table.from_batches(held).combine_chunks().to_batches()
            held, waiting = [], 0
    if held:
        yield from pa.Table.from_batches(held).combine_chunks().to_batches()


class _Rows:
    """The rows of some files, read anew each time that DuckDB asks for them."""

    def __init__(
        self,
        vault: Vault,
        files: tuple[Path, ...],
        kinds: Mapping[str, str],
        problems: list[BadInput],
        only: Words | None,
    ) -> None:
        self._vault, self._files, self._problems, self._only = vault, files, problems, only
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
            for every in held.iter_batches(_ROWS, columns=names, use_threads=False):
                batch = every if self._only is None else self._only.of(every)
                yield batch if batch.schema.equals(self._schema) else self._shaped(batch)

    def _shaped(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        held = dict(zip(batch.schema.names, batch.columns, strict=True))
        columns = [
            held[field.name].cast(field.type) if field.name in held else pa.nulls(batch.num_rows, field.type)
            for field in self._schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)
