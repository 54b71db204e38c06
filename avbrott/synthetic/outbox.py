"""Writing deliveries as providers leave them, by provider and term: an extract a file, and ``datapackage.json``.

Everything is written in a folder beside the outboxes, and each provider's outbox is then exchanged whole: a run that is
interrupted leaves the old deliveries or the new ones, and no term of a longer county stays behind a shorter one.
"""

from __future__ import annotations

import io
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
from avbrott.suppliers import Supplier

EPOCH = "1"
"""Invented pseudonyms are of one key, which nobody has."""


@dataclass
class Outboxes:
    """A folder that is being filled, and what has been put in it."""

    staging: Path
    suppliers: tuple[Supplier, ...] = ()
    parquet: bool = False
    """Whether extracts are written as Parquet; one in another encoding is CSV all the same."""
    deliveries: int = 0
    files: int = 0
    size: int = 0
    """Bytes."""
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def contracts(self) -> Path:
        """Where an invented country's contracts are written before the exchange."""
        return self.staging / ".contracts"

    @property
    def truth(self) -> Path:
        """Where its truth is written before the exchange."""
        return self.staging / ".truth"

    def folder(self, provider: str, term: Term) -> Path:
        """Where a delivery is written before the exchange."""
        return self.staging / provider / str(term)

    def put(self, provider: str, term: Term, extract: str, frame: pl.DataFrame, encoding: str = "utf-8") -> str:
        """Write one extract, as RFC 4180 CSV with line feeds or as Parquet; its columns are the frame's. Returns its file."""
        if self.parquet and encoding == "utf-8":
            sink, suffix = io.BytesIO(), "parquet"
            frame.write_parquet(sink, compression="zstd", statistics=False)
            content = sink.getvalue()
        else:
            content, suffix = frame.write_csv(date_format="%Y-%m-%d").encode(encoding), "csv"
        self._write(self.folder(provider, term) / f"{extract}.{suffix}", content)
        self.rows[extract] = self.rows.get(extract, 0) + frame.height
        return f"{extract}.{suffix}"

    def close(self, contracts: Contracts, provider: str, term: Term, files: list[str], created: date) -> None:
        """Write the delivery's ``datapackage.json``."""
        content = package(contracts, provider, term, files, created, EPOCH)
        self._write(self.folder(provider, term) / PACKAGE, content)
        self.deliveries += 1

    def add(self, other: Outboxes) -> None:
        """Count what another process has put in the same folder."""
        self.deliveries += other.deliveries
        self.files += other.files
        self.size += other.size
        for extract, rows in other.rows.items():
            self.rows[extract] = self.rows.get(extract, 0) + rows

    def _write(self, target: Path, content: bytes) -> None:
        # Not through ``atomic``: the whole folder is exchanged at the end, and nobody reads it before.
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.files += 1
        self.size += len(content)


@contextmanager
def outboxes(home: Home, suppliers: tuple[Supplier, ...] = ()) -> Iterator[Outboxes]:
    """Fill new outboxes for every supplier; they take the place of the old ones when the block ends well.

    Who the suppliers are may be said inside the block, which is also the place of an invented country's contracts and truth.
    """
    staging = home.root / ".outboxes.part"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        boxes = Outboxes(staging, suppliers)
        yield boxes
        for supplier in boxes.suppliers:
            _exchange(staging / supplier.id, home.outbox(supplier.id, ""), staging)
        listed = {supplier.id for supplier in boxes.suppliers}
        for folder in home.outbox("-", "").parents[1].iterdir():
            if folder.name not in listed:
                shutil.rmtree(folder / "outbox", ignore_errors=True)
        if boxes.contracts.is_dir():
            _exchange(boxes.contracts, home.invented_contracts, staging)
        else:
            shutil.rmtree(home.invented_contracts, ignore_errors=True)
        if boxes.truth.is_dir():
            _exchange(boxes.truth, home.truth, staging)
        sources = {one: {"folder": f"providers/{one}/outbox", "plain": True} for one in listed}
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
