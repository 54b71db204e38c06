"""Writing deliveries as providers leave them: ``<extract>.csv`` and ``datapackage.json`` by provider and term.

Everything is written in a folder beside the outboxes, and each provider's outbox is then exchanged whole: a run that is
interrupted leaves the old deliveries or the new ones, and no term of a longer county stays behind a shorter one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
import yaml

from avbrott.atomic import write_text
from avbrott.delivery.package import PACKAGE, package
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts

EPOCH = "1"
"""Invented pseudonyms are of one key, which nobody has."""


@dataclass
class Outboxes:
    """A folder that is being filled, and what has been put in it."""

    staging: Path
    contracts: Contracts
    deliveries: int = 0
    files: int = 0
    size: int = 0
    """Bytes."""
    rows: dict[str, int] = field(default_factory=dict)

    def folder(self, provider: str, term: Term) -> Path:
        """Where a delivery is written before the exchange."""
        return self.staging / provider / str(term)

    def put(self, provider: str, term: Term, extract: str, frame: pl.DataFrame, encoding: str = "utf-8") -> None:
        """Write one extract as RFC 4180 CSV with line feeds; its columns are the frame's."""
        content = frame.write_csv(date_format="%Y-%m-%d").encode(encoding)
        self._write(self.folder(provider, term) / f"{extract}.csv", content)
        self.rows[extract] = self.rows.get(extract, 0) + frame.height

    def close(self, provider: str, term: Term, extracts: list[str], created: date) -> None:
        """Write the delivery's ``datapackage.json``."""
        content = package(self.contracts, provider, term, extracts, created, EPOCH)
        self._write(self.folder(provider, term) / PACKAGE, content)
        self.deliveries += 1

    def _write(self, target: Path, content: bytes) -> None:
        # Not through ``atomic``: the whole folder is exchanged at the end, and nobody reads it before.
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.files += 1
        self.size += len(content)


@contextmanager
def outboxes(home: Home, contracts: Contracts) -> Iterator[Outboxes]:
    """Fill new outboxes for every supplier; they take the place of the old ones when the block ends well."""
    staging = home.root / ".outboxes.part"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        yield Outboxes(staging, contracts)
        for supplier in contracts.suppliers.suppliers:
            _exchange(staging / supplier.id, home.outbox(supplier.id, ""), staging)
        sources = {s.id: {"folder": f"providers/{s.id}/outbox", "plain": True} for s in contracts.suppliers.suppliers}
        write_text(home.sources, yaml.safe_dump({"sources": sources}, allow_unicode=True, sort_keys=True))
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _exchange(new: Path, target: Path, staging: Path) -> None:
    """Put ``new`` where ``target`` is; without ``new`` the target is emptied."""
    new.mkdir(exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target.rename(staging / f"{new.name}.old")
    new.rename(target)
