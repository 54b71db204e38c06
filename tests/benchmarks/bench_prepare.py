"""``avbrott prepare`` on an export of many pupils, beside a floor that reads, keys each number and writes the columns.

Each is measured in a process of its own, by the processor seconds that it used, and both must write the same pseudonyms.
"""

from __future__ import annotations

import hashlib
import hmac
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from tests.benchmarks.bench_check import clean
from tests.export_case import SECRET, key_file, number

ROWS = 200_000
HEAD = f"{'rows':>10}{'read, s':>10}{'prepared, s':>13}{'rows/s':>10}{'peak, MB':>10}{'floor, s':>10}{'ratio':>8}"


def main() -> None:
    """Print the line of an export with two rows a pupil."""
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        print(line(Path(folder), ROWS), flush=True)


def line(folder: Path, rows: int) -> str:
    """What an export of so many rows costs; both have written their delivery in ``folder``."""
    file = folder / "export.csv"
    export(rows).write_csv(file)
    key_file(folder / "county.key", epoch="2012")
    read, prepared, peak = _apart("ours", folder)
    (floor,) = _apart("floor", folder)
    return (
        f"{rows:>10}{read:>10.2f}{prepared:>13.2f}{rows / prepared:>10.0f}{peak:>10.0f}{floor:>10.2f}{prepared / floor:>8.1f}"
    )


def export(rows: int) -> pl.DataFrame:
    """Enrolments that keep nearly every rule, two rows a pupil, with a name and a number in place of the pseudonym."""
    frame = clean(rows)
    born = frame["birth_year"].to_list()
    numbers = [_number(born[pupil * 2], pupil) for pupil in range((rows + 1) // 2) for _ in range(2)][:rows]
    named = frame.with_columns(pl.Series("personnummer", numbers), pl.lit("Anna Andersson").alias("namn"))
    return named.with_columns(pl.col("personnummer").str.slice(0, 4).alias("birth_year")).drop("pseudonym")


def _number(born: str, pupil: int) -> str:
    serial, month, day = 1 + pupil // 12 % 999, 1 + pupil % 12, 1 + pupil // 12 // 999 % 28
    return number(f"{born}{month:02d}{day:02d}", serial)


def _apart(what: str, folder: Path) -> tuple[float, ...]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_prepare", what, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return tuple(float(figure) for figure in done.stdout.split())


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _ours(folder: Path) -> tuple[float, ...]:
    from avbrott.delivery.read import read_table
    from avbrott.identity.keys import read_key
    from avbrott.identity.outbox import put
    from avbrott.identity.prepare import prepare
    from avbrott.periods import Term
    from avbrott.registry import load_contracts

    contracts, term, key = load_contracts(), Term("HT", 2012), read_key(folder / "county.key", "county")
    begun = _seconds()
    table = read_table(folder / "export.csv")
    read = _seconds() - begun
    made = prepare(table, contracts, contracts.extracts["enrolments"], "2480", term, key)
    assert not made.is_refused
    put(folder / "ours", contracts, "2480", term, "enrolments", made.frame, date(2013, 1, 20), key)
    return read, _seconds() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _floor(folder: Path) -> tuple[float, ...]:
    begun = _seconds()
    frame = pl.read_csv(folder / "export.csv", infer_schema=False)
    identities = frame["personnummer"].unique()
    named = [hmac.digest(SECRET, f"avbrott1|2012|{one}".encode("ascii"), hashlib.sha256).hex() for one in identities]
    keyed = pl.col("personnummer").replace_strict(identities, pl.Series(named)).alias("pseudonym")
    rest = pl.exclude("personnummer", "namn")
    frame.select(keyed, rest).sort("pseudonym", "school_unit", "study_path", "start_date").write_csv(folder / "floor.csv")
    return (_seconds() - begun,)


if __name__ == "__main__":
    measured: dict[str, Callable[[Path], tuple[float, ...]]] = {"ours": _ours, "floor": _floor}
    print(*measured[sys.argv[1]](Path(sys.argv[2])))
