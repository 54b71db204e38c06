"""Great Expectations in a process of its own, which a run starts early: its import is as long as linking itself.

What goes there is frames of counts, what comes back is ``Watch``. A process that dies is an error here, never a silence.
What is expected, and how a result is reduced, is in ``suites``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import get_context
from typing import Any, TypeVar

import polars as pl

from avbrott import worker
from avbrott.expectations.contract import Frame
from avbrott.expectations.suites import Watch, load, watch
from avbrott.registry import Contracts

T = TypeVar("T")


def start() -> None:
    """Let the process be there, and import, while something else is done; it stays for later runs of this program."""
    submit(_loaded)


def watch_apart(frames: Mapping[Frame, pl.DataFrame], contracts: Contracts) -> list[Watch]:
    """What ``suites.watch`` says, from the other process."""
    return submit(watch, dict(frames), contracts).result()


def submit(work: Callable[..., T], *given: Any) -> Future[T]:
    """Have the process do ``work``; one that has died since is replaced; one that dies at it gives ``BrokenProcessPool``."""
    try:
        return _process().submit(work, *given)
    except BrokenProcessPool:
        _process.cache_clear()
        return _process().submit(work, *given)


@cache
def _process() -> ProcessPoolExecutor:
    # Spawned: a fork would take DuckDB's and polars' threads with it in pieces.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=worker.begin)


def _loaded() -> None:
    """Import; the library itself cannot be sent back."""
    load()
