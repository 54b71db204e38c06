"""How a folder that ``avbrott protect`` made is known. Nothing of the engine is imported; reading it is ``output``'s."""

from __future__ import annotations

from pathlib import Path

CERTIFICATE = "certificate.json"
PUBLIC = "public.csv"


def is_output(folder: Path) -> bool:
    """Whether ``avbrott protect`` made the folder."""
    return folder.is_dir() and (folder / CERTIFICATE).is_file() and (folder / PUBLIC).is_file()
