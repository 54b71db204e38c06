"""An output of ``avbrott protect`` read back: what is public, and the confidential record. Writing is ``write``'s.

The engine's names (``d0``, ``d1`` ...) stand inside; files have the dimensions' own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.files import spec_from_json
from avbrott.errors import BadInput
from avbrott.policy import Policy
from avbrott.tabular.layout import Layout
from avbrott.tabular.made import CERTIFICATE, PUBLIC, is_output
from avbrott.tabular.spec import PART_COLUMNS, PUBLIC_COLUMNS, PUBLIC_WITNESS_COLUMNS, RECORD_COLUMNS, WITNESS_COLUMNS

PUBLIC_WITNESSES = "public_witnesses.parquet"
CONFIDENTIAL = "confidential"
CELLS, WITNESSES, SYSTEM, RUN, SEED = "cells.parquet", "witnesses.parquet", "system.parquet", "run.json", "seed"

PROVIDERS = "providers.parquet"


def sealed_files(policy: Policy) -> tuple[str, ...]:
    """The confidential files that the certificate binds, by digests that only who has the record can try."""
    return (CELLS, WITNESSES, SYSTEM, *([PROVIDERS] if policy.providers else []))


@dataclass(frozen=True, slots=True)
class Record:
    """The confidential record. ``cells``: dimensions, count, status, rule, published, fact (null, previous or known)."""

    system: SystemSpec
    names: dict[str, str]
    policy: Policy
    salt: str
    cells: pl.DataFrame
    witnesses: pl.DataFrame
    parts: pl.DataFrame | None
    """Dimensions, provider, count: whose persons the cells hold; None where the policy does not ask."""

    def facts(self, kind: str) -> pl.DataFrame:
        """The coordinates and counts of the facts of one ``kind``."""
        return self.cells.filter(pl.col("fact") == kind).select(*self.names, "count")


@dataclass(frozen=True, slots=True)
class Public:
    """What anyone has: the published tables' spec, their cells (count null where hidden), and the public systems."""

    layout: Layout
    zeros: str
    cells: pl.DataFrame
    systems: pl.DataFrame
    """``system``, the dimensions, ``count``: every hidden cell in every system."""


@dataclass(frozen=True, slots=True)
class Output:
    """One folder that ``avbrott protect`` made."""

    folder: Path
    certificate: dict[str, Any]

    @property
    def has_record(self) -> bool:
        return (self.folder / CONFIDENTIAL).is_dir()

    def public(self) -> Public:
        """The public files. ``BadInput`` where one cannot be read."""
        try:
            system = spec_from_json(self.certificate["tables"])
            layout = Layout(system, dict(self.certificate["dimensions"]))
            zeros = str(self.certificate["policy"]["zeros"])
        except (KeyError, TypeError, ValueError):
            raise BadInput("OUTPUT_UNREADABLE", file=self.folder / CERTIFICATE) from None
        cells = _read(self.folder / PUBLIC)
        systems = _read(self.folder / PUBLIC_WITNESSES)
        cells = _fit(layout, cells, PUBLIC_COLUMNS, {"count": pl.Int64, "hidden": pl.Boolean}, self.folder / PUBLIC)
        kinds = {"system": pl.Int64, "count": pl.Int64}
        systems = _fit(layout, systems, PUBLIC_WITNESS_COLUMNS, kinds, self.folder / PUBLIC_WITNESSES)
        return Public(layout, zeros, cells, systems)

    def record(self) -> Record:
        """The confidential record. ``BadInput`` where it is not there or cannot be read."""
        folder = self.folder / CONFIDENTIAL
        try:
            told = {key: json.loads(value) for key, value in pl.read_parquet(folder / SYSTEM).select("key", "value").rows()}
            system, policy = spec_from_json(told["spec"]), Policy(**told["policy"])
            names, salt = dict(told["names"]), str(told["salt"])
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
            raise BadInput("RECORD_UNREADABLE", file=folder / SYSTEM) from None
        layout = Layout(system, names)
        kinds = {"count": pl.Int64, "status": pl.String, "rule": pl.String, "published": pl.Boolean, "fact": pl.String}
        cells = _fit(layout, _read(folder / CELLS), RECORD_COLUMNS, kinds, folder / CELLS)
        witnesses = _fit(layout, _read(folder / WITNESSES), WITNESS_COLUMNS, {"witness": pl.Int64}, folder / WITNESSES)
        parts = None
        if policy.providers is not None:
            kinds = {"provider": pl.String, "count": pl.Int64}
            parts = _fit(layout, _read(folder / PROVIDERS), PART_COLUMNS, kinds, folder / PROVIDERS)
        return Record(system, names, policy, salt, cells, witnesses, parts)

    def digest(self, name: str) -> str:
        """The sha256 of a public file; empty where there is none."""
        file = self.folder / name
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""

    def seal(self, name: str, salt: str) -> str:
        """The sealed digest of a confidential file; empty where there is none."""
        file = self.folder / CONFIDENTIAL / name
        return sealed(file.read_bytes(), salt) if file.is_file() else ""


def sealed(content: bytes, salt: str) -> str:
    """A digest that tells nothing to who does not have ``salt``: small tables could otherwise be tried one by one."""
    return hashlib.blake2b(content, key=bytes.fromhex(salt), digest_size=32).hexdigest()


def read_output(folder: Path) -> Output:
    """Open a folder. ``BadInput`` where it is no output, or its certificate cannot be read."""
    if not is_output(folder):
        raise BadInput("OUTPUT_MISSING", folder=folder)
    try:
        certificate = json.loads((folder / CERTIFICATE).read_text("utf-8"))
    except (OSError, ValueError):
        raise BadInput("OUTPUT_UNREADABLE", file=folder / CERTIFICATE) from None
    if not isinstance(certificate, dict):
        raise BadInput("OUTPUT_UNREADABLE", file=folder / CERTIFICATE)
    return Output(folder, certificate)


def _read(file: Path) -> pl.DataFrame:
    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file)
        return pl.read_csv(file, infer_schema=False)
    except (OSError, ValueError, pl.exceptions.PolarsError):
        raise BadInput("OUTPUT_UNREADABLE", file=file) from None


def _fit(
    layout: Layout, frame: pl.DataFrame, columns: tuple[str, ...], kinds: Mapping[str, type[pl.DataType]], file: Path
) -> pl.DataFrame:
    """The file's frame in the engine's names, with every column that it must have; null where a value is of another kind."""
    found = layout.unnamed(frame, columns)
    if {*layout.names, *columns} - set(found.columns):
        raise BadInput("OUTPUT_UNREADABLE", file=file)
    strings = [pl.col(name).cast(pl.String) for name in layout.names]
    typed = [
        (pl.col(name) == "true").alias(name)
        if kind is pl.Boolean and found[name].dtype == pl.String
        else pl.col(name).cast(kind, strict=False)
        for name, kind in kinds.items()
    ]
    try:
        return found.with_columns(*strings, *typed).select(*layout.names, *columns)
    except pl.exceptions.PolarsError:
        raise BadInput("OUTPUT_UNREADABLE", file=file) from None
