"""Release contracts: dimensions, systems of tables that share persons, and one contract a published table.

Files: ``contracts/dimensions.yaml``, ``contracts/systems.yaml``, ``contracts/releases/<table>.yaml`` and
``contracts/series_breaks.yaml``.
Counting them is ``counting``'s, protecting them ``disclosure``'s, writing them ``release``'s.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from avbrott.model import Model, Text
from avbrott.periods import SchoolYear
from avbrott.suppliers import SupplierKind

TOTAL = "Total"
"""The reserved code of a dimension's total."""

OTHER = "other"
"""The code of a dimension of school units for everybody at another one."""

Audience = Literal["public", "school", "comparison"]
"""Who sees a table: anyone; each school its own rows alone; nobody, but schools see what is derived of it."""

WINDOW_SEPARATOR = ".."
"""Between the first and the last school year of a pooled window: ``2012/13..2014/15``."""


class DimensionContract(Model):
    """A dimension of released tables. Its codes are those of a glossary term."""

    name: str
    term: str
    column: str | None = None
    """The column of the linked table that holds the finest code; empty: ``name``."""
    levels: tuple[str, ...]
    """Levels of the term's code list, coarse to fine; a code with no finer division stands for itself below."""
    sums: tuple[str, ...] = ()
    """Levels of codes that are sums (``Code.sum_of``), coarse to fine: a second way of adding up the same finest codes."""
    total: Text | None = None
    """Label of the total; empty: there is no total over this dimension."""
    ordered: bool = False
    window: int | None = None
    """Length of rolling windows over an ordered dimension."""
    units_of: tuple[SupplierKind, ...] = ()
    """The codes are the school units of suppliers of these kinds, not those of a code list."""
    other: Text | None = None
    """Label of the code for persons at no such unit, or at one outside its time."""

    @property
    def every_level(self) -> tuple[str, ...]:
        """The levels of the hierarchy, then those of sums."""
        return self.levels + self.sums


class Delivery(Model):
    """The deliveries that a system's figures rest on, by the codes of one dimension. Without them they are not delivered."""

    extract: str
    dimension: str
    suppliers: dict[str, tuple[str, ...]] = {}
    """By code, who delivers for it; empty: the codes are municipalities, and each rests on its own."""
    terms: int = 3
    """How many of a school year's needed terms, from the first."""


class SystemContract(Model):
    """Tables over the same persons: they are counted from the same base cells and protected together."""

    name: str
    source: str
    """The linked table it counts."""
    count: str | None = None
    """The column that holds counts; empty: one row is one person."""
    period: str
    """The dimension whose values are frozen once published."""
    dimensions: tuple[str, ...]
    unit: Text
    policy: str = "default"
    delivery: Delivery | None = None


class TableDimension(Model):
    """A dimension as one table uses it."""

    dimension: str
    levels: tuple[str, ...] = ()
    """The levels shown; empty: all, those of sums among them. The total is shown where the dimension has one."""
    windows: Literal["no", "also", "only"] = "no"


class Share(Model):
    """A derived rate: cells over the total of ``dimension``, from shown figures only."""

    dimension: str
    codes: tuple[str, ...] = ()
    """Of which codes a share is shown; empty: of all."""


class TableContract(Model):
    """A published table."""

    name: str
    system: str | None
    """Empty for a table about deliveries, which counts no persons."""
    title: Text
    description: Text
    dimensions: tuple[TableDimension, ...]
    where: dict[str, str] = {}
    """The part of the system's persons that the table is about: one code of each named dimension."""
    share: Share | None = None
    audience: Audience = "public"
    notes: tuple[Text, ...] = ()


class FirstKnown(Model):
    """What ``dimension`` says is known from the second delivered school year on: figures by it break there."""

    dimension: str
    title: Text
    text: Text

    def concerns(self, table: TableContract) -> bool:
        """Whether the figures of ``table`` are on both sides of the break: it is of one code, or divided by all."""
        return self.dimension in (*table.where, *(used.dimension for used in table.dimensions))


class SeriesBreak(Model):
    """From the school year that holds ``date`` on, figures are not fully comparable with those before."""

    id: str
    date: date
    """When the law, the code list or the measurement changed."""
    systems: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    """Only tables divided by one of these are concerned; empty: all of the systems' tables."""
    codes: tuple[str, ...] = ()
    """Only figures that hold one of these codes of ``dimensions`` are concerned; empty: all that are divided by one."""
    title: Text
    text: Text
    source: str

    @property
    def school_year(self) -> SchoolYear:
        """The first school year on the other side of the break; a school year turns in July."""
        return SchoolYear(self.date.year if self.date.month >= 7 else self.date.year - 1)

    def concerns(self, table: TableContract) -> bool:
        """Whether the figures of ``table`` are on both sides of the break."""
        divided = {used.dimension for used in table.dimensions}
        return table.system in self.systems and (not self.dimensions or not divided.isdisjoint(self.dimensions))
