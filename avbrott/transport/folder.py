"""A folder of this machine or of a network drive as a target. Nothing here needs more than Windows has."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path, PurePosixPath

from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.rights import forbidden
from avbrott.transport.held import HeldFolder, held_folder
from avbrott.transport.target import (
    PART,
    Listing,
    is_part_of,
    is_there_as,
    is_whole,
    part_begins,
    refuse_many,
    told_in_pieces,
)

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PIECE = 1 << 20


class FolderTarget:
    """A folder that is there: a network drive that is not connected must not become a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._root = folder
        with _told(folder):
            if not folder.is_dir():
                raise BadInput("TARGET_MISSING", target=folder)

    @property
    def where(self) -> str:
        return str(self._root)

    def names(self, folder: str) -> list[str]:
        return list(self.listing(folder).files)

    def listing(self, folder: str, most: int | None = None) -> Listing:
        place = self._root / folder
        with _told(place):
            if not place.is_dir():
                return Listing((), {})
            found = list(islice(place.iterdir(), None if most is None else most + 1))
            refuse_many(len(found), most, self.where, folder)
            there = sorted(file for file in found if is_whole(file.name))
            files = {file.name: f"{file.stat().st_size} {file.stat().st_mtime_ns}" for file in there if file.is_file()}
            return Listing(tuple(file.name for file in there if file.is_dir()), files)

    def size(self, name: str) -> int | None:
        file = self._root / name
        with _told(file):
            return file.stat().st_size if file.is_file() else None

    def read(self, name: str, most: int | None = None) -> bytes:
        file = self._root / name
        with _told(file):
            try:
                with file.open("rb") as stream:
                    return stream.read() if most is None else stream.read(most)
            except FileNotFoundError:
                raise BadInput("TARGET_FILE_MISSING", target=self.where, file=name) from None

    def write(self, name: str, content: bytes) -> None:
        with self._written(name, content) as (folder, part, file):
            try:
                folder.replace(part, file)
            except FileNotFoundError:  # taken away by another, whose own file was laid after this one
                if not folder.has(file):
                    raise

    def lay(self, name: str, content: bytes) -> bool:
        with self._written(name, content) as (folder, part, file):
            try:
                folder.name(part, file)
            except (FileExistsError, FileNotFoundError):
                if not folder.has(file):
                    raise
                return is_there_as(self, name, content) is True
        return True

    def give_up(self, name: str, content_sum: str) -> None:
        file, begins = self._root / name, part_begins(PurePosixPath(name).name, content_sum)
        with _told(file), suppress(FileNotFoundError):
            for one in list(file.parent.iterdir()):
                if is_part_of(file.name, one.name) and one.name.startswith(begins):
                    one.unlink(missing_ok=True)

    @contextmanager
    def _written(self, name: str, content: bytes) -> Iterator[tuple[HeldFolder, str, str]]:
        """``content`` in its folder under a name of its own, which the block gives it ``name`` for; and both names.

        When something is called ``name``, what else was on its way there is of no use any more.
        """
        *parents, file = PurePosixPath(name).parts
        part = f"{part_begins(file, sum_of(content))}.{secrets.token_hex(8)}{PART}"
        with _told(self._root / name), held_folder(self._root, parents) as folder:
            try:
                # Not by ``atomic``, whose files are their owner's alone: who this is for is another.
                with os.fdopen(folder.new(part), "wb") as stream:
                    told_in_pieces(content, _PIECE, stream.write)
                    stream.flush()
                    os.fsync(stream.fileno())
                yield folder, part, file
            finally:
                folder.remove(part)
            for left in folder.names():
                if is_part_of(file, left):
                    folder.remove(left)
            folder.sync()


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """What the system says of a file, as an error that its reader can mend."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise BadInput("TARGET_FULL", target=file.parent) from None
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            raise forbidden(file) from None
        raise BadInput("TARGET_FAILED", target=file, kind=type(error).__name__) from None
