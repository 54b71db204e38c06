"""A command run apart, with what it took: seconds, processor seconds and the memory of all its processes together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")
PAUSE = 0.1
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Took:
    """What a command took."""

    said: str
    seconds: float
    processor: float
    """Seconds of all its processes, those that it waited for among them."""
    peak: float
    """Megabytes at once in all of them; where the system does not tell of each, of the largest."""


def run(command: Sequence[str]) -> Took:
    """Run a command to its end; ``SystemExit`` where it fails."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True) as process:
        together = 0.0
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            together = max(together, _together(process.pid))
            time.sleep(PAUSE)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command[2:5])}: exit code {process.returncode}")
    # Where the system tells of each process, the largest is not asked for: it is at least as large as who started it.
    largest = used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Took(said, seconds, used.ru_utime + used.ru_stime, together or largest)


def _together(session: int) -> float:
    """Megabytes that the processes of a session have now; 0 where the system does not tell."""
    pages = 0
    for folder in PROCESSES.glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
            pages += int(fields[21]) if int(fields[3]) == session else 0
        except (OSError, IndexError, ValueError):
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
