"""Changes of what is published and of who delivers: tables, how they are protected, providers and their school units."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.changes.change import Change, gone_and_new
from avbrott.registry import Contracts
from avbrott.suppliers import Supplier
from avbrott.table import TableContract


def table_changes(old: Contracts, new: Contracts) -> Iterator[Change]:
    """Tables, the policies that they are protected by, and how long rows are kept for them."""
    yield from gone_and_new("releases", "TABLE", old.tables, new.tables, gone=("reader",))
    for name, table in new.tables.items():
        if name in old.tables:
            yield from _table(old, old.tables[name], new, table)
    for name, policy in new.policies.items():
        if name in old.policies and old.policies[name] != policy:
            yield Change(f"policies.{name}", "CHANGE_POLICY", ("reader",))
    if old.retention != new.retention:
        yield Change("policies.retention", "CHANGE_RETENTION")


def _table(old: Contracts, before: TableContract, new: Contracts, after: TableContract) -> Iterator[Change]:
    place = after.name
    columns = [[one.dimension for one in table.dimensions] for table in (before, after)]
    yield from gone_and_new(place, "COLUMN", *columns, gone=("reader",), added=("reader",))
    shown = {one.dimension: one for one in before.dimensions}
    for used in after.dimensions:
        if used.dimension in shown:
            levels = [
                one.levels or contracts.dimensions[one.dimension].every_level
                for one, contracts in ((shown[used.dimension], old), (used, new))
            ]
            yield from gone_and_new(f"{place}.{used.dimension}", "LEVEL", *levels, gone=("reader",))
            if shown[used.dimension].windows != used.windows:
                yield Change(f"{place}.{used.dimension}", "CHANGE_WINDOWS", ("reader",))
    if (before.system, before.where, before.share) != (after.system, after.where, after.share):
        yield Change(place, "CHANGE_COUNTED", ("reader",))
    if (before.title, before.description, before.notes) != (after.title, after.description, after.notes):
        yield Change(place, "CHANGE_WORDS")


def supplier_changes(old: Contracts, new: Contracts) -> Iterator[Change]:
    """Who delivers, and what of whom."""
    before, after = old.suppliers.by_id, new.suppliers.by_id
    yield from gone_and_new("suppliers", "SUPPLIER", before, after, gone=("provider", "reader"))
    for name, supplier in after.items():
        if name in before:
            yield from _supplier(before[name], supplier)


def _supplier(old: Supplier, new: Supplier) -> Iterator[Change]:
    place = f"suppliers.{new.id}"
    yield from gone_and_new(place, "DELIVERED", old.extracts, new.extracts, gone=("provider",), added=("provider",))
    units = [[unit.code for unit in supplier.units] for supplier in (old, new)]
    yield from gone_and_new(place, "UNIT", *units, gone=("provider",))
    if old.member != new.member:
        yield Change(place, "CHANGE_MEMBERSHIP", ("provider",))
