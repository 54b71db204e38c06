"""From contracts to the spec of a system: dimensions from glossary code lists, tables from release contracts.

School years are those of the data; every other code is the glossary's, whether anybody is counted by it or not. A code's
horizon makes it impossible for the school years that lie too near the last outcome date in the data.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from avbrott.at_rest.files import read_frame, write_frame
from avbrott.at_rest.vault import vault_of
from avbrott.atomic import remove_parts, write_parquet
from avbrott.counting.base import base_cells
from avbrott.counting.cells import count_cells
from avbrott.counting.engine import DUCKDB, EngineName
from avbrott.counting.spec import Dimension, Never, SystemSpec, Table
from avbrott.counting.units import never_at_units, units_of
from avbrott.errors import BadInput
from avbrott.glossary import Code, finest, line, parts_of
from avbrott.home import Home
from avbrott.periods import SchoolYear
from avbrott.registry import Contracts
from avbrott.retention.closed import closed, kept_counts
from avbrott.table import DimensionContract, TableContract

BASE = "base.parquet"
"""The base cells of a system: nearly as many as there are persons, and encrypted as rows of persons are."""


def count_system(
    home: Home, contracts: Contracts, system: str, engine: EngineName = DUCKDB
) -> tuple[SystemSpec, pl.DataFrame]:
    """Count a system from its linked table: writes ``base.parquet`` and ``cells.parquet`` under ``home.counted(system)``.

    Returns the spec and the cells (``cells.count_cells``).
    """
    contract = contracts.systems[system]
    source = home.linked(contract.source)
    if not source.is_file():
        raise BadInput("NOT_LINKED", system=system, file=source)
    vault = vault_of(home)
    base = base_cells(vault, source, contracts, system, engine)
    base = base.filter(~pl.col(contract.period).is_in(list(closed(home))))
    remove_parts(home.counted(system))
    write_frame(vault, home.counted(system) / BASE, base)
    spec = counted_spec(home, contracts, system)
    cells = count_cells(base, spec, kept_counts(home, contracts, system), engine)
    write_parquet(home.counted(system) / "cells.parquet", cells)
    return spec, cells


def counted_spec(home: Home, contracts: Contracts, system: str) -> SystemSpec:
    """The spec of ``system`` as it was counted last."""
    names = [contracts.systems[system].period, *units_of(contracts, system)]
    counted = read_frame(vault_of(home), home.counted(system) / BASE, names)
    kept = [
        frame.select(name for name in names if name in frame.columns)
        for frame in kept_counts(home, contracts, system).values()
    ]
    passed = {SchoolYear.parse(name): closing.passed for name, closing in closed(home).items()}
    return system_spec(contracts, system, pl.concat([counted, *kept], how="diagonal"), passed)


def system_spec(
    contracts: Contracts, system: str, found: pl.DataFrame, closed_at: Mapping[SchoolYear, int] | None = None
) -> SystemSpec:
    """The spec of ``system``, its school years those of the base cells ``found`` (their columns of the period and of units).

    ``closed_at``: the years that had passed when the rows of a school year were read last, where they are erased.
    """
    contract = contracts.systems[system]
    years = [SchoolYear.parse(period) for period in found[contract.period].drop_nulls().unique().sort().to_list()]
    passed = {year: (closed_at or {}).get(year, years[-1].start + 1 - year.start) for year in years}
    dimensions = {
        name: _period(contracts.dimensions[name], years)
        if name == contract.period
        else _dimension(contracts.dimensions[name], contracts.codes(name))
        for name in contract.dimensions
    }
    return SystemSpec(
        name=system,
        dimensions=dimensions,
        tables=tuple(_table(table, dimensions) for table in contracts.tables_of(system)),
        never=(
            *_horizons(contracts, contract.period, passed, contract.dimensions),
            *never_at_units(contracts, system, years, found),
        ),
        unpublished=_unpublished(contracts, dimensions[contract.period], passed, contract.dimensions),
    )


def _period(contract: DimensionContract, years: list[SchoolYear]) -> Dimension:
    codes = [str(year) for year in years]
    slots = tuple(str(SchoolYear(start)) for start in range(years[0].start, years[-1].start + 1)) if years else ()
    level = contract.levels[-1]
    return Dimension(
        contract.name, pl.DataFrame({level: codes}, schema={level: pl.String}), ((level,),),
        total=contract.total is not None, window=contract.window, sequence=slots,
    )  # fmt: skip


def _dimension(contract: DimensionContract, codes: tuple[Code, ...]) -> Dimension:
    """One row a finest code; a level that the code has no own ancestor at repeats the nearest coarser one.

    At a level of sums stands the sum that the code is in, or else the code itself.
    """
    listed = {code.code: code for code in codes if code.counted_as is None}
    sums = [
        {part.code: code.code for code in listed.values() if code.level == level for part in parts_of(listed, code)}
        for level in contract.sums
    ]
    rows = []
    for code in finest(listed.values()):
        above = line(listed, code)
        at_level = {one.level or contract.levels[-1]: one.code for one in above}
        row: list[str] = []
        for level in contract.levels:
            row.append(at_level.get(level) or (row[-1] if row else above[0].code))
        rows.append(row + [held.get(code.code, code.code) for held in sums])
    members = pl.DataFrame(rows, schema=dict.fromkeys(contract.every_level, pl.String), orient="row")
    hierarchies = (contract.levels, *([(*contract.sums, contract.levels[-1])] if contract.sums else []))
    return Dimension(contract.name, members, hierarchies, total=contract.total is not None, window=contract.window)


def _unpublished(
    contracts: Contracts, period: Dimension, passed: Mapping[SchoolYear, int], dimensions: tuple[str, ...]
) -> tuple[dict[str, frozenset[str]], ...]:
    """Codes for "not known yet"; and sums in the school years that their horizon is not reached for, with their windows."""
    found = []
    for name in dimensions:
        codes = contracts.codes(name)
        if hidden := frozenset(code.code for code in codes if not code.published):
            found.append({name: hidden})
        for code in codes:
            early = {str(year) for year, so_many in passed.items() if code.sum_of and so_many < (code.horizon or 0)}
            if early:
                windows = {window for window, slots in period.windows().items() if not early.isdisjoint(slots)}
                found.append({period.name: frozenset(early | windows), name: frozenset([code.code])})
    return tuple(found)


def _table(contract: TableContract, dimensions: dict[str, Dimension]) -> Table:
    named = {dimension.dimension: dimension for dimension in contract.dimensions}
    return Table(
        name=contract.name,
        levels={name: used.levels or dimensions[name].levels for name, used in named.items()},
        where=dict(contract.where),
        windows=frozenset(name for name, used in named.items() if used.windows != "no"),
        windows_only=frozenset(name for name, used in named.items() if used.windows == "only"),
        latent=contract.audience == "school",
    )


def _horizons(
    contracts: Contracts, period: str, passed: Mapping[SchoolYear, int], dimensions: tuple[str, ...]
) -> tuple[Never, ...]:
    """The finest codes that each school year cannot have yet, or (codes for "not known yet") cannot have any more.

    ``passed``: how many years after the start of each the last outcome date is that its rows were read on.
    """
    found = []
    for name in dimensions:
        listed = {c.code: c for c in contracts.codes(name) if c.counted_as is None}
        spans = {code.code: _span(listed, code) for code in finest(listed.values())}
        for year, so_many in passed.items():
            codes = frozenset(code for code, (first, end) in spans.items() if so_many < first or (end and so_many >= end))
            if codes:
                found.append(Never(period, frozenset([str(year)]), name, codes))
    return tuple(found)


def _span(listed: dict[str, Code], code: Code) -> tuple[int, int | None]:
    """From how many years after its start a school year can have the code, and from how many it cannot any more.

    A code that is not published stands for the others of its parent until their horizon is reached.
    """
    first = max(one.horizon or 0 for one in line(listed, code))
    beside = [c.horizon for c in listed.values() if c.parent == code.parent and c.horizon is not None and not c.sum_of]
    return first, (max(beside) if beside and not code.published else None)
