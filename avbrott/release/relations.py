"""Which published cells are the sum of which others: from code lists, sums and windows, as any reader can work it out.

Used on the cells of a whole system, so that two tables over the same persons are held against each other as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from avbrott.table import TOTAL, WINDOW_SEPARATOR

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Families:
    """By place in the frame that they were made from: one sum a relation, and one row a part in ``relation``/``part``."""

    sums: Ints
    whole: Mask
    """Whether the parts add up to the sum; otherwise one is never published, and they are at most the sum."""
    relation: Ints
    part: Ints

    def total(self, values: Ints) -> Ints:
        """The sum of ``values`` over each relation's parts."""
        found = np.zeros(len(self.sums), np.int64)
        np.add.at(found, self.relation, values[self.part])
        return found


@dataclass(frozen=True)
class Adding:
    """What a release says of how one dimension's codes add up."""

    parents: pl.DataFrame
    """``code`` and ``parent`` of every code."""
    incomplete: frozenset[str] = frozenset()
    """Codes with a part that is never published."""
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Codes that add up others across the hierarchy, and of which."""


def families(cells: pl.DataFrame, names: tuple[str, ...], adding: Mapping[str, Adding]) -> Families:
    """The relations of ``cells`` (distinct coordinates ``names``) whose parts are all among them."""
    placed = cells.select(names).with_row_index("place")
    sums, whole, relation, part, count = [], [], [], [], 0
    for name in names:
        cuts = _cuts(adding[name], frozenset(placed[name].to_list()))
        if cuts.is_empty():
            continue
        others = [other for other in names if other != name]
        parts = placed.join(cuts, left_on=name, right_on="code", how="inner").rename({"place": "part"})
        tops = placed.rename({"place": "sum", name: "parent"})
        found = parts.join(tops, on=[*others, "parent"], how="inner", validate="m:1")
        groups = found.group_by("sum", "cut", maintain_order=True).agg(
            pl.col("part"), pl.col("whole").first(), pl.col("size").first()
        )
        groups = groups.filter(pl.col("part").list.len() == pl.col("size"))
        sums.append(groups["sum"].to_numpy())
        whole.append(groups["whole"].to_numpy())
        exploded = groups.with_row_index("at").select("at", "part").explode("part")
        relation.append(exploded["at"].to_numpy().astype(np.int64) + count)
        part.append(exploded["part"].to_numpy())
        count += groups.height
    return Families(
        _joined(sums), np.concatenate(whole).astype(bool) if whole else np.zeros(0, bool), _joined(relation), _joined(part)
    )


def derivable(found: Families, known: Mask, values: Ints) -> tuple[Mask, Ints]:
    """Which cells are known once subtraction has told all it can, one relation at a time, and their values.

    ``values`` counts where ``known``. A sum with nothing left makes each of its other parts 0. Only relations whose parts add
    up are used.
    """
    known, values = known.copy(), np.where(known, values, 0)
    use = found.whole[found.relation]
    relation, part = found.relation[use], found.part[use]
    while True:
        unknown_parts = np.zeros(len(found.sums), np.int64)
        np.add.at(unknown_parts, relation, ~known[part])
        rest = values[found.sums].copy()
        np.subtract.at(rest, relation, values[part])
        unknown_sum = ~known[found.sums] & found.whole
        sums = found.sums[unknown_sum & (unknown_parts == 0)]
        settled = ~unknown_sum & ((unknown_parts == 1) | ((unknown_parts > 0) & (rest == 0)))
        by_part = settled[relation] & ~known[part]
        if not len(sums) and not by_part.any():
            return known, values
        values[part[by_part]] = rest[relation[by_part]]
        values[sums] = -rest[unknown_sum & (unknown_parts == 0)]
        known[part[by_part]] = True
        known[sums] = True


def _joined(parts: Sequence[npt.NDArray[Any]]) -> Ints:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, np.int64)


def _cuts(adding: Adding, used: frozenset[str]) -> pl.DataFrame:
    """One row a part: the parent, which way of dividing it (``cut``), the part's code, how many parts, whether they are all.

    A parent is divided once by each level below it; a code with no finer division stands for itself there.
    """
    listed: dict[str, str | None] = dict(adding.parents.select("code", "parent").rows())
    children: dict[str, list[str]] = {}
    for code, parent in listed.items():
        if parent:
            children.setdefault(parent, []).append(code)
    rows: list[tuple[str, int, str, int, bool]] = []
    for parent, below in children.items():
        if parent not in used:
            continue
        parts, whole, depth, seen = below, parent not in adding.incomplete, 0, set()
        while True:
            if frozenset(parts) not in seen and used.issuperset(parts):
                seen.add(frozenset(parts))
                rows += [(parent, depth, code, len(parts), whole) for code in parts]
            divided = [code for code in parts if code in children]
            if not divided or depth > len(listed):
                break
            whole = whole and not adding.incomplete.intersection(divided)
            parts = [finer for code in parts for finer in children.get(code, [code])]
            depth += 1
    for total, added in adding.sums.items():
        if used.issuperset((total, *added)):
            rows += [(total, 0, code, len(added), True) for code in added]
    years = sorted(code for code in listed if WINDOW_SEPARATOR not in code and code != TOTAL)
    for window in (code for code in listed if WINDOW_SEPARATOR in code and code in used):
        first, _, last = window.partition(WINDOW_SEPARATOR)
        parts = [year for year in years if first <= year <= last]
        rows += [(window, 0, year, len(parts), True) for year in parts]
    schema = {"parent": pl.String, "cut": pl.Int64, "code": pl.String, "size": pl.Int64, "whole": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")
