"""Pages of figures: tiles, then blocks, each a figure with its table, its reasons for what is missing, and its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from avbrott.table import TOTAL
from dashboards.figures.bars import bars
from dashboards.figures.flows import flows
from dashboards.figures.flows import sentences as flow_sentences
from dashboards.figures.lines import lines
from dashboards.figures.multiples import Multiples
from dashboards.figures.style import STATUS_SYMBOLS
from dashboards.figures.survival import accumulated, survival
from dashboards.figures.survival import sentences as survival_sentences
from dashboards.grids import YEAR, Grid, Item
from dashboards.layout import EACH, LATEST, Block, Page
from dashboards.pages.context import Context, Link, View
from dashboards.pages.data_tables import DataTable, data_table
from dashboards.pages.drawings import Drawing, drawing
from dashboards.pages.funnels import Funnel
from dashboards.pages.series import figure_breaks, intervals_of, line_breaks, marked_preliminary, preliminary_years
from dashboards.pages.tiles import tile_view
from dashboards.pages.ways import beside, children
from dashboards.reading import absent, spans, summary
from dashboards.released import NOT_APPLICABLE, STATUSES, Cell, Status
from dashboards.shares import shared_over
from dashboards.stills.still import still
from dashboards.words import Words

FEW = 3
"""Of so many lines at most the intervals are drawn."""


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block, ready for the template."""

    id: str
    title: str
    subtitle: str
    about: str
    summary: list[str]
    still: Markup | None
    """The figure as it stands on the page until a script draws it; None where there is none."""
    drawing: Drawing | None
    """What is drawn on the page itself, without a script."""
    choose: list[str] | None
    """The codes drawn to begin with, where the reader chooses."""
    series: list[tuple[str, str]]
    """Code and label of each line or group of bars, where there is more than one."""
    said: dict[str, str]
    """By code of what the reader can choose, what is said of it; nothing where it shows too little."""
    strip: list[tuple[str, str, Status]]
    """Symbol, sign and status of what is marked below the lines."""
    table: DataTable
    statuses: list[Status]
    source: str
    source_title: str
    breaks: list[tuple[str, str]]
    """The first school year after each break that the figure crosses, and what broke there."""


def statistics_page(
    context: Context, page: Page, code: Item | None = None, part: Item | None = None, parts: Sequence[Link] = ()
) -> View:
    """A page of figures; ``code`` is what it is about where the page is made for each code.

    ``part`` is the group that it shows where it is a part of a page, and ``parts`` leads to all of these.
    """
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
            "tiles": [made for tile in page.tiles if (made := tile_view(context, tile, code))],
            "blocks": blocks,
            "children": children(context, page),
            "beside": beside(context, page, code),
            "parts": [replace(link, current=part is not None and link.label == part.label) for link in parts],
        },
        figures,
        part=part,
    )


def _block(context: Context, block: Block, grid: Grid, figures: dict[str, Any]) -> BlockView:
    words = context.words
    breaks = figure_breaks(context, block, grid)
    grid = _with_preliminary(context, block, grid)
    bases = {column.code: grid.cells.get((TOTAL, column.code, "persons"), NOT_APPLICABLE) for column in grid.columns}
    if block.figure == "survival":
        grid = accumulated(grid)
    if block.share_over:
        grid = shared_over(grid, context.released.tables[block.table], block.share_over, _least(context, block))
    funnel = Funnel.of(context, block, grid) if block.figure == "funnel" else None
    drawn = funnel.figure if funnel else _drawn(context, block, grid, bases)
    if drawn is not None:
        figures[block.id] = drawn
    drawing_ = drawing(context, block, grid)
    table = context.contracts.published.get(block.table)
    title = getattr(table.title, words.language) if table else block.table
    return BlockView(
        id=block.id,
        title=words(f"block.{block.id}.title"),
        subtitle=_subtitle(context, block, grid),
        about=words.maybe(f"block.{block.id}.about"),
        summary=funnel.verdicts if funnel else _summary(block, grid, bases, drawing_, words) if drawn or drawing_ else [],
        still=None if drawn is None else _still(context, block, grid, drawn),
        drawing=drawing_,
        choose=_first(block, grid),
        strip=[(*STATUS_SYMBOLS[s], s) for s in STATUS_SYMBOLS if block.figure == "lines" and s in grid.drawn_statuses],
        series=funnel.legend if funnel else _series(block, grid),
        said={} if block.choose is None else {one.code: " ".join(spans(grid, words, [one])) for one in grid.columns},
        table=funnel.table if funnel else data_table(context, grid, accumulates=block.figure == "survival"),
        statuses=[status for status in STATUSES[1:] if status in grid.statuses],
        source=context.table_file(block.table),
        source_title=title,
        breaks=breaks,
    )


def _still(context: Context, block: Block, grid: Grid, drawn: dict[str, Any]) -> Markup:
    """The figure as it is drawn to begin with: of lines that the reader chooses among, the first ones alone."""
    first = _first(block, grid)
    if first is not None:
        chosen = replace(grid, columns=tuple(column for column in grid.columns if column.code in first))
        breaks = line_breaks(context, block, chosen)
        drawn = lines(chosen, context.words, breaks=breaks, intervals=_intervals(context, block, grid))
    return Markup(still(drawn, block.id))  # noqa: S704  made here, and every text in it is escaped


def _summary(block: Block, grid: Grid, bases: dict[str, Cell], drawn: Drawing | None, words: Words) -> list[str]:
    """The figure in words; of a map where nothing is shown, why."""
    if drawn and isinstance(drawn.view, Multiples):
        return list(drawn.view.sentences)
    if block.figure == "flows":
        return flow_sentences(grid, words)
    if block.figure == "survival":
        return survival_sentences(grid, bases, words)
    said = summary(grid, words, over_time=grid.rows_of == YEAR, drawn=_first(block, grid))
    return said or absent(list(grid.cells.values()), words, "summary.absent")


def _series(block: Block, grid: Grid) -> list[tuple[str, str]]:
    several = len(grid.columns) > 1 and block.figure in ("lines", "bars", "survival")
    columns = grid.columns if block.choose is None else grid.listed
    return [(column.code, column.label) for column in columns] if several else []


def _first(block: Block, grid: Grid) -> list[str] | None:
    """The codes that are drawn to begin with, in the order of the figure: those that the layout names, or the first ones.

    None: all, for good.
    """
    if block.choose is None:
        return None
    there = [column.code for column in grid.columns]
    return [code for code in there if code in block.choose] or there[:3]


def _least(context: Context, block: Block) -> int:
    """The smallest base of which the block's table has a share."""
    contract = context.contracts.tables[block.table]
    system = context.contracts.systems.get(contract.system or "")
    return context.contracts.policies[system.policy].reliability if system else 1


def _drawn(context: Context, block: Block, grid: Grid, bases: dict[str, Cell]) -> dict[str, Any] | None:
    if "shown" not in grid.drawn_statuses:
        return None
    if block.figure == "lines":
        intervals = _intervals(context, block, grid)
        return lines(
            grid, context.words, drawn=_first(block, grid), breaks=line_breaks(context, block, grid), intervals=intervals
        )
    if block.figure == "bars":
        return bars(grid, context.words)
    if block.figure == "flows":
        return flows(grid, context.words)
    return survival(grid, bases, context.words) if block.figure == "survival" else None


def _intervals(context: Context, block: Block, grid: Grid) -> dict[tuple[str, str], tuple[float, float]]:
    """How far chance reaches about each point of a few lines over school years; of many they could not be told apart."""
    table = context.contracts.tables.get(block.table)
    few = len(grid.columns) <= FEW and block.figure == "lines" and grid.rows_of == YEAR and not block.share_over
    return intervals_of(context, table, grid) if table and few else {}


def _with_preliminary(context: Context, block: Block, grid: Grid) -> Grid:
    """``grid`` with preliminary school years marked, whether they are its rows or its columns."""
    table = context.contracts.published.get(block.table)
    years = preliminary_years(context, table) if table else frozenset()
    if grid.rows_of == YEAR:
        return replace(grid, rows=marked_preliminary(context, grid.rows, years))
    return replace(grid, columns=marked_preliminary(context, grid.columns, years)) if grid.columns_of == YEAR else grid


def _subtitle(context: Context, block: Block, grid: Grid) -> str:
    """Measure, and what the figure is about where the block fixes it: ``Andel av eleverna · 2020/21``."""
    parts = [_measure(context, block, grid)]
    for dimension, code in grid.at.items():
        label = context.source.label(dimension, code)
        if block.at[dimension] == LATEST:
            table = context.contracts.published.get(block.table)
            late = table is not None and code in preliminary_years(context, table)
            said = context.words("year.preliminary", year=label) if late else label
            parts.append(context.words("at.school_year", school_year=said))
        elif block.at[dimension] != EACH and code != TOTAL:
            parts.append(label)
    if _intervals(context, block, grid):
        parts.append(context.words("interval.note"))
    return " \u00b7 ".join(part for part in parts if part)


def _measure(context: Context, block: Block, grid: Grid) -> str:
    """What is measured; of a share, of whom it is one: that follows from the dimension whose codes share a whole."""
    words, table = context.words, context.contracts.published.get(block.table)
    of = block.share_over or (table.share.dimension if table and table.share else grid.rows_of)
    whose = words.maybe(f"share.{of}") if grid.measure == "share" else ""
    return whose or words(f"measure.{grid.measure}")
