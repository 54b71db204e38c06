"""SPEC and base cells turned into the engine's spec, in names of the border's own: ``d0``, ``d1`` ... and ``l0``, ``l1`` ...

A dimension or column may so be called anything: ``count``, ``status``, ``delta``. Not here: counts (``cube``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.errors import BadInput
from avbrott.policy import Policy
from avbrott.table import TOTAL
from avbrott.tabular.order import in_order
from avbrott.tabular.read import Base
from avbrott.tabular.spec import ALL, Crossing, Spec, file_names
from avbrott.tabular.spec_file import SpecFile

SYSTEM = "SPEC"
"""What the engine calls the system in its messages."""


WINDOWS = "~"
"""Stands among levels for a dimension's windows."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The engine's spec, and the dimensions' names in SPEC by the engine's."""

    system: SystemSpec
    names: dict[str, str]

    def named(self, frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
        """``frame`` with the dimensions' own names, in a file whose other columns are ``columns``."""
        outside = dict(zip(self.names, file_names(list(self.names.values()), columns), strict=True))
        return frame.rename({name: outside[name] for name in self.names if name in frame.columns})

    def unnamed(self, frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
        """A file's frame with the engine's names; a dimension that the file does not have is left out."""
        outside = dict(zip(file_names(list(self.names.values()), columns), self.names, strict=True))
        return frame.rename({name: inside for name, inside in outside.items() if name in frame.columns})

    def told(self, cell: dict[str, str]) -> str:
        """A cell in words: the dimensions that divide it, and their codes."""
        return ", ".join(f"{self.names[d]}={code}" for d, code in cell.items() if code != TOTAL) or TOTAL

    def level_of(self, dimension: str) -> dict[str, str]:
        """By code of a dimension (the engine's name) its level; a window's is ``WINDOWS``, the total's empty."""
        found = self.system.dimensions[dimension]
        levels = {code: level for level in found.levels for code in found.members[level].to_list()}
        return levels | dict.fromkeys(found.windows(), WINDOWS) | ({TOTAL: ""} if found.total else {})


def engine_policy(spec: Spec, layout: Layout) -> Policy:
    """The policy of ``spec`` in the engine's names."""
    columns = {column: f"l{place}" for place, column in enumerate(spec.columns)}
    level = columns.get(spec.provider_column or "")
    return spec.policy.policy({outside: name for name, outside in layout.names.items()}, level)


def refuse_windows(spec: SpecFile, layout: Layout) -> None:
    """``BadInput`` where a window is longer than its dimension, or has the name of a code or of another window."""
    for name, dimension in layout.system.dimensions.items():
        if dimension.window is not None:
            outside = layout.names[name]
            place = {"file": spec.path, "line": spec.line("windows", outside), "dimension": outside}
            if dimension.members.height < dimension.window:
                raise BadInput("WINDOW_TOO_LONG", **place, codes=dimension.members.height)
            codes = {code for level in dimension.levels for code in dimension.members[level].to_list()}
            windows = dimension.windows()
            if codes & windows.keys() or len(windows) < dimension.members.height - dimension.window + 1:
                raise BadInput("WINDOW_CODE_TAKEN", **place)


def lay_out(spec: Spec, base: Base) -> Layout:
    """The engine's spec of ``spec``, with the codes of the base cells."""
    columns = {column: f"l{place}" for place, column in enumerate(spec.columns)}
    names = {f"d{place}": name for place, name in enumerate(spec.dimensions)}
    dimensions = {name: _dimension(spec, base, outside, name, columns) for name, outside in names.items()}
    tables = asked_tables(spec)
    tables += _joining(dimensions, tables)
    return Layout(SystemSpec(SYSTEM, dimensions, tuple(_numbered(tables)), observed=True), names)


def asked_tables(spec: Spec) -> list[Table]:
    """The tables that ``spec`` asks for, those to publish first: in names of the border's own."""
    columns = {column: f"l{place}" for place, column in enumerate(spec.columns)}
    inside = {name: f"d{place}" for place, name in enumerate(spec.dimensions)}
    every: Crossing = dict.fromkeys(spec.dimensions, None)
    tables = [_table(spec, crossing, inside, columns, latent=False) for crossing in spec.tables or (every,)]
    tables += [_table(spec, crossing, inside, columns, latent=True) for crossing in spec.latent]
    return _numbered(tables)


def with_tables(layout: Layout, tables: Iterable[Table]) -> Layout:
    """``layout`` with latent ``tables`` besides: cells that must be reckoned with, and are no row of a published table."""
    every = [*layout.system.tables, *tables]
    joining = [table for table in _joining(layout.system.dimensions, every) if not any(_has(one, table) for one in every)]
    return replace(layout, system=replace(layout.system, tables=tuple(_numbered([*every, *joining]))))


def _dimension(spec: Spec, base: Base, outside: str, name: str, columns: dict[str, str]) -> Dimension:
    levels = [columns[level] for level in spec.levels(outside)]
    members = base.frame.select(levels).unique().sort(levels)
    finest = columns[spec.dimensions[outside][0][-1]]
    codes = members[finest].unique().sort().to_list()
    return Dimension(
        name=name,
        members=members,
        hierarchies=tuple(tuple(columns[level] for level in hierarchy) for hierarchy in spec.dimensions[outside]),
        total=spec.is_additive(outside),
        window=spec.windows.get(outside),
        sequence=in_order(codes),
    )


def _joining(dimensions: dict[str, Dimension], tables: list[Table]) -> list[Table]:
    """Latent tables by the finest level, where there are levels of several hierarchies without it.

    Codes of the one hierarchy add up to codes of the other by way of the finest codes alone. Tables that have no levels of
    another dimension in common meet at its total, and are joined there.
    """
    found = []
    for table in tables:
        more = {}
        for name, levels in table.levels.items():
            met = [(other, totals) for other in tables if (totals := _meet(dimensions, table, other, name)) is not None]
            joined: list[frozenset[str]] = []
            for totals in sorted({totals for _, totals in met}, key=lambda names: (len(names), sorted(names))):
                beside = {level for other, names in met if names <= totals for level in other.levels.get(name, ())}
                if any(one <= totals for one in joined) or _is_joined(dimensions[name], levels, beside):
                    continue
                joined.append(totals)
                if totals:
                    kept = {other: own for other, own in table.levels.items() if other not in totals}
                    kept[name] = (*levels, dimensions[name].finest)
                    found.append(replace(table, levels=kept, windows=table.windows & kept.keys(), latent=True))
                else:
                    more[name] = (*levels, dimensions[name].finest)
        if more:
            found.append(replace(table, levels=table.levels | more, latent=True))
    return found


def _has(one: Table, other: Table) -> bool:
    """Whether the one table has every row of the other."""
    return other.windows <= one.windows and all(
        set(own) <= set(one.levels.get(name, ())) for name, own in other.levels.items()
    )


def _is_joined(dimension: Dimension, levels: tuple[str, ...], beside: set[str]) -> bool:
    """Whether ``levels`` have the finest, or all that stand ``beside`` them are of one hierarchy."""
    others = beside - {dimension.finest}
    return dimension.finest in levels or any(others <= set(one) for one in dimension.hierarchies)


def _meet(dimensions: dict[str, Dimension], one: Table, other: Table, beside: str) -> frozenset[str] | None:
    """The dimensions but ``beside`` that two tables both divide, and have rows in common of at the total alone.

    None where one of these has no total: then they have no rows in common.
    """
    both = (one.levels.keys() & other.levels.keys()) - {beside}
    totals = frozenset(name for name in both if not set(one.levels[name]) & set(other.levels[name]))
    return totals if all(dimensions[name].total for name in totals) else None


def _table(spec: Spec, crossing: Crossing, inside: dict[str, str], columns: dict[str, str], *, latent: bool) -> Table:
    levels = {}
    windows = set()
    for outside, chosen in crossing.items():
        wanted = spec.levels(outside) if chosen is None else chosen
        if wanted:
            levels[inside[outside]] = tuple(columns[level] for level in spec.levels(outside) if level in wanted)
        if outside in spec.windows and spec.dimensions[outside][0][-1] in wanted:
            windows.add(inside[outside])
    words = (f"{name}: {ALL if levels is None else '+'.join(levels)}" for name, levels in crossing.items())
    return Table(" x ".join(words), levels, windows=frozenset(windows), latent=latent)


def _numbered(tables: Iterable[Table]) -> list[Table]:
    """Each table under a name of its own: its number, and what it is divided by."""
    return [replace(table, name=f"{place}. {table.name.split('. ', 1)[-1]}") for place, table in enumerate(tables, start=1)]
