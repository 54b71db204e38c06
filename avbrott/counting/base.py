"""Base cells: rows of persons read once and grouped by all finest codes. Everything else is counted from these.

Not here: what a table shows (``cells``) and where the dimensions come from (``from_contracts``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from avbrott.at_rest.tables import Tables
from avbrott.at_rest.vault import Vault
from avbrott.session import fetch, session


def count_base(vault: Vault, source: Path, dimensions: Mapping[str, str], count: str | None = None) -> pl.DataFrame:
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
    with session() as connection, Tables(vault, connection) as stored:
        stored.open("stored_rows", [source], kinds)
        return fetch(
            connection,
            f"SELECT {names}, {counted} AS count FROM (SELECT {columns}{measure} FROM stored_rows) AS rows "
            f"GROUP BY {names} ORDER BY {order}",
        )
