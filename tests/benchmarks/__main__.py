"""Run every benchmark of this folder, or those named: ``python -m tests.benchmarks [name ...]``. Figures, never a verdict."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

there = sorted(file.stem.removeprefix("bench_") for file in Path(__file__).parent.glob("bench_*.py"))
asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
asked.add_argument("names", nargs="*", metavar="name", help=", ".join(there))
names = asked.parse_args().names or there
if unknown := sorted(set(names) - set(there)):
    asked.error(f"no such benchmark: {', '.join(unknown)} (there are {', '.join(there)})")
for name in names:
    print(f"== {name}", flush=True)
    importlib.import_module(f"tests.benchmarks.bench_{name}").main()
