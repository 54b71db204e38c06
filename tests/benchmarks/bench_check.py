"""``avbrott check`` on five million rows, clean and dirty, beside bare polars that reads the file and checks it by hand.

Each is measured in a process of its own, by the processor seconds that it used: waiting for others is nobody's figure.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from tests.benchmarks.check_floor import check_by_hand

ROWS = 5_000_000
HEAD = f"{'file':12}{'rows':>10}{'read, s':>10}{'checked, s':>12}{'peak, MB':>10}{'floor, s':>10}{'ratio':>8}{'findings':>10}"
_NAMES = (
    "pseudonym", "birth_year", "sex", "home_municipality", "school_unit", "school_type", "study_path", "study_year",
    "start_date", "end_date", "cancelled",
)  # fmt: skip


def main() -> None:
    """Print a line for the clean file and one for the dirty."""
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        for kind, made in (("clean", clean), ("dirty", dirty)):
            file = Path(folder) / f"{kind}.csv"
            made(ROWS).write_csv(file)
            print(line(kind, file, ROWS), flush=True)
            file.unlink()


def line(kind: str, file: Path, rows: int) -> str:
    """What one file costs."""
    read, checked, peak, findings = _apart("ours", file)
    floor, *_ = _apart("floor", file)
    return (
        f"{kind:12}{rows:>10}{read:>10.1f}{checked:>12.1f}{peak:>10.0f}{floor:>10.1f}{checked / floor:>8.1f}{findings:>10.0f}"
    )


def clean(rows: int) -> pl.DataFrame:
    """Enrolments that keep every rule."""
    place = pl.int_range(rows, eager=True).alias("place")

    def picked(codes: list[str], seed: int) -> pl.Expr:
        return pl.lit(pl.Series(codes)).gather(pl.col("place").hash(seed) % len(codes))

    first, last = (
        pl.date_range(*days, eager=True).cast(pl.String).to_list()
        for days in ((pl.date(2012, 7, 1), pl.date(2012, 9, 30)), (pl.date(2012, 10, 1), pl.date(2012, 12, 31)))
    )
    mark = pl.concat_str(pl.col("place").hash(seed).cast(pl.String).str.zfill(20).str.slice(4) for seed in range(4))
    return place.to_frame().select(
        mark.alias("pseudonym"),
        picked(["1994", "1995", "1996", "1997"], 5).alias("birth_year"),
        picked(["Kvinna", "Man"], 6).alias("sex"),
        picked(["2401", "2403", "2480", "2481", "2482"], 7).alias("home_municipality"),
        picked(["99248001", "99248002"], 8).alias("school_unit"),
        picked(["GY", "GYS"], 9).alias("school_type"),
        picked(["EKJUR", "NANAT", "TETEK", "BAHUS"], 10).alias("study_path"),
        picked(["1", "2", "3"], 11).alias("study_year"),
        picked(first, 12).alias("start_date"),
        picked(last, 13).alias("end_date"),
        picked(["true", "false"], 14).alias("cancelled"),
    )


def dirty(rows: int) -> pl.DataFrame:
    """The same with a fault in eight rows of ten, each of another kind, and one row of twenty twice."""
    faults = {
        "sex": "1", "start_date": "2012-02-30", "birth_year": "1950", "home_municipality": "24", "cancelled": "kanske",
        "end_date": "2012-07-01", "pseudonym": "f" * 60, "school_unit": None,
    }  # fmt: skip
    place = pl.int_range(pl.len()) % 10
    frame = clean(rows).with_columns(
        pl.when(place == at).then(pl.lit(value, pl.String)).otherwise(name).alias(name)
        for at, (name, value) in enumerate(faults.items(), start=1)
    )
    return pl.concat([frame.head(rows - rows // 20), frame.head(rows // 20)]).select(_NAMES)


def _apart(what: str, file: Path) -> tuple[float, ...]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_check", what, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return tuple(float(figure) for figure in done.stdout.split())


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _ours(file: Path) -> tuple[float, float, float, float]:
    from avbrott.delivery.check import scanner_of
    from avbrott.delivery.judge import judge
    from avbrott.delivery.read import fit, read_table
    from avbrott.delivery.rules import Situation
    from avbrott.periods import Term
    from avbrott.registry import load_contracts

    contracts, term = load_contracts(), Term("HT", 2012)
    scanner, begun = scanner_of(contracts, term), _seconds()
    table = read_table(file)
    reading = fit(table, contracts.extracts["enrolments"], scanner.contract.headers, contracts.glossary)
    read = _seconds() - begun
    situation = Situation.of(term, [contracts.suppliers.by_id["2480"]])
    _, findings = judge(contracts, situation, scanner, {"enrolments": {"2480": reading}})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return read, _seconds() - begun, peak, sum(finding.count for finding in findings)


def _floor(file: Path) -> tuple[float, ...]:
    begun = _seconds()
    found = check_by_hand(file)
    return _seconds() - begun, sum(found.values())


if __name__ == "__main__":
    measured: dict[str, Callable[[Path], tuple[float, ...]]] = {"ours": _ours, "floor": _floor}
    print(*measured[sys.argv[1]](Path(sys.argv[2])))
