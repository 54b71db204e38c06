"""Row-level files of the store, read and written: bytes as they came, and frames as Parquet inside the encryption.

Each is written whole or not at all, readable by its owner alone. ``BadInput`` says which file was damaged, is under another
key, or was never encrypted; nothing that cannot be authenticated is read.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.at_rest import container
from avbrott.at_rest.elsewhere import Line, bytes_of, elsewhere, remove_object
from avbrott.at_rest.vault import Vault
from avbrott.digests import sum_of
from avbrott.errors import BadInput


def raw_bytes(file: Path) -> bytes:
    """The bytes of a file as they are encrypted, wherever they lie."""
    try:
        found = file.read_bytes()
    except OSError:
        raise BadInput("STORE_UNREADABLE", file=file) from None
    line = Line.of(found)
    return found if line is None else bytes_of(line, file)


def size_of(file: Path) -> int:
    """How many bytes a file has as it is encrypted, wherever they lie."""
    line = Line.at(file)
    return file.stat().st_size if line is None else line.size


def remove(file: Path) -> None:
    """Remove a file, and what it stands for; one that is not there is removed already."""
    line = Line.at(file)
    if line is not None:
        remove_object(line, file)
    file.unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that its files stand for."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        remove(file)
    shutil.rmtree(folder)


def read_bytes(vault: Vault, file: Path) -> bytes:
    """The content of a file."""
    found = raw_bytes(file)
    begins = found[: container.HEAD]
    if len(begins) < container.HEAD:
        raise BadInput("STORE_FILE_DAMAGED", file=file)
    if not begins.startswith(container.MAGIC):
        raise BadInput("STORE_FILE_PLAIN", file=file)
    if begins != vault.head:
        raise BadInput("STORE_FILE_KEY_OTHER", file=file)
    try:
        return container.opened(found, vault.cipher(file))
    except container.Damaged:
        raise BadInput("STORE_FILE_DAMAGED", file=file) from None


def sums_of(files: Sequence[Path]) -> list[str]:
    """The sums of files as they are encrypted: equal content under one key in one place has one sum."""
    with ThreadPoolExecutor(atomic.THREADS) as threads:
        return list(threads.map(_sum_of, files))


def _sum_of(file: Path) -> str:
    line = Line.at(file)
    return sum_of(raw_bytes(file)) if line is None else line.sum


def write_bytes(vault: Vault, file: Path, content: bytes | memoryview, *, lasting: bool = True) -> None:
    """Write content to a file; equal content gives equal bytes."""
    with writing(vault, file, lasting=lasting) as stream:
        stream.write(content)


def rewrite(vault: Vault, file: Path, content: bytes | memoryview) -> None:
    """Write other content, or the same under another key, to a file that keeps its mode: frozen rows stay read-only."""
    mode = file.stat().st_mode
    write_bytes(vault, file, content)
    file.chmod(mode)


@contextmanager
def writing(vault: Vault, file: Path, *, lasting: bool = True, here: bool = False) -> Iterator[container.Sealing]:
    """A stream whose content becomes the file when the block ends well. ``here``: on the disk, wherever rows are to lie."""
    place, before = None if here else elsewhere(), Line.at(file)
    line = None
    with atomic.replacing(file, lasting=lasting) as temporary:
        with temporary.open("wb") as sink:
            stream = container.Sealing(sink, vault.cipher(file), vault.head)
            yield stream
            stream.close()
        if place is not None:
            line = place.write(temporary.read_bytes())
            temporary.write_bytes(line.written)
    if before is not None and before != line:
        remove_object(before, file)


def read_frame(vault: Vault, file: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The rows of a file, of all its columns or of these."""
    content = read_bytes(vault, file)
    try:
        return pl.read_parquet(io.BytesIO(content), columns=list(columns) if columns is not None else None)
    except (pl.exceptions.PolarsError, OSError):
        raise BadInput("STORE_UNREADABLE", file=file) from None


def write_frame(vault: Vault, file: Path, frame: pl.DataFrame, *, lasting: bool = True) -> None:
    """Write rows to a file; equal frames give equal bytes."""
    write_bytes(vault, file, _parquet(frame), lasting=lasting)


def rewrite_frame(vault: Vault, file: Path, frame: pl.DataFrame) -> None:
    """Write other rows to a file that keeps its mode."""
    rewrite(vault, file, _parquet(frame))


def _parquet(frame: pl.DataFrame) -> memoryview:
    content = io.BytesIO()
    frame.write_parquet(content, compression="zstd", statistics=True)
    return content.getbuffer()


def write_frames(vault: Vault, frames: Mapping[Path, pl.DataFrame]) -> None:
    """Write many files at a time, each whole or not at all; they last when this returns."""
    with ThreadPoolExecutor(atomic.THREADS) as threads:
        list(threads.map(lambda file: write_frame(vault, file, frames[file], lasting=False), frames))
        list(threads.map(atomic.sync_folder, sorted({file.parent for file in frames})))


def copy(vault: Vault, source: Path, target: Path) -> None:
    """Write what ``source`` holds to ``target``, which is another place and so other bytes."""
    write_bytes(vault, target, read_bytes(vault, source))
