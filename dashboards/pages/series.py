"""What holds of a series of school years whatever draws it: where it breaks, what is preliminary, how far chance reaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from avbrott.table import TOTAL, SeriesBreak, TableContract
from dashboards.breaks import crossed, cuts
from dashboards.grids import YEAR, Grid, Item
from dashboards.intervals import wilson
from dashboards.layout import Block
from dashboards.pages.context import Context
from dashboards.preliminary import preliminary


def breaks_of(
    context: Context, table: TableContract, divided: Iterable[str | None], codes: Iterable[str]
) -> list[tuple[str, str]]:
    """The first school year after each break in figures of ``table``, and what broke there, oldest first.

    Of figures that are ``divided`` by these dimensions and hold these ``codes`` (``dashboards.breaks.crossed``).
    """
    dimensions = set(divided)
    found = [(str(one.school_year), break_text(context, one)) for one in crossed(context.contracts, table, dimensions, codes)]
    known = context.contracts.first_known
    if known is not None and (known.dimension in table.where or known.dimension in dimensions):
        found += first_known(context, table)
    return sorted(found, key=lambda one: one[0])


def break_text(context: Context, found: SeriesBreak) -> str:
    """What broke, and what it means for figures."""
    return f"{found.school_year}: {getattr(found.title, context.language)}. {getattr(found.text, context.language)}"


def first_known(context: Context, table: TableContract) -> list[tuple[str, str]]:
    """Where figures by what pupils did before break: after the first school year, of which no delivery tells that."""
    known, released = context.contracts.first_known, context.released.tables.get(table.name)
    years = sorted(released.codes.get(YEAR, ())) if released else []
    if known is None or len(years) < 2:
        return []
    return [(years[1], f"{years[1]}: {getattr(known.title, context.language)}. {getattr(known.text, context.language)}")]


def line_breaks(context: Context, block: Block, grid: Grid) -> dict[str, list[str]]:
    """By column of ``grid`` the first school year after each break that its line crosses."""
    return {column.code: [year for year, _ in _crossed(context, block, grid, [column])] for column in grid.columns}


def figure_breaks(context: Context, block: Block, grid: Grid) -> list[tuple[str, str]]:
    """The first school year after each break that any line of the figure crosses, and what broke there."""
    return _crossed(context, block, grid, grid.columns)


def _crossed(context: Context, block: Block, grid: Grid, columns: Sequence[Item]) -> list[tuple[str, str]]:
    table = context.contracts.published.get(block.table)
    if table is None or grid.rows_of != YEAR:
        return []
    at = {dimension: code for dimension, code in grid.at.items() if code != TOTAL}
    divided = {*at, *(grid.columns_of for column in columns if column.code != TOTAL)}
    told = (*at.values(), *(column.code for column in columns))
    rows = [row.code for row in grid.rows]
    return [(year, text) for year, text in breaks_of(context, table, divided, told) if cuts(rows, [year])]


def intervals_of(context: Context, table: TableContract, grid: Grid) -> dict[tuple[str, str], tuple[float, float]]:
    """Wilson's interval of each share of ``grid``, by row and column, where the numbers that it is made of are shown."""
    released, share = context.released.tables[table.name], table.share
    if share is None or grid.measure != "share":
        return {}
    found = {}
    for row in grid.rows:
        for column in grid.columns:
            at = grid.at | {grid.rows_of: row.code} | ({grid.columns_of: column.code} if grid.columns_of else {})
            part, whole = (released.cell(one, "persons").value for one in (at, at | {share.dimension: TOTAL}))
            if part is not None and whole is not None and int(whole):
                found[row.code, column.code] = wilson(int(part) / int(whole), int(whole))
    return found


def preliminary_years(context: Context, table: TableContract) -> frozenset[str]:
    """The school years and windows of ``table`` that are preliminary (``dashboards.preliminary``)."""
    released = context.released.tables.get(table.name)
    codes = released.codes.get(YEAR, ()) if released else ()
    return preliminary(context.contracts, context.released, table.system or "", codes)


def marked_preliminary(context: Context, items: tuple[Item, ...], years: frozenset[str]) -> tuple[Item, ...]:
    """``items`` of school years, those of ``years`` with their mark."""
    return tuple(
        replace(item, label=context.words("year.preliminary", year=item.label), preliminary=True)
        if item.code in years
        else item
        for item in items
    )
