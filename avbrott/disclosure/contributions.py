"""What each provider has of each cell, for the checker: read from frames. No solver, and no code of the engine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

ROW = "_row"


class Contributions:
    """``names`` of the providers, sorted; ``counts`` with a row a cell and a column each; ``wrong`` rows that fit nowhere."""

    def __init__(self, rows: pl.DataFrame, parts: pl.DataFrame | None) -> None:
        """``rows`` are coordinates of cells and ``ROW``; ``parts`` coordinates, ``provider`` and ``count``."""
        self.names: list[str] = []
        self.wrong = 0
        self.counts: Ints = np.zeros((rows.height, 0), np.int64)
        if parts is None:
            return
        names = [name for name in rows.columns if name != ROW]
        self.names = sorted(set(parts["provider"].drop_nulls().to_list()))
        found = parts.join(rows, on=names, how="left")
        number = pl.col("provider").replace_strict(self.names, range(len(self.names)), return_dtype=pl.Int64, default=None)
        good = found.with_columns(number.alias("_at")).drop_nulls([ROW, "_at", "count"]).filter(pl.col("count") >= 0)
        once = good.unique([ROW, "_at"])
        self.wrong = parts.height - once.height
        self.counts = np.zeros((rows.height, len(self.names)), np.int64)
        self.counts[once[ROW].to_numpy(), once["_at"].to_numpy()] = once["count"].to_numpy()
