"""One counted system protected in a process of its own: ``python -m tests.benchmarks.protect_system HOME SYSTEM ZEROS``.

Its record lies in the home's store afterwards; printed are seconds by phase and the peak memory, as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import polars as pl

from avbrott.counting.from_contracts import counted_spec
from avbrott.disclosure.checker import check_protection
from avbrott.disclosure.files import write_record
from avbrott.disclosure.protect import protect
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.registry import load_contracts


def main(folder: str, system: str, zeros: str) -> int:
    """The exit code: 2 where the policy's rules do not go with ``zeros``."""
    home, contracts, started = Home(Path(folder)), load_contracts(), time.perf_counter()
    policy = contracts.policies[contracts.systems[system].policy].model_copy(update={"zeros": zeros})
    spec = counted_spec(home, contracts, system)
    cells = pl.read_parquet(home.counted(system) / "cells.parquet")
    read = time.perf_counter()
    try:
        protection = protect(spec, cells, policy, seed=b"benchmark")
    except BadInput:
        return 2
    protected = time.perf_counter()
    faults = check_protection(spec, policy, protection.cells, protection.witnesses)
    checked = time.perf_counter()
    home.protected(system).mkdir(parents=True, exist_ok=True)
    write_record(home.protected(system), spec, policy, protection)
    seconds = {"read": read - started, "protect": protected - read, "check": checked - protected}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
