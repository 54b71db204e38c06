"""Who does the parts of a search: threads, or processes beside this one. What is found is the same, in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

from avbrott import worker
from avbrott.disclosure.part import Served, Task, serve_together

Work = Callable[[Task], Callable[[], Served]]
"""Begin a part; what is returned waits for its end."""


@contextmanager
def working(at_once: int, apart: bool) -> Iterator[Work]:
    """Have up to ``at_once`` parts done at a time, by a thread a processor, or a process where ``apart`` says so.

    Most of the work is HiGHS', which lets other threads go on; with the rest of it threads take turns, processes do not.
    """
    count = min(at_once, _processors())
    if count < 2:
        yield lambda task: partial(_as_is, serve_together(task))
        return
    with _several(count, apart) as pool:
        try:
            yield lambda task: pool.submit(serve_together, task).result
        finally:
            pool.shutdown(cancel_futures=True)


def _several(count: int, apart: bool) -> Executor:
    if apart:
        return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=worker.begin)
    return ThreadPoolExecutor(count)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _as_is(served: Served) -> Served:
    return served
