"""Whether a folder is one itself, and no link to one: where others may write, a link leads to what is not theirs."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_JUNCTION = 0xA0000003


def is_folder_itself(folder: Path) -> bool:
    """Whether it is a folder, and neither a link to one nor a junction of Windows. ``OSError`` where nothing is there."""
    found = os.lstat(folder)
    return stat.S_ISDIR(found.st_mode) and getattr(found, "st_reparse_tag", 0) != _JUNCTION
