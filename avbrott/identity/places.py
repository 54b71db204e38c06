"""Which row of the export became which of a delivery: kept beside the export, so that a receipt's row can be found at home.

Each delivery has a file of its own, called by its content, so that a new one does not take an earlier one's away. Two
numbers a row, and no value. The delivery's order is that of pseudonyms, so that the file joins them with the export for
whoever has both: it lies where the export lies, is its owner's alone, and is never sent.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.periods import Term

FOLDER = "rader"
"""In a folder of its own, so that nobody takes it for an export."""
_SIGNS = 8
"""So many of the sum tell the deliveries of one term and extract apart."""


def places_name(provider: str, term: Term, extract: str, digest: str) -> str:
    """What the file of a delivery is called in its folder; ``digest``: the sum of the prepared ``<extract>.csv``."""
    return f"{FOLDER}/{provider}-{str(term).lower()}-{extract}-{digest[:_SIGNS]}.csv"


_COLUMNS = ("rad i leveransen", "rad i exporten")


def keep_places(export: Path, name: str, places: pl.Series) -> Path | None:
    """Write the line in ``<extract>.csv`` (its header is line 1) and the export's row; None where that cannot be done.

    ``name``: of ``places_name``.
    """
    file = export.parent / name
    lines = pl.int_range(2, len(places) + 2, eager=True)
    content = pl.DataFrame(dict(zip(_COLUMNS, (lines, places), strict=True))).write_csv(separator=";")
    try:
        atomic.private_folder(file.parent)
        atomic.write_text(file, content)
    except OSError:
        return None
    return file


def read_places(file: Path) -> dict[int, int] | None:
    """By line of the delivery the export's row, of what ``keep_places`` wrote; None where there is none, or another file."""
    try:
        read = pl.read_csv(file, separator=";", schema=dict.fromkeys(_COLUMNS, pl.Int64), glob=False)
    except (OSError, pl.exceptions.PolarsError):
        return None
    return None if any(read.null_count().row(0)) else dict(read.iter_rows())
