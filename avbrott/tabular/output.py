"""An output of ``avbrott protect`` read back: what is public, and the confidential record. Writing is ``write``'s.

The engine's names (``d0``, ``d1`` ...) stand inside; files have the dimensions' own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.disclosure.files import spec_from_json
from avbrott.errors import BadInput
from avbrott.policy import Policy
from avbrott.tabular.layout import Layout
from avbrott.tabular.made import CERTIFICATE, PUBLIC, PUBLIC_WITNESSES, is_output
from avbrott.tabular.spec import (
    EARLIER_COLUMNS,
    EARLIER_WITNESS_COLUMNS,
    PART_COLUMNS,
    PUBLIC_COLUMNS,
    PUBLIC_WITNESS_COLUMNS,
    RECORD_COLUMNS,
    VINTAGE,
    WITNESS_COLUMNS,
)
from avbrott.tabular.told import tables_read

CONFIDENTIAL = "confidential"
CELLS, WITNESSES, SYSTEM, RUN, SEED = "cells.parquet", "witnesses.parquet", "system.parquet", "run.json", "seed"

EARLIER_CELLS, EARLIER_WITNESSES, REVISIONS = "earlier_cells.parquet", "earlier_witnesses.parquet", "revisions.parquet"
PROVIDERS = "providers.parquet"

FORMAT = 3
"""The form of the certificate; 1 had the engine's names of dimensions and levels, 2 other seals."""

SEALED = (CELLS, WITNESSES, SYSTEM, PROVIDERS, EARLIER_CELLS, EARLIER_WITNESSES, REVISIONS)
"""The confidential files that the certificate binds, by digests that only who has the record can try.

Every certificate has all of them, or it would tell that counts have changed: one that is not there is sealed as empty.
"""


@dataclass(frozen=True, slots=True)
class Vintages:
    """What earlier outputs had of the slices that this one revises."""

    spec: SystemSpec
    """The system with the dimension ``VINTAGE`` besides: the codes of earlier outputs, and last the one of now."""
    ids: dict[str, str]
    """By the code of a vintage, oldest first, the digest of its output's certificate."""
    cells: pl.DataFrame
    """``VINTAGE``, dimensions, and what a record has of a cell: of earlier vintages alone."""
    witnesses: pl.DataFrame
    """``witness``, ``VINTAGE``, dimensions, ``delta``: what the record's witnesses move of these cells."""

    @property
    def now(self) -> str:
        """The code of this output."""
        return str(max(self.spec.dimensions[VINTAGE].members[VINTAGE]))

    def placed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Cells of now among the vintages."""
        return frame.with_columns(pl.lit(self.now).alias(VINTAGE))

    def beside(self, now: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
        """Rows of now together with those of earlier vintages, in the columns of these."""
        return pl.concat([earlier, self.placed(now).select(earlier.columns)])


@dataclass(frozen=True, slots=True)
class Record:
    """The confidential record. ``cells``: dimensions, count, status, rule, published, fact (null, previous or known)."""

    system: SystemSpec
    names: dict[str, str]
    policy: Policy
    salt: str
    cells: pl.DataFrame
    witnesses: pl.DataFrame
    vintages: Vintages | None = None
    previous: tuple[str, ...] = ()
    """The digests of the certificates of the outputs that it was made after."""
    parts: pl.DataFrame | None = None
    """Dimensions, provider, count: whose persons the cells hold; None where the policy does not ask."""
    columns: tuple[str, ...] = ()
    """The columns of INPUT by the number of their level."""

    def whole(self) -> Record:
        """All that is to be proven: with the cells of every vintage, where there are any."""
        vintages = self.vintages
        if vintages is None:
            return self
        return replace(
            self,
            system=vintages.spec,
            names={**self.names, VINTAGE: VINTAGE},
            cells=vintages.beside(self.cells, vintages.cells),
            witnesses=vintages.beside(self.witnesses, vintages.witnesses),
            vintages=None,
        )

    def facts(self, kind: str) -> pl.DataFrame:
        """The coordinates and counts of the facts of one ``kind``."""
        return self.cells.filter(pl.col("fact") == kind).select(*self.names, "count")


@dataclass(frozen=True, slots=True)
class Public:
    """What anyone has: the published tables' spec, their cells (count null where hidden), and the public systems."""

    layout: Layout
    zeros: str
    ruled: frozenset[str]
    """The dimensions of the complement and base rules."""
    cells: pl.DataFrame
    systems: pl.DataFrame
    """``system``, the dimensions, ``count``: every hidden cell in every system."""


@dataclass(frozen=True, slots=True)
class Output:
    """One folder that ``avbrott protect`` made."""

    folder: Path
    certificate: dict[str, Any]

    @property
    def id(self) -> str:
        """What later outputs name it by."""
        return self.digest(CERTIFICATE)

    @property
    def sealed(self) -> dict[str, Any]:
        """The sealed digests that the certificate tells."""
        said = self.certificate.get("sealed")
        return said if isinstance(said, dict) else {}

    @property
    def has_record(self) -> bool:
        return (self.folder / CONFIDENTIAL).is_dir()

    def public(self) -> Public:
        """The public files. ``BadInput`` where one cannot be read."""
        try:
            layout = tables_read(self.certificate["tables"])
            policy = self.certificate["policy"]
            zeros, base = str(policy["zeros"]), policy["base"] or {}
            outside = {*policy["complement"], base.get("dimension")}
            ruled = frozenset(name for name, told in layout.names.items() if told in outside)
        except (KeyError, TypeError, ValueError, AttributeError, pl.exceptions.PolarsError):
            raise BadInput("OUTPUT_UNREADABLE", file=self.folder / CERTIFICATE) from None
        cells = _read(self.folder / PUBLIC)
        systems = _read(self.folder / PUBLIC_WITNESSES)
        cells = _fit(layout, cells, PUBLIC_COLUMNS, {"count": pl.Int64, "hidden": pl.Boolean}, self.folder / PUBLIC)
        kinds = {"system": pl.Int64, "count": pl.Int64}
        systems = _fit(layout, systems, PUBLIC_WITNESS_COLUMNS, kinds, self.folder / PUBLIC_WITNESSES)
        return Public(layout, zeros, ruled, cells, systems)

    def record(self) -> Record:
        """The confidential record. ``BadInput`` where it is not there or cannot be read."""
        folder = self.folder / CONFIDENTIAL
        try:
            told = {
                key: json.loads(value)
                for key, value in pl.read_parquet(folder / SYSTEM, glob=False).select("key", "value").rows()
            }
            system, policy = spec_from_json(told["spec"]), Policy(**told["policy"])
            names, salt, previous = dict(told["names"]), str(told["salt"]), tuple(told["previous"])
            columns = tuple(told["columns"])
            revises = told.get("vintages")
            revised = None if revises is None else (spec_from_json(revises["spec"]), dict(revises["ids"]))
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
        vintages = None if revised is None else self._vintages(layout, *revised)
        return Record(system, names, policy, salt, cells, witnesses, vintages, previous, parts, columns)

    def _vintages(self, layout: Layout, spec: SystemSpec, ids: dict[str, str]) -> Vintages:
        folder = self.folder / CONFIDENTIAL
        kinds = {"count": pl.Int64, "status": pl.String, "rule": pl.String, "published": pl.Boolean, "fact": pl.String}
        cells = _fit(layout, _read(folder / EARLIER_CELLS), EARLIER_COLUMNS, kinds, folder / EARLIER_CELLS)
        file = folder / EARLIER_WITNESSES
        return Vintages(spec, ids, cells, _fit(layout, _read(file), EARLIER_WITNESS_COLUMNS, {"witness": pl.Int64}, file))

    def digest(self, name: str) -> str:
        """The sha256 of a public file; empty where there is none."""
        return _digest(self.folder / name)

    def seal(self, name: str, salt: str) -> str:
        """The sealed digest of a confidential file, or of its not being there."""
        file = self.folder / CONFIDENTIAL / name
        return sealed(name.encode("utf-8") + b"\0" + (file.read_bytes() if file.is_file() else b""), salt)


def public_digest(folder: Path) -> str:
    """The sha256 of the public table of an output; empty where ``folder`` is none."""
    return _digest(folder / PUBLIC) if is_output(folder) else ""


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


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
    if certificate.get("format") != FORMAT:
        raise BadInput("OUTPUT_FORMAT", file=folder / CERTIFICATE, format=FORMAT)
    return Output(folder, certificate)


def _read(file: Path) -> pl.DataFrame:
    try:
        if file.suffix == ".parquet":
            return pl.read_parquet(file, glob=False)
        return pl.read_csv(file, infer_schema=False, glob=False)
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
