"""How a cell reads: its figure, or the reason why there is none. The same words in tables, figures and summaries."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from avbrott.table import TOTAL
from dashboards.grids import Grid, Item
from dashboards.released import Cell, Measure
from dashboards.words import Words

MOST = 6
"""Of so many lines at most something is said, as many as can be told apart; of so many at most that lie alike, which."""


def read_cell(cell: Cell, measure: Measure, words: Words) -> str:
    """The figure as it is written, or the one sentence that its status always has."""
    if cell.value is None:
        return words(f"status.{cell.status}.sentence")
    return words.share(cell.value) if measure == "share" else words.whole(cell.value)


def mark(cell: Cell, words: Words) -> str:
    """The short mark of a cell that is not shown, as the legend explains it."""
    return words(f"status.{cell.status}.mark")


def summary(grid: Grid, words: Words, *, over_time: bool, drawn: Collection[str] | None = None) -> list[str]:
    """What the figure shows, in sentences: the first and last value of each line, or the highest and lowest of the bars."""
    if over_time:
        return spans(grid, words, [column for column in grid.columns if drawn is None or column.code in drawn][:MOST])
    return _extremes(grid, words)


def spans(grid: Grid, words: Words, columns: Sequence[Item]) -> list[str]:
    """The first and last shown value of each of ``columns``, a sentence each; none of a column with fewer than two."""
    found = []
    for column in columns:
        shown = [row for row in grid.rows if grid.cell(row, column).status == "shown"]
        if len(shown) > 1:
            found.append(
                words(
                    "summary.span",
                    series=column.label,
                    first=read_cell(grid.cell(shown[0], column), grid.measure, words),
                    first_at=shown[0].label,
                    last=read_cell(grid.cell(shown[-1], column), grid.measure, words),
                    last_at=shown[-1].label,
                )
            )
    return found


def _extremes(grid: Grid, words: Words) -> list[str]:
    """The highest and the lowest of the bars as they are written, all that lie alike; that sums are set aside is said."""
    column = grid.columns[-1]
    rows = [row for row in grid.rows if not grid.leads(row)]
    shown = [(float(cell.value), row) for row in rows if (cell := grid.cell(row, column)).value is not None]
    if len(shown) < 2:
        return []
    ends = {"low": min(shown, key=lambda pair: pair[0])[1], "high": max(shown, key=lambda pair: pair[0])[1]}
    told = {}
    for end, extreme in ends.items():
        written = read_cell(grid.cell(extreme, column), grid.measure, words)
        alike = [row for _, row in shown if read_cell(grid.cell(row, column), grid.measure, words) == written]
        told[f"{end}_value"] = written
        told[end] = (
            ", ".join(row.label for row in alike)
            if len(alike) <= MOST
            else words("summary.alike", count=words.whole(len(alike)))
        )
    of = f"{column.label}: " if len(grid.columns) > 1 else ""
    if told["low_value"] == told["high_value"]:
        return [of + words("summary.all_alike", value=told["low_value"])]
    has_sums = any(row.code != TOTAL and grid.leads(row) for row in grid.rows)
    return [of + words("summary.extremes_parts" if has_sums else "summary.extremes", **told)]
