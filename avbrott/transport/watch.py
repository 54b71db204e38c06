"""A time for all of what a server answers: a limit of each single wait lets one byte a minute go on for good."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SLOWEST = 10_000
"""Bytes a second, beside the time that is allowed for an answer: who sends less has hung."""


class Watch:
    """Ends what takes longer than it may, whatever it is waited for."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._until = seconds, 0.0
        self._over = threading.Event()
        self.is_late = False

    def begin(self, cut: Callable[[], object]) -> None:
        """From now on, and end it by ``cut``, which another thread calls."""
        self._until = time.monotonic() + self._seconds
        threading.Thread(target=self._run, args=(cut,), daemon=True).start()

    def allow(self, more: int) -> None:
        """So many bytes take their time."""
        self._until += more / _SLOWEST

    def end(self) -> None:
        """Look no more."""
        self._over.set()

    def _run(self, cut: Callable[[], object]) -> None:
        while (left := self._until - time.monotonic()) > 0:
            if self._over.wait(left):
                return
        self.is_late = True
        cut()


@contextmanager
def watched(seconds: float, cut: Callable[[], object]) -> Iterator[Watch]:
    """The block has so many seconds, and is ended by ``cut`` then."""
    watch = Watch(seconds)
    watch.begin(cut)
    try:
        yield watch
    finally:
        watch.end()
