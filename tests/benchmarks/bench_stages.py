"""What each stage of rows costs, beside a floor in the same run: bare DuckDB on the same files.

``python -m tests.benchmarks stages`` invents a seeded county in a temporary home and takes it from deliveries to counted
cells. The floors read the same delivered CSV, the same accepted Parquet, and group the linked rows to the same base cells.
Memory is the peak of the process so far, so a stage that needs less than one before it does not
show.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import duckdb

from avbrott.counting.from_contracts import columns_of, count_system
from avbrott.delivery.check import check_term, read_accepted
from avbrott.delivery.pull import pull_many
from avbrott.expectations import process
from avbrott.expectations.frames import count_frames
from avbrott.home import Home
from avbrott.linking.link import link
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.session import session
from avbrott.synthetic.generate import generate

PUPILS, YEARS, SEED = 8500, 10, 1

T = TypeVar("T")


def main() -> None:
    """Print seconds and peak memory by stage."""
    contracts = load_contracts()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        print(f"{PUPILS} pupils, {YEARS} school years, seed {SEED}")
        county = timed("synth", lambda: generate(home, contracts, pupils=PUPILS, years=YEARS, seed=SEED))
        terms = [Term.parse(term) for term in county.terms]
        print(f"{county.files} files, {county.size / 2**20:.0f} MB")
        stages(home, contracts, terms)
        floors(home, contracts, terms)


def stages(home: Home, contracts: Contracts, terms: list[Term]) -> None:
    """Every stage from what is delivered to what is counted."""
    members = {term: [supplier.id for supplier in contracts.suppliers.members(term)] for term in terms}
    timed("pull", lambda: pull_many(home, contracts, members))
    timed("pull again", lambda: pull_many(home, contracts, members))
    timed("check", lambda: [check_term(home, contracts, term, members[term]) for term in terms])
    timed("link", lambda: link(home, contracts, terms))
    frames = timed("frames", lambda: count_frames(home, contracts, terms))
    timed("watch, started cold", lambda: process.watch_apart(frames, contracts))
    timed("watch again", lambda: process.watch_apart(frames, contracts))
    for system in contracts.systems:
        timed(f"count {system}", partial(count_system, home, contracts, system))


def floors(home: Home, contracts: Contracts, terms: list[Term]) -> None:
    """The same files read and grouped by DuckDB alone, with nothing checked, linked, sorted or written."""
    extracts = [name for name in contracts.extracts if read_accepted(home, name, terms)]
    with session(home.store) as connection:
        timed("floor: delivered CSV", lambda: [_csv(connection, home, name) for name in extracts])
        timed("floor: accepted Parquet", lambda: [_parquet(connection, home, name, terms) for name in extracts])
        for system in contracts.systems:
            timed(f"floor: base {system}", partial(_base, connection, home, contracts, system))


def timed(name: str, stage: Callable[[], T]) -> T:
    """Do ``stage`` and print what it took."""
    wall, processor = time.perf_counter(), time.process_time()
    made = stage()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{name:28}{wall:8.2f} s {processor:8.2f} s of processor {_peak():8.0f} MB", flush=True)
    return made


def _csv(connection: duckdb.DuckDBPyConnection, home: Home, extract: str) -> None:
    files = [str(file) for file in home.store.glob(f"delivered/*/*/{extract}.csv") if file.read_bytes()[:2] != b"\xff\xfe"]
    columns = connection.read_csv(files[:1], all_varchar=True).columns
    read = connection.read_csv(
        files, header=True, sep=",", ignore_errors=True, columns=dict.fromkeys(columns, "VARCHAR"), auto_detect=False
    )
    read.aggregate(", ".join(f'max("{name}")' for name in columns)).fetchall()


def _parquet(connection: duckdb.DuckDBPyConnection, home: Home, extract: str, terms: list[Term]) -> None:
    read = connection.read_parquet([str(file) for file in read_accepted(home, extract, terms)])
    read.aggregate(", ".join(f'max("{name}")' for name in read.columns)).fetchall()


def _base(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, system: str) -> None:
    columns = ", ".join(columns_of(contracts, system).values())
    measure = contracts.systems[system].count
    summed = f"sum({measure})" if measure else "count(*)"
    linked = connection.read_parquet(str(home.linked(contracts.systems[system].source)))
    linked.aggregate(f"{columns}, {summed}", columns).fetchall()


def _peak() -> float:
    """Megabytes; not a number where the system does not tell."""
    if sys.platform == "win32":
        return float("nan")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
