"""What each stage costs, from deliveries to the site, beside a floor in the same run: bare DuckDB on the same files.

``python -m tests.benchmarks stages`` invents a seeded county in a temporary home and takes it through every stage, a line
each: seconds, peak memory of the stage's processes together, seconds of the floor, and how many times the floor
the stage takes. A floor reads the files that the stage reads, in plain where the store encrypts them, groups them where the
stage does, and checks, proves and writes nothing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from avbrott.at_rest.files import read_bytes
from avbrott.at_rest.vault import vault_of
from avbrott.counting.base import columns_of
from avbrott.delivery.check import read_accepted
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.session import session
from avbrott.synthetic.generate import generate
from tests.benchmarks.watched import run

PUPILS, YEARS, SEED = 8500, 10, 1
HEAD = f"{'stage':<26}{'seconds':>9}{'peak MB':>9}{'floor s':>9}{'ratio':>9}   the floor"

Floor = Callable[[duckdb.DuckDBPyConnection, Home, Contracts, list[Term]], None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage took."""

    name: str
    seconds: float
    peak: float
    """Megabytes."""
    floor: float
    reads: str

    def __str__(self) -> str:
        ratio = self.seconds / self.floor
        return f"{self.name:<26}{self.seconds:9.2f}{self.peak:9.0f}{self.floor:9.2f}{ratio:9.1f}   {self.reads}".rstrip()


def main() -> None:
    """Print a line a stage, and one of them all."""
    contracts = load_contracts()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        started = time.perf_counter()
        county = generate(home, contracts, pupils=PUPILS, years=YEARS, seed=SEED)
        print(
            f"{PUPILS} pupils, {YEARS} school years, seed {SEED}: {county.files} files, {county.size / 2**20:.0f} MB,",
            end=" ",
        )
        print(f"invented in {time.perf_counter() - started:.0f} s\n{HEAD}", flush=True)
        for cost in costs(home, contracts, [Term.parse(term) for term in county.terms]):
            print(cost, flush=True)


def costs(home: Home, contracts: Contracts, terms: list[Term]) -> Iterator[Cost]:
    """Every line of ``LINES`` in turn, then the sum of one run: what a line shows over again counts once."""
    run = []
    for label, stage, again in LINES:
        seconds, peak = measured(stage, home, terms)
        floor, reads = FLOORS[stage]
        with tempfile.TemporaryDirectory() as folder, session() as connection:
            plain = opened(home, Path(folder))
            started = time.perf_counter()
            floor(connection, plain, contracts, terms)
            cost = Cost(label, seconds, peak, time.perf_counter() - started, reads)
        yield cost
        run += [] if again else [cost]
    yield Cost("one run", sum(c.seconds for c in run), max(c.peak for c in run), sum(c.floor for c in run), "")


def opened(home: Home, folder: Path) -> Home:
    """The same home with all that its store encrypts in plain, for a floor to read: the county is invented."""
    vault, plain = vault_of(home), Home(folder)
    for file in sorted(path for path in home.store.rglob("*") if path.is_file()):
        target = folder / file.relative_to(home.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        held = file.read_bytes()
        target.write_bytes(read_bytes(vault, file) if held.startswith(vault.head) else held)
    for beside in ("providers", "releases"):
        if (home.root / beside).is_dir():
            (folder / beside).symlink_to(home.root / beside, target_is_directory=True)
    return plain


def measured(stage: str, home: Home, terms: list[Term]) -> tuple[float, float]:
    """Seconds of a stage, and the peak memory (MB) of its processes together."""
    took = run([sys.executable, "-m", "tests.benchmarks.stage", stage, str(home.root), ",".join(map(str, terms))])
    return float(took.said.split()[-2]), took.peak


def _offered(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, _: list[Term]) -> None:
    _read_csv(connection, contracts, home.root, "providers/*/outbox/*/{}.csv")


def _delivered(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, _: list[Term]) -> None:
    _read_csv(connection, contracts, home.store, "delivered/*/*/{}.csv")


def _read_csv(connection: duckdb.DuckDBPyConnection, contracts: Contracts, folder: Path, pattern: str) -> None:
    for extract in contracts.extracts:
        found = folder.glob(pattern.format(extract))
        files = [str(file) for file in found if not _unreadable(file)]
        columns = connection.read_csv(files[:1], all_varchar=True).columns
        kinds = dict.fromkeys(columns, "VARCHAR")
        read = connection.read_csv(files, header=True, sep=",", ignore_errors=True, columns=kinds, auto_detect=False)
        _all_of(read)


def _unreadable(file: Path) -> bool:
    """A planted flaw, that DuckDB reads no file with."""
    with file.open("rb") as content:
        return content.read(2) == b"\xff\xfe"


def _by_pupil(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, terms: list[Term]) -> None:
    for extract in contracts.extracts:
        read = connection.read_parquet([str(file) for file in read_accepted(home, extract, terms)])
        _all_of(read, "pseudonym" if "pseudonym" in read.columns else "")


def _by_delivery(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, terms: list[Term]) -> None:
    for extract in contracts.extracts:
        files = [str(file) for file in read_accepted(home, extract, terms)]
        _all_of(connection.read_parquet(files, filename=True), "filename")


def _base_cells(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, _: list[Term]) -> None:
    for name, system in contracts.systems.items():
        columns = ", ".join(columns_of(contracts, name).values())
        summed = f"sum({system.count})" if system.count else "count(*)"
        linked = connection.read_parquet(str(home.linked(system.source)))
        linked.aggregate(f"{columns}, {summed}", columns).fetchall()


def _counted(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, _: list[Term]) -> None:
    for name in contracts.systems:
        cells = connection.read_parquet(str(home.counted(name) / "cells.parquet"))
        cells.aggregate("count BETWEEN 1 AND 4, count(*), sum(count)", "1").fetchall()


def _protected(connection: duckdb.DuckDBPyConnection, home: Home, contracts: Contracts, _: list[Term]) -> None:
    for name in contracts.systems:
        for file in ("cells", "witnesses"):
            _all_of(connection.read_parquet(str(home.protected(name) / f"{file}.parquet")))


def _published(connection: duckdb.DuckDBPyConnection, home: Home, _: Contracts, __: list[Term]) -> None:
    for file in (home.current / "tables").glob("*.csv"):
        _all_of(connection.read_csv(str(file), all_varchar=True))


def _all_of(read: duckdb.DuckDBPyRelation, group: str = "") -> None:
    """Every column read, so that none is skipped; grouped where asked for."""
    read.aggregate(", ".join(f'max("{name}")' for name in read.columns), group).fetchall()


LINES = (
    ("delivered", "delivered", False),
    ("delivered, nothing new", "delivered", True),
    ("accepted", "accepted", False),
    ("linked", "linked", False),
    ("watched", "watched", False),
    ("counted", "counted", False),
    ("protected", "protected", False),
    ("released, with its site", "released", False),
    ("its site alone", "site", True),
)
"""What is printed, the stage that is run for it, and whether a line before it has that stage already."""

FLOORS: dict[str, tuple[Floor, str]] = {
    "delivered": (_offered, "reads the offered CSV"),
    "accepted": (_delivered, "reads the delivered CSV"),
    "linked": (_by_pupil, "groups accepted by pupil"),
    "watched": (_by_delivery, "groups accepted by file"),
    "counted": (_base_cells, "groups linked to base cells"),
    "protected": (_counted, "reads the true cells"),
    "released": (_protected, "reads cells and witnesses"),
    "site": (_published, "reads the released CSV"),
}
"""By stage, and in the words that are printed."""
