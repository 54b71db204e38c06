"""Base cells: rows of persons read once and grouped by all finest codes. Everything else is counted from these.

Not here: what a table shows (``cells``) and where the spec comes from (``from_contracts``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from avbrott.at_rest.vault import Vault
from avbrott.counting.engine import DUCKDB, EngineName, counting_with
from avbrott.counting.units import at_units
from avbrott.registry import Contracts


def base_cells(vault: Vault, source: Path, contracts: Contracts, system: str, engine: EngineName = DUCKDB) -> pl.DataFrame:
    """The base cells of ``system`` from its linked table, the stored file ``source`` (``count_base``)."""
    counted = count_base(vault, source, columns_of(contracts, system), contracts.systems[system].count, engine)
    return at_units(counted, contracts, system)


def columns_of(contracts: Contracts, system: str) -> dict[str, str]:
    """The linked table's column by dimension, in the system's order."""
    return {name: contracts.dimensions[name].column or name for name in contracts.systems[system].dimensions}


def count_base(
    vault: Vault, source: Path, dimensions: Mapping[str, str], count: str | None = None, engine: EngineName = DUCKDB
) -> pl.DataFrame:
    """Count the rows of the stored file ``source`` (or sum its column ``count``) by ``dimensions``: the base cells.

    ``dimensions`` gives the source's column by the dimension's name. Returns one String column a dimension (null where the
    dimension does not apply to the persons) and ``count`` Int64, sorted by the dimensions.
    """
    # A linked table's columns and the dimensions' names are those of contracts, checked when they were read.
    columns = ", ".join(f"{column} AS {name}" for name, column in dimensions.items())
    names = ", ".join(dimensions)
    order = ", ".join(f"{name} NULLS FIRST" for name in dimensions)
    counted = f"CAST(SUM({count}) AS BIGINT)" if count else "COUNT(*)"
    measure = f", {count}" if count else ""
    kinds = {**dict.fromkeys(dimensions.values(), "VARCHAR"), **({count: "BIGINT"} if count else {})}
    with counting_with(engine) as counting:
        counting.rows("stored_rows", vault, source, kinds)
        return counting.fetch(
            f"SELECT {names}, {counted} AS count FROM (SELECT {columns}{measure} FROM stored_rows) AS rows "
            f"GROUP BY {names} ORDER BY {order}"
        )
