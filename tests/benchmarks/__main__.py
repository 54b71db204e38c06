"""Run every benchmark of this folder, or those named: ``python -m tests.benchmarks [name ...]``. Figures, never a verdict."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

names = sys.argv[1:] or sorted(file.stem.removeprefix("bench_") for file in Path(__file__).parent.glob("bench_*.py"))
for name in names:
    print(f"== {name}", flush=True)
    importlib.import_module(f"tests.benchmarks.bench_{name}").main()
