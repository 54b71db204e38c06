"""``avbrott protect`` on the benchmark tables: cells, how much is hidden, seconds by phase and peak memory.

``python -m tests.benchmarks protect``, or some tables: ``python -m tests.benchmarks.bench_protect small county``. Each run is
a process of its own, so that memory is its own. Tables that are not there are skipped, and so is one that is another
file than it was. A run that takes longer than ``SECONDS`` is stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl
import yaml

SHARED = Path(os.environ.get("AVBROTT_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
SECONDS = 900
AREA_KIND = {"area": [["area_group", "area"]], "kind": [["kind"]], "period": [["half", "period"]]}
SCHOOLS = {
    "area": [["area_group", "area"]],
    "programme": [["programme_type", "programme"]],
    "sex": [["sex"]],
    "status": [["status"]],
}
TABLES = {
    "small": ("small.csv", "efe8b1a20bc7ac835637923db41376847cb924ddf7449c0c1f5d6f071dc0eab7", AREA_KIND),
    "county": ("county.csv", "b9fe3703435872e4bb2c61c11d497262fb1f6b6433757efe34e3c757a5afbe22", SCHOOLS),
    "municipal": ("municipal.csv", "e62c5939a18578b02b36787269976683610931a2e67e60da900616fe0bf9b8cd", AREA_KIND),
    "synb": (
        "synb.csv",
        "313b6bb9657fbd6680b876ac044e75b077ecba13ab0dfbcb45b075e0c92422cb",
        {"region": [["region"]], "sex": [["sex"]], "motive": [["motive"]], "age": [["age"]]},
    ),
    "nation": ("nation.csv.gz", "015bb5c9cc52bdab8879ba7fb993dafb69cc32c30910296d146ffb4c1a4899dc", SCHOOLS),
    "sync": (
        "sync.csv.gz",
        "5d12d26d77bbced397006e956da1682e0d4157b6051b2fe8fdfe1d7106c4f2bd",
        {"area": [["county", "muni"]], "track": [["track"]], "sex": [["sex"]], "age": [["age"]], "lang": [["lang"]]},
    ),
}


def main(names: list[str] | None = None) -> None:
    """Print a line a table and setting of zeros."""
    for name in names or list(TABLES):
        file, digest, dimensions = TABLES[name]
        source = SHARED / "disclosure" / file
        if not source.is_file():
            print(f"{name}: not at {source}")
            continue
        if hashlib.sha256(source.read_bytes()).hexdigest() != digest:
            print(f"{name}: {source} is another file than the one that is measured here")
            continue
        for zeros in ("may_hide", "shown"):
            print(
                f"{name:10}{zeros:9}", _run(source, {"count": "freq", "dimensions": dimensions, "policy": {"zeros": zeros}})
            )


def _run(source: Path, spec: dict[str, object]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "seed").write_text("benchmark", "utf-8")
        (place / "spec.yaml").write_text(yaml.safe_dump({**spec, "seed": "seed"}), "utf-8")
        out = place / "out"
        command = [Path(sys.executable).parent / "avbrott", "protect", source, "--spec", place / "spec.yaml", "--out", out]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return f"stopped after {SECONDS} s"
        except subprocess.CalledProcessError as error:
            return f"exit {error.returncode}"
        return _told(out)


def _told(out: Path) -> str:
    run = json.loads((out / "confidential" / "run.json").read_text("utf-8"))
    cells = pl.read_parquet(out / "confidential" / "cells.parquet", columns=["count", "status"])
    number = dict(cells.group_by("status").len().rows())
    hidden = cells.filter(pl.col("status") != "shown")["count"].sum() / max(cells["count"].sum(), 1)
    seconds = ", ".join(f"{phase} {taken:.2f}" for phase, taken in run["seconds"].items())
    return (
        f"{(cells['count'] > 0).sum()} nonzero, {number.get('unsafe', 0)} unsafe, "
        f"{number.get('complementary', 0)} complementary, {hidden:.1%} of the count hidden; "
        f"seconds: {seconds} (search {run['search']['search']:.2f}); {run['peak_mb']:.0f} MB"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
