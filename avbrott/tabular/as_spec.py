"""What an output tells, held against the SPEC that it is said to be made by: its tables, policy and files.

Not here: whether what it tells is true of its cells (``audit``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from avbrott.counting.spec import Table
from avbrott.tabular.layout import asked_tables
from avbrott.tabular.output import Record
from avbrott.tabular.spec import Spec
from avbrott.tabular.spec_file import SpecFile


def other_statements(told: Mapping[str, Any], spec: SpecFile) -> Iterator[str]:
    """The keys of a certificate (whose ``tables`` can be read) that do not tell what ``spec`` asks for."""
    keys, digests, previous = spec.spec, told.get("sha256"), told.get("previous")
    stated = {
        "policy": told.get("policy") == keys.policy.model_dump(mode="json"),
        "previous": isinstance(previous, list) and len(previous) == len(keys.previous),
        "known": told.get("known") == {"files": len(keys.known)},
        "tables": _tables_told(told["tables"]) == _tables_asked(keys),
        "dimensions": _dimensions_told(told["tables"]) == _dimensions_asked(keys),
        "spec": isinstance(digests, dict) and digests.get("spec") == hashlib.sha256(spec.content).hexdigest(),
    }
    yield from (key for key, same in stated.items() if not same)


def unproved(record: Record, spec: Spec) -> Iterator[str]:
    """The keys of ``spec`` that the proof is not about: columns and hierarchies, tables that are not published."""
    columns = {f"l{place}": column for place, column in enumerate(record.columns)}
    hierarchies = {
        record.names[name]: tuple(tuple(columns[level] for level in levels) for levels in dimension.hierarchies)
        for name, dimension in record.system.dimensions.items()
    }
    if record.columns != spec.columns or hierarchies != spec.dimensions:
        yield "dimensions"
    latent = [_rows(table) for table in record.system.tables if table.latent]
    if any(table.latent and _rows(table) not in latent for table in asked_tables(spec)):
        yield "latent"


def _rows(table: Table) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    return {name: frozenset(levels) for name, levels in table.levels.items()}, table.windows


def _tables_asked(spec: Spec) -> list[Any]:
    names = {f"d{place}": name for place, name in enumerate(spec.dimensions)}
    columns = {f"l{place}": column for place, column in enumerate(spec.columns)}
    return [
        (
            table.name,
            {names[name]: [columns[level] for level in levels] for name, levels in table.levels.items()},
            {names[name] for name in table.windows},
        )
        for table in asked_tables(spec)
        if not table.latent
    ]


def _tables_told(told: Mapping[str, Any]) -> list[Any]:
    return [(table["name"], table["levels"], set(table["windows"])) for table in told["tables"] if not table["latent"]]


def _dimensions_asked(spec: Spec) -> list[Any]:
    """By dimension the hierarchies by the levels that a published table has, the total and the windows."""
    found = []
    tables = _tables_asked(spec)
    for name, hierarchies in spec.dimensions.items():
        shown = {level for _, levels, _ in tables for level in levels.get(name, ())}
        finest = hierarchies[0][-1]
        cut = [[*(level for level in levels if level in shown - {finest}), finest] for levels in hierarchies]
        once = [levels for place, levels in enumerate(cut) if levels not in cut[:place]]
        found.append((name, once, spec.is_additive(name), spec.windows.get(name) if finest in shown else None))
    return found


def _dimensions_told(told: Mapping[str, Any]) -> list[Any]:
    return [(one["name"], one["hierarchies"], one["total"], one["window"]) for one in told["dimensions"]]
