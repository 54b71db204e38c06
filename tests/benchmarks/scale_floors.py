"""Floors of ``bench_scale``: what the same rows cost without the program, each in a process of its own.

``python -m tests.benchmarks.scale_floors NAME HOME TERM,TERM,... OUT``; HOME is one whose store is in plain. They read the
Parquet that the stage reads, and what they write goes to OUT: no encryption, no words, no proof.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from avbrott.counting.base import columns_of
from avbrott.delivery.check import read_accepted
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts, load_contracts
from avbrott.session import session

Floor = Callable[[Home, Contracts, list[Term], Path], None]
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_MONTH = "^[0-9]{4}-[0-9]{2}$"


def delivered(home: Home, contracts: Contracts, terms: list[Term], out: Path) -> None:
    """Write the same bytes."""
    del contracts, terms
    for file in sorted(path for path in (home.root / "providers").rglob("*") if path.is_file()):
        target = out / file.relative_to(home.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def accepted(home: Home, contracts: Contracts, terms: list[Term], out: Path) -> None:
    """The same checks by hand in bare polars, a term at a time; what keeps them is written by provider."""
    units = [unit.code for one in contracts.suppliers.suppliers for unit in one.units]
    for term in terms:
        for extract in contracts.extracts:
            files = sorted((home.store / "delivered").glob(f"*/{term}/{extract}.parquet"))
            if not files:
                continue
            read = [pl.read_parquet(file).with_columns(provider=pl.lit(file.parts[-3])) for file in files]
            frame = pl.concat([one.with_columns(pl.all().cast(pl.String)) for one in read])
            rules = _rules(contracts, extract, term, units)
            held = frame.select(rule.fill_null(True).alias(name) for name, rule in rules.items())
            kept = frame.filter(held.select(pl.all_horizontal(pl.all())).to_series())
            for (provider,), part in kept.partition_by("provider", as_dict=True).items():
                target = out / extract / str(term) / f"{provider}.parquet"
                target.parent.mkdir(parents=True, exist_ok=True)
                part.write_parquet(target)


def _rules(contracts: Contracts, extract: str, term: Term, units: list[str]) -> dict[str, pl.Expr]:
    """What the contract of an extract asks of each row, written out."""
    contract, column = contracts.extracts[extract], pl.col
    filled = {f"{name} filled": column(name).is_not_null() for name in contract.terms if name not in contract.optional}
    key = {"key": ~pl.struct("provider", *contract.key).is_duplicated()}
    person = {
        "pseudonym": column("pseudonym").str.contains("^[0-9a-f]{64}$"),
    }
    born = {
        "birth_year": column("birth_year").cast(pl.Int64, strict=False).is_between(1950, 2025),
        "sex": column("sex").is_in(["Kvinna", "Man", "Okänt"]),
        "home": column("home_municipality").str.contains("^[0-9]{4}$"),
    }
    unit = {"unit": column("school_unit").str.contains("^[0-9]{8}$"), "own": column("school_unit").is_in(units)}
    by_extract: dict[str, dict[str, pl.Expr]] = {
        "enrolments": {
            **person, **born, **unit,
            "type": column("school_type").is_in(["GY", "GYS", "FHS"]),
            "path": column("study_path").str.contains("^[A-ZÅÄÖ0-9]{2,20}$"),
            "year": column("study_year").cast(pl.Int64, strict=False).is_between(1, 4) | column("study_year").is_null(),
            "start": _day("start_date"), "end": _day("end_date"),
            "cancelled": column("cancelled").is_in(["true", "false"]),
            "order": column("start_date") <= column("end_date"),
            "in term": (column("start_date") <= str(term.last_day))
            & (column("end_date").is_null() | (column("end_date") >= str(term.first_day))),
            "ends": (column("cancelled") != "true") | column("end_date").is_not_null(),
        },
        "events": {
            **person, **unit,
            "event": column("event").str.contains("^[A-Z]{3}$"),
            "day": _day("event_date"), "registered": _day("registered_date"),
            "order": column("event_date") <= column("registered_date"),
            "in term": column("registered_date").is_between(pl.lit(str(term.first_day)), pl.lit(str(term.last_day))),
        },
        "absence": {
            **person, **unit,
            "month": column("month").str.contains(_MONTH),
            "in term": column("month").is_between(pl.lit(str(term.first_day)[:7]), pl.lit(str(term.last_day)[:7])),
            **{name: _minutes(name) for name in _MINUTES},
            "sum": _number("valid_absence_minutes") + _number("invalid_absence_minutes") <= _number("reported_minutes"),
            "offered": _number("reported_minutes") <= _number("offered_minutes"),
        },
        "kaa": {**person, **born, "day": _day("kaa_registered_date"), "contact": _day("kaa_contact_date")},
        "agency_counts": {"month": column("month").str.contains(_MONTH), "persons": _minutes("persons")},
    }  # fmt: skip
    return filled | by_extract.get(extract, {}) | key


_MINUTES = ("offered_minutes", "valid_absence_minutes", "invalid_absence_minutes", "reported_minutes")


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64, strict=False)


def _minutes(name: str) -> pl.Expr:
    return pl.col(name).str.contains("^[0-9]{1,6}$") & _number(name).is_between(0, 100_000)


def _day(name: str) -> pl.Expr:
    held = pl.col(name).str.contains(_DAY) & pl.col(name).str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return pl.col(name).is_null() | held


def linked(home: Home, contracts: Contracts, terms: list[Term], _: Path) -> None:
    """One window query of DuckDB over the rows of all extracts of persons."""
    with session() as connection:
        parts = []
        for extract, contract in contracts.extracts.items():
            files = [str(file) for file in read_accepted(home, extract, terms)]
            if files and "pseudonym" in contract.terms:
                read = connection.read_parquet(files)
                read.create_view(f"read_{extract}")
                columns = ", ".join(name for name in contract.key if name != "pseudonym")
                parts.append(f"SELECT pseudonym, provider, term, hash({columns}) AS rest FROM read_{extract}")
        rows = " UNION ALL ".join(parts)
        connection.execute(
            "SELECT max(place), max(rest) FROM (SELECT rest, row_number() OVER "
            f"(PARTITION BY pseudonym ORDER BY term, provider) AS place FROM ({rows}))"
        ).fetchall()


def counted(home: Home, contracts: Contracts, _: list[Term], __: Path) -> None:
    """DuckDB groups the linked rows to the same base cells."""
    with session() as connection:
        for name, system in contracts.systems.items():
            columns = ", ".join(columns_of(contracts, name).values())
            summed = f"sum({system.count})" if system.count else "count(*)"
            rows = connection.read_parquet(str(home.linked(system.source)))
            rows.aggregate(f"{columns}, {summed}", columns).to_arrow_table()


def protected(home: Home, contracts: Contracts, _: list[Term], __: Path) -> None:
    """Read the true cells."""
    _read([home.counted(name) / "cells.parquet" for name in contracts.systems])


def released(home: Home, contracts: Contracts, _: list[Term], __: Path) -> None:
    """Read what is protected, and its proof."""
    _read([home.protected(name) / f"{file}.parquet" for name in contracts.systems for file in ("cells", "witnesses")])


def site(home: Home, _: Contracts, __: list[Term], ___: Path) -> None:
    """Read the released tables."""
    with session() as connection:
        for file in sorted((home.current / "tables").glob("*.csv")):
            _all_of(connection.read_csv(str(file), all_varchar=True))


def _read(files: list[Path]) -> None:
    with session() as connection:
        for file in files:
            _all_of(connection.read_parquet(str(file)))


def _all_of(read: duckdb.DuckDBPyRelation) -> None:
    read.aggregate(", ".join(f'max("{name}")' for name in read.columns), "").fetchall()


FLOORS: dict[str, Floor] = {
    floor.__name__: floor for floor in (delivered, accepted, linked, counted, protected, released, site)
}


if __name__ == "__main__":
    name, folder, listed, written = sys.argv[1:]
    place = Home(Path(folder))
    own = place.invented_contracts if place.invented_contracts.is_dir() else None
    promised, wanted = load_contracts(own), [Term.parse(term) for term in listed.split(",")]
    before, started = time.process_time(), time.perf_counter()
    FLOORS[name](place, promised, wanted, Path(written))
    print(time.perf_counter() - started, before, flush=True)
