"""The small county's release with a catalogue, so that it has open data formats; and its cells, to compare with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from avbrott.registry import load_contracts
from avbrott.table import FirstKnown, SeriesBreak
from tests import release_case as case
from tests.release_case import Case

CATALOGUE = load_contracts().catalogue
BREAK = SeriesBreak(
    id="case", date=date(2013, 9, 1), systems=("pupils",), source="the case",
    title=case.Text(sv='Ny "lag"', en='New "law"'), text=case.Text(sv="Räknas om; ny kod.", en="Counted anew; new code."),
)  # fmt: skip
KNOWN = FirstKnown(
    dimension="back", title=case.Text(sv="Känt", en="Known"), text=case.Text(sv="Okänt före det.", en="Unknown before it.")
)

Key = tuple[str, ...]
Cell = tuple[float | None, str]


def made(root: Path) -> Case:
    """The case, with a catalogue and a break in its series."""
    found = Case(root)
    found.contracts = replace(found.contracts, catalogue=CATALOGUE, breaks=(BREAK,), first_known=KNOWN)
    return found


def table_cells(folder: Path, table: str) -> dict[Key, Cell]:
    """By codes and measure what ``tables/<table>.csv`` says: its figure, and its status."""
    frame = pl.read_csv(folder / "tables" / f"{table}.csv", infer_schema=False)
    rows = ((*row[:-2], row[-2], row[-1]) for row in frame.rows())
    return {row[:-2]: (None if row[-2] is None else float(row[-2]), row[-1]) for row in rows}


TABLES = ("by_area", "coverage", "pooled", "returns")
