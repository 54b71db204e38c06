"""A system of tables: dimensions with their hierarchies, and which levels each table shows. No counts and no policy here.

The words are those of ``docs/method``: a *system* is everything published together about the same persons; a *cell* is one
combination of codes, one a dimension, with ``Total`` where a dimension is not divided; a *relation* says that a cell is the
sum of others. Contracts are turned into this by ``counting.from_contracts``, a file's own spec by ``disclosure``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from avbrott.table import TOTAL, WINDOW_SEPARATOR


@dataclass(frozen=True)
class Dimension:
    """A dimension: its finest codes, and what each of them belongs to.

    ``members`` has one row a finest code and one String column a level; the column ``finest`` holds the code itself. A code
    with no finer division repeats itself in the finer levels. ``hierarchies`` lists the levels coarse to fine, each list
    ending in ``finest``; several are alternative ways of adding up the same finest codes. With ``total`` false the
    codes are never summed to ``Total`` (school years). ``window`` is the length of rolling windows over the
    codes in their sorted order; a window's code is ``first..last``. ``sequence`` names the slots of the windows where some of
    them have no code (a school year that was never delivered): a window over such a slot does not exist.
    """

    name: str
    members: pl.DataFrame
    hierarchies: tuple[tuple[str, ...], ...]
    total: bool = True
    window: int | None = None
    sequence: tuple[str, ...] = ()

    @property
    def finest(self) -> str:
        """The finest level, shared by all hierarchies."""
        return self.hierarchies[0][-1]

    @property
    def levels(self) -> tuple[str, ...]:
        """Every level once, coarse to fine."""
        return tuple(dict.fromkeys(level for hierarchy in self.hierarchies for level in hierarchy))

    def windows(self) -> dict[str, tuple[str, ...]]:
        """The codes of each rolling window, by the window's code; empty where the dimension has none."""
        if self.window is None:
            return {}
        members = set(self.members[self.finest].to_list())
        slots = self.sequence or tuple(sorted(members))
        runs = (slots[i : i + self.window] for i in range(len(slots) - self.window + 1))
        return {f"{run[0]}{WINDOW_SEPARATOR}{run[-1]}": run for run in runs if members.issuperset(run)}

    def belongs(self, levels: tuple[str, ...], *, windows: bool = False, singles: bool = True) -> pl.DataFrame:
        """Which finest codes each code is made of: columns ``code`` and ``finest``, one row a pair, sorted.

        Codes are those of ``levels`` (left out where ``singles`` is false), ``Total`` where the dimension has one, and
        with ``windows`` its windows.
        """
        finest = pl.col(self.finest).alias("finest")
        parts = [self.members.select(pl.col(level).alias("code"), finest) for level in levels if singles]
        if self.total:
            parts.append(self.members.select(pl.lit(TOTAL).alias("code"), finest))
        if windows:
            pairs = [(window, code) for window, codes in self.windows().items() for code in codes]
            parts.append(pl.DataFrame(pairs, schema={"code": pl.String, "finest": pl.String}, orient="row"))
        return pl.concat(parts).unique().sort("code", "finest") if parts else _NO_CODES


_NO_CODES = pl.DataFrame(schema={"code": pl.String, "finest": pl.String})


@dataclass(frozen=True)
class Table:
    """One table: by dimension the levels it shows.

    A dimension that is not named stands at its total, or at the code that ``where`` gives. ``windows`` names the dimensions
    that are shown in windows, and ``windows_only`` those where the single codes are left out. A ``latent`` table is protected
    and never published: cells of it that no other table has are hidden whatever they hold.
    """

    name: str
    levels: dict[str, tuple[str, ...]]
    where: dict[str, str] = field(default_factory=dict)
    windows: frozenset[str] = frozenset()
    windows_only: frozenset[str] = frozenset()
    latent: bool = False


@dataclass(frozen=True)
class Never:
    """Finest codes of two dimensions that cannot occur together (a code whose horizon is not reached for a school year).

    A coarser code, a window or a total is possible as long as any pair of its finest codes is.
    """

    first: str
    first_codes: frozenset[str]
    second: str
    second_codes: frozenset[str]


@dataclass(frozen=True)
class SystemSpec:
    """Everything that is published together about the same persons.

    ``unpublished``: each entry names codes by dimension; a cell with one of them in every dimension named is counted and is
    no row of a released table ("not known yet", or a sum some of whose parts are not known yet). ``vintage`` names the
    dimension whose codes are vintages, oldest first: the same tables as earlier releases had them, and last as they are now.
    ``observed`` says that the codes are those found in the data, not those of a code list: everybody knows that each of them
    has somebody.
    """

    name: str
    dimensions: dict[str, Dimension]
    tables: tuple[Table, ...]
    never: tuple[Never, ...] = ()
    unpublished: tuple[dict[str, frozenset[str]], ...] = ()
    vintage: str | None = None
    observed: bool = False

    def is_unpublished(self) -> pl.Expr:
        """Of a row with a column a dimension: whether the cell is counted and is no row of a released table."""
        named = (
            pl.all_horizontal(pl.col(name).is_in(sorted(codes)) for name, codes in one.items()) for one in self.unpublished
        )
        return pl.any_horizontal(pl.lit(value=False), *named)


__all__ = ["TOTAL", "Dimension", "Never", "SystemSpec", "Table"]
