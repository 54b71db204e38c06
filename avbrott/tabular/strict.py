"""What a file tells in JSON, read strictly: nothing that the program would not write, so that nothing else can stand there.

Whoever checks an output has not made it: whatever is wrong in it is a ``ValueError`` here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.files import spec_from_json
from avbrott.model import Whole
from avbrott.policy import Policy
from avbrott.table import TOTAL
from avbrott.tabular.layout import SYSTEM
from avbrott.tabular.spec import VINTAGE

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Told(BaseModel):
    """A part of a file of JSON: its keys and no others, each of its own kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Dimension(Told):
    name: str
    members: dict[str, list[str]]
    hierarchies: Annotated[list[Annotated[list[str], Field(min_length=1)]], Field(min_length=1)]
    total: bool
    window: Annotated[Whole, Field(ge=2)] | None
    sequence: list[str]


class _Table(Told):
    name: str
    levels: dict[str, Annotated[list[str], Field(min_length=1)]]
    where: dict[str, str]
    windows: list[str]
    windows_only: Annotated[list[str], Field(max_length=0)]
    latent: bool


class _System(Told):
    name: str
    dimensions: Annotated[list[_Dimension], Field(min_length=1)]
    tables: Annotated[list[_Table], Field(min_length=1)]
    never: Annotated[list[str], Field(max_length=0)]
    unpublished: Annotated[list[str], Field(max_length=0)]
    observed: Literal[True]
    vintage: str | None = None


class _Revised(Told):
    spec: dict[str, Any]
    ids: dict[str, Digest]


class _Record(Told):
    spec: dict[str, Any]
    policy: dict[str, Any]
    names: dict[str, str]
    columns: list[str]
    salt: Digest
    previous: list[Digest]
    vintages: _Revised | None = None


@dataclass(frozen=True, slots=True)
class RecordTold:
    """What a record tells besides its cells: see ``output.Record``."""

    system: SystemSpec
    names: dict[str, str]
    policy: Policy
    salt: str
    previous: tuple[str, ...]
    columns: tuple[str, ...]
    revised: tuple[SystemSpec, dict[str, str]] | None
    """The system with vintages, and the outputs' digests by the code of their vintage."""


def read_json(content: str) -> Any:
    """``content`` as JSON in which no key stands twice."""
    try:
        return json.loads(content, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError from None


def spec_of(content: Any) -> SystemSpec:
    """The spec that ``content`` tells, once everything in it fits together."""
    told = _System.model_validate(content)
    _need(told.name == SYSTEM)
    _need(_are_once(dimension.name for dimension in told.dimensions))
    for dimension in told.dimensions:
        _fits(dimension)
    dimensions = {dimension.name: dimension for dimension in told.dimensions}
    _need(told.vintage is None or told.vintage in dimensions)
    for table in told.tables:
        for name, levels in table.levels.items():
            _need(name in dimensions and _are_once(levels) and set(levels) <= dimensions[name].members.keys())
        for name, code in table.where.items():
            _need(name == told.vintage and any(code in codes for codes in dimensions[name].members.values()))
        _need(_are_once(table.windows) and set(table.windows) <= table.levels.keys())
        _need(all(dimensions[name].window is not None for name in table.windows))
    return spec_from_json(content)


def names_of(content: Any, spec: SystemSpec) -> dict[str, str]:
    """The dimensions' own names by those of ``spec``, in its order."""
    _need(isinstance(content, dict) and content.keys() == spec.dimensions.keys())
    _need(all(isinstance(name, str) for name in content.values()) and _are_once(content.values()))
    return {name: content[name] for name in spec.dimensions}


def record_of(rows: Iterable[tuple[str, str]]) -> RecordTold:
    """What the ``rows`` (keys, and values in JSON) of a record tell, once everything in it fits together."""
    told = _Record.model_validate(_once([(key, read_json(value)) for key, value in rows]))
    system, policy = spec_of(told.spec), Policy.model_validate_json(json.dumps(told.policy), strict=True)
    names = names_of(told.names, system)
    levels = {level for dimension in system.dimensions.values() for level in dimension.levels}
    _need(levels <= {f"l{place}" for place in range(len(told.columns))})
    ruled = {*policy.complement, *((policy.base.dimension, *policy.base.record) if policy.base else ())}
    _need(ruled <= system.dimensions.keys())
    _need(policy.providers is None or policy.providers.level is None or policy.providers.level in levels)
    revised = None if told.vintages is None else (_vintages(told.vintages, system), told.vintages.ids)
    return RecordTold(system, names, policy, told.salt, tuple(told.previous), tuple(told.columns), revised)


def _vintages(told: _Revised, system: SystemSpec) -> SystemSpec:
    spec = spec_of(told.spec)
    _need(spec.vintage == VINTAGE and list(spec.dimensions) == [*system.dimensions, VINTAGE])
    vintage = spec.dimensions[VINTAGE]
    _need(vintage.levels == (VINTAGE,) and not vintage.total and vintage.window is None)
    codes = sorted(vintage.members[VINTAGE])
    _need(sorted(told.ids) == codes[:-1])
    return spec


def _fits(dimension: _Dimension) -> None:
    levels = {level for hierarchy in dimension.hierarchies for level in hierarchy}
    finest = dimension.hierarchies[0][-1]
    _need(all(hierarchy[-1] == finest and _are_once(hierarchy) for hierarchy in dimension.hierarchies))
    _need(dimension.members.keys() == levels)
    _need({len(codes) for codes in dimension.members.values()} == {len(dimension.members[finest])})
    _need(bool(dimension.members[finest]) and _are_once(dimension.members[finest]))
    _need(_are_once(dimension.sequence))
    _need(_are_once(code for codes in dimension.members.values() for code in set(codes)))
    _need(all(TOTAL not in codes for codes in dimension.members.values()))


def _are_once(values: Iterable[str]) -> bool:
    listed = list(values)
    return len(set(listed)) == len(listed)


def _need(holds: bool) -> None:
    if not holds:
        raise ValueError


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _need(_are_once(key for key, _ in pairs))
    return dict(pairs)


def _refuse(_: str) -> Any:
    raise ValueError
