"""Protection measured: the benchmark tables, the demonstration's own systems, and growth; what an attack is left with.

``python -m tests.benchmarks protect``, or parts of it: ``python -m tests.benchmarks.bench_protect small systems growth``.
Each run is a process of its own, so that memory is its own; one that takes longer than ``SECONDS`` is stopped. A benchmark
table that is another file than the one measured here is an error, one that is not there is skipped. The attack bounds unsafe
cells by linear programs over everything that is shown: all of them, or as many as ``SAMPLE`` and ``ATTACK_SECONDS`` allow.
Complementary cells (``compl.``) are those that hold somebody; zeros that are hidden stand beside them.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from avbrott.disclosure.files import read_record
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import load_contracts
from avbrott.synthetic.generate import generate
from avbrott.tabular.output import Record, read_output
from tests.benchmarks.attacked import attacked
from tests.benchmarks.stages import STAGES, members

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
SETTINGS = tuple({"zeros": zeros, "insiders": insiders} for insiders in (False, True) for zeros in ("may_hide", "shown"))
"""What each table is protected with."""

PHASES = ("read", "protect", "check", "public_witnesses")
HEAD = (
    f"{'':12}{'zeros':9}{'insid.':7}{'nonzero':>8}{'unsafe':>8}{'compl.':>8}{'zeros':>7}{'hidden':>8}"
    f"{'read':>7}{'protect':>9}{'check':>7}{'public':>8}{'MB':>6}  narrowed by the attack"
)
PUPILS, YEARS, SEED = 3000, 6, 1
AREAS = (10, 20, 40, 80, 160, 320)
"""Of the tables of the growth line: each has twice the cells of the one before."""


APART = (sys.executable, "-S", "-c", "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))")
"""A small process between: a child's peak is at least what its parent had when it was started, and this one has little."""


def main(names: list[str] | None = None) -> None:
    """Print a line a table and setting, a line a system of the demonstration, and the growth."""
    wanted = names or [*TABLES, "systems", "growth"]
    print(HEAD)
    for name in wanted:
        if name == "systems":
            _systems()
        elif name == "growth":
            _growth()
        else:
            _table(name)


def source_of(name: str, folder: Path) -> Path | None:
    """The file of a benchmark table; None where it is not there, ``SystemExit`` where it is another one."""
    file, digest, _ = TABLES[name]
    source = folder / "disclosure" / file
    if not source.is_file():
        return None
    if hashlib.sha256(source.read_bytes()).hexdigest() != digest:
        raise SystemExit(f"{name}: {source} is another file than the one that is measured here")
    return source


def _table(name: str) -> None:
    source = source_of(name, SHARED)
    if source is None:
        print(f"{name:12}not at {SHARED}")
        return
    for setting in SETTINGS:
        print(_labelled(name, setting) + _run(source, {"dimensions": TABLES[name][2], "policy": setting}), flush=True)


def _labelled(name: str, setting: dict[str, Any]) -> str:
    return f"{name:12}{setting['zeros']:9}{'on' if setting['insiders'] else 'off':7}"


def _run(source: Path, spec: dict[str, Any], *, attack: bool = True) -> str:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        stopped = _protect(source, spec, Path(folder), out)
        return stopped or _told(out, attack=attack)


def _protect(source: Path, spec: dict[str, Any], place: Path, out: Path) -> str:
    """Why there is no output; empty where there is one."""
    (place / "seed").write_text("the seed of every benchmark", "utf-8")
    (place / "spec.yaml").write_text(yaml.safe_dump({"count": "freq", **spec, "seed": "seed"}), "utf-8")
    command = [Path(sys.executable).parent / "avbrott", "protect", source, "--spec", place / "spec.yaml", "--out", out]
    try:
        subprocess.run([*APART, *command], check=True, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"stopped after {SECONDS} s"
    except subprocess.CalledProcessError as error:
        return f"exit {error.returncode}"
    return ""


def _told(out: Path, *, attack: bool) -> str:
    run = json.loads((out / "confidential" / "run.json").read_text("utf-8"))
    record = read_output(out).record()
    return _figures(record.cells, run["seconds"], run["peak_mb"]) + (f"  {attacked(record)}" if attack else "")


def _figures(cells: pl.DataFrame, seconds: dict[str, float], peak_mb: float) -> str:
    number = dict(cells.filter(pl.col("count") > 0).group_by("status").len().rows())
    zeros = cells.filter((pl.col("count") == 0) & (pl.col("status") == "complementary")).height
    hidden = cells.filter(pl.col("status") != "shown")["count"].sum() / max(cells["count"].sum(), 1)
    read, protect, check, public = (seconds.get(phase, 0.0) for phase in PHASES)
    return (
        f"{(cells['count'] > 0).sum():8}{number.get('unsafe', 0):8}{number.get('complementary', 0):8}{zeros:7}{hidden:8.1%}"
        f"{read:7.2f}{protect:9.2f}{check:7.2f}{public:8.2f}{peak_mb:6.0f}"
    )


def _systems() -> None:
    """The demonstration's own systems: an invented county, counted, each system protected as its policy says."""
    contracts = load_contracts()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        county = generate(home, contracts, pupils=PUPILS, years=YEARS, seed=SEED)
        for stage in ("delivered", "accepted", "linked", "counted"):
            STAGES[stage](home, contracts, members(contracts, map(Term.parse, county.terms)))
        for system in contracts.systems:
            for zeros in ("may_hide", "shown"):
                print(_labelled(system, {"zeros": zeros, "insiders": False}) + _system(home, system, zeros), flush=True)


def _system(home: Home, system: str, zeros: str) -> str:
    command = [sys.executable, "-m", "tests.benchmarks.protect_system", str(home.root), system, zeros]
    done = subprocess.run([*APART, *command], stdout=subprocess.PIPE, text=True, check=False, cwd=Path(__file__).parents[2])
    if done.returncode:
        return "not with this policy" if done.returncode == 2 else f"exit {done.returncode}"
    run = json.loads(done.stdout)
    spec, policy, protection = read_record(home.protected(system))
    cells = protection.cells.with_columns(fact=pl.lit(None, pl.String))
    record = Record(spec, {name: name for name in spec.dimensions}, policy, "", cells, protection.witnesses)
    return _figures(protection.cells, run["seconds"], run["peak_mb"]) + f"  {attacked(record)}"


def _growth() -> None:
    """Tables, each with twice the cells of the one before: seconds of the search, how many times the last, and over all."""
    for setting in SETTINGS[:2]:
        found = list(_growing(setting))
        (fewest, least), (most, longest) = found[0], found[-1]
        times = ["", *(f" (x {now / then:.1f})" for (_, then), (_, now) in pairwise(found))]
        told = (f"{cells} cells {seconds:.2f} s{more}" for (cells, seconds), more in zip(found, times, strict=True))
        over_all = f"; cells x {most / fewest:.1f}, seconds x {longest / least:.1f}"
        print(_labelled("growth", setting) + ", ".join(told) + over_all, flush=True)


def _growing(setting: dict[str, Any]) -> Iterator[tuple[int, float]]:
    for areas in AREAS:
        with tempfile.TemporaryDirectory() as folder:
            source, out = Path(folder) / "input.csv", Path(folder) / "out"
            grown(areas).write_csv(source)
            if _protect(source, {"dimensions": AREA_KIND, "policy": setting}, Path(folder), out):
                return
            run = json.loads((out / "confidential" / "run.json").read_text("utf-8"))
            record = read_output(out).record()
            yield record.cells.height, run["seconds"]["protect"]


def grown(areas: int) -> pl.DataFrame:
    """Counts of ``areas`` areas in groups of five, four kinds and six periods in halves: most are small, a few are large."""
    lots = np.random.default_rng(1)
    size = np.exp(lots.normal(1.2, 1.1, areas))
    found = [
        (f"g{a // 5}", f"a{a}", f"k{k}", f"h{p // 3}", f"p{p}", int(lots.poisson(size[a] * (k + 1) ** 1.3)))
        for a in range(areas)
        for k in range(4)
        for p in range(6)
    ]
    return pl.DataFrame(found, schema=["area_group", "area", "kind", "half", "period", "freq"], orient="row")


if __name__ == "__main__":
    main(sys.argv[1:])
