"""Whose persons cells hold, by provider. What a provider must not know of the others is ``providers``'."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse

from avbrott.disclosure.lattice import Lattice


def whose_of(lattice: Lattice, parts: pl.DataFrame) -> tuple[list[str], sparse.csr_array]:
    """The providers, sorted, and a row a provider, a column a cell: how many persons. ``parts``: as in ``protect.Given``."""
    places = lattice.places(np.arange(len(lattice))).with_row_index("_cell")
    names = sorted(set(parts["provider"].to_list()))
    found = parts.join(places, on=lattice.names).unique(["provider", "_cell"])
    row = found["provider"].replace_strict(names, range(len(names)), return_dtype=pl.Int64).to_numpy()
    entries = (found["count"].to_numpy().astype(np.int64), (row, found["_cell"].to_numpy().astype(np.int64)))
    return names, sparse.csr_array(entries, shape=(len(names), len(lattice)))
