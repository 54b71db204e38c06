"""From protected cells to one released table: every combination of codes, and a figure or the reason why there is none.

Numbers come from shown cells alone; nothing here decides what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.policy import Policy
from avbrott.release.codes import CodeList, table_codes
from avbrott.table import TOTAL, TableContract

if TYPE_CHECKING:  # the engine needs a solver; who reads a release does not
    from avbrott.disclosure.protect import Protection

PERSONS = "persons"
SHARE = "share"
MEASURE_COLUMNS = ("measure", "value", "status")

SHOWN = "shown"
HIDDEN = "hidden"
UNRELIABLE = "unreliable"
NOT_DELIVERED = "not_delivered"
NOT_APPLICABLE = "not_applicable"
STATUSES = (SHOWN, HIDDEN, UNRELIABLE, NOT_DELIVERED, NOT_APPLICABLE)

SHARE_UNITS = 10_000
"""A share has four decimals, rounded half up."""


@dataclass(frozen=True)
class Protected:
    """One system, as the engine left it.

    ``withheld`` has the system's dimensions and ``status``: cells whose deliveries did not come, and why
    (``deliveries.withheld_cells``). They are never shown, whatever the engine decided: showing less than it allows is safe.
    """

    spec: SystemSpec
    policy: Policy
    protection: Protection
    withheld: pl.DataFrame = field(default_factory=pl.DataFrame)


def released_table(table: TableContract, system: Protected, lists: dict[str, CodeList]) -> pl.DataFrame:
    """The long table: String columns, one a dimension of ``table`` in its order, then ``measure``, ``value``, ``status``.

    ``value`` is null unless ``status`` is shown; persons are whole, shares have four decimals. Rows are in the order of the
    code lists, a combination's persons before its share.
    """
    names = [use.dimension for use in table.dimensions]
    persons = _persons(table, names, system, lists).with_row_index("place")
    parts = [_written(persons, names, pl.col("count").cast(pl.String), PERSONS)]
    if table.share is not None:
        parts.append(_shares(table, names, persons, system.policy))
    ordered = pl.concat(parts).sort("place", "measure", maintain_order=True)
    return ordered.select(*names, *MEASURE_COLUMNS)


def coordinates(table: TableContract, system: SystemSpec) -> dict[str, str]:
    """Where the dimensions that ``table`` does not divide by stand: at the code of ``where``, or at the total."""
    divided = {use.dimension for use in table.dimensions}
    return {name: table.where.get(name, TOTAL) for name in system.dimensions if name not in divided}


def _persons(table: TableContract, names: list[str], system: Protected, lists: dict[str, CodeList]) -> pl.DataFrame:
    """Every combination with ``count`` (null unless shown) and ``status``."""
    codes = [table_codes(use, system.spec.dimensions[use.dimension], lists[use.dimension]) for use in table.dimensions]
    axes = [pl.DataFrame({name: listed}, schema={name: pl.String}) for name, listed in zip(names, codes, strict=True)]
    matrix = reduce(lambda left, right: left.join(right, how="cross", maintain_order="left_right"), axes)
    here = _at(system.protection.cells, coordinates(table, system.spec))
    here = here.select(*names, "count", engine="status", unpublished=system.spec.is_unpublished())
    found = matrix.join(here, on=names, how="left", validate="1:1", maintain_order="left")
    found = found.join(_withheld(table, names, system), on=names, how="left", validate="1:1", maintain_order="left")
    awaits = pl.any_horizontal(pl.col(name).is_in(list(lists[name].horizons)) for name in names)
    status = (
        pl.when(pl.col("unpublished"))
        .then(pl.lit(NOT_APPLICABLE))
        .when(pl.col("withheld").is_not_null())
        .then(pl.col("withheld"))
        .when(pl.col("engine") == SHOWN)
        .then(pl.lit(SHOWN))
        .when(pl.col("engine").is_not_null())
        .then(pl.lit(HIDDEN))
        .when(awaits)
        .then(pl.lit(NOT_APPLICABLE))
        # Counting lists what can occur. What it leaves out, though its time has come, is a zero that everyone can know.
        .otherwise(pl.lit(SHOWN))
    )
    count = pl.when(pl.col("status") == SHOWN).then(pl.col("count").fill_null(0))
    return found.with_columns(status=status).with_columns(count=count).select(*names, "count", "status")


def _shares(table: TableContract, names: list[str], persons: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """A share a cell of ``table.share``, from the shown cell and the shown total over its dimension."""
    assert table.share is not None
    divided = table.share.dimension
    others = [name for name in names if name != divided]
    base = persons.filter(pl.col(divided) == TOTAL).select(*others, base="count", base_status="status")
    wanted = pl.col(divided).is_in(list(table.share.codes)) if table.share.codes else pl.col(divided) != TOTAL
    rows = persons.filter(wanted)
    joined = (
        rows.join(base, on=others, how="left", validate="m:1", maintain_order="left")
        if others
        else rows.join(base, how="cross")
    )
    statuses = (pl.col("status"), pl.col("base_status"))
    status = (
        pl.when(pl.any_horizontal(one == NOT_APPLICABLE for one in statuses))
        .then(pl.lit(NOT_APPLICABLE))
        .when(pl.any_horizontal(one == NOT_DELIVERED for one in statuses))
        .then(pl.lit(NOT_DELIVERED))
        .when(pl.any_horizontal(one != SHOWN for one in statuses))
        .then(pl.lit(HIDDEN))
        .when(pl.col("base") < max(policy.reliability, 1))
        .then(pl.lit(UNRELIABLE))
        .otherwise(pl.lit(SHOWN))
    )
    known = joined.with_columns(status=status)
    return _written(known, names, pl.when(pl.col("status") == SHOWN).then(share_text("count", "base")), SHARE)


def share_text(count: str, base: str) -> pl.Expr:
    """``count`` of ``base`` (whole, base above 0) as text with four decimals, rounded half up in whole numbers."""
    units = (2 * SHARE_UNITS * pl.col(count) + pl.col(base)) // (2 * pl.col(base))
    whole, part = units // SHARE_UNITS, units % SHARE_UNITS
    return pl.concat_str(whole.cast(pl.String), pl.lit("."), part.cast(pl.String).str.zfill(4))


def _written(rows: pl.DataFrame, names: list[str], value: pl.Expr, measure: str) -> pl.DataFrame:
    return rows.select("place", *names, pl.lit(measure).alias("measure"), value.alias("value"), "status")


def _withheld(table: TableContract, names: list[str], system: Protected) -> pl.DataFrame:
    if system.withheld.is_empty():
        return pl.DataFrame(schema={**dict.fromkeys(names, pl.String), "withheld": pl.String})
    here = _at(system.withheld, coordinates(table, system.spec))
    return here.select(*names, withheld="status").unique()


def _at(cells: pl.DataFrame, fixed: dict[str, str]) -> pl.DataFrame:
    return cells.filter(*(pl.col(name) == code for name, code in fixed.items())) if fixed else cells
