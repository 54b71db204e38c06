"""A grid: the cells that one block shows, once. Figure and table are made from the same grid, so they cannot differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from avbrott.table import TOTAL
from avbrott.texts import Language
from dashboards.layout import EACH, LATEST, Axis, Block, Layout
from dashboards.released import NOT_APPLICABLE, Cell, Code, Measure, Released, Status, Table
from dashboards.words import sort_key

YEAR = "school_year"


@dataclass(frozen=True, slots=True)
class Item:
    """A row or a column: its code, its label, and how deep it stands under others."""

    code: str
    label: str
    depth: int = 0
    preliminary: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a block, by row and column. A block without columns has one, whose code is the total's."""

    rows: tuple[Item, ...]
    columns: tuple[Item, ...]
    measures: tuple[Measure, ...]
    """What the table shows of each column; the figure shows the first."""
    cells: dict[tuple[str, str, Measure], Cell]
    at: dict[str, str]
    rows_of: str
    columns_of: str | None
    by_label: tuple[str, ...] = ()
    """The codes of the columns in the order that they are looked up in, where that is another one."""

    @property
    def listed(self) -> tuple[Item, ...]:
        """The columns as they are looked up; series and colours keep the code list's order, the same in every language."""
        places = {code: place for place, code in enumerate(self.by_label)}
        return tuple(sorted(self.columns, key=lambda column: places.get(column.code, len(places))))

    @property
    def measure(self) -> Measure:
        return self.measures[0]

    def cell(self, row: Item, column: Item, measure: Measure | None = None) -> Cell:
        """The cell where ``row`` and ``column`` meet, of the figure's measure if no other is asked for."""
        return self.cells[row.code, column.code, measure or self.measure]

    def leads(self, row: Item) -> bool:
        """Whether ``row`` is the sum of the rows that stand deeper below it, or of all: it is not one of many alike."""
        place = self.rows.index(row)
        return row.code == TOTAL or (place + 1 < len(self.rows) and self.rows[place + 1].depth > row.depth)

    @property
    def drawn_statuses(self) -> set[Status]:
        """Which statuses occur in the measure that is drawn."""
        return {cell.status for (_, _, measure), cell in self.cells.items() if measure == self.measure}

    @property
    def statuses(self) -> set[Status]:
        """Which statuses occur."""
        return {cell.status for cell in self.cells.values()}


def number(cell: Cell, measure: Measure) -> float | None:
    """What is drawn: persons, or a share in percent. None, and never 0, for what is not shown."""
    if cell.value is None:
        return None
    return float(Decimal(cell.value) * 100) if measure == "share" else float(cell.value)


@dataclass(frozen=True, slots=True)
class Source:
    """A release seen in one language, from which grids are cut."""

    released: Released
    layout: Layout
    language: Language
    totals: dict[str, str]
    """The label of each dimension's total."""

    def label(self, dimension: str, code: str) -> str:
        """The label of a code: that of its code list, its dimension's total, or the code itself (school years)."""
        if code == TOTAL:
            return self.totals.get(dimension, code)
        found = self.released.codelists.get(dimension, {}).get(code)
        return found.labels[self.language] if found else code.replace("..", "\u2013")

    def pages(self, axis: Axis, tables: Iterable[Table]) -> tuple[Item, ...]:
        """The codes of ``axis`` that any of ``tables`` holds: those that a page each is made for."""
        cells: dict[tuple[str, ...], Cell] = {
            (code,): NOT_APPLICABLE for table in tables for code in table.codes.get(axis.dimension, ())
        }
        return self.items(axis, Table("", (axis.dimension,), cells))

    def items(self, axis: Axis, table: Table, *, by_label: bool = True) -> tuple[Item, ...]:
        """The codes of ``axis`` that ``table`` holds, each under its parent: in reading order, or that of the code list."""
        there = table.codes.get(axis.dimension, frozenset()).difference(axis.without)
        listed = self.released.codelists.get(axis.dimension, {})
        if axis.under:
            there = frozenset(code for code in there if code == TOTAL or axis.under in _upwards(code, listed))
        if axis.codes:
            chosen = [Item(code, self.label(axis.dimension, code)) for code in axis.codes if code in there]
        elif listed and axis.dimension != YEAR:
            wanted = {code: found for code, found in listed.items() if code in there and code != TOTAL}
            if axis.levels:
                wanted = {code: found for code, found in wanted.items() if found.level in axis.levels}
            chosen = self._tree(axis.dimension, _without_doubles(wanted), by_label=by_label)
        else:
            chosen = [Item(code, self.label(axis.dimension, code)) for code in sorted(there - {TOTAL})]
        if axis.total and TOTAL in there:
            chosen.insert(0, Item(TOTAL, self.label(axis.dimension, TOTAL)))
        return tuple(chosen)

    def _tree(self, dimension: str, codes: dict[str, Code], *, by_label: bool) -> list[Item]:
        """Parents before their children, siblings by label where the layout says so."""
        order = list(codes.values())
        if by_label and dimension in self.layout.by_label:
            order.sort(key=lambda code: sort_key(code.labels[self.language]))
        found: list[Item] = []

        def add(parent: str | None, depth: int) -> None:
            for code in order:
                if (code.parent if code.parent in codes else None) == parent:
                    found.append(Item(code.code, code.labels[self.language], depth))
                    add(code.code, depth + 1)

        add(None, 0)
        return found

    def _standing_for(self, table: Table, dimension: str, code: str) -> str:
        """``code``, or the only-child's parent that is the same persons in a table that does not divide so finely."""
        listed = self.released.codelists.get(dimension, {})
        found = listed.get(code)
        if found is None or code in table.codes.get(dimension, ()):
            return code
        siblings = [other for other in listed.values() if other.parent == found.parent]
        return found.parent if len(siblings) == 1 and found.parent else code

    def grid(self, block: Block, each: str | None = None) -> Grid | None:
        """Cut the block's cells; None where the release has no such table or the table nothing on it."""
        table = self.released.tables.get(block.table)
        if table is None:
            return None
        at = {d: self._standing_for(table, d, each) if code == EACH and each else code for d, code in block.at.items()}
        if any(code not in table.codes.get(dimension, ()) for dimension, code in at.items() if code != LATEST):
            return None
        rows = self.items(block.rows, table)
        columns = self.items(block.columns, table, by_label=False) if block.columns else (Item(TOTAL, self.label("", TOTAL)),)
        measures = tuple(m for m in _measures(block.measure) if m in table.measures)
        if not rows or not columns or not measures:
            return None
        cut = _Cut(table, block, rows, columns, measures)
        if at.get(YEAR) == LATEST:
            years = sorted(table.codes.get(YEAR, ()), reverse=True)
            at[YEAR] = next((year for year in years if cut.says_something(at | {YEAR: year})), years[0] if years else "")
        if not cut.says_something(at):
            return None
        rows, columns = cut.kept(at)
        cut = replace(cut, rows=_last(rows, block.rows), columns=_last(columns, block.columns))
        return Grid(
            cut.rows, cut.columns, measures, cut.cells(at), at, block.rows.dimension,
            block.columns.dimension if block.columns else None,
            tuple(item.code for item in self.items(block.columns, table)) if block.columns else (),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cut:
    """The cells that a block's rows and columns meet in, at given codes of the other dimensions."""

    table: Table
    block: Block
    rows: tuple[Item, ...]
    columns: tuple[Item, ...]
    measures: tuple[Measure, ...]

    def cells(self, at: dict[str, str]) -> dict[tuple[str, str, Measure], Cell]:
        return {
            (row.code, column.code, measure): self._cell(at, row, column, measure)
            for row in self.rows
            for column in self.columns
            for measure in self.measures
        }

    def _cell(self, at: dict[str, str], row: Item, column: Item, measure: Measure) -> Cell:
        place = at | {self.block.rows.dimension: row.code}
        if self.block.columns:
            place[self.block.columns.dimension] = column.code
        return self.table.cell(place, measure)

    def says_something(self, at: dict[str, str]) -> bool:
        """Whether a cell can occur. A total alone says nothing where its parts are what is asked for."""
        return bool(self._telling(at))

    def kept(self, at: dict[str, str]) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
        """Rows and columns without those at either end that cannot occur: years before a measure begins or is known."""
        telling = self._telling(at)
        return _between(self.rows, {row for row, _ in telling}), _between(self.columns, {column for _, column in telling})

    def _telling(self, at: dict[str, str]) -> set[tuple[str, str]]:
        totals = {items: len(items) == 1 for items in (self.rows, self.columns)}
        return {
            (row, column)
            for (row, column, _), cell in self.cells(at).items()
            if cell.status != "not_applicable"
            and (row != TOTAL or totals[self.rows])
            and (column != TOTAL or totals[self.columns])
        }


def _between(items: tuple[Item, ...], codes: set[str]) -> tuple[Item, ...]:
    """The items from the first to the last of ``codes``, and a total that stands before them."""
    kept = [place for place, item in enumerate(items) if item.code in codes]
    head = items[:1] if items[0].code == TOTAL and kept[0] > 0 else ()
    return head + items[kept[0] : kept[-1] + 1]


def _last(items: tuple[Item, ...], axis: Axis | None) -> tuple[Item, ...]:
    return items[-axis.last :] if axis and axis.last else items


def _upwards(code: str, listed: dict[str, Code]) -> list[str]:
    """``code`` and those that it stands under."""
    found = [code]
    while (parent := listed[found[-1]].parent if found[-1] in listed else "") and parent not in found:
        found.append(parent)
    return found


def _measures(first: Measure) -> tuple[Measure, ...]:
    return ("share", "persons") if first == "share" else ("persons",)


def _without_doubles(codes: dict[str, Code]) -> dict[str, Code]:
    """Without each parent that has a single child among ``codes``: both would be the same persons under two names."""
    children: dict[str, int] = {}
    for code in codes.values():
        children[code.parent] = children.get(code.parent, 0) + 1
    return {name: code for name, code in codes.items() if children.get(name) != 1}
