"""Levels of several hierarchies that nothing joins, for the checker: found from the spec alone. No engine code."""

from __future__ import annotations

from itertools import product

from avbrott.counting.spec import Dimension, SystemSpec, Table
from avbrott.table import TOTAL


def unjoined(spec: SystemSpec) -> int:
    """How often levels of several hierarchies of a dimension stand at one crossing of the others, without the finest level.

    Sums of codes of one hierarchy can then be sums of codes of another, and no sum of cells says so.
    """
    number = 0
    for name, dimension in spec.dimensions.items():
        if len(dimension.hierarchies) < 2:
            continue
        at: dict[tuple[str, ...], set[str]] = {}
        for table in spec.tables:
            own = _levels_at(dimension, table)
            others = [_levels_at(other, table) for other in spec.dimensions.values() if other.name != name]
            for crossing in product(*others):
                at.setdefault(crossing, set()).update(own - {TOTAL, ""})
        for levels in at.values():
            joined = dimension.finest in levels or any(levels <= set(hierarchy) for hierarchy in dimension.hierarchies)
            number += not joined
    return number


def _levels_at(dimension: Dimension, table: Table) -> set[str]:
    """The levels that ``table`` has rows at: ``TOTAL`` for the total, empty for windows."""
    if dimension.name in table.where:
        code = table.where[dimension.name]
        return {level for level in dimension.levels if code in dimension.members[level]} or {TOTAL}
    levels = {TOTAL} if dimension.total else set()
    if dimension.name in table.windows | table.windows_only:
        levels.add("")
    return levels if dimension.name in table.windows_only else levels | set(table.levels.get(dimension.name, ()))
