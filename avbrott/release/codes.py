"""Code lists of released tables: which codes a dimension publishes, in which order, under which parent, with which label.

From the glossary (order, labels, parents) and the counted systems (which codes occur, school years, windows). A code with
``published: false`` is nowhere in a release; its parent is then remembered as incomplete: its parts do not add up to it. A
code that is a sum across the hierarchy has no parent; what it adds up stands in the package.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from avbrott.counting.spec import Dimension, SystemSpec
from avbrott.glossary import Code
from avbrott.registry import Contracts
from avbrott.table import TOTAL, WINDOW_SEPARATOR, DimensionContract, TableContract, TableDimension

COLUMNS = ("code", "parent", "level", "label_sv", "label_en")
TOTAL_LEVEL = "total"
WINDOW_LEVEL = "window"


@dataclass(frozen=True)
class CodeList:
    """A dimension's published codes. ``frame`` has the String columns of ``COLUMNS``, in the order of the code list."""

    dimension: str
    frame: pl.DataFrame
    horizons: frozenset[str]
    """Codes that are known only some years after the period: until then their cells are not applicable."""
    incomplete: tuple[str, ...]
    """Codes with a part that is never published."""
    sums: dict[str, tuple[str, ...]]
    """Codes that add up others across the hierarchy, and of which: they belong to no other code."""

    def total_alone(self) -> CodeList:
        """The same list where nothing is divided by it."""
        return CodeList(self.dimension, self.frame.filter(pl.col("code") == TOTAL), frozenset(), (), {})


def code_lists(
    contracts: Contracts, specs: Iterable[SystemSpec], tables: Iterable[TableContract] | None = None
) -> dict[str, CodeList]:
    """The code list of every dimension that a system has, by its name, sorted by name.

    A dimension that none of ``tables`` (by rule those that anyone may see) divides by has its total alone.
    """
    divided = {use.dimension for table in tables or contracts.published.values() for use in table.dimensions}
    uses: dict[str, list[Dimension]] = {}
    for spec in specs:
        for name, dimension in spec.dimensions.items():
            uses.setdefault(name, []).append(dimension)
    found = {name: _code_list(contracts, contracts.dimensions[name], uses[name]) for name in sorted(uses)}
    return {name: listed if name in divided else listed.total_alone() for name, listed in found.items()}


def plain_list(name: str, rows: Iterable[tuple[str, str, str, str, str]]) -> CodeList:
    """A code list from rows of ``COLUMNS`` (an empty parent is none): of a dimension, of providers, terms, statuses."""
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    frame = frame.with_columns(parent=pl.when(pl.col("parent") != "").then("parent"))
    return CodeList(name, frame, frozenset(), (), {})


def table_codes(use: TableDimension, dimension: Dimension, listed: CodeList) -> list[str]:
    """The codes that a table lists of one dimension, in the order of the code list."""
    codes: set[str] = set()
    if use.windows != "only":
        for level in use.levels or dimension.levels:
            codes |= set(dimension.members[level].to_list())
        if dimension.total:
            codes.add(TOTAL)
    if use.windows != "no":
        codes |= set(dimension.windows())
    return [code for code in listed.frame["code"].to_list() if code in codes]


def _code_list(contracts: Contracts, contract: DimensionContract, uses: list[Dimension]) -> CodeList:
    known = contracts.codes(contract.name)
    used = {code for dimension in uses for level in dimension.levels for code in dimension.members[level].to_list()}
    published = {code.code for code in known if code.published} & used
    parents = {code.code: code.parent for code in known}
    root = TOTAL if any(dimension.total for dimension in uses) else ""
    rows: list[tuple[str, str, str, str, str]] = []
    if root:
        rows.append((TOTAL, "", TOTAL_LEVEL, *_total_label(contract)))
    rows += [
        (
            code.code,
            "" if code.sum_of else _parent(code, parents, published) or root,
            code.level or contract.levels[-1],
            code.sv,
            code.en,
        )
        for code in known
        if code.code in published
    ]
    unlisted = sorted(used - {code.code for code in known})
    rows += [(code, root, contract.levels[-1], code, code) for code in unlisted]
    windows = sorted({window for dimension in uses for window in dimension.windows()})
    spans = {code: code.replace(WINDOW_SEPARATOR, "–") for code in windows}
    rows += [(code, "", WINDOW_LEVEL, span, span) for code, span in spans.items()]
    left_out = [code for code in known if code.code in used and not code.published]
    incomplete = {_parent(code, parents, published) or root for code in left_out}
    frame = plain_list(contract.name, rows).frame
    later = {code.code for code in known if code.horizon is not None}
    horizons = frozenset(code.code for code in known if later.intersection(_line(code, parents)))
    sums = {code.code: code.sum_of for code in known if code.sum_of and code.code in published}
    return CodeList(contract.name, frame, horizons, tuple(sorted(incomplete - {""})), sums)


def _line(code: Code, parents: dict[str, str | None]) -> list[str]:
    """The code and those above it."""
    line = [code.code]
    while (above := parents.get(line[-1])) is not None:
        line.append(above)
    return line


def _parent(code: Code, parents: dict[str, str | None], published: set[str]) -> str | None:
    """The nearest published code above ``code``; None where there is none."""
    above = code.parent
    while above is not None and above not in published:
        above = parents.get(above)
    return above


def _total_label(contract: DimensionContract) -> tuple[str, str]:
    return (contract.total.sv, contract.total.en) if contract.total else (TOTAL, TOTAL)
