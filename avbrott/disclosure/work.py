"""Who does the parts of a search: this process, or several beside it. What is found is the same, in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from avbrott import worker
from avbrott.disclosure.part import Served, Task, serve_together

Work = Callable[[Sequence[Task]], list[Served]]


@contextmanager
def working(apart: bool) -> Iterator[Work]:
    """Give parts to as many processes as there are processors, where ``apart`` says so and there are two."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not apart or count < 2:
        yield lambda tasks: [serve_together(task) for task in tasks]
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=worker.begin) as pool:
        yield lambda tasks: list(pool.map(serve_together, tasks))
