"""Files that a person fills in: written where there is none yet. What stands in them is made elsewhere."""

from __future__ import annotations

from pathlib import Path

from avbrott.atomic import write_bytes
from avbrott.errors import BadInput


def write_new(target: Path, content: bytes) -> None:
    """Write ``content`` whole; ``BadInput`` where something is there already, or cannot be written."""
    if target.exists():
        raise BadInput("FORM_THERE_ALREADY", file=target)
    try:
        write_bytes(target, content)
    except OSError:
        raise BadInput("FORM_UNWRITABLE", file=target) from None
