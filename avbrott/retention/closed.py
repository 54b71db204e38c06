"""School years whose rows are erased: they are closed, and counted by what was kept, a frame of counts a table.

A closed school year is published on as it was: its counts are those that it had, what was not known then is never known, and
no delivery changes it. What is kept is divided no further than the table is: by its own dimensions, at their finest codes.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.at_rest.files import read_frame, write_frame
from avbrott.at_rest.vault import vault_of
from avbrott.counting.base import base_cells
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.model import Model
from avbrott.registry import Contracts
from avbrott.retention.erased import Rule
from avbrott.table import TableContract


class Closing(Model):
    """How a school year was closed."""

    date: date
    rule: Rule
    years: int | None
    passed: int
    """The years that had passed when its rows were read last: what has a later horizon stays unknown."""
    rows: dict[str, int]
    """The rows that were erased, by linked table."""


class Closed(Model):
    """The content of ``store/kept/closed.json``."""

    school_years: dict[str, Closing] = {}


def closed(home: Home) -> dict[str, Closing]:
    """The closed school years; ``BadInput`` where the record of them is damaged."""
    if not home.closed.is_file():
        return {}
    try:
        return Closed.model_validate_json(home.closed.read_bytes()).school_years
    except (OSError, ValueError):
        raise BadInput("ERASED_UNREADABLE", file=home.closed) from None


def close(home: Home, contracts: Contracts, frozen: Path, closings: dict[str, Closing]) -> None:
    """Keep the counts of school years whose rows are frozen in ``frozen``, and then note that they are closed."""
    vault = vault_of(home)
    for name, system in contracts.systems.items():
        source = frozen / f"{system.source}.parquet"
        if not source.is_file():
            continue
        base = base_cells(vault, source, contracts, name).filter(pl.col(system.period).is_in(list(closings)))
        for table in contracts.tables_of(name):
            names = dimensions_of(table, system.period)
            counts = base.group_by(names).agg(pl.col("count").sum())
            file = home.kept(name, table.name)
            atomic.remove_parts(file.parent, [file.name])
            parts = [counts]
            if file.is_file():
                parts.append(read_frame(vault, file).filter(~pl.col(system.period).is_in(list(closings))))
            write_frame(vault, file, pl.concat(parts).sort(names, nulls_last=False))
    every = Closed(school_years={**closed(home), **closings})
    atomic.remove_parts(home.closed.parent, [home.closed.name])
    atomic.write_json(home.closed, every.model_dump(mode="json"))


def kept_counts(home: Home, contracts: Contracts, system: str) -> dict[str, pl.DataFrame]:
    """By table of a system, what is kept of its closed school years: its dimensions and ``count``; none where none is closed.

    ``BadInput`` (CLOSED_TABLE_CHANGED) where a table is new since, or divided by something else: its figures are not known.
    """
    years, contract = list(closed(home)), contracts.systems[system]
    found: dict[str, pl.DataFrame] = {}
    if not years:
        return found
    vault = vault_of(home)
    tables = contracts.tables_of(system)
    if not any(home.kept(system, table.name).is_file() for table in tables):
        return found  # a system that had no rows then
    for table in tables:
        file, names = home.kept(system, table.name), dimensions_of(table, contract.period)
        frame = read_frame(vault, file).filter(pl.col(contract.period).is_in(years)) if file.is_file() else None
        if frame is None or not set(names).issubset(frame.columns):
            raise BadInput("CLOSED_TABLE_CHANGED", table=table.name, years=", ".join(sorted(years)))
        found[table.name] = frame.group_by(names).agg(pl.col("count").sum()).sort(names, nulls_last=False)
    return found


def dimensions_of(table: TableContract, period: str) -> list[str]:
    """What a table divides by, or is a part by."""
    return list(dict.fromkeys([period, *(used.dimension for used in table.dimensions), *table.where]))
