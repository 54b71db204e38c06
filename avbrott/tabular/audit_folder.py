"""What lies in an output's folder: its files as they were certified, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from avbrott.tabular import made
from avbrott.tabular import output as files
from avbrott.tabular.output import Output


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold: what, in which file, how often."""

    code: str
    where: str
    number: int = 1


def folder_faults(output: Output) -> list[Fault]:
    """What is in the folder: its files, as they were certified, and nothing else."""
    said = output.certificate.get("sha256")
    promised: dict[str, Any] = said if isinstance(said, dict) else {}
    changed = [name for name in (made.PUBLIC, made.PUBLIC_WITNESSES) if promised.get(name) != output.digest(name)]
    public = {made.PUBLIC, made.PUBLIC_WITNESSES, made.CERTIFICATE}
    entries = sorted(output.folder.iterdir())
    elsewhere = [entry.name for entry in entries if entry.name in public and entry.is_symlink()]
    elsewhere += [entry.name for entry in entries if entry.name == files.CONFIDENTIAL and not entry.is_dir()]
    told = {"FILE_CHANGED": changed, "FILE_UNKNOWN": files.strange(output.folder), "FILE_NOT_PLAIN": elsewhere}
    return [Fault(code, name) for code, names in told.items() for name in names]
