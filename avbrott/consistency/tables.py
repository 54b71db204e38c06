"""What is published: dimensions of terms, systems of dimensions, tables of systems, policies that speak of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from avbrott.consistency.terms import is_empty
from avbrott.mistakes import Mistake
from avbrott.table import DimensionContract, FirstKnown, SeriesBreak, SystemContract, TableContract

if TYPE_CHECKING:
    from avbrott.registry import Contracts

_Found = tuple[str, str, dict[str, str]]


def table_mistakes(contracts: Contracts) -> Iterator[Mistake]:
    """Mistakes of dimensions, systems, tables and breaks in series."""
    for dimension in contracts.dimensions.values():
        for key, code, parameters in _dimension(dimension, contracts):
            yield Mistake("dimensions.yaml", f"{dimension.name}.{key}", code, parameters)
    for system in contracts.systems.values():
        for key, code, parameters in (*_system(system, contracts), *_policy(system, contracts)):
            yield Mistake("systems.yaml", f"{system.name}.{key}", code, parameters)
    for table in contracts.tables.values():
        for key, code, parameters in _table(table, contracts):
            yield Mistake(f"releases/{table.name}.yaml", key, code, parameters)
    for found in contracts.breaks:
        for key, code, parameters in _break(found, contracts):
            yield Mistake("series_breaks.yaml", f"{found.id}.{key}", code, parameters)
    if contracts.first_known is not None:
        for key, code, parameters in _first_known(contracts.first_known, contracts):
            yield Mistake("series_breaks.yaml", f"first_known.{key}", code, parameters)


def _dimension(dimension: DimensionContract, contracts: Contracts) -> Iterator[_Found]:
    if dimension.term not in contracts.glossary.terms:
        yield "term", "MISTAKE_NO_TERM", {"name": dimension.term}
        return
    codes = contracts.glossary.codes(dimension.term)
    levels = {code.level for code in codes}
    for level in dimension.every_level:
        if codes and level not in levels:
            yield f"levels.{level}", "MISTAKE_NO_LEVEL", {"name": level, "term": dimension.term}
    for code in codes:
        if code.level in dimension.every_level and bool(code.sum_of) != (code.level in dimension.sums):
            yield f"codes.{code.code}.level", "MISTAKE_SUM_LEVEL", {"name": code.level}
    depth = {level: position for position, level in enumerate(dimension.levels)}
    level_of = {code.code: code.level for code in codes}
    for code in codes:
        if code.parent is None or code.level not in depth:
            continue
        if depth.get(level_of.get(code.parent, ""), len(depth)) >= depth[code.level]:
            yield f"codes.{code.code}.parent", "MISTAKE_PARENT", {"name": code.parent}
    if not codes and contracts.glossary.terms[dimension.term].type == "code":
        yield "term", "MISTAKE_NO_CODES", {"name": dimension.term}
    if dimension.total is not None and is_empty(dimension.total):
        yield "total", "MISTAKE_EMPTY_TEXT", {}


def _system(system: SystemContract, contracts: Contracts) -> Iterator[_Found]:
    if not contracts.tables_of(system.name):
        yield "name", "MISTAKE_NO_TABLES", {}
    for name in system.dimensions:
        if name not in contracts.dimensions:
            yield f"dimensions.{name}", "MISTAKE_NO_DIMENSION", {"name": name}
    if system.period not in system.dimensions:
        yield "period", "MISTAKE_NO_DIMENSION", {"name": system.period}
    if system.policy not in contracts.policies:
        yield "policy", "MISTAKE_NO_POLICY", {"name": system.policy}


def _policy(system: SystemContract, contracts: Contracts) -> Iterator[_Found]:
    """A policy speaks of dimensions and codes: they must be those of each system that it protects."""
    policy = contracts.policies.get(system.policy)
    if policy is None:
        return
    for name, codes in policy.complement.items():
        if name not in system.dimensions:
            yield f"policy.{policy.name}.complement.{name}", "MISTAKE_NO_DIMENSION", {"name": name}
            continue
        for code in codes:
            yield from _code(f"policy.{policy.name}.complement.{name}", name, code, contracts)
    if policy.base is not None:
        for name in (policy.base.dimension, *policy.base.record):
            if name not in system.dimensions:
                yield f"policy.{policy.name}.base", "MISTAKE_NO_DIMENSION", {"name": name}


def _table(table: TableContract, contracts: Contracts) -> Iterator[_Found]:
    for key, text in (("title", table.title), ("description", table.description)):
        if is_empty(text):
            yield key, "MISTAKE_EMPTY_TEXT", {}
    if table.system is None:
        return
    system = contracts.systems.get(table.system)
    if system is None:
        yield "system", "MISTAKE_NO_SYSTEM", {"name": table.system}
        return
    for used in table.dimensions:
        key = f"dimensions.{used.dimension}"
        if used.dimension not in system.dimensions or used.dimension not in contracts.dimensions:
            yield key, "MISTAKE_NO_DIMENSION", {"name": used.dimension}
            continue
        for level in used.levels:
            if level not in contracts.dimensions[used.dimension].every_level:
                yield f"{key}.levels", "MISTAKE_NO_LEVEL", {"name": level, "term": used.dimension}
        if used.windows != "no" and contracts.dimensions[used.dimension].window is None:
            yield f"{key}.windows", "MISTAKE_MISSING", {}
    for name, code in table.where.items():
        if name not in system.dimensions:
            yield f"where.{name}", "MISTAKE_NO_DIMENSION", {"name": name}
        else:
            yield from _code(f"where.{name}", name, code, contracts)
    if table.share is not None:
        if table.share.dimension not in {used.dimension for used in table.dimensions}:
            yield "share.dimension", "MISTAKE_NO_DIMENSION", {"name": table.share.dimension}
        else:
            for code in table.share.codes:
                yield from _code("share.codes", table.share.dimension, code, contracts)


def _code(key: str, dimension: str, code: str, contracts: Contracts) -> Iterator[_Found]:
    """A code that is on no level of the dimension."""
    found = contracts.dimensions.get(dimension)
    if found is None or found.term not in contracts.glossary.terms:
        return
    listed = {entry.code for entry in contracts.codes(dimension) if entry.level in found.every_level}
    if listed and code not in listed:
        yield key, "MISTAKE_NO_CODE", {"name": code, "term": found.term}


def _break(found: SeriesBreak, contracts: Contracts) -> Iterator[_Found]:
    if is_empty(found.title) or is_empty(found.text):
        yield "text", "MISTAKE_EMPTY_TEXT", {}
    for name in found.systems:
        if name not in contracts.systems:
            yield f"systems.{name}", "MISTAKE_NO_SYSTEM", {"name": name}
    for name in found.dimensions:
        if name not in contracts.dimensions:
            yield f"dimensions.{name}", "MISTAKE_NO_DIMENSION", {"name": name}
    known = {code.code for name in found.dimensions if name in contracts.dimensions for code in contracts.codes(name)}
    for code in found.codes:
        if code not in known:
            yield f"codes.{code}", "MISTAKE_NO_CODE", {"name": code, "term": ", ".join(found.dimensions) or "?"}


def _first_known(found: FirstKnown, contracts: Contracts) -> Iterator[_Found]:
    if is_empty(found.title) or is_empty(found.text):
        yield "text", "MISTAKE_EMPTY_TEXT", {}
    if found.dimension not in contracts.dimensions:
        yield "dimension", "MISTAKE_NO_DIMENSION", {"name": found.dimension}
