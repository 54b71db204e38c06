"""How a cell reads: its figure, or the reason why there is none. The same words in tables, figures and summaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from avbrott.table import TOTAL
from dashboards.grids import Grid, Item
from dashboards.released import STATUSES, Cell, Measure, Status
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
    """The first and last shown value of each of ``columns``, a sentence each; of fewer the only one, or why none is."""
    found = []
    for column in columns:
        cells = [grid.cell(row, column) for row in grid.rows]
        shown = [row for row, cell in zip(grid.rows, cells, strict=True) if cell.status == "shown"]
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
        elif shown:
            written = read_cell(grid.cell(shown[0], column), grid.measure, words)
            found.append(words("summary.one", series=column.label, value=written, at=shown[0].label))
        else:
            found.append(nothing(column, cells, words))
    return found


def nothing(series: Item, cells: Iterable[Cell], words: Words) -> str:
    """That no figure of ``series`` is shown, and the reasons."""
    reasons = ", ".join(_reason(status, words) for status, _ in reasons_of(cells))
    return words("summary.nothing", series=series.label, reasons=reasons)


def absent(cells: Sequence[Cell], words: Words, key: str, **parameters: str) -> list[str]:
    """The sentence ``key`` on how many of ``cells`` are not shown and why; nothing where all are that can be."""
    found = [(status, count) for status, count in reasons_of(cells) if status != "not_applicable"]
    if not found:
        return []
    possible = sum(cell.status != "not_applicable" for cell in cells)
    reasons = ", ".join(f"{_reason(status, words)}: {words.whole(count)}" for status, count in found)
    count = words.whole(sum(count for _, count in found))
    return [words(key, count=count, of=words.whole(possible), reasons=reasons, **parameters)]


def reasons_of(cells: Iterable[Cell]) -> list[tuple[Status, int]]:
    """The statuses of what is not shown of ``cells`` and how many have each, in the order that statuses always have."""
    counts = Counter(cell.status for cell in cells if cell.value is None)
    return [(status, counts[status]) for status in STATUSES if counts[status]]


def _reason(status: Status, words: Words) -> str:
    return lowered(words(f"status.{status}.name"))


def lowered(name: str) -> str:
    """``name`` as it is written within a sentence."""
    return name[:1].lower() + name[1:]


def _extremes(grid: Grid, words: Words) -> list[str]:
    """The highest and the lowest of the bars as they are written, all that lie alike; that sums are set aside is said.

    Of the last column that shows anything. Where one bar alone is shown it is told; sums, where they are all that is.
    """
    told_of = [column for column in grid.columns if any(grid.cell(row, column).value is not None for row in grid.rows)]
    if not told_of:
        return []
    column = told_of[-1]
    of = f"{column.label}: " if len(grid.columns) > 1 else ""
    everything = [row for row in grid.rows if grid.cell(row, column).value is not None]
    rows = [row for row in everything if not grid.leads(row)]
    if len(rows) < 2:
        only = rows or everything
        read = [f"{row.label}, {read_cell(grid.cell(row, column), grid.measure, words)}" for row in only[:MOST]]
        return [of + words("summary.only", what="; ".join(read))]
    shown = [(float(value), row) for row in rows if (value := grid.cell(row, column).value) is not None]
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
    if told["low_value"] == told["high_value"]:
        return [of + words("summary.all_alike", value=told["low_value"])]
    has_sums = any(row.code != TOTAL and grid.leads(row) for row in grid.rows)
    return [of + words("summary.extremes_parts" if has_sums else "summary.extremes", **told)]
