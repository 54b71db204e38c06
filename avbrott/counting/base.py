"""Base cells: rows of persons read once and grouped by all finest codes. Everything else is counted from these.

Not here: what a table shows (``cells``) and where the dimensions come from (``from_contracts``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from avbrott.errors import BadInput
from avbrott.session import parquet, session, write_query


def count_base(source: Path, target: Path, dimensions: Mapping[str, str], count: str | None = None) -> int:
    """Count the rows of the Parquet file ``source`` (or sum its column ``count``) by ``dimensions``; return the base cells.

    ``dimensions`` gives the source's column by the dimension's name. ``target`` gets one String column a dimension (null
    where the dimension does not apply to the persons) and ``count`` Int64, sorted by the dimensions.
    """
    # A linked table's columns and the dimensions' names are those of contracts, checked when they were read.
    columns = ", ".join(f"CAST({column} AS VARCHAR) AS {name}" for name, column in dimensions.items())
    names = ", ".join(dimensions)
    order = ", ".join(f"{name} NULLS FIRST" for name in dimensions)
    counted = f"CAST(SUM({count}) AS BIGINT)" if count else "COUNT(*)"
    measure = f", {count}" if count else ""
    with session(target.parent) as connection:
        try:
            return write_query(
                connection,
                f"SELECT {names}, {counted} AS count FROM (SELECT {columns}{measure} FROM {parquet(source)}) AS rows "
                f"GROUP BY {names} ORDER BY {order}",
                target,
            )
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.BinderException):
            raise BadInput("STORE_UNREADABLE", file=source) from None
