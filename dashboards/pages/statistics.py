"""Pages of figures: tiles, then blocks, each a figure with its table, its reasons for what is missing, and its source."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from avbrott.table import TOTAL
from dashboards.figures.bars import bars
from dashboards.figures.flows import flows
from dashboards.figures.lines import lines
from dashboards.figures.style import STATUS_SYMBOLS
from dashboards.figures.survival import accumulated, survival
from dashboards.grids import YEAR, Grid, Item
from dashboards.layout import EACH, LATEST, Block, Page, Tile
from dashboards.pages.context import Context, Link, View
from dashboards.reading import summary
from dashboards.released import STATUSES, Cell, Measure, Status

WIDE = 7
"""With more columns than this the table is turned: what was a column becomes a row."""


@dataclass(frozen=True, slots=True)
class DataTable:
    """A table as it is set out: one or two rows of heads, then rows of cells, each with the measure it is read by."""

    corner: str
    heads: tuple[tuple[str, int], ...]
    """Heads and how many columns each spans."""
    subheads: tuple[str, ...]
    rows: tuple[tuple[Item, tuple[tuple[Cell, Measure], ...]], ...]


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block, ready for the template."""

    id: str
    title: str
    subtitle: str
    about: str
    summary: list[str]
    figure: bool
    choose: list[str] | None
    """The codes drawn to begin with, where the reader chooses."""
    series: list[tuple[str, str]]
    """Code and label of each line or group of bars, where there is more than one."""
    strip: list[tuple[str, Status]]
    """Sign and status of what is marked below the lines."""
    table: DataTable
    statuses: list[Status]
    source: str
    source_title: str
    breaks: list[str]


def statistics_page(context: Context, page: Page, code: Item | None = None) -> View:
    """A page of figures; ``code`` is what it is about where the page is made for each code."""
    figures: dict[str, Any] = {}
    blocks = []
    for block in page.blocks:
        if code and code.code in block.not_for:
            continue
        grid = context.source.grid(block, code.code if code else None)
        if grid is not None:
            blocks.append(_block(context, block, grid, figures))
    return View(
        "statistics.html",
        {
            "tiles": [made for tile in page.tiles if (made := _tile(context, tile, code))],
            "blocks": blocks,
            "children": _children(context, page),
        },
        figures,
    )


def _children(context: Context, page: Page) -> list[list[Link]]:
    """The pages that a page lists, each at the top together with those that stand below it."""
    groups: list[list[Link]] = []
    if page.list_of is None:
        return groups
    for item in context.made.get(page.list_of, ()):
        if not item.depth:
            groups.append([])
        groups[-1].append(Link(item.label, context.link(page.list_of, item.code)))
    return groups


def _block(context: Context, block: Block, grid: Grid, figures: dict[str, Any]) -> BlockView:
    words = context.words
    breaks = _breaks(context, block, grid)
    if block.figure == "survival":
        grid = accumulated(grid)
    drawn = _drawn(context, block, grid, sorted({year for year, _ in breaks}))
    if drawn is not None:
        figures[block.id] = drawn
    table = context.contracts.tables.get(block.table)
    title = getattr(table.title, words.language) if table else block.table
    return BlockView(
        id=block.id,
        title=words(f"block.{block.id}.title"),
        subtitle=_subtitle(context, block, grid),
        about=words.maybe(f"block.{block.id}.about"),
        summary=summary(grid, words, over_time=grid.rows_of == YEAR, drawn=_first(block, grid))
        if block.figure in ("lines", "bars")
        else [],
        figure=drawn is not None,
        choose=_first(block, grid),
        strip=[(STATUS_SYMBOLS[s][1], s) for s in STATUS_SYMBOLS if block.figure == "lines" and s in grid.drawn_statuses],
        series=[(column.code, column.label) for column in grid.columns]
        if len(grid.columns) > 1 and block.figure != "flows"
        else [],
        table=data_table(context, grid, accumulates=block.figure == "survival"),
        statuses=[status for status in STATUSES[1:] if status in grid.statuses],
        source=context.table_file(block.table),
        source_title=title,
        breaks=[text for _, text in breaks],
    )


def _first(block: Block, grid: Grid) -> list[str] | None:
    """The codes that are drawn to begin with; those that the layout names, or else the first ones. None: all, for good."""
    if block.choose is None:
        return None
    there = [column.code for column in grid.columns]
    return [code for code in block.choose if code in there] or there[:3]


def _drawn(context: Context, block: Block, grid: Grid, breaks: list[str]) -> dict[str, Any] | None:
    if "shown" not in grid.drawn_statuses:
        return None
    if block.figure == "lines":
        return lines(grid, context.words, drawn=_first(block, grid), breaks=breaks)
    if block.figure == "bars":
        return bars(grid, context.words)
    if block.figure == "flows":
        return flows(grid, context.words)
    return survival(grid, context.words) if block.figure == "survival" else None


def _breaks(context: Context, block: Block, grid: Grid) -> list[tuple[str, str]]:
    """The first school year after each break that the figure crosses, and what broke there.

    A break in the codes of some dimensions is none for a figure that is divided by no such dimension, or that holds none of
    the codes that it names.
    """
    table = context.contracts.tables.get(block.table)
    if table is None or grid.rows_of != YEAR:
        return []
    later = {row.code for row in grid.rows[1:]}
    divided = {grid.columns_of} | {dimension for dimension, code in grid.at.items() if code != TOTAL}
    told = {*grid.at.values(), *(column.code for column in grid.columns)}
    language = context.language
    return [
        (year, f"{year}: {getattr(found.title, language)}. {getattr(found.text, language)}")
        for found in context.contracts.breaks
        if found.concerns(table)
        and (not found.dimensions or not divided.isdisjoint(found.dimensions))
        and (not found.codes or not told.isdisjoint(found.codes))
        and (year := str(found.school_year)) in later
    ]


def _subtitle(context: Context, block: Block, grid: Grid) -> str:
    """Measure, and what the figure is about where the block fixes it: ``Andel av eleverna · 2020/21``."""
    parts = [_measure(context, block, grid)]
    for dimension, code in grid.at.items():
        label = context.source.label(dimension, code)
        if block.at[dimension] == LATEST:
            parts.append(context.words("at.school_year", school_year=label))
        elif block.at[dimension] != EACH and code != TOTAL:
            parts.append(label)
    return " \u00b7 ".join(part for part in parts if part)


def _measure(context: Context, block: Block, grid: Grid) -> str:
    """What is measured; of a share, of whom it is one: that follows from the dimension whose codes share a whole."""
    words, table = context.words, context.contracts.tables.get(block.table)
    of = table.share.dimension if table and table.share else grid.rows_of
    whose = words.maybe(f"share.{of}") if grid.measure == "share" else ""
    return whose or words(f"measure.{grid.measure}")


def data_table(context: Context, grid: Grid, *, accumulates: bool = False) -> DataTable:
    """The cells of ``grid`` as a table; a wide one is turned and holds the figure's own measure only.

    ``accumulates``: the share is of this row and all before it, the number of this row alone, and the heads say so.
    """
    words = context.words
    if len(grid.columns) > WIDE:
        return DataTable(
            corner=dimension_name(context, grid.columns_of),
            heads=tuple((row.label, 1) for row in grid.rows),
            subheads=(),
            rows=tuple(
                (column, tuple((grid.cell(row, column), grid.measure) for row in grid.rows)) for column in grid.columns
            ),
        )
    single = len(grid.columns) == 1 and grid.columns_of is None
    kind = "measure.accumulated" if accumulates else "measure"
    names = tuple(words(f"{kind}.{measure}") for measure in grid.measures)
    return DataTable(
        corner=dimension_name(context, grid.rows_of),
        heads=tuple((name, 1) for name in names)
        if single
        else tuple((column.label, len(grid.measures)) for column in grid.columns),
        subheads=names * len(grid.columns) if len(names) > 1 and not single else (),
        rows=tuple(
            (
                row,
                tuple((grid.cell(row, column, measure), measure) for column in grid.columns for measure in grid.measures),
            )
            for row in grid.rows
        ),
    )


def dimension_name(context: Context, dimension: str | None) -> str:
    """The name of a dimension: that of its glossary term."""
    contract = context.contracts.dimensions.get(dimension or "")
    term = context.contracts.glossary.terms.get(contract.term) if contract else None
    if term:
        return str(getattr(term.name, context.language))
    return context.words.maybe(f"coverage.{dimension}") or dimension or ""


def _tile(context: Context, tile: Tile, code: Item | None) -> dict[str, Any] | None:
    """The latest figure and its change since the school year before; None where the release has no such figure."""
    table = context.released.tables.get(tile.table)
    if table is None or tile.measure not in table.measures:
        return None
    at = {dimension: code.code if found == EACH and code else found for dimension, found in tile.at.items()}
    years = sorted(table.codes.get(YEAR, ()))
    cells = {year: table.cell(at | {YEAR: year}, tile.measure) for year in years}
    known = [year for year in years if cells[year].status != "not_applicable"]
    if not known:
        return None
    words = context.words
    cell = cells[known[-1]]
    return {
        "label": words(f"tile.{tile.id}.label"),
        "about": words(f"tile.{tile.id}.about"),
        "cell": cell,
        "measure": tile.measure,
        "year": context.source.label(YEAR, known[-1]),
        "change": _change(context, tile, cell, cells[known[-2]], known[-2]) if len(known) > 1 else "",
        "href": context.link(tile.page) if tile.page else "",
    }


def _change(context: Context, tile: Tile, cell: Cell, before: Cell, year: str) -> str:
    if cell.value is None or before.value is None:
        return ""
    words = context.words
    difference = Decimal(cell.value) - Decimal(before.value)
    if tile.measure == "share":
        size = words.decimal(abs(difference * 100))
        same = words.share(cell.value) == words.share(before.value)
    else:
        size = words.whole(str(abs(int(difference))))
        same = difference == 0
    way = "same" if same else "up" if difference > 0 else "down"
    return words(f"change.{tile.measure}.{way}", size=size, year=context.source.label(YEAR, year))
