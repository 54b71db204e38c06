"""How many unsafe items an attack by linear programs narrows below the promise, of all or of a sample that is told."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from avbrott.tabular import attack
from avbrott.tabular.output import Record

SAMPLE = 2000
ATTACK_SECONDS = 120.0


def attacked(record: Record, sample: int = SAMPLE, seconds: float = ATTACK_SECONDS) -> str:
    """What is printed: narrowed, exactly known, bounded of how many, and the seconds that it took."""
    known, targets = attack._confidential(record)
    number = len(targets.plus)
    chosen = np.sort(np.random.default_rng(1).permutation(number)[:sample])
    some = replace(
        targets,
        plus=targets.plus[chosen],
        minus=targets.minus[chosen],
        fixed=targets.fixed[chosen],
        top=targets.top[chosen],
        span=targets.span[chosen],
    )
    started = time.perf_counter()
    bounded, exact, narrowed = attack._bounds(known, some, seconds, lambda _done, _of: None)
    whole = "all" if bounded == number else f"a sample of {bounded} of"
    return f"{narrowed} narrowed, {exact} exact, {whole} {number} unsafe, {time.perf_counter() - started:.0f} s"
