"""What one school may read: its own rows of tables that nobody else sees, beside what all schools together give.

A school's own figures are facts that it has, so nothing of them is hidden from it. What it is compared with is derived of
cells that the engine shows: quartiles over schools, rounded. Not here: the page (``dashboards``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from statistics import quantiles
from typing import Any

import polars as pl

from avbrott.policy import PageRule
from avbrott.registry import Contracts
from avbrott.release.codes import CodeList, code_lists
from avbrott.release.deliveries import withheld_cells
from avbrott.release.public import read_json
from avbrott.release.tables import NOT_DELIVERED, SHARE, SHOWN, Protected, released_table
from avbrott.table import OTHER, TOTAL, Delivery, TableContract

Json = dict[str, Any]

FIGURES = "figures.json"
SCHOOLS = "schools"
FORMAT = 1
STEP = Decimal("0.005")
"""Quartiles are rounded to half a per cent."""


def school_figures(
    contracts: Contracts, system: Protected, deliveries: pl.DataFrame, lacking: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, Json]]:
    """By school unit, what its page tells; none where the policy gives nobody a page.

    ``lacking``: by school year that schools were told before, the units that were not delivered then.
    """
    rule = system.policy.pages
    if rule is None:
        return
    tables = [table for table in contracts.tables_of(system.spec.name) if table.audience != "public"]
    lists = code_lists(contracts, [system.spec], tables)
    system = replace(system, withheld=_withheld(contracts, system, rule, deliveries, lacking))
    compared = {
        table.name: _compared(rule, released_table(table, system, lists), table)
        for table in tables
        if table.audience == "comparison"
    }
    divided = {use.dimension for table in tables for use in table.dimensions} - {rule.dimension}
    labels = {name: _labels(lists[name]) for name in sorted(divided)}
    names = {code.code: code.sv for code in contracts.codes(rule.dimension)}
    for code in lists[rule.dimension].frame["code"].to_list():
        if code in (TOTAL, OTHER) or not _has_cells(system, rule, code):
            continue
        yield (
            code,
            {
                "format": FORMAT,
                "system": system.spec.name,
                "school": {"code": code, "name": names[code]},
                "labels": labels,
                "tables": {table.name: _own(_opened(system, rule, code), rule, table, lists, code) for table in tables},
                "county": {table.name: _own(system, rule, table, lists, TOTAL) for table in tables},
                "compared": compared,
            },
        )


def lacking_before(told: list[Path], system: str, period: str) -> dict[str, frozenset[str]]:
    """By school year that the pages under ``told`` (oldest first) are about, the units that they call not delivered."""
    found: dict[str, frozenset[str]] = {}
    for folder in told:
        years: dict[str, set[str]] = {}
        for file in sorted((folder / SCHOOLS).glob(f"*/{FIGURES}")):
            page = read_json(file)
            if page["system"] == system:
                for row in (row for rows in page["tables"].values() for row in rows if row["measure"] != SHARE):
                    lacks = years.setdefault(row[period], set())
                    if row["status"] == NOT_DELIVERED:
                        lacks.add(page["school"]["code"])
        found |= {year: frozenset(codes) for year, codes in years.items() if year not in found}
    return found


def _withheld(
    contracts: Contracts, system: Protected, rule: PageRule, deliveries: pl.DataFrame, lacking: Mapping[str, frozenset[str]]
) -> pl.DataFrame:
    """The cells of schools whose own suppliers' deliveries did not all come."""
    rests_on = contracts.systems[system.spec.name].delivery
    assert rests_on is not None
    suppliers = {unit.code: (one.id,) for one in contracts.suppliers.suppliers for unit in one.units}
    own = Delivery(extract=rests_on.extract, dimension=rule.dimension, suppliers=suppliers, terms=rests_on.terms)
    cells = system.protection.cells.filter(pl.col(rule.dimension) != TOTAL)
    return withheld_cells(contracts, system.spec, cells, deliveries, lacking, own)


def _has_cells(system: Protected, rule: PageRule, code: str) -> bool:
    return not system.protection.cells.filter(pl.col(rule.dimension) == code).is_empty()


def _opened(system: Protected, rule: PageRule, code: str) -> Protected:
    """The system as school ``code`` has it: its own cells are shown."""
    own = pl.when(pl.col(rule.dimension) == code).then(pl.lit(SHOWN)).otherwise("status").alias("status")
    return replace(system, protection=replace(system.protection, cells=system.protection.cells.with_columns(own)))


def _own(
    system: Protected, rule: PageRule, table: TableContract, lists: dict[str, CodeList], code: str
) -> list[dict[str, str | None]]:
    rows = released_table(table, system, lists).filter(pl.col(rule.dimension) == code)
    return rows.drop(rule.dimension).to_dicts()


def _compared(rule: PageRule, rows: pl.DataFrame, table: TableContract) -> list[Json]:
    """The quartiles of each share of ``table`` over the schools that show one, and how many; null where they are too few."""
    names = [use.dimension for use in table.dimensions if use.dimension != rule.dimension]
    shown = rows.filter(pl.col("measure") == SHARE, pl.col("status") == SHOWN, ~pl.col(rule.dimension).is_in([TOTAL, OTHER]))
    every = rows.filter(pl.col("measure") == SHARE).select(names).unique(maintain_order=True)
    found = every.join(shown.group_by(names).agg("value"), on=names, how="left", maintain_order="left")
    return [
        {
            **{name: row[name] for name in names},
            "schools": len(row["value"]) if row["value"] is not None and len(row["value"]) >= rule.quartiles_over else None,
            "quartiles": _quartiles(row["value"], rule),
        }
        for row in found.iter_rows(named=True)
    ]


def _quartiles(shares: list[str] | None, rule: PageRule) -> list[str] | None:
    if shares is None or len(shares) < rule.quartiles_over:
        return None
    cuts = quantiles(sorted(map(Decimal, shares)), n=4, method="inclusive")
    return [str((cut / STEP).quantize(Decimal(1), ROUND_HALF_UP) * STEP) for cut in cuts]


def _labels(listed: CodeList) -> Json:
    return {code: {"sv": sv, "en": en} for code, _, _, sv, en in listed.frame.iter_rows()}
