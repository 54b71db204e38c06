"""A folder within a place that others may write in, held open while files are made and named there. No link is followed.

Where the system cannot hold folders open (Windows) they are looked at before they are used. What is laid is ``folder``'s.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.links import is_folder_itself

_LINK = {errno.ELOOP, errno.ENOTDIR}
_NO_NAMES_BESIDE = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""What a file system says whose files have one name: FAT, and some network drives."""
_BY_HANDLE = os.open in os.supports_dir_fd
_FOLDER = sum(getattr(os, name, 0) for name in ("O_DIRECTORY", "O_CLOEXEC"))
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))


@dataclass(frozen=True, slots=True)
class HeldFolder:
    """A folder that is held open, where the system can: whatever is put in its place, this one is used."""

    path: Path
    handle: int | None

    @classmethod
    def root(cls, path: Path) -> HeldFolder:
        return cls(path, os.open(path, os.O_RDONLY | _FOLDER) if _BY_HANDLE else None)

    def within(self, name: str) -> HeldFolder:
        """The folder of this name in it, which is made where there is none; ``BadInput`` where the name is a link's.

        Whose place it is can put a link there, and what that leads to must not be written over, be it the hub's key.
        """
        with suppress(FileExistsError):
            os.mkdir(self._of(name), dir_fd=self.handle)
        path = self.path / name
        try:
            if _BY_HANDLE:
                return HeldFolder(path, os.open(name, os.O_RDONLY | os.O_NOFOLLOW | _FOLDER, dir_fd=self.handle))
        except OSError as error:
            if error.errno not in _LINK:
                raise
        else:
            if is_folder_itself(path):
                return HeldFolder(path, None)
        raise BadInput("TARGET_FAILED", target=path, kind="link")

    def new(self, name: str) -> int:
        """A new file in it, open for writing."""
        return os.open(self._of(name), _NEW, 0o666, dir_fd=self.handle)

    def has(self, name: str) -> bool:
        """Whether anything is called so."""
        try:
            os.stat(self._of(name), dir_fd=self.handle, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def names(self) -> list[str]:
        return os.listdir(self.path if self.handle is None else self.handle)  # noqa: PTH208  which knows no handles

    def remove(self, name: str) -> None:
        """Take a part away; where it is in use (Windows) it stays."""
        with suppress(FileNotFoundError, PermissionError):
            os.unlink(self._of(name), dir_fd=self.handle)

    def replace(self, part: str, file: str) -> None:
        """Call a part ``file``, in place of what was called so."""
        os.replace(self._of(part), self._of(file), src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def name(self, part: str, file: str) -> None:
        """Call a part ``file``, beside its own name or in place of it; ``FileExistsError`` where anything is called so."""
        if sys.platform == "win32":  # where a rename puts nothing in the place of another
            Path(self._of(part)).rename(self._of(file))
            return
        try:
            os.link(self._of(part), self._of(file), src_dir_fd=self.handle, dst_dir_fd=self.handle)
        except OSError as error:
            if error.errno not in _NO_NAMES_BESIDE:
                raise
            if self.has(file):
                raise FileExistsError from None
            os.rename(self._of(part), self._of(file), src_dir_fd=self.handle, dst_dir_fd=self.handle)

    def sync(self) -> None:
        """Make a name last through a power cut, where the system lets a folder be opened."""
        if self.handle is not None:
            os.fsync(self.handle)

    def close(self) -> None:
        if self.handle is not None:
            os.close(self.handle)

    def _of(self, name: str) -> str | Path:
        return name if self.handle is not None else self.path / name


@contextmanager
def held_folder(root: Path, parents: list[str]) -> Iterator[HeldFolder]:
    """The folder that ``parents`` lead to from ``root``, and those on the way there, held open."""
    held = [HeldFolder.root(root)]
    try:
        for name in parents:
            held.append(held[-1].within(name))
        yield held[-1]
    finally:
        for folder in held:
            folder.close()
