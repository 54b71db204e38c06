"""A folder of this machine or of a network drive as a target. Nothing here needs more than Windows has."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avbrott.atomic import sync_folder
from avbrott.errors import BadInput
from avbrott.rights import forbidden
from avbrott.transport.target import PART, is_whole, told_in_pieces

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
        place = self._root / folder
        with _told(place):
            if not place.is_dir():
                return []
            return sorted(file.name for file in place.iterdir() if is_whole(file.name) and file.is_file())

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
        file = self._root / name
        part = file.with_name(file.name + PART)
        with _told(file):
            for folder in reversed([one for one in file.parents if self._root in one.parents]):
                folder.mkdir(exist_ok=True)
            # Whose folder it is can put a link there: what that leads to must not be written over, be it the hub's key.
            if not file.parent.resolve().is_relative_to(self._root.resolve()):
                raise BadInput("TARGET_FAILED", target=file.parent, kind="link")
            part.unlink(missing_ok=True)
            # Not by ``atomic``, whose files are their owner's alone: who this is for is another.
            with part.open("xb") as stream:
                told_in_pieces(content, _PIECE, stream.write)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(file)
            sync_folder(file.parent)

    def remove(self, name: str) -> None:
        file = self._root / name
        with _told(file):
            for one in (file, file.with_name(file.name + PART)):
                one.unlink(missing_ok=True)


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
