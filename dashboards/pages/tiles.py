"""Headline figures: the latest figure of a table, its change, and what can be said of its trend. From shown figures alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from avbrott.periods import SchoolYear
from avbrott.table import TOTAL, WINDOW_SEPARATOR
from dashboards.grids import YEAR, Item
from dashboards.layout import EACH, Tile
from dashboards.pages.context import Context
from dashboards.pages.series import breaks_of, preliminary_years
from dashboards.reading import lowered
from dashboards.released import Cell, Table
from dashboards.uncertainty import Counted, Interval, difference, number_difference, yearly_change


def tile_view(context: Context, tile: Tile, code: Item | None) -> dict[str, Any] | None:
    """The latest figure of ``tile`` and what is said of it; None where the release has no such figure."""
    table = context.released.tables.get(tile.table)
    if table is None or tile.measure not in table.measures:
        return None
    at = {dimension: code.code if found == EACH and code else found for dimension, found in tile.at.items()}
    cells = {year: table.cell(at | {YEAR: year}, tile.measure) for year in sorted(table.codes.get(YEAR, ()))}
    known = [year for year in cells if cells[year].status != "not_applicable"]
    if not known:
        return None
    words, year = context.words, known[-1]
    contract = context.contracts.published.get(tile.table)
    return {
        "label": words(f"tile.{tile.id}.label"),
        "about": words(f"tile.{tile.id}.about"),
        "cell": cells[year],
        "measure": tile.measure,
        "year": context.source.label(YEAR, year),
        "preliminary": contract is not None and year in preliminary_years(context, contract),
        "change": _change(context, tile, cells, known[-2:]),
        # Windows of pooled years overlap: what is said of single years does not hold of them.
        "chance": "" if WINDOW_SEPARATOR in year else _chance(context, tile, _series(context, tile, table, at, known[-2:])),
        "trend": "" if WINDOW_SEPARATOR in year else _trend(context, tile, table, at, known),
        "href": context.link(tile.page) if tile.page else "",
    }


def _change(context: Context, tile: Tile, cells: dict[str, Cell], years: list[str]) -> str:
    """How much higher or lower than a year before, as the figures are written; or why there is nothing to compare with."""
    before, now = (cells[year].value for year in (years[0], years[-1]))
    if len(years) < 2 or now is None:
        return ""
    words, said = context.words, context.source.label(YEAR, years[0])
    if before is None:
        return words("change.absent", year=said, reason=lowered(words(f"status.{cells[years[0]].status}.name")))
    change = Decimal(now) - Decimal(before)
    if tile.measure == "share":
        size = words.decimal(abs(change * 100))
        same = size == words.decimal(Decimal()) or words.share(now) == words.share(before)
    else:
        size = words.whole(str(abs(int(change))))
        same = change == 0
    way = "same" if same else "up" if change > 0 else "down"
    return words(f"change.{tile.measure}.{way}", size=size, year=said)


def _series(context: Context, tile: Tile, table: Table, at: dict[str, str], years: list[str]) -> list[tuple[str, Counted]]:
    """Persons of all persons in each of ``years`` that shows both; of a number, all persons are the number itself."""
    contract = context.contracts.published.get(tile.table)
    of = contract.share.dimension if contract and contract.share else ""
    found = []
    for year in years:
        here = at | {YEAR: year}
        part = table.cell(here, "persons")
        whole = table.cell(here | {of: TOTAL}, "persons") if tile.measure == "share" else part
        if part.value is not None and whole.value is not None and int(whole.value):
            found.append((year, Counted(int(part.value), int(whole.value))))
    return found


def _chance(context: Context, tile: Tile, series: list[tuple[str, Counted]]) -> str:
    """Whether the change is one that chance makes, and within which bounds it lies."""
    if len(series) < 2 or not tile.chance:
        return ""
    (_, before), (_, now) = series
    found = difference(now, before) if tile.measure == "share" else number_difference(now.part, before.part)
    kind = "sure" if found.way else "unsure" if round(found.estimate, 3) else "same"
    return context.words(f"chance.{kind}", **_bounds(context, found, tile))


def _trend(context: Context, tile: Tile, table: Table, at: dict[str, str], years: list[str]) -> str:
    """How the share has changed a year since the series last broke; nothing where the years are too few."""
    contract = context.contracts.published.get(tile.table)
    if contract is None or tile.measure != "share":
        return ""
    codes = [code for code in at.values() if code != TOTAL]
    divided = [dimension for dimension, code in at.items() if code != TOTAL]
    begun = max((year for year, _ in breaks_of(context, contract, divided, codes) if year <= years[-1]), default="")
    series = _series(context, tile, table, at, [year for year in years if year >= begun])
    found = yearly_change([(SchoolYear.parse(year).start, counted) for year, counted in series])
    if found is None:
        return ""
    way = {1: "up", -1: "down", 0: "level"}[found.way]
    size = context.words.decimal(Decimal(str(abs(found.estimate) * 100)), 2)
    return context.words(f"trend.{way}", size=size, first=series[0][0], **_bounds(context, found, tile, places=2))


def _bounds(context: Context, found: Interval, tile: Tile, *, places: int = 1) -> dict[str, str]:
    words, share = context.words, tile.measure == "share"
    low, high = (
        words.decimal(Decimal(str(bound * (100 if share else 1))), places if share else 0)
        for bound in (found.low, found.high)
    )
    return {"low": low, "high": high}
