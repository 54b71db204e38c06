"""Letters that were read in one encoding and saved in another (HÃ¤lsa for Hälsa): told with their rows, never mended here.

Which of a file's letters went wrong is seen, and what a person meant by others is not; the export is made again.
"""

from __future__ import annotations

import polars as pl

from avbrott.delivery.table import Assumed, Table
from avbrott.findings import ROWS_KEPT

_GARBLED = r"Ã[¥¤¶…„–\x{85}\x{84}\x{96}]"
"""å, ä, ö, Å, Ä, Ö of UTF-8 as Windows-1252 and ISO-8859-1 show them."""
IN_BYTES = b"\xc3\x83"
"""What a text in UTF-8 with such letters has in it."""


def garbled(table: Table) -> list[Assumed]:
    """That rows of a table, its header among them (row 1), have such letters; nothing where none has."""
    columns = [name for name in table.frame.columns if name != "row"]
    found = pl.any_horizontal(pl.col(columns).str.contains(_GARBLED).fill_null(value=False))
    rows = table.frame.filter(found)["row"].to_list() if columns else []
    if pl.Series(table.header, dtype=pl.String).str.contains(_GARBLED).any():
        rows = [1, *rows]
    return [Assumed("READ_GARBLED", rows=tuple(rows[:ROWS_KEPT]), count=len(rows), doubtful=True)] if rows else []
