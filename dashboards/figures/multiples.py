"""Small multiples: one small chart a municipality, all on one scale, each beside the line of the county.

Where single school years are not shown, the rate of three pooled ones stands in as a level line over them. Drawn as SVG by a
template; places in a chart are in its own units, y from the top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from dashboards.grids import Grid, Item
from dashboards.reading import absent, lowered, spans, summary
from dashboards.released import Cell, Status
from dashboards.words import Words

WIDTH, HEIGHT, TOP, FLOOR, SIGNS, SIDE = 160, 84, 6, 66, 76, 6
"""Size of a chart, its highest point, its axis, where signs stand, and the room at its sides."""
STEP = Decimal("0.02")
TICKS = 4
WINDOW = ".."


@dataclass(frozen=True, slots=True)
class Panel:
    """One small chart."""

    label: str
    href: str
    lines: tuple[str, ...]
    """The points of each unbroken run of school years."""
    dots: tuple[tuple[float, float], ...]
    pooled: tuple[tuple[float, float, float], ...]
    """From, to and height of each level line."""
    signs: tuple[tuple[float, Status], ...]
    spoken: str


@dataclass(frozen=True, slots=True)
class Multiples:
    """All charts, and what they share."""

    panels: tuple[Panel, ...]
    whole: tuple[str, ...]
    """The county's line."""
    whole_label: str
    ticks: tuple[float, ...]
    first: str
    last: str
    scale: str
    statuses: tuple[Status, ...]
    sentences: tuple[str, ...]
    """What the charts show, in short."""
    breaks: tuple[float, ...]
    """Where the series break."""
    size: tuple[int, int, int, int] = (WIDTH, HEIGHT, FLOOR, SIGNS)

    @property
    def pooled(self) -> bool:
        """Whether a pooled rate is drawn anywhere."""
        return any(panel.pooled for panel in self.panels)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From school years and shares to places."""

    years: tuple[str, ...]
    top: Decimal
    broken: frozenset[str]
    """The school years before which the series break."""

    @property
    def breaks(self) -> tuple[float, ...]:
        """The places between the school years where they do."""
        between = zip(self.years, self.years[1:], strict=False)
        return tuple(round((self.x(now) + self.x(then)) / 2, 1) for now, then in between if then in self.broken)

    def x(self, year: str) -> float:
        return round(SIDE + self.years.index(year) * (WIDTH - 2 * SIDE) / max(len(self.years) - 1, 1), 1)

    def y(self, share: str | Decimal) -> float:
        return round(FLOOR - float(Decimal(share) / self.top) * (FLOOR - TOP), 1)


def multiples(
    grid: Grid,
    whole: Item,
    pooled: Mapping[tuple[str, str], Cell],
    hrefs: Mapping[str, str],
    words: Words,
    breaks: Sequence[str] = (),
) -> Multiples:
    """The columns of ``grid`` but ``whole``, over its rows (school years); ``pooled`` by window and code.

    ``breaks``: the school years before which the series break.
    """
    shown = [cell.value for (_, _, measure), cell in grid.cells.items() if cell.value is not None and measure == grid.measure]
    shown += [cell.value for cell in pooled.values() if cell.value is not None]
    top = (max(map(Decimal, shown), default=STEP) / STEP).to_integral_value(ROUND_CEILING) * STEP or STEP
    scale = _Scale(tuple(row.code for row in grid.rows), top, frozenset(breaks))
    ticks = _ticks(top)
    drawn = tuple(
        _panel(grid, column, _stand_ins(grid, column, pooled), scale, hrefs.get(column.code, ""), words)
        for column in grid.listed
        if column != whole
    )
    return Multiples(
        drawn,
        _runs(grid, whole, scale),
        whole.label,
        tuple(scale.y(tick) for tick in ticks),
        grid.rows[0].label,
        grid.rows[-1].label,
        words("multiples.scale", top=_level(top, words), ticks=", ".join(_level(tick, words) for tick in ticks)),
        tuple(sorted({status for panel in drawn for _, status in panel.signs})),
        tuple(_sentences(grid, whole, pooled, words)),
        scale.breaks,
    )


def _sentences(grid: Grid, whole: Item, pooled: Mapping[tuple[str, str], Cell], words: Words) -> list[str]:
    """The line of the whole; highest and lowest of the last school year that shows any; how many show none and why."""
    own = [column for column in grid.listed if column != whole]
    found = spans(grid, words, [whole]) if whole in grid.columns else []
    telling = [row for row in grid.rows if any(grid.cell(row, column).value is not None for column in own)]
    if telling:
        row = telling[-1]
        cells = {(one.code, row.code, grid.measure): grid.cell(row, one) for one in own}
        turned = replace(
            grid, rows=tuple(own), columns=(row,), measures=(grid.measure,), cells=cells, columns_of=grid.rows_of
        )
        found += [f"{row.label}: {lowered(text)}" for text in summary(turned, words, over_time=False)]
        found += absent(list(cells.values()), words, "multiples.absent", year=row.label)
    else:
        found += absent([grid.cell(row, one) for row in grid.rows for one in own], words, "summary.absent")
    stands = sum(bool(_stand_ins(grid, column, pooled)) for column in own)
    return found + ([words("multiples.stand_ins", count=words.whole(stands))] if stands else [])


def _level(share: Decimal, words: Words) -> str:
    """A share that a line is at, without decimals where it has none."""
    whole = 100 * share == (100 * share).to_integral_value()
    return words.decimal(100 * share, 0) + words.percent if whole else words.share(str(share))


def _ticks(top: Decimal) -> list[Decimal]:
    """Where there are lines across: at whole steps, about ``TICKS`` of them."""
    steps = int(top / STEP)
    every = -(-steps // TICKS)
    return [STEP * step for step in range(every, steps + 1, every)]


def _panel(
    grid: Grid, column: Item, stand_ins: Sequence[tuple[str, str, str]], scale: _Scale, href: str, words: Words
) -> Panel:
    signs = [(row.code, grid.cell(row, column).status) for row in grid.rows if grid.cell(row, column).value is None]
    said = spans(grid, words, [column])
    said += [words("multiples.pooled", first=first, last=last, share=words.share(share)) for first, last, share in stand_ins]
    if len(signs) < len(grid.rows):
        for status in dict.fromkeys(status for _, status in signs if status != "not_applicable"):
            years = ", ".join(row.label for row in grid.rows if grid.cell(row, column).status == status)
            said.append(f"{words(f'status.{status}.name')}: {years}.")
    return Panel(
        column.label,
        href,
        _runs(grid, column, scale),
        tuple((scale.x(row.code), scale.y(value)) for row in grid.rows if (value := grid.cell(row, column).value)),
        tuple((scale.x(first), scale.x(last), scale.y(share)) for first, last, share in stand_ins),
        tuple((scale.x(year), status) for year, status in signs if status != "not_applicable"),
        " ".join(said),
    )


def _runs(grid: Grid, column: Item, scale: _Scale) -> tuple[str, ...]:
    """The points of each run of at least two shown school years that follow each other without a break."""
    runs: list[list[str]] = [[]]
    for row in grid.rows:
        value = grid.cell(row, column).value
        if value is None or row.code in scale.broken:
            runs.append([])
        if value is not None:
            runs[-1].append(f"{scale.x(row.code)},{scale.y(value)}")
    return tuple(" ".join(run) for run in runs if len(run) > 1)


def _stand_ins(grid: Grid, column: Item, pooled: Mapping[tuple[str, str], Cell]) -> list[tuple[str, str, str]]:
    """First and last school year and rate of the fewest windows that cover what is not shown of ``column``, oldest first.

    From the newest school year that is not shown on: the window that covers the most of those left, and of these the newest.
    """
    years = [row.code for row in grid.rows]
    left = [row.code for row in grid.rows if grid.cell(row, column).value is None]
    windows = {
        window: set(years[years.index(ends[0]) : years.index(ends[1]) + 1])
        for (window, code), cell in pooled.items()
        if code == column.code and cell.value is not None and set(ends := window.split(WINDOW)) <= set(years)
    }
    found = []
    while left:
        fitting = [window for window, within in windows.items() if left[-1] in within]
        best = max(fitting, key=lambda window: (len(windows[window].intersection(left)), window), default=None)
        if best is None:
            left.pop()
            continue
        left = [year for year in left if year not in windows[best]]
        found.append(best)
    return [(*_ends(window), str(pooled[window, column.code].value)) for window in sorted(found)]


def _ends(window: str) -> tuple[str, str]:
    first, _, last = window.partition(WINDOW)
    return first, last
