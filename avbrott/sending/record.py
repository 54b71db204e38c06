"""What was sent of one extract and term, and what is on its way: kept at the provider, so that a killed delivery goes on.

A sealed file cannot be made again to the same bytes, so the one that is on its way is kept until it has arrived: it is as
closed here as there. Beside it are numbers, days and keyed digests, and no row's value.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import ValidationError

from avbrott import atomic
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.model import Model
from avbrott.rights import forbidden
from avbrott.sending.rows import ROWS_SCHEMA

FORMAT = 1


class TakenBack(Model):
    """What a withdrawal took back."""

    number: int
    rows: int
    content: str
    """Its digest (``rows.Memory.content``)."""


class Delivered(Model):
    """One delivery."""

    number: int
    kind: str
    created: date
    content: str
    """Its digest (``rows.Memory.content``)."""
    key: str
    """The public half of the key that it was signed with, by which the digests are told from another key's."""
    hub: str
    """The recipient that it was sealed to."""
    rows: int
    file: str
    """What it is called at the receiver."""
    sealed: str
    """The sum of the sealed file."""
    key_epoch: str | None = None
    """The epoch of the county's key that its pseudonyms were made with; None where it has none."""
    key_fingerprint: str | None = None
    """The fingerprint of that key; None where it is not told."""
    places: str | None = None
    """What tells which row of the export became which of it, as ``avbrott prepare`` called it; None where there is none."""
    takes_back: TakenBack | None = None
    """Of a withdrawal what it took back; None where that is not remembered here."""


class _Kept(Model):
    """The content of a record."""

    format: Literal[1]
    sent: Delivered | None
    pending: Delivered | None


class Record:
    """The record of one extract and term, in a folder of the provider's."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._file = folder / f"{name}.json"
        kept = self._read()
        self.sent, self.pending = kept.sent, kept.pending
        """The last that arrived; the one that may be on its way."""

    def begin(self, delivery: Delivered, content: bytes, rows: pl.DataFrame) -> None:
        """Keep what is about to be sent: what it needs first, then the record that names it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(self._folder / delivery.file, content)
            atomic.write_parquet(self._rows_file(delivery), rows)
            self._write(self.sent, delivery)
        except OSError as error:
            raise self._told(error) from None
        self.tidy()

    def end(self) -> None:
        """Say that what was on its way has arrived."""
        try:
            self._write(self.pending, None)
        except OSError as error:
            raise self._told(error) from None
        self.tidy()

    def tidy(self) -> None:
        """Remove what the record no longer names, and what killed writes left."""
        named = {self._file.name}
        if self.pending is not None:
            named.add(self.pending.file)
        named |= {self._rows_file(one).name for one in (self.sent, self.pending) if one is not None}
        try:
            for file in self._folder.iterdir():
                if self._is_ours(file.name) and file.name not in named:
                    with suppress(PermissionError):  # in use (Windows): it goes the next time
                        file.unlink(missing_ok=True)
        except OSError as error:
            raise self._told(error) from None

    def waiting(self) -> bytes | None:
        """The sealed file of what is on its way; None where it is not whole any more."""
        if self.pending is None:
            return None
        try:
            content = (self._folder / self.pending.file).read_bytes()
        except OSError:
            return None
        return content if sum_of(content) == self.pending.sealed else None

    def rows(self, delivery: Delivered) -> pl.DataFrame | None:
        """The digests of a delivery's rows; None where they are not there any more."""
        try:
            frame = pl.read_parquet(self._rows_file(delivery), glob=False)
        except (OSError, pl.exceptions.PolarsError):
            return None
        return frame if dict(frame.schema) == ROWS_SCHEMA else None

    def _rows_file(self, delivery: Delivered) -> Path:
        return self._folder / f"{self._name}-{delivery.number:04d}.rows"

    def _read(self) -> _Kept:
        try:
            if not self._file.is_file():
                return _Kept(format=FORMAT, sent=None, pending=None)
            return _Kept.model_validate_json(self._file.read_bytes())
        except (ValidationError, ValueError):
            raise BadInput("SENT_RECORD_UNREADABLE", file=self._file) from None
        except OSError as error:
            raise self._told(error) from None

    def _write(self, sent: Delivered | None, pending: Delivered | None) -> None:
        atomic.write_json(self._file, _Kept(format=FORMAT, sent=sent, pending=pending).model_dump(mode="json"))
        self.sent, self.pending = sent, pending

    def _is_ours(self, name: str) -> bool:
        """Whether a file is of this extract and term: the sealed one, digests, or what a killed write left of them."""
        rest = name.removeprefix(".").removeprefix(self._name)
        return rest != name.removeprefix(".") and rest[:1] in {"-", "."}

    def _told(self, error: OSError) -> BadInput:
        if isinstance(error, PermissionError):
            return forbidden(self._folder)
        return BadInput("SENT_RECORD_UNWRITABLE", folder=self._folder)


def memory_of(key: Path) -> Path:
    """Where it is remembered what was signed with a key, unless somebody says another folder."""
    return key.with_name(f"{key.name}.sent")


def records_of(folder: Path) -> dict[str, Record]:
    """What is remembered in ``folder``, of any extract and term, by name."""
    files = [file for file in sorted(folder.glob("*.json")) if not file.name.startswith(".")]
    return {file.stem: Record(folder, file.stem) for file in files}


def known_hubs(folder: Path) -> set[str]:
    """The recipients that what is remembered in ``folder`` was sealed to."""
    return {record.sent.hub for record in records_of(folder).values() if record.sent is not None}


def known_keys(folder: Path, epoch: str | None) -> set[str]:
    """The fingerprints of the county's keys of ``epoch`` that what is remembered in ``folder`` was made with."""
    every = (record.sent for record in records_of(folder).values())
    return {one.key_fingerprint for one in every if one is not None and one.key_fingerprint and one.key_epoch == epoch}
