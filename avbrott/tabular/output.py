"""An output of ``avbrott protect`` read back: what is public, and the confidential record. Writing is ``write``'s.

The engine's names (``d0``, ``d1`` ...) stand inside; files have the dimensions' own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from avbrott.counting.spec import SystemSpec
from avbrott.errors import BadInput
from avbrott.policy import Policy
from avbrott.rights import forbidden
from avbrott.tabular.columns import (
    WHOLE,
    Columns,
    fitted,
    read_csv,
    read_exactly,
    read_parquet,
    strange_columns,
    strange_notes,
    whole,
)
from avbrott.tabular.layout import Layout
from avbrott.tabular.made import CERTIFICATE, PUBLIC, PUBLIC_WITNESSES, is_output
from avbrott.tabular.spec import PUBLIC_COLUMNS, PUBLIC_WITNESS_COLUMNS, VINTAGE, PolicySpec
from avbrott.tabular.strict import read_json, record_of, spec_of
from avbrott.tabular.told import tables_read

CONFIDENTIAL = "confidential"
CELLS, WITNESSES, SYSTEM, RUN, SEED = "cells.parquet", "witnesses.parquet", "system.parquet", "run.json", "seed"

EARLIER_CELLS, EARLIER_WITNESSES, REVISIONS = "earlier_cells.parquet", "earlier_witnesses.parquet", "revisions.parquet"
PROVIDERS, EARLIER_PROVIDERS, KNOWN = "providers.parquet", "earlier_providers.parquet", "known.parquet"

FORMAT = 4
"""The form of the certificate; 1 had the engine's names of dimensions and levels, 2 and 3 other seals."""

SEALED = (CELLS, WITNESSES, SYSTEM, PROVIDERS, EARLIER_CELLS, EARLIER_WITNESSES, EARLIER_PROVIDERS, REVISIONS)
"""The confidential files that the certificate binds, by digests that only who has the record can try.

Every certificate has all of them, or it would tell that counts have changed: one that is not there is sealed as empty.
"""

RECORDED = (*SEALED, KNOWN, RUN, SEED)
"""Every file that ``confidential/`` can have."""

_CELL = {"count": pl.Int64, "status": pl.String, "rule": pl.String, "published": pl.Boolean, "fact": pl.String}
_CELLS = Columns(_CELL, empty=("rule", "fact"))
_WITNESSES = Columns({"witness": pl.Int64, "delta": pl.Int64})
_PARTS = Columns({"provider": pl.String, "count": pl.Int64})
_KNOWN = Columns({"count": pl.Int64})
_EARLIER = Columns({VINTAGE: pl.String, **_CELL}, empty=("rule", "fact"))
_EARLIER_WITNESSES = Columns({"witness": pl.Int64, VINTAGE: pl.String, "delta": pl.Int64})
_EARLIER_PARTS = Columns({VINTAGE: pl.String, "provider": pl.String, "count": pl.Int64})


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
    parts: pl.DataFrame | None
    """``VINTAGE``, dimensions, ``provider``, ``count``: whose persons these cells held; None where it is not known."""

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

    def all_parts(self, now: pl.DataFrame | None) -> pl.DataFrame | None:
        """Whose persons the cells of now and of earlier vintages hold; None where the one or the other is not known."""
        return None if now is None or self.parts is None else self.beside(now, self.parts)


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
    known: pl.DataFrame | None = None
    """Dimensions, count: what the attacker had from elsewhere then, cells or not; None where that is nothing."""

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
            parts=vintages.all_parts(self.parts),
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
    texts: pl.Series
    """By row of ``cells`` what stands in the file as its count."""
    strange: dict[str, int]
    """By file how many columns, or notes beside them, it has that do not belong."""


@dataclass(frozen=True, slots=True)
class Output:
    """One folder that ``avbrott protect`` made."""

    folder: Path
    certificate: dict[str, Any]

    @property
    def id(self) -> str:
        """What later outputs name it by."""
        return output_id(self.folder)

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
            spec_of(self.certificate.get("tables"))
            layout = tables_read(self.certificate["tables"])
            policy = PolicySpec.model_validate(self.certificate.get("policy"))
        except ValueError:
            raise BadInput("OUTPUT_UNREADABLE", file=self.folder / CERTIFICATE) from None
        outside = {*policy.complement, *((policy.base.dimension,) if policy.base else ())}
        ruled = frozenset(name for name, told in layout.names.items() if told in outside)
        listed, found = read_csv(self.folder / PUBLIC), read_parquet(self.folder / PUBLIC_WITNESSES)
        cells = fitted(layout, listed, PUBLIC_COLUMNS, self.folder / PUBLIC)
        systems = fitted(layout, found, PUBLIC_WITNESS_COLUMNS, self.folder / PUBLIC_WITNESSES)
        strange = {
            PUBLIC: strange_columns(layout, listed, PUBLIC_COLUMNS),
            PUBLIC_WITNESSES: strange_columns(layout, found, PUBLIC_WITNESS_COLUMNS)
            + strange_notes(self.folder / PUBLIC_WITNESSES),
        }
        count = pl.when(pl.col("count").str.contains(WHOLE)).then(pl.col("count")).cast(pl.Int64)
        hidden = pl.col("hidden").replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
        return Public(
            layout,
            policy.zeros,
            ruled,
            cells.with_columns(count.alias("count"), hidden.alias("hidden")),
            systems.with_columns(whole(systems, "system"), whole(systems, "count")),
            cells["count"].fill_null(""),
            strange,
        )

    def record(self) -> Record:
        """The confidential record. ``BadInput`` where it is not there or cannot be read."""
        folder = self.folder / CONFIDENTIAL
        try:
            told = record_of(read_parquet(folder / SYSTEM).select(pl.col("key", "value").cast(pl.String)).iter_rows())
        except (ValueError, TypeError, pl.exceptions.PolarsError):
            raise BadInput("RECORD_UNREADABLE", file=folder / SYSTEM) from None
        layout = Layout(told.system, told.names)
        cells = read_exactly(layout, _CELLS, folder / CELLS)
        witnesses = read_exactly(layout, _WITNESSES, folder / WITNESSES)
        parts = None if told.policy.providers is None else read_exactly(layout, _PARTS, folder / PROVIDERS)
        vintages = None
        if told.revised is not None:
            earlier = read_exactly(layout, _EARLIER, folder / EARLIER_CELLS)
            moved = read_exactly(layout, _EARLIER_WITNESSES, folder / EARLIER_WITNESSES)
            had = None if parts is None else read_exactly(layout, _EARLIER_PARTS, folder / EARLIER_PROVIDERS)
            vintages = Vintages(*told.revised, earlier, moved, had)
        known = read_exactly(layout, _KNOWN, folder / KNOWN) if (folder / KNOWN).is_file() else None
        terms = told.system, told.names, told.policy, told.salt
        return Record(*terms, cells, witnesses, vintages, told.previous, parts, told.columns, known)

    def digest(self, name: str) -> str:
        """The sha256 of a public file; empty where there is none."""
        return _digest(self.folder / name)

    def seal(self, name: str, salt: str) -> str:
        """The sealed digest of a confidential file, or of its not being there."""
        file = self.folder / CONFIDENTIAL / name
        return sealed(name.encode("utf-8") + b"\0" + (file.read_bytes() if file.is_file() else b""), salt)


def known_seal(names: Iterable[str], known: pl.DataFrame | None, salt: str) -> str:
    """What the certificate binds the known figures by: the dimensions ``names``, ``count``; None where there are none."""
    content = pl.DataFrame(schema=[*names, "count"]) if known is None else known.select(*names, "count")
    return sealed(content.write_csv().encode("utf-8"), salt)


def public_digest(folder: Path) -> str:
    """The sha256 of the public table of an output; empty where ``folder`` is none."""
    return _digest(folder / PUBLIC) if is_output(folder) else ""


def output_id(folder: Path) -> str:
    """What later outputs name the output at ``folder`` by; empty where it is none."""
    return _digest(folder / CERTIFICATE) if is_output(folder) else ""


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
        certificate = read_json((folder / CERTIFICATE).read_text("utf-8"))
    except PermissionError:
        raise forbidden(folder / CERTIFICATE) from None
    except (OSError, ValueError):
        raise BadInput("OUTPUT_UNREADABLE", file=folder / CERTIFICATE) from None
    if not isinstance(certificate, dict):
        raise BadInput("OUTPUT_UNREADABLE", file=folder / CERTIFICATE)
    if certificate.get("format") != FORMAT:
        raise BadInput("OUTPUT_FORMAT", file=folder / CERTIFICATE, format=FORMAT)
    return Output(folder, certificate)


def strange(folder: Path) -> list[str]:
    """What lies in an output's folder, and in its ``confidential/``, and is no part of one; sorted, by the way from it."""
    own = {PUBLIC, PUBLIC_WITNESSES, CERTIFICATE, CONFIDENTIAL}
    found = [entry.name for entry in folder.iterdir() if entry.name not in own]
    record = folder / CONFIDENTIAL
    if record.is_dir():
        found += [f"{CONFIDENTIAL}/{entry.name}" for entry in record.iterdir() if entry.name not in RECORDED]
    return sorted(found)
