"""From one county's rows to sixty-four counties': what each stage costs, beside a floor in the same run and the aims.

``AVBROTT_SCALE_COUNTIES=1,4`` measures those sizes alone, ``AVBROTT_SCALE_YEARS=2`` fewer school years, and
``AVBROTT_SCALE_PUPILS=300`` fewer pupils a county; ``AVBROTT_SCALE_STAGES=delivered,accepted`` stops after those stages. With
``AVBROTT_SCALE_PAGE`` the figures and profiles are written to that file (``make bench`` writes ``docs/performance.md``).

Seconds are processor seconds of all processes, imports aside, as waiting for others is nobody's figure; ``wall`` is the
clock's.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from avbrott.delivery.package import PACKAGE, package, package_facts
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.synthetic.nationwide import generate_nation
from avbrott.synthetic.outbox import EPOCH
from tests.benchmarks import scale_page
from tests.benchmarks.bench_stages import opened
from tests.benchmarks.watched import run

COUNTIES = (1, 4, 16, 64)
YEARS = 10
SEED = 1
STAGES = ("delivered", "accepted", "linked", "counted", "protected", "released", "site")
AIMS = {"accepted": 4.0, "linked": 6.0, "counted": 1.5}
"""At most so many times the floor; of clean rows where there are such."""
LINEAR = 2.2
"""At most so many times the seconds for twice the rows."""
HEAD = f"{'stage':<24}{'seconds':>9}{'wall s':>9}{'peak MB':>9}{'floor s':>9}{'MB':>7}{'ratio':>8}{'aim':>6}{'twice':>7}"
AGAIN = ("delivered", "accepted", "linked", "counted")
"""What a changed delivery costs again."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage took of one size."""

    counties: int
    rows: int
    name: str
    seconds: float
    wall: float
    peak: float
    floor: float = 0.0
    floor_peak: float = 0.0
    before: Cost | None = None
    """The same stage of the size before."""

    @property
    def twice(self) -> float | None:
        """How many times the seconds for twice the rows, by the size before."""
        if self.before is None or self.before.rows >= self.rows:
            return None
        times, more = self.seconds / self.before.seconds, self.rows / self.before.rows
        return float(times ** (1 / math.log2(more)))

    def __str__(self) -> str:
        floor = f"{self.floor:9.2f}{self.floor_peak:7.0f}{self.seconds / self.floor:8.1f}" if self.floor else " " * 24
        aim = f"{AIMS[self.name]:6.1f}" if self.name in AIMS and self.floor else " " * 6
        twice = f"{self.twice:7.2f}" if self.twice is not None else ""
        return f"{self.name:<24}{self.seconds:9.2f}{self.wall:9.2f}{self.peak:9.0f}{floor}{aim}{twice}".rstrip()


def main() -> None:
    """Print a line a stage and size, and write the page where one is named."""
    page = os.environ.get("AVBROTT_SCALE_PAGE")
    sizes = [int(size) for size in os.environ.get("AVBROTT_SCALE_COUNTIES", ",".join(map(str, COUNTIES))).split(",")]
    found: list[Cost] = []
    profiles: dict[str, str] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder) / "home")
            took, rows, terms = invented(home, size)
            print(f"{size} counties' worth: {rows} rows, invented in {took:.0f} s\n{HEAD}", flush=True)
            for cost in costs(home, size, rows, terms, {one.name: one for one in found}):
                found.append(cost)
                print(cost, flush=True)
            if size == sizes[0]:
                profiles = profiled(home, terms)
        if page:
            # After each size: the largest ones take an hour.
            scale_page.write(Path(page), HEAD, found, profiles)


def invented(home: Home, size: int) -> tuple[float, int, list[Term]]:
    """The counties' deliveries: seconds, rows and terms."""
    years, fewer = int(os.environ.get("AVBROTT_SCALE_YEARS", YEARS)), os.environ.get("AVBROTT_SCALE_PUPILS")
    pupils = size * int(fewer) if fewer else None
    started = time.perf_counter()
    made = generate_nation(
        home,
        load_contracts(),
        counties=size,
        pupils=size * int(pupils) if pupils else None,
        years=years,
        seed=SEED,
        processes=2,
    )
    return time.perf_counter() - started, sum(made.rows.values()), [Term.parse(term) for term in made.terms]


def costs(home: Home, size: int, rows: int, terms: list[Term], before: dict[str, Cost]) -> Iterator[Cost]:
    """Every stage in turn beside its floor, then what a changed delivery costs again."""
    wanted = os.environ.get("AVBROTT_SCALE_STAGES", ",".join(STAGES)).split(",")
    contracts = load_contracts(home.invented_contracts)
    for stage in STAGES:
        if stage in wanted:
            cost = measured(home, stage, terms)
            floor, peak = floor_of(home, stage, terms)
            yield Cost(size, rows, stage, *cost, floor, peak, before.get(stage))
    provider, term = changed(home, contracts, terms)
    for stage in AGAIN:
        if stage in wanted:
            # What comes before linking knows which delivery was changed.
            of_one = ([term], provider) if stage in AGAIN[:2] else (terms, None)
            name = f"{stage}, one changed"
            yield Cost(size, rows, name, *measured(home, stage, *of_one), before=before.get(name))


def measured(home: Home, stage: str, terms: list[Term], provider: str | None = None) -> tuple[float, float, float]:
    """Processor seconds, seconds and megabytes of a stage."""
    command = [sys.executable, "-m", "tests.benchmarks.stage", stage, str(home.root), ",".join(map(str, terms))]
    took = run([*command, *([provider] if provider else [])])
    wall, imports = map(float, took.said.split()[-2:])
    return took.processor - imports, wall, took.peak


def floor_of(home: Home, stage: str, terms: list[Term]) -> tuple[float, float]:
    """Processor seconds and megabytes of a stage's floor."""
    with tempfile.TemporaryDirectory(dir=home.root.parent) as folder:
        plain = opened(home, Path(folder) / "plain")
        written = Path(folder) / "written"
        named = [stage, str(plain.root), ",".join(map(str, terms)), str(written)]
        took = run([sys.executable, "-m", "tests.benchmarks.scale_floors", *named])
    _, imports = map(float, took.said.split()[-2:])
    return took.processor - imports, took.peak


def profiled(home: Home, terms: list[Term]) -> dict[str, str]:
    """A profile of each stage before protection, as text: of the process that the stage begins in."""
    found = {}
    for stage in ("accepted", "linked", "counted"):
        target = home.root.parent / f"{stage}.txt"
        os.environ["AVBROTT_PROFILE"] = str(target)
        # Few terms are checked in the process itself, which is the one that is looked at.
        measured(home, stage, terms[:3] if stage == "accepted" else terms)
        del os.environ["AVBROTT_PROFILE"]
        found[stage] = target.read_text("utf-8")
    return found


def changed(home: Home, contracts: Contracts, terms: list[Term]) -> tuple[str, Term]:
    """Deliver one provider's events of a term anew, a row fewer and the day after."""
    for term in reversed(terms):
        for supplier in contracts.suppliers.members(term):
            file = home.outbox(supplier.id, str(term)) / "events.parquet"
            if file.is_file() and (rows := pl.read_parquet(file)).height > 1:
                rows.head(-1).write_parquet(file)
                facts = package_facts(file, (file.parent / PACKAGE).read_bytes())
                files = sorted(one.name for one in file.parent.glob("*.*") if one.name != PACKAGE)
                content = package(contracts, supplier.id, term, files, facts.created + timedelta(days=1), EPOCH)
                (file.parent / PACKAGE).write_bytes(content)
                return supplier.id, term
    raise SystemExit("no delivery of events to change")
