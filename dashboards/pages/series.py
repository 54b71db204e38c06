"""What holds of a series of school years whatever draws it: where it breaks, what is preliminary, how far chance reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from avbrott.table import TOTAL, SeriesBreak, TableContract
from dashboards.grids import YEAR, Grid, Item
from dashboards.intervals import wilson
from dashboards.pages.context import Context
from dashboards.preliminary import preliminary

ORIGIN = "origin"
"""The dimension that says what pupils did before a school year."""


def breaks_of(
    context: Context, table: TableContract, divided: Iterable[str | None], codes: Iterable[str]
) -> list[tuple[str, str]]:
    """The first school year after each break in figures of ``table``, and what broke there, oldest first.

    A break in the codes of some dimensions is none for a figure that is ``divided`` by no such dimension, or that holds none
    of the ``codes`` that it names.
    """
    dimensions, told = set(divided), set(codes)
    found = [
        (str(one.school_year), break_text(context, one))
        for one in context.contracts.breaks
        if one.concerns(table)
        and (not one.dimensions or not dimensions.isdisjoint(one.dimensions))
        and (not one.codes or not told.isdisjoint(one.codes))
    ]
    if ORIGIN in table.where or ORIGIN in dimensions:
        found += first_known(context, table)
    return sorted(found, key=lambda one: one[0])


def break_text(context: Context, found: SeriesBreak) -> str:
    """What broke, and what it means for figures."""
    return f"{found.school_year}: {getattr(found.title, context.language)}. {getattr(found.text, context.language)}"


def first_known(context: Context, table: TableContract) -> list[tuple[str, str]]:
    """Where figures by what pupils did before break: after the first school year, of which no delivery tells that."""
    released = context.released.tables.get(table.name)
    years = sorted(released.codes.get(YEAR, ())) if released else []
    return [(years[1], context.words("break.first_known", first=years[0], year=years[1]))] if len(years) > 1 else []


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
