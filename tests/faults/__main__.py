"""Do every fault, and print what came of each: ``python -m tests.faults [--kills 200] [--others 12] [--seed 0]``.

What came so far is told every few times, so that a run that is stopped has figures too; ``--first 100`` goes on from the
hundred and first of each. Exit code 1 where anything did not hold.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.faults.county import county
from tests.faults.kinds import FAULTS, Outcome, killed

OFTEN = 10
"""After so many of a kind it is told what came of them."""


def main() -> int:
    """Print a line a kind: how often, what was said, and what did not hold."""
    asked = argparse.ArgumentParser(prog="python -m tests.faults")
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--others", type=int, default=12, help="how often each other fault is done")
    asked.add_argument("--pupils", type=int, default=300)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument(
        "--first", type=int, default=0, help="the number of the first of each, where a run goes on from another"
    )
    given = asked.parse_args()
    began, bad = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        made = county(place, given.pupils)
        copy = made.copied(place / "timed")
        started = time.monotonic()
        assert made.run(copy).code == 0
        seconds = time.monotonic() - started
        print(f"{given.pupils} pupils, {seconds:.1f} s a run", flush=True)
        for kind, times in {"kill -9": given.kills, **dict.fromkeys(FAULTS, given.others)}.items():
            outcomes = []
            for number in range(given.first, times):
                home = place / "disturbed"
                lots = random.Random(f"{given.seed} {kind} {number}")  # noqa: S311  it keeps no secret
                one = killed(made, home, lots, seconds=seconds) if kind == "kill -9" else FAULTS[kind](made, home, lots)
                shutil.rmtree(home)
                outcomes.append(one)
                print(f"\r{kind}: {number + 1} of {times}", end="", file=sys.stderr, flush=True)
                if len(outcomes) % OFTEN == 0:
                    print("\r", end="", file=sys.stderr)
                    _tell(f"{kind}, so far", outcomes)
            print("\r", end="", file=sys.stderr)
            bad += _tell(kind, outcomes)
    print(f"{time.monotonic() - began:.0f} s; did not hold: {bad}")
    return 1 if bad else 0


def _tell(kind: str, outcomes: list[Outcome]) -> int:
    said = ", ".join(f"{what} {count}" for what, count in sorted(Counter(one.said for one in outcomes).items()))
    wrong = Counter(fault for one in outcomes for fault in one.faults)
    print(f"{kind}: {len(outcomes)} times; said: {said}; did not hold: {sum(wrong.values())}", flush=True)
    for fault, count in sorted(wrong.items()):
        print(f"    {fault} ({count})", flush=True)
    return sum(wrong.values())


if __name__ == "__main__":
    sys.exit(main())
