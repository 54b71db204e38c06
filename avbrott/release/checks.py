"""What must hold of every release, found from its public files alone. A fault has a code, a place and a number.

The writer refuses a release with any fault; ``avbrott audit`` looks for the same faults in files that have been about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
import polars as pl

from avbrott.release.public import PublicRelease, PublicTable, system_cells
from avbrott.release.relations import Adding, Mask, derivable, families
from avbrott.release.tables import (
    HIDDEN,
    NOT_APPLICABLE,
    NOT_DELIVERED,
    PERSONS,
    SHARE,
    SHOWN,
    STATUSES,
    UNRELIABLE,
    share_text,
)
from avbrott.table import TOTAL


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something that does not hold: ``code`` names a text, ``where`` a file or a system, ``count`` how many rows or cells."""

    code: str
    where: str
    count: int = 1


def public_faults(release: PublicRelease, earlier: Mapping[str, pl.DataFrame]) -> list[Fault]:
    """Every fault of the tables and of what follows from them together, sorted.

    ``earlier``: by system the coordinates and ``count`` of cells that earlier releases showed; the attacker knows them too.
    """
    found = [fault for table in release.tables.values() for fault in _table_faults(release, table)]
    for system in release.systems:
        found += _system_faults(release, system)
        found += untold_faults(release, system, earlier.get(system))
    return sorted(found)


def relations_checked(release: PublicRelease) -> dict[str, int]:
    """By system, how many sums have all their parts shown, so that a reader can add them up."""
    found = {}
    for system, names in release.systems.items():
        cells, _ = _distinct(release, system)
        known = cells["count"].is_not_null().to_numpy()
        related = families(cells, names, _adding(release, names))
        hidden_parts = np.zeros(len(related.sums), np.int64)
        np.add.at(hidden_parts, related.relation, ~known[related.part])
        found[system] = int((known[related.sums] & (hidden_parts == 0)).sum())
    return found


def _table_faults(release: PublicRelease, table: PublicTable) -> Iterator[Fault]:
    frame, where = table.frame, f"tables/{table.name}.csv"
    shown = pl.col("status") == SHOWN
    rules = {
        "STATUS_UNKNOWN": ~pl.col("status").is_in(list(STATUSES)).fill_null(value=False),
        "MEASURE_UNKNOWN": ~pl.col("measure").is_in([PERSONS, SHARE, *_own_measures(table)]).fill_null(value=False),
        "VALUE_NOT_EMPTY": ~shown & pl.col("value").is_not_null(),
        "VALUE_EMPTY": shown & pl.col("value").is_null(),
        "VALUE_MALFORMED": shown
        & ~pl.when(pl.col("measure") == SHARE)
        .then(pl.col("value").str.contains(_SHARE))
        .otherwise(pl.col("value").str.contains(_WHOLE)),
        "UNRELIABLE_NOT_A_SHARE": (pl.col("status") == UNRELIABLE) & (pl.col("measure") != SHARE),
    }
    counted = frame.select(**{code: rule.sum() for code, rule in rules.items()}).row(0, named=True)
    yield from (Fault(code, where, int(count)) for code, count in counted.items() if count)
    yield from _matrix_faults(table, where)
    yield from _code_faults(release, table, where)
    if table.share is not None and table.system is not None:
        yield from _share_faults(release, table, where)


_WHOLE = r"^(0|[1-9][0-9]{0,17})$"
_SHARE = r"^[01]\.[0-9]{4}$"


def _own_measures(table: PublicTable) -> tuple[str, ...]:
    """A table about deliveries has measures of its own."""
    return () if table.system is not None else tuple(table.frame["measure"].drop_nulls().unique().to_list())


def _matrix_faults(table: PublicTable, where: str) -> Iterator[Fault]:
    """Every combination of the listed codes is there once, with its share where the table has one."""
    if table.system is None:
        measures = table.frame.select("measure").unique()
        wanted = _product(table).join(measures, how="cross")
    else:
        wanted = _product(table).with_columns(measure=pl.lit(PERSONS))
        if table.share is not None:
            column = pl.col(table.share["dimension"])
            divided = column.is_in(table.share["codes"]) if table.share["codes"] else column != TOTAL
            wanted = pl.concat([wanted, _product(table).filter(divided).with_columns(measure=pl.lit(SHARE))])
    key = [*table.dimensions, "measure"]
    twice = table.frame.height - table.frame.select(key).n_unique()
    missing = wanted.join(table.frame, on=key, how="anti").height
    extra = table.frame.join(wanted, on=key, how="anti").height
    for code, count in (("ROW_TWICE", twice), ("COMBINATION_MISSING", missing), ("COMBINATION_UNKNOWN", extra)):
        if count:
            yield Fault(code, where, count)


def _product(table: PublicTable) -> pl.DataFrame:
    axes = [pl.DataFrame({name: list(codes)}, schema={name: pl.String}) for name, codes in table.codes.items()]
    return reduce(lambda left, right: left.join(right, how="cross"), axes)


def _code_faults(release: PublicRelease, table: PublicTable, where: str) -> Iterator[Fault]:
    for name in table.dimensions:
        listed = release.codelists.get(name)
        known = set(listed["code"].to_list()) if listed is not None else set()
        unknown = len(set(table.codes[name]) - known)
        if unknown:
            yield Fault("CODE_NOT_LISTED", where, unknown)


def _share_faults(release: PublicRelease, table: PublicTable, where: str) -> Iterator[Fault]:
    """Each share is its own persons over the shown total, rounded half up, and shown only where both are and are enough."""
    assert table.share is not None
    assert table.system is not None
    divided = table.share["dimension"]
    others = [name for name in table.dimensions if name != divided]
    count = pl.col("value").cast(pl.Int64, strict=False)
    persons = table.frame.filter(pl.col("measure") == PERSONS)
    numerator = persons.select(*table.dimensions, count=count, own="status")
    base = persons.filter(pl.col(divided) == TOTAL).select(*others, base=count, base_status="status")
    rows = table.frame.filter(pl.col("measure") == SHARE).join(numerator, on=table.dimensions, how="left")
    rows = rows.join(base, on=others, how="left") if others else rows.join(base, how="cross")
    limit = max(release.policies[table.system].reliability, 1)
    both = (pl.col("own") == SHOWN) & (pl.col("base_status") == SHOWN)
    reliable = both & (pl.col("base") >= limit)
    shown = pl.col("status") == SHOWN
    either = (pl.col("own"), pl.col("base_status"))
    rules = {
        "SHARE_OF_UNSHOWN": shown & ~both,
        "SHARE_UNRELIABLE": shown & both & ~reliable,
        "SHARE_WRONG": shown & reliable & (pl.col("value") != share_text("count", "base")),
        "SHARE_STATUS_WRONG": ~shown & (pl.col("status") != _share_status(either, both, reliable)),
    }
    counted = rows.select(**{code: rule.fill_null(value=True).sum() for code, rule in rules.items()}).row(0, named=True)
    yield from (Fault(code, where, int(n)) for code, n in counted.items() if n)
    yield from _between_faults(release, table, where)


def _share_status(either: tuple[pl.Expr, pl.Expr], both: pl.Expr, reliable: pl.Expr) -> pl.Expr:
    """The one reason that a share is not shown, from the statuses of its cell and its base."""
    return (
        pl.when(pl.any_horizontal(one == NOT_APPLICABLE for one in either))
        .then(pl.lit(NOT_APPLICABLE))
        .when(pl.any_horizontal(one == NOT_DELIVERED for one in either))
        .then(pl.lit(NOT_DELIVERED))
        .when(~both)
        .then(pl.lit(HIDDEN))
        .when(~reliable)
        .then(pl.lit(UNRELIABLE))
        .otherwise(pl.lit(SHOWN))
    )


def _between_faults(release: PublicRelease, table: PublicTable, where: str) -> Iterator[Fault]:
    """A total's share lies between the least and the greatest of its parts' where all of them are shown."""
    assert table.share is not None
    shares = table.frame.filter(pl.col("measure") == SHARE)
    names = tuple(table.dimensions)
    over = tuple(name for name in names if name != table.share["dimension"])
    if shares.is_empty() or not over or shares.select(names).is_duplicated().any():
        return
    units = (pl.col("value").cast(pl.Float64, strict=False) * 10_000).round().cast(pl.Int64)
    value = shares.select(units.fill_null(-1)).to_series().to_numpy()
    # Shares of one whole are no parts of each other's.
    alone = Adding(release.codelists[table.share["dimension"]].clear())
    related = families(shares, names, _adding(release, names) | {table.share["dimension"]: alone})
    if not len(related.sums):
        return
    least = np.full(len(related.sums), np.iinfo(np.int64).max)
    greatest = np.full(len(related.sums), -1)
    np.minimum.at(least, related.relation, value[related.part])
    np.maximum.at(greatest, related.relation, value[related.part])
    total = value[related.sums]
    outside = related.whole & (total >= 0) & (least >= 0) & ((total < least) | (total > greatest))
    if outside.any():
        yield Fault("SHARE_NOT_BETWEEN_PARTS", where, int(outside.sum()))


def _system_faults(release: PublicRelease, system: str) -> Iterator[Fault]:
    """What tables over the same persons say together: one cell one figure, sums that add up, nothing left to subtract."""
    names = release.systems[system]
    cells, contradicting = _distinct(release, system)
    if contradicting:
        yield Fault("CELLS_DISAGREE", system, contradicting)
    known = cells["count"].is_not_null().to_numpy()
    values = cells["count"].fill_null(0).to_numpy()
    related = families(cells, names, _adding(release, names))
    hidden_parts = np.zeros(len(related.sums), np.int64)
    np.add.at(hidden_parts, related.relation, ~known[related.part])
    total, parts = values[related.sums], related.total(values)
    sum_known = known[related.sums]
    equal = related.whole & (hidden_parts == 0)
    wrong = sum_known & ((equal & (total != parts)) | (~equal & (parts > total)))
    if wrong.any():
        yield Fault("SUM_WRONG", system, int(wrong.sum()))


def untold_faults(release: PublicRelease, system: str, earlier: pl.DataFrame | None) -> Iterator[Fault]:
    """No number that the policy calls unsafe is shown, or follows by subtraction from what is shown now and was before."""
    names, policy = release.systems[system], release.policies[system]
    cells, _ = _distinct(release, system)
    if earlier is not None and earlier.height:
        facts = earlier.select(*names, told="count")
        cells = cells.join(facts, on=names, how="full", coalesce=True, maintain_order="left_right")
    else:
        cells = cells.with_columns(told=pl.lit(None, pl.Int64))
    fact = cells["told"].is_not_null().to_numpy()
    shown = cells["count"].is_not_null().to_numpy()
    value = cells.select(pl.coalesce("count", "told").fill_null(0)).to_series().to_numpy()
    related = families(cells, names, _adding(release, names))
    known, values = derivable(related, shown | fact, value)
    public = _public_bases(release, system, cells)
    small = known & (values > 0) & (values < policy.threshold) & ~fact & ~public
    for code, where in (("UNSAFE_SHOWN", shown), ("UNSAFE_DERIVABLE", ~shown)):
        if (small & where).any():
            yield Fault(code, system, int((small & where).sum()))
    for dimension, codes in policy.complement.items():
        told = cells.with_columns(known=pl.Series(known), value=pl.Series(values), fact=pl.Series(fact))
        wanted = pl.col(dimension).is_in(list(codes)) if codes else pl.col(dimension) != TOTAL
        others = [name for name in names if name != dimension]
        base = told.filter(pl.col(dimension) == TOTAL, pl.col("known")).select(*others, base="value")
        rest = told.filter(wanted, pl.col("known"), ~pl.col("fact")).join(base, on=others, how="inner")
        near = rest.filter(pl.col("base") > 0, pl.col("base") - pl.col("value") < policy.threshold).height
        if near:
            yield Fault("COMPLEMENT_TOLD", system, near)


def _public_bases(release: PublicRelease, system: str, cells: pl.DataFrame) -> Mask:
    """Cells that the policy calls known from elsewhere: hiding a small one keeps its rates away, not its number."""
    base = release.policies[system].base
    if base is None or not base.known:
        return np.zeros(cells.height, np.bool_)
    record = base.record or release.systems[system]
    undivided = [base.dimension] + [
        name for name in release.systems[system] if name not in record and TOTAL in release.codelists[name]["code"].to_list()
    ]
    return cells.select(pl.all_horizontal(pl.col(name) == TOTAL for name in undivided)).to_series().to_numpy()


def _distinct(release: PublicRelease, system: str) -> tuple[pl.DataFrame, int]:
    """Each cell of a system once, and how many are said in two ways."""
    names = release.systems[system]
    cells = system_cells(release, system)
    said = cells.group_by(names, maintain_order=True).agg(
        pl.col("count").first(),
        pl.col("status").first(),
        ways=pl.struct("count", "status").n_unique(),
    )
    return said, int((said["ways"] > 1).sum())


def _adding(release: PublicRelease, names: tuple[str, ...]) -> dict[str, Adding]:
    return {
        name: Adding(release.codelists[name], release.incomplete.get(name, frozenset()), release.sums.get(name, {}))
        for name in names
    }
