"""Work that takes long, done by threads of its own: so many at once, so many who wait, and whoever comes then is turned away.

The threads that all pages share are not waited in, so that nobody stops the pages by asking for much of such work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import BoundedSemaphore
from typing import TypeVar

from avbrott.errors import BadInput

T = TypeVar("T")

FULL = "TOO_MANY_AT_ONCE"
RETRY_SECONDS = 5


class Line:
    """One kind of work."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(at_once)
        self._room = BoundedSemaphore(at_once + waiting)

    async def run(self, work: Callable[..., T], *of: object) -> T:
        """Do ``work`` when its turn comes. ``BadInput`` (``FULL``) where as many wait as may."""
        if not self._room.acquire(blocking=False):
            raise BadInput(FULL)
        done = self._threads.submit(copy_context().run, work, *of)
        done.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(done)
