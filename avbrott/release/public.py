"""A release as anyone sees it: its files read back, and its tables laid out as the cells of one system each.

The writer's gate, the ledger of earlier releases and the audit all read through here, so that they see what an attacker sees.
Nothing confidential has a path in here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from avbrott.errors import BadInput
from avbrott.policy import Policy
from avbrott.release.codes import COLUMNS
from avbrott.release.tables import MEASURE_COLUMNS, PERSONS, SHOWN
from avbrott.table import TOTAL

PACKAGE = "datapackage.json"
MANIFEST = "manifest.json"
AUDIT = "audit.json"
TABLES = "tables"
CODELISTS = "codelists"
SITE = "site"


@dataclass(frozen=True)
class PublicTable:
    """One table as it is published: String columns, ``value`` null where nothing is shown."""

    name: str
    frame: pl.DataFrame
    dimensions: tuple[str, ...]
    system: str | None
    where: dict[str, str]
    share: dict[str, Any] | None
    codes: dict[str, tuple[str, ...]]
    """By dimension the codes that the table promises to list."""


@dataclass(frozen=True)
class PublicRelease:
    """One release folder. ``systems`` names each system's dimensions, in their order."""

    folder: Path
    package: dict[str, Any]
    tables: dict[str, PublicTable]
    codelists: dict[str, pl.DataFrame]
    systems: dict[str, tuple[str, ...]]
    periods: dict[str, str]
    """By system the dimension whose values are frozen once published."""
    policies: dict[str, Policy]
    """By system its policy's full value."""
    incomplete: dict[str, frozenset[str]]
    """By dimension the codes whose parts are not all published."""
    sums: dict[str, dict[str, tuple[str, ...]]]
    """By dimension the codes that add up others across the hierarchy, and of which."""


def read_public(folder: Path) -> PublicRelease:
    """Read the files under ``folder``; ``BadInput`` names the file that is missing or not what it should be."""
    if not (folder / PACKAGE).is_file():
        raise BadInput("RELEASE_NOT_FOUND", release=folder)
    package = read_json(folder / PACKAGE)
    try:
        described = [one for one in package["resources"] if one["path"].startswith(f"{TABLES}/")]
        tables = {one["name"]: _table(folder, one) for one in described}
        lists = [one["path"] for one in package["resources"] if one["path"].startswith(f"{CODELISTS}/")]
        about = package["avbrott"]["systems"]
        systems = {name: tuple(one["dimensions"]) for name, one in about.items()}
        periods = {name: str(one["period"]) for name, one in about.items()}
        policies = {name: Policy.model_validate(one["policy"]) for name, one in about.items()}
        incomplete = {name: frozenset(codes) for name, codes in package["avbrott"]["incomplete"].items()}
        sums = {
            name: {code: tuple(map(str, parts)) for code, parts in found.items()}
            for name, found in package["avbrott"]["sums"].items()
        }
        codelists = {Path(path).stem: _columns(folder / path, COLUMNS) for path in lists}
    except (KeyError, TypeError, AttributeError, ValidationError):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=folder / PACKAGE) from None
    return PublicRelease(folder, package, tables, codelists, systems, periods, policies, incomplete, sums)


def read_json(file: Path) -> dict[str, Any]:
    """The object in ``file``; ``BadInput`` where there is none."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=file) from None
    if not isinstance(content, dict):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=file)
    return content


def system_cells(release: PublicRelease, system: str) -> pl.DataFrame:
    """Every persons row of the system's tables: its dimensions, ``count`` (null unless shown), ``status``, ``table``."""
    names = release.systems[system]
    schema = {**dict.fromkeys(names, pl.String), "count": pl.Int64, "status": pl.String, "table": pl.String}
    parts = [pl.DataFrame(schema=schema)]
    for table in release.tables.values():
        if table.system != system:
            continue
        fixed = [pl.lit(table.where.get(name, TOTAL)).alias(name) for name in names if name not in table.dimensions]
        rows = table.frame.filter(pl.col("measure") == PERSONS).with_columns(*fixed, table=pl.lit(table.name))
        count = pl.when(pl.col("status") == SHOWN).then(pl.col("value")).cast(pl.Int64, strict=False)
        parts.append(rows.select(*names, count.alias("count"), "status", "table"))
    return pl.concat(parts)


def shown_cells(release: PublicRelease, system: str) -> pl.DataFrame:
    """The distinct shown cells of a system: its dimensions and ``count``."""
    cells = system_cells(release, system).filter(pl.col("status") == SHOWN, pl.col("count").is_not_null())
    return cells.select(*release.systems[system], "count").unique(maintain_order=True)


def _table(folder: Path, resource: Mapping[str, Any]) -> PublicTable:
    about = resource["avbrott"]
    dimensions = tuple(str(one["name"]) for one in resource["schema"]["fields"])[: -len(MEASURE_COLUMNS)]
    frame = _columns(folder / resource["path"], (*dimensions, *MEASURE_COLUMNS))
    codes = {name: tuple(about["codes"][name]) for name in dimensions}
    return PublicTable(resource["name"], frame, dimensions, about["system"], about["where"], about["share"], codes)


def _columns(file: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    """The CSV ``file`` as text; it has exactly ``columns``."""
    try:
        frame = pl.read_csv(file, infer_schema=False, encoding="utf8", glob=False)
    except (OSError, pl.exceptions.PolarsError):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=file) from None
    if tuple(frame.columns) != columns:
        raise BadInput("RELEASE_FILE_UNREADABLE", file=file)
    return frame
