"""Rows that lie in a bucket: where a file of the store would be lies a line that says which object it is.

With the setting ``AVBROTT_ROWS_AT=s3://bucket/prefix`` what ``files`` writes goes there, encrypted here and before it leaves,
called by the sum of its bytes and a lot: each object is of one line, also where bytes are alike. The store on disk keeps its
folders, names and locks, so that everything else is as it was; a line is written once its object is there, and an object that
its line no longer names is removed. What a killed run leaves of such objects ``sweep`` removes. Without the setting all of it
is written to the disk. Rows that move, to the disk or to another bucket, are read where ``AVBROTT_ROWS_FROM`` says.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.transport.target import bucket

if TYPE_CHECKING:
    from avbrott.transport.s3 import S3Target

SETTING = "AVBROTT_ROWS_AT"
FROM = "AVBROTT_ROWS_FROM"
_LINE = re.compile(rb"AVBROWS1 ([0-9a-f]{64}) ([0-9]{1,15}) ([0-9a-f]{16})\n")
_LONGEST = 120
"""So many bytes has no line."""
_FOLDER = 2
"""So much of a sum is the folder of its object."""
_AGE = timedelta(days=1)
"""An object that no line names, and that is older, is nobody's: so long no run takes to write the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """What lies on the disk in place of rows: the sum of an object's bytes, how many there are, and the object's lot."""

    sum: str
    size: int
    lot: str

    @classmethod
    def of(cls, content: bytes) -> Line | None:
        """The line that ``content`` is; None where it is none."""
        found = _LINE.fullmatch(content) if len(content) < _LONGEST else None
        return cls(found[1].decode(), int(found[2]), found[3].decode()) if found else None

    @classmethod
    def at(cls, file: Path) -> Line | None:
        """The line in a file; None where it is none, or there is no file."""
        try:
            with file.open("rb") as stream:
                return cls.of(stream.read(_LONGEST))
        except OSError:
            return None

    @property
    def written(self) -> bytes:
        return f"AVBROWS1 {self.sum} {self.size} {self.lot}\n".encode()

    @property
    def name(self) -> str:
        """What the object is called under the prefix."""
        return f"{self.sum[:_FOLDER]}/{self.sum}.{self.lot}"


class Elsewhere:
    """The objects of one store."""

    def __init__(self, target: S3Target) -> None:
        self._target = target

    @property
    def where(self) -> str:
        """The address, without what one comes in with."""
        return self._target.where

    def find(self, line: Line) -> bytes | None:
        """The bytes of the object; None where it is not there."""
        try:
            return self._target.read(line.name)
        except BadInput as problem:
            if problem.code != "TARGET_FILE_MISSING":
                raise
            return None

    def write(self, content: bytes) -> Line:
        """Make the object, whole or not at all."""
        line = Line(sum_of(content), len(content), secrets.token_hex(8))
        self._target.write(line.name, content)
        return line

    def remove(self, line: Line) -> None:
        """Remove the object; one that is not there is removed already."""
        self._target.remove(line.name)

    def sweep(self, named: Iterable[Line]) -> int:
        """Remove objects that no line names and that are a day old; how many."""
        there = {line.name for line in named}
        old = [name for name, age in self._target.ages().items() if name not in there and age > _AGE]
        for name in old:
            self._target.remove(name)
        return len(old)

    def refuse_versions(self) -> None:
        """``BadInput`` where the bucket keeps what is removed from it: nothing could be erased."""
        if self._target.keeps_versions():
            raise BadInput("STORE_KEEPS_VERSIONS", target=self._target.where)


def elsewhere() -> Elsewhere | None:
    """Where rows go; None: they lie on the disk. ``BadInput`` where the setting names no bucket."""
    return _said(SETTING)


def places() -> list[Elsewhere]:
    """Where rows may lie beside the disk, those of ``elsewhere`` first; ``BadInput`` where a setting names no bucket."""
    return [place for place in map(_said, (SETTING, FROM)) if place]


def bytes_of(line: Line, file: Path) -> bytes:
    """What ``line``, which is in ``file``, stands for; ``BadInput`` where there is no such object, or another."""
    for place in (there := _places_of(file)):
        content = place.find(line)
        if content is not None:
            if sum_of(content) != line.sum:
                raise BadInput("STORE_FILE_DAMAGED", file=file)
            return content
    raise BadInput("STORE_OBJECT_MISSING", file=file, target=", ".join(place.where for place in there))


def remove_object(line: Line, file: Path) -> None:
    """Remove what ``line``, which is or was in ``file``, stands for."""
    for place in _places_of(file):
        place.remove(line)


def _places_of(file: Path) -> list[Elsewhere]:
    if found := places():
        return found
    raise BadInput("STORE_ROWS_ELSEWHERE", file=file, setting=SETTING)


def _said(setting: str) -> Elsewhere | None:
    said = os.environ.get(setting)
    return _opened(said, setting) if said else None


@lru_cache(maxsize=4)
def _opened(said: str, setting: str) -> Elsewhere:
    found = bucket(said)
    if found is None:
        raise BadInput("STORE_ROWS_AT_NO_BUCKET", setting=setting)
    return Elsewhere(found)
