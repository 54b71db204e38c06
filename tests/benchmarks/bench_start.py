"""How soon the program answers: processor seconds of a start, beside Python that does nothing, in the same run.

The command line is that of the base install, without the hub's libraries; Dagster's definitions are of the whole install.
Each figure is the best of three, since whoever else uses the machine makes only slower ones.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.integration.installing import ROOT, install_base
from tests.integration.running import START

TIMES = 3
SMALL = ROOT / "tests" / "fixtures" / "delivery" / "clean.csv"


def main() -> None:
    """Print a line for each start."""
    with tempfile.TemporaryDirectory() as folder:
        base = install_base(Path(folder))
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{base.folder}"}
        starts = {
            "python -c pass": ("-S", "-c", "pass"),
            "avbrott --help": ("-S", "-c", START, "--help"),
            "avbrott check, a small file": ("-S", "-c", START, "check", str(SMALL), "--contract", "enrolments"),
        }
        for name, arguments in starts.items():
            print(f"{name:30}{best(arguments, environment):8.2f} s", flush=True)
    definitions = ("-c", "import pipelines.definitions as found; found.defs.get_repository_def()")
    print(f"{'the Dagster definitions':30}{best(definitions, dict(os.environ)):8.2f} s")


def best(arguments: tuple[str, ...], environment: dict[str, str]) -> float:
    """Processor seconds of a process that ends well, the best of some."""
    found = []
    for _ in range(TIMES):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, env=environment, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)
