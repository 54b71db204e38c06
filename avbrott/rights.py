"""A file or folder that is there and may not be used: which one stands in the way, whose it is, and who lacks the right."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from avbrott.errors import BadInput

_NOBODY = "?"
"""Where the system does not tell."""


def forbidden(file: Path) -> BadInput:
    """The error to raise for ``file``, of which the system said that its use is not permitted."""
    way = [*reversed(file.absolute().parents), file]
    place = next((one for one in way if one.is_dir() and not os.access(one, os.R_OK | os.X_OK)), file)
    return BadInput("FILE_FORBIDDEN", file=file, place=place, user=user(), owner=_owner(place))


def user() -> str:
    """Who runs the program, by the system's name for it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return _NOBODY


def _owner(place: Path) -> str:
    try:
        return place.owner()
    except (OSError, KeyError, NotImplementedError):
        return _NOBODY
