"""How a folder that ``avbrott protect`` made is known. Nothing of the engine is imported; reading it is ``output``'s."""

from __future__ import annotations

from pathlib import Path

CERTIFICATE = "certificate.json"
PUBLIC = "public.csv"
PUBLIC_WITNESSES = "public_witnesses.parquet"


def is_output(folder: Path) -> bool:
    """Whether ``avbrott protect`` made the folder."""
    return folder.is_dir() and (folder / CERTIFICATE).is_file() and (folder / PUBLIC).is_file()


def was_output(folder: Path) -> bool:
    """Whether a part of what ``avbrott protect`` makes is there, and is no part of a release."""
    return folder.is_dir() and not is_output(folder) and any((folder / name).is_file() for name in (PUBLIC, PUBLIC_WITNESSES))
