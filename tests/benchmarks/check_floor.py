"""The floor of ``bench_check``: the rules of enrolments written out in bare polars, by hand, for one provider and term.

It reads one form of file, tells no field from another in words, scans for no identity and writes nothing.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

NAMES = (
    "pseudonym", "birth_year", "sex", "home_municipality", "school_unit", "school_type", "study_path", "study_year",
    "start_date", "end_date", "cancelled",
)  # fmt: skip
OPTIONAL = ("study_year", "end_date")
FIRST, LAST = date(2012, 7, 1), date(2012, 12, 31)
PROGRAMMES = "BA|BF|EE|FT|HA|HT|HV|IN|NB|RL|VF|VO|EK|ES|HU|NA|SA|TE|IM"


def check_by_hand(file: Path) -> dict[str, int]:
    """How many rows break each rule, and its first twenty rows found as well."""
    column = pl.col
    frame = pl.read_csv(file, schema=dict.fromkeys(NAMES, pl.String)).with_columns(
        start=column("start_date").str.to_date("%Y-%m-%d", strict=False),
        end=column("end_date").str.to_date("%Y-%m-%d", strict=False),
        born=column("birth_year").cast(pl.Int64, strict=False),
        year=column("study_year").cast(pl.Int64, strict=False),
    )
    rules = {
        **{f"filled {name}": column(name).is_not_null() for name in NAMES if name not in OPTIONAL},
        "pseudonym": column("pseudonym").str.contains("^[0-9a-f]{64}$"),
        "birth year": column("birth_year").str.contains("^[0-9]{4}$"),
        "birth years": column("born").is_between(1980, 2025),
        "sex": column("sex").is_in(["Kvinna", "Man", "Okänt"]),
        "municipality": column("home_municipality").str.contains("^[0-9]{4}$"),
        "unit": column("school_unit").str.contains("^[0-9]{8}$"),
        "school type": column("school_type").is_in(["GY", "GYS", "FHS"]),
        "path": column("study_path").str.contains("^[A-ZÅÄÖ0-9]{2,20}$"),
        "study years": column("year").is_between(1, 4) | column("study_year").is_null(),
        "start": column("start_date").str.contains("^[0-9]{4}-[0-9]{2}-[0-9]{2}$") & column("start").is_not_null(),
        "end": column("end_date").is_null() | column("end").is_not_null(),
        "cancelled": column("cancelled").is_in(["true", "false"]),
        "order": column("start") <= column("end"),
        "in term": (column("start") <= LAST) & (column("end").is_null() | (column("end") >= FIRST)),
        "ends": (column("cancelled") != "true") | column("end_date").is_not_null(),
        "age": (column("start").dt.year() - column("born")).is_between(14, 23),
        "own unit": column("school_unit").is_in(["99248001", "99248002"]),
        "programme": column("study_path").str.contains(f"^({PROGRAMMES})"),
        "key": ~pl.struct("pseudonym", "school_unit", "study_path", "start_date").is_duplicated(),
    }
    held = frame.select(rule.fill_null(True).alias(name) for name, rule in rules.items())
    broken = {name: (~held[name]).arg_true() for name in rules}
    return {name: len(places) for name, places in broken.items() if places.head(20).to_list()}
