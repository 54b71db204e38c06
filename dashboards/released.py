"""What the pages know: the files of one release folder, read once. Nothing confidential has a path in here.

Only ``tables/*.csv``, ``codelists/*.csv`` and ``datapackage.json`` are read; how they are drawn is the pages' matter.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from avbrott.errors import BadInput
from avbrott.periods import Term
from avbrott.table import TOTAL
from dashboards.rounding import unrounded

Measure = Literal["persons", "share"]
Status = Literal["shown", "hidden", "unreliable", "not_delivered", "not_applicable"]

STATUSES: tuple[Status, ...] = ("shown", "hidden", "unreliable", "not_delivered", "not_applicable")
MEASURES = ("measure", "value", "status")


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a table: ``value`` is None whenever ``status`` is not ``shown``, else the text of the file.

    Of a share whose numbers are shown it has a decimal more where rounding the file's once more would err (``rounding``).
    """

    value: str | None
    status: Status


NOT_APPLICABLE = Cell(None, "not_applicable")


@dataclass(frozen=True, slots=True)
class Code:
    """One line of a code list."""

    code: str
    parent: str
    level: str
    labels: dict[str, str]


@dataclass(frozen=True)
class Table:
    """One released table: cells by their coordinates (in the order of ``dimensions``) and measure."""

    name: str
    dimensions: tuple[str, ...]
    cells: dict[tuple[str, ...], Cell]

    @cached_property
    def codes(self) -> dict[str, frozenset[str]]:
        """The codes that occur in each dimension."""
        return {dimension: frozenset(key[place] for key in self.cells) for place, dimension in enumerate(self.dimensions)}

    @cached_property
    def measures(self) -> frozenset[str]:
        """The measures that the table holds."""
        return frozenset(key[-1] for key in self.cells)

    def cell(self, at: dict[str, str], measure: Measure) -> Cell:
        """The cell at ``at`` (missing dimensions: the total). A combination that the table does not list cannot occur."""
        key = (*(at.get(dimension, TOTAL) for dimension in self.dimensions), measure)
        return self.cells.get(key, NOT_APPLICABLE)


@dataclass(frozen=True)
class Released:
    """One release."""

    folder: Path
    package: dict[str, Any]
    tables: dict[str, Table]
    codelists: dict[str, dict[str, Code]]

    @property
    def identifier(self) -> str:
        """The release's id, which begins with its date; the folder's name where the package does not say it."""
        return str(self.package.get("version") or self.folder.name)

    @cached_property
    def newest_terms(self) -> dict[str, Term]:
        """By extract the newest term of which anybody delivered it; empty where the release says nothing of deliveries."""
        coverage = self.tables.get("coverage")
        newest: dict[str, Term] = {}
        for (_, term, extract, measure), cell in coverage.cells.items() if coverage else ():
            if measure == "delivered" and cell.value == "1":
                newest[extract] = max(newest.get(extract, Term.parse(term)), Term.parse(term))
        return newest


def read_release(folder: Path) -> Released:
    """Read the released files under ``folder``; ``BadInput`` names the file that is missing or is not what it should be."""
    package_file = folder / "datapackage.json"
    if not package_file.is_file():
        raise BadInput("RELEASE_NOT_FOUND", release=folder)
    try:
        package = json.loads(package_file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=package_file) from None
    if not isinstance(package, dict):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=package_file)
    divided = _divided(package)
    tables = {file.stem: _table(file) for file in sorted((folder / "tables").glob("*.csv"))}
    return Released(
        folder,
        package,
        {name: _unrounded(table, divided.get(name, "")) for name, table in tables.items()},
        {file.stem: _codelist(file) for file in sorted((folder / "codelists").glob("*.csv"))},
    )


def _rows(file: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            header = next(reader)
            return header, list(reader)
    except (UnicodeDecodeError, StopIteration, csv.Error):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=file) from None


def _table(file: Path) -> Table:
    header, rows = _rows(file)
    if tuple(header[-3:]) != MEASURES or any(len(row) != len(header) for row in rows):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=file)
    return Table(file.stem, tuple(header[:-3]), {tuple(row[:-2]): _cell(row[-2], row[-1], file) for row in rows})


def _divided(package: dict[str, Any]) -> dict[str, str]:
    """By table the dimension whose total its shares are shares of, as the package tells it."""
    resources = package.get("resources")
    found = {}
    for resource in resources if isinstance(resources, list) else ():
        own = resource.get("avbrott") if isinstance(resource, dict) else None
        share = own.get("share") if isinstance(own, dict) else None
        if isinstance(share, dict):
            found[str(resource.get("name"))] = str(share.get("dimension"))
    return found


def _unrounded(table: Table, divided: str) -> Table:
    """``table`` with shares that are right when they are written with fewer decimals."""
    if divided not in table.dimensions:
        return table
    place, cells = table.dimensions.index(divided), dict(table.cells)
    for key, cell in table.cells.items():
        if key[-1] == "share" and cell.value is not None:
            part = table.cells.get((*key[:-1], "persons"), NOT_APPLICABLE)
            base = table.cells.get((*key[:place], TOTAL, *key[place + 1 : -1], "persons"), NOT_APPLICABLE)
            cells[key] = Cell(unrounded(cell.value, part.value, base.value), "shown")
    return Table(table.name, table.dimensions, cells)


def _cell(value: str, status: str, file: Path) -> Cell:
    for known in STATUSES:
        if status == known and (value != "") == (known == "shown"):
            return Cell(value or None, known)
    raise BadInput("RELEASE_FILE_UNREADABLE", file=file)


def _codelist(file: Path) -> dict[str, Code]:
    header, rows = _rows(file)
    places = {name: place for place, name in enumerate(header)}
    if not {"code", "parent", "label_sv", "label_en"} <= places.keys() or any(len(row) != len(header) for row in rows):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=file)
    level = places.get("level")
    return {
        row[places["code"]]: Code(
            row[places["code"]],
            row[places["parent"]],
            row[level] if level is not None else "",
            {"sv": row[places["label_sv"]], "en": row[places["label_en"]]},
        )
        for row in rows
    }
