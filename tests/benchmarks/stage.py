"""One stage in a process of its own: its peak memory is then nobody else's.

``python -m tests.benchmarks.stage NAME HOME TERM,TERM,... [PROVIDER]`` does one of ``stages.STAGES`` in a home that those
before it have filled, of all providers or of one, and prints its seconds, and the processor seconds of the imports before it.
With AVBROTT_PROFILE a profile of this process is written to that file. What the stages need is imported below: the processes
that one starts import this module, and no more than they would without the benchmark.
"""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import sys
import time
from collections.abc import Callable
from pathlib import Path

MOST_TOLD = 12
"""Lines of a profile."""


def _profiled(work: Callable[[], None], target: Path) -> None:
    profile, told = cProfile.Profile(), io.StringIO()
    profile.runcall(work)
    pstats.Stats(profile, stream=told).strip_dirs().sort_stats("tottime").print_stats(MOST_TOLD)
    target.write_text(told.getvalue(), "utf-8")


if __name__ == "__main__":
    from avbrott.home import Home
    from avbrott.periods import Term
    from avbrott.registry import load_contracts
    from tests.benchmarks.stages import STAGES, members

    name, folder, listed = sys.argv[1:4]
    place = Home(Path(folder))
    own = place.invented_contracts if place.invented_contracts.is_dir() else None
    promised = load_contracts(own)
    wanted = members(promised, [Term.parse(term) for term in listed.split(",")], sys.argv[4:])
    before, started = time.process_time(), time.perf_counter()
    if target := os.environ.get("AVBROTT_PROFILE"):
        _profiled(lambda: STAGES[name](place, promised, wanted), Path(target))
    else:
        STAGES[name](place, promised, wanted)
    print(time.perf_counter() - started, before, flush=True)
