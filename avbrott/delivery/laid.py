"""What others have laid in a folder, opened with care: a provider may be able to make links, pipes and devices there.

A link would have the hub read its own key, or another provider's rows, as the provider's; a pipe or a device never ends.
"""

from __future__ import annotations

import os
import stat
from itertools import islice
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.links import is_folder_itself

MOST_FILES = 2000
"""So many names in a folder are looked at. One that holds more is looked into no further."""

_CAREFUL = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
_FOLDER = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC"))


def files_in(folder: Path) -> list[Path]:
    """What lies in a folder of one term, by name. ``BadInput``: the folder is a link or holds too much."""
    if not is_folder_itself(folder):
        raise BadInput("LAID_FOLDER_LINK", folder=folder)
    with os.scandir(folder) as entries:
        names = [entry.name for entry in islice(entries, MOST_FILES + 1)]
    if len(names) > MOST_FILES:
        raise BadInput("LAID_TOO_MANY", folder=folder, most=MOST_FILES)
    return [folder / name for name in sorted(names)]


def read_laid(file: Path, most: int) -> bytes:
    """The bytes of a file, ``most`` at most, whose folder and itself are what they look like.

    ``BadInput``: ``LAID_NO_FILE`` (a link, pipe, device or folder), ``LAID_TOO_LARGE``, ``LAID_UNREADABLE``.
    """
    try:
        _must_be_file(os.lstat(file))
        handle = _opened(file)
        try:
            found = os.fstat(handle)
            _must_be_file(found)
            if found.st_size > most:
                raise BadInput("LAID_TOO_LARGE")
            with os.fdopen(handle, "rb", closefd=False) as stream:
                return stream.read(found.st_size)  # and no more, should it grow
        finally:
            os.close(handle)
    except OSError:
        raise BadInput("LAID_UNREADABLE") from None


def _opened(file: Path) -> int:
    """Opened as it lies in its folder, and that as it lies in its own: neither can be exchanged for a link meanwhile."""
    if os.open not in os.supports_dir_fd:
        if not is_folder_itself(file.parent):
            raise BadInput("LAID_NO_FILE")
        return os.open(file, os.O_RDONLY | _CAREFUL)
    folder = os.open(file.parent, os.O_RDONLY | _FOLDER)
    try:
        return os.open(file.name, os.O_RDONLY | _CAREFUL, dir_fd=folder)
    finally:
        os.close(folder)


def _must_be_file(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise BadInput("LAID_NO_FILE")
