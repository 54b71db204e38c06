"""Writing that is either whole or not there: a temporary file beside the target, fsync, rename.

Not here: what is written. Every writer of the project goes through these few functions.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

THREADS = 8
"""Small files wait for the disk more than for a processor."""


@contextmanager
def replacing(target: Path, *, lasting: bool = True) -> Iterator[Path]:
    """Give a temporary path beside ``target``; when the block ends well it becomes ``target``, otherwise it is removed.

    Without ``lasting`` the file is whole, but its name outlives a power cut only once the caller calls ``sync_folder``: for
    many files of one folder.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
        if lasting:
            sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(target: Path, content: bytes, *, lasting: bool = True) -> None:
    """Write ``content`` to ``target``, whole or not at all."""
    with replacing(target, lasting=lasting) as temporary:
        temporary.write_bytes(content)


def write_text(target: Path, content: str) -> None:
    """Write ``content`` as UTF-8 with the line ends it has."""
    write_bytes(target, content.encode("utf-8"))


def write_json(target: Path, content: Any) -> None:
    """Write ``content`` as JSON with sorted keys and an end of line, so that equal content gives equal bytes."""
    write_bytes(target, json_bytes(content))


def json_bytes(content: Any) -> bytes:
    """``content`` as the bytes that ``write_json`` writes."""
    return (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def write_parquet(target: Path, frame: pl.DataFrame, *, lasting: bool = True) -> None:
    """Write ``frame`` as Parquet (zstd); equal frames give equal bytes."""
    with replacing(target, lasting=lasting) as temporary:
        frame.write_parquet(temporary, compression="zstd", statistics=True)


def write_parquets(frames: Mapping[Path, pl.DataFrame]) -> None:
    """Write many frames at a time, each whole or not at all; they last when this returns, a folder synced once."""
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(partial(write_parquet, lasting=False), frames.keys(), frames.values()))
        list(threads.map(sync_folder, sorted({target.parent for target in frames})))


def sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
