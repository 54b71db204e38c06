"""How this program was started, for texts that tell a reader what to type next. Commands themselves are in ``cli``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

NAME = "avbrott"


def command() -> str:
    """What starts this program again from the same folder: its bare name where that finds it, else its path."""
    started = Path(sys.argv[0])
    if started.name != NAME or not started.is_file():
        return NAME
    found = shutil.which(NAME)
    if found is not None and Path(found).resolve() == started.resolve():
        return NAME
    try:
        return str(started.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(started)
