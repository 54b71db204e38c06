"""Who does the parts of a search: this process, or several beside it. What is found is the same, in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context

from avbrott import worker
from avbrott.disclosure.part import Served, Task, serve_together

Work = Callable[[Task], Callable[[], Served]]
"""Begin a part; what is returned waits for its end."""


@contextmanager
def working(apart: bool) -> Iterator[Work]:
    """Give parts to as many processes as there are processors, where ``apart`` says so and there are two."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not apart or count < 2:
        yield lambda task: partial(_as_is, serve_together(task))
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=worker.begin) as pool:
        yield lambda task: pool.submit(serve_together, task).result


def _as_is(served: Served) -> Served:
    return served
