"""What holds of a series of school years whatever draws it: where it breaks, what is preliminary, how far chance reaches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from avbrott.periods import SchoolYear, Term
from avbrott.table import TOTAL, WINDOW_SEPARATOR, TableContract
from dashboards.grids import YEAR, Grid, Item
from dashboards.intervals import wilson
from dashboards.pages.context import Context


def breaks_of(
    context: Context, table: TableContract, divided: Iterable[str | None], codes: Iterable[str]
) -> list[tuple[str, str]]:
    """The first school year after each break in figures of ``table``, and what broke there, oldest first.

    A break in the codes of some dimensions is none for a figure that is ``divided`` by no such dimension, or that holds none
    of the ``codes`` that it names.
    """
    dimensions, told, language = set(divided), set(codes), context.language
    return [
        (str(found.school_year), f"{found.school_year}: {getattr(found.title, language)}. {getattr(found.text, language)}")
        for found in context.contracts.breaks
        if found.concerns(table)
        and (not found.dimensions or not dimensions.isdisjoint(found.dimensions))
        and (not found.codes or not told.isdisjoint(found.codes))
    ]


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
    """The school years and windows of ``table`` whose last term has been delivered only once: late reports may be missing.

    That is so until an extract of a later term has come. Nothing is preliminary where the release says nothing of deliveries.
    """
    system = context.contracts.systems.get(table.system or "")
    newest = _newest_term(context, system.delivery.extract) if system and system.delivery else None
    released = context.released.tables.get(table.name)
    if system is None or system.delivery is None or newest is None or released is None:
        return frozenset()
    return frozenset(
        code
        for code in released.codes.get(YEAR, ())
        if newest <= Term("HT", _last_year(code).start).next(system.delivery.terms - 1)
    )


def marked_preliminary(context: Context, items: tuple[Item, ...], years: frozenset[str]) -> tuple[Item, ...]:
    """``items`` of school years, those of ``years`` with their mark."""
    return tuple(
        replace(item, label=context.words("year.preliminary", year=item.label), preliminary=True)
        if item.code in years
        else item
        for item in items
    )


def _last_year(code: str) -> SchoolYear:
    return SchoolYear.parse(code.rpartition(WINDOW_SEPARATOR)[2])


def _newest_term(context: Context, extract: str) -> Term | None:
    """The newest term of which anybody has delivered ``extract``."""
    coverage = context.released.tables.get("coverage")
    if coverage is None:
        return None
    came = (
        Term.parse(term)
        for (_, term, name, measure), cell in coverage.cells.items()
        if name == extract and measure == "delivered" and cell.value == "1"
    )
    return max(came, default=None)
