"""Released tables as series over school years, small enough to be sent to a reader who chooses among all of them.

A series has a value a year, null where nothing is shown, and beside it why (``status``, by the year's place): the form that
``avbrott.release.leaks`` searches. Nothing is left out and nothing is added; a test holds the series against the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dashboards.grids import YEAR
from dashboards.released import NOT_APPLICABLE, Cell, Table

SHARE_UNITS = 10_000
"""A share is sent as so many parts of one: the released four decimals as a whole number, one less where it would be rounded
up twice (``rounding``), so that it is written right."""


def table_series(table: Table) -> dict[str, dict[str, Any]]:
    """By code of the first dimension (the school year aside): ``years``, and ``series`` by their codes, joined by commas.

    A series of which no year can occur is left out. A year of a share whose status is not told has that of its persons.
    """
    years = sorted(table.codes.get(YEAR, ()))
    place = table.dimensions.index(YEAR)
    found: dict[tuple[str, ...], dict[str, list[Cell]]] = {}
    for key, cell in table.cells.items():
        codes = tuple(code for at, code in enumerate(key[:-1]) if at != place)
        cells = found.setdefault(codes, {}).setdefault(key[-1], [NOT_APPLICABLE] * len(years))
        cells[years.index(key[place])] = cell
    parts: dict[str, dict[str, Any]] = {}
    for codes, measures in sorted(found.items()):
        part = parts.setdefault(codes[0], {"years": years, "series": {}})
        if any(cell.status != "not_applicable" for cells in measures.values() for cell in cells):
            part["series"][",".join(codes)] = _series(measures)
    return parts


def _series(measures: dict[str, list[Cell]]) -> dict[str, Any]:
    persons = measures.get("persons", [])
    told: dict[str, Any] = {"persons": _told(persons, [None] * len(persons), units=1)}
    if "share" in measures:
        told["share"] = _told(measures["share"], [cell.status for cell in persons], units=SHARE_UNITS)
    return told


def _told(cells: Sequence[Cell], known: Sequence[str | None], *, units: int) -> dict[str, Any]:
    """Values and, by place, each status that is not shown and not known already; one status of all is told once."""
    values = [None if cell.value is None else int(Decimal(cell.value) * units) for cell in cells]
    status = {
        str(place): cell.status
        for place, (cell, other) in enumerate(zip(cells, known, strict=True))
        if cell.status not in ("shown", other)
    }
    if len(status) == len(cells) and len(set(status.values())) == 1:
        return {"value": None, "status": cells[0].status}
    if not any(value is not None for value in values) and not status:
        return {"value": None}
    return {"value": values, "status": status} if status else {"value": values}
