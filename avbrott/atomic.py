"""Writing that is either whole or not there: a temporary file beside the target, fsync, rename.

Not here: what is written. Every writer of the project goes through these few functions.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

T = TypeVar("T")

_PART = ".part"

THREADS = 8
"""Small files wait for the disk more than for a processor."""


@contextmanager
def replacing(target: Path, *, lasting: bool = True, public: bool = False) -> Iterator[Path]:
    """Give a temporary path beside ``target``; when the block ends well it becomes ``target``, otherwise it is removed.

    Without ``lasting`` the file is whole, but its name outlives a power cut only once the caller calls ``sync_folder``: for
    many files of one folder. Unless it is ``public`` its owner alone may read it.
    """
    make_folder(target.parent)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=_PART, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    if public:
        opened_to_others(temporary)
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(target)
        if lasting:
            sync_folder(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def opened_to_others(file: Path) -> None:
    """Give an empty file that was made for its owner alone the rights that any new file has there."""
    file.unlink()
    file.touch(exist_ok=False)


def write_bytes(target: Path, content: bytes, *, lasting: bool = True, public: bool = False) -> None:
    """Write ``content`` to ``target``, whole or not at all."""
    with replacing(target, lasting=lasting, public=public) as temporary:
        temporary.write_bytes(content)


def write_new(target: Path, content: bytes, *, public: bool = False) -> bool:
    """Write ``content`` to ``target`` unless something is there, which stays (False); whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=_PART, dir=target.parent)
    os.close(handle)
    whole = Path(name)
    try:
        if public:
            opened_to_others(whole)
        with whole.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if not _named(whole, target):
            return False
        sync_folder(target.parent)
    finally:
        whole.unlink(missing_ok=True)
    return True


def _named(whole: Path, target: Path) -> bool:
    """Give a whole file its name unless something has it: by a second name, or where a disk has none, by moving."""
    try:
        os.link(whole, target)
    except FileExistsError:
        return False
    except OSError:  # exFAT and some network drives
        if target.exists():
            return False
        whole.rename(target)
    return True


def write_text(target: Path, content: str) -> None:
    """Write ``content`` as UTF-8 with the line ends it has."""
    write_bytes(target, content.encode("utf-8"))


def write_json(target: Path, content: Any, *, lasting: bool = True) -> None:
    """Write ``content`` as JSON with sorted keys and an end of line, so that equal content gives equal bytes."""
    write_bytes(target, json_bytes(content), lasting=lasting)


def json_bytes(content: Any) -> bytes:
    """``content`` as the bytes that ``write_json`` writes."""
    return (json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def compact_json(content: Any) -> bytes:
    """``content`` as JSON without spaces, its keys in their own order: for files of very many figures."""
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n").encode("utf-8")


def write_parquet(target: Path, frame: pl.DataFrame, *, lasting: bool = True) -> None:
    """Write ``frame`` as Parquet (zstd); equal frames give equal bytes."""
    with replacing(target, lasting=lasting) as temporary:
        frame.write_parquet(temporary, compression="zstd", statistics=True)


def write_parquets(frames: Mapping[Path, pl.DataFrame]) -> None:
    """Write many frames at a time, each whole or not at all; they last when this returns, a folder synced once."""
    _write_many(frames, lambda target, frame: write_parquet(target, frame, lasting=False))


def write_jsons(contents: Mapping[Path, Any]) -> None:
    """Write many JSON files at a time, as ``write_parquets`` does frames."""
    _write_many(contents, lambda target, content: write_json(target, content, lasting=False))


def _write_many(contents: Mapping[Path, T], write: Callable[[Path, T], None]) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(write, contents.keys(), contents.values()))
        list(threads.map(sync_folder, sorted({target.parent for target in contents})))


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing; inside one that is its owner's alone, they are so too."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o777 if _mode(folder.parent) & 0o077 else 0o700)


def private_folder(folder: Path) -> None:
    """Make a folder that its owner alone may look into, also where it is there already (Windows knows no modes)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix" and _mode(folder) != 0o700:
        folder.chmod(0o700)


def _mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def remove_parts(folder: Path, targets: Iterable[str] | None = None) -> None:
    """Remove what killed writes left in ``folder``: of files called ``targets``, or of any. Nobody may be writing them."""
    begun = tuple(f".{name}." for name in targets) if targets is not None else (".",)
    for part in folder.glob(f".*{_PART}"):
        if part.name.startswith(begun):
            part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
