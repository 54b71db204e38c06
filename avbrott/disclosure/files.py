"""The confidential record of one protected system: written after protecting, read by audits and by later releases.

A folder holds ``cells.parquet``, ``witnesses.parquet`` and ``system.json`` (spec, policy and sha256 of the other files).
Not here: what is public (``release``), and what the proof must show (``checker``).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl

from avbrott.atomic import write_json, write_parquet
from avbrott.counting.spec import Dimension, Never, SystemSpec, Table
from avbrott.digests import Found
from avbrott.disclosure.checker import Fault, check_protection
from avbrott.disclosure.protect import Protection
from avbrott.errors import BadInput
from avbrott.policy import Policy

FRAMES = ("cells", "witnesses", "earlier")
_FOUND: Found[tuple[Fault, ...]] = Found(most=1000)


def write_record(
    folder: Path, spec: SystemSpec, policy: Policy, protection: Protection, earlier: pl.DataFrame | None = None
) -> None:
    """Write the record of ``protection`` into ``folder``; ``earlier`` are the facts it was made with."""
    names = list(spec.dimensions)
    if earlier is None:
        earlier = protection.cells.head(0)
    write_parquet(folder / "cells.parquet", protection.cells.sort(names))
    write_parquet(folder / "witnesses.parquet", protection.witnesses.sort("witness", *names))
    write_parquet(folder / "earlier.parquet", earlier.select(*names, "count").sort(names))
    write_json(
        folder / "system.json",
        {
            "spec": spec_to_json(spec),
            "policy": policy.model_dump(mode="json"),
            "summary": protection.summary,
            "sha256": {name: _sha256(folder / f"{name}.parquet") for name in FRAMES},
        },
    )


def read_record(folder: Path) -> tuple[SystemSpec, Policy, Protection]:
    """The spec, policy and protection in ``folder``; ``BadInput`` where a file is missing or cannot be read."""
    spec, policy, system = _system(folder)
    cells, witnesses = (_frame(folder, name) for name in ("cells", "witnesses"))
    return spec, policy, Protection(cells, witnesses, system["summary"])


def verify_record(folder: Path) -> list[Fault]:
    """Faults of the record in ``folder``, found from its files alone."""
    spec, policy, system = _system(folder)
    sums = {name: _sha256(folder / f"{name}.parquet") for name in FRAMES}
    wrong = [name for name in FRAMES if system["sha256"].get(name) != sums[name]]

    def look() -> tuple[Fault, ...]:
        cells, witnesses, earlier = (_frame(folder, name) for name in FRAMES)
        return tuple(check_protection(spec, policy, cells, witnesses, earlier))

    faults = _FOUND.of((_sha256(folder / "system.json"), *sums.values()), look)
    return [*([Fault("FILE_CHANGED", len(wrong))] if wrong else []), *faults]


def spec_to_json(spec: SystemSpec) -> dict[str, Any]:
    """A spec as plain JSON, whole: dimensions, tables, what cannot occur together and what is never published."""
    return {
        "name": spec.name,
        "unpublished": [{name: sorted(codes) for name, codes in sorted(one.items())} for one in spec.unpublished],
        "dimensions": [
            {
                "name": dimension.name,
                "members": dimension.members.sort(dimension.members.columns).to_dict(as_series=False),
                "hierarchies": [list(levels) for levels in dimension.hierarchies],
                "total": dimension.total,
                "window": dimension.window,
                "sequence": list(dimension.sequence),
            }
            for dimension in spec.dimensions.values()
        ],
        "tables": [
            {
                "name": table.name,
                "levels": {name: list(levels) for name, levels in sorted(table.levels.items())},
                "where": dict(sorted(table.where.items())),
                "windows": sorted(table.windows),
                "windows_only": sorted(table.windows_only),
                "latent": table.latent,
            }
            for table in spec.tables
        ],
        "never": [
            {
                "first": never.first,
                "first_codes": sorted(never.first_codes),
                "second": never.second,
                "second_codes": sorted(never.second_codes),
            }
            for never in spec.never
        ],
        **({"vintage": spec.vintage} if spec.vintage is not None else {}),
        **({"observed": True} if spec.observed else {}),
    }


def spec_from_json(content: dict[str, Any]) -> SystemSpec:
    """The spec that ``spec_to_json`` wrote."""
    dimensions = [
        Dimension(
            name=d["name"],
            members=pl.DataFrame(d["members"], schema=dict.fromkeys(d["members"], pl.String)),
            hierarchies=tuple(tuple(levels) for levels in d["hierarchies"]),
            total=d["total"],
            window=d["window"],
            sequence=tuple(d["sequence"]),
        )
        for d in content["dimensions"]
    ]
    tables = [
        Table(
            name=t["name"],
            levels={name: tuple(levels) for name, levels in t["levels"].items()},
            where=t["where"],
            windows=frozenset(t["windows"]),
            windows_only=frozenset(t["windows_only"]),
            latent=t["latent"],
        )
        for t in content["tables"]
    ]
    never = [
        Never(n["first"], frozenset(n["first_codes"]), n["second"], frozenset(n["second_codes"])) for n in content["never"]
    ]
    return SystemSpec(
        name=content["name"],
        dimensions={d.name: d for d in dimensions},
        tables=tuple(tables),
        never=tuple(never),
        unpublished=tuple({name: frozenset(codes) for name, codes in one.items()} for one in content["unpublished"]),
        vintage=content.get("vintage"),
        observed=content.get("observed", False),
    )


def _system(folder: Path) -> tuple[SystemSpec, Policy, dict[str, Any]]:
    try:
        found: dict[str, Any] = json.loads((folder / "system.json").read_text("utf-8"))
        return spec_from_json(found["spec"]), Policy(**found["policy"]), found
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise BadInput("RECORD_UNREADABLE", file=folder / "system.json") from None


def _frame(folder: Path, name: str) -> pl.DataFrame:
    file = folder / f"{name}.parquet"
    try:
        return pl.read_parquet(file, glob=False)
    except (OSError, pl.exceptions.PolarsError):
        raise BadInput("RECORD_UNREADABLE", file=file) from None


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
