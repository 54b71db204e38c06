"""Locks between runs: the system lets go of one when the process that holds it ends, however it ends. POSIX and Windows.

Not here: what a lock is for.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PAUSE_SECONDS = 0.05

if sys.platform == "win32":
    import msvcrt

    def take(descriptor: int) -> bool:
        """Lock an open file; False where another process has it."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def take(descriptor: int) -> bool:
        """Lock an open file; False where another process has it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def hold(file: Path) -> int | None:
    """Make ``file`` and lock it, for ``let_go``; None where another process has it. ``OSError`` where it cannot be made."""
    while True:
        try:
            descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o644)
        except PermissionError:  # another user's, left by a run that was killed
            descriptor = os.open(file, os.O_RDONLY)
        try:
            if not take(descriptor):
                os.close(descriptor)
                return None
            if sys.platform == "win32":  # which removes no open file
                return descriptor
            if os.path.samestat(os.fstat(descriptor), file.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        except OSError:
            os.close(descriptor)
            raise
        # Who had it removed the file between its opening and its locking here.
        os.close(descriptor)


def let_go(file: Path, descriptor: int) -> None:
    """Remove ``file`` and its lock."""
    if sys.platform == "win32":  # which removes no open file
        os.close(descriptor)
        with suppress(OSError):
            file.unlink()
    else:
        with suppress(OSError):
            file.unlink()
        os.close(descriptor)


@contextmanager
def holding(file: Path, seconds: float = 0.0) -> Iterator[bool]:
    """Hold ``file`` while the block runs, and tell it whether it is held: not where another has it for longer than that."""
    until = time.monotonic() + seconds
    while (descriptor := hold(file)) is None and time.monotonic() < until:
        time.sleep(_PAUSE_SECONDS)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            let_go(file, descriptor)
