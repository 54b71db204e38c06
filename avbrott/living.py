"""A folder for one run: a lock in it says that the run lives, so that the next one can remove what a killed one left.

The system lets go of a lock when its process ends, however it ends. Not here: what is kept in such a folder.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avbrott.lock import take

_MAKING = ".making-"
_LOCK = ".lock"
_RANDOM = 8
"""So many signs does ``tempfile`` choose."""


@contextmanager
def living_folder(parent: Path, begins: str, ends: str = "") -> Iterator[Path]:
    """A new folder in ``parent``, called ``begins``, something random, ``ends``; locked, and removed when the block ends."""
    making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=parent))
    lock = os.open(making / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        take(lock)
        # Only a folder whose lock is held bears the name that others look for.
        folder = making.rename(parent / f"{begins}{making.name.removeprefix(_MAKING)}{ends}")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def left_behind(parent: Path, begins: str, ends: str = "") -> list[Path]:
    """The folders of such a name whose runs no longer live."""
    return [folder for folder in sorted(parent.iterdir()) if _is_one(folder, begins, ends) and not _lives(folder)]


def _is_one(folder: Path, begins: str, ends: str) -> bool:
    name = folder.name
    between = name.removeprefix(begins).removesuffix(ends)
    return len(between) == _RANDOM and name == f"{begins}{between}{ends}" and "." not in between and folder.is_dir()


def _lives(folder: Path) -> bool:
    """Whether a run holds the lock in its folder."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:  # another user's
        return True
    try:
        return not take(lock)
    finally:
        os.close(lock)
