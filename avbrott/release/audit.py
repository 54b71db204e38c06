"""``avbrott audit``: whether a release's files are what was sealed, add up, and hide what they say they hide.

With the confidential folder the proof is verified as well; without it, what anyone can check. Printing is in ``command``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.installed import need_hub
from avbrott.open_data.verify import download_faults
from avbrott.release import ledger
from avbrott.release.checks import Fault, public_faults, relations_checked
from avbrott.release.leaks import leak_faults
from avbrott.release.manifest import file_digests
from avbrott.release.public import AUDIT, MANIFEST, PACKAGE, PublicRelease, read_json, read_public, shown_cells
from avbrott.release.record import record_faults


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an audit found. ``proved`` names the systems whose confidential proof was verified; empty without the folder."""

    release: str
    faults: tuple[Fault, ...]
    files: int
    tables: int
    sums: int
    proved: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def audit(folder: Path, home: Home | None = None) -> AuditResult:
    """Audit the release in ``folder``; ``home`` is asked for its confidential record and for the releases before it.

    ``BadInput`` where the folder is no release, or its manifest, package or tables cannot be read at all; or where there is a
    confidential record, and the hub's part that verifies it is not installed.
    """
    manifest = read_json(folder / MANIFEST) if (folder / PACKAGE).is_file() else {}
    public = read_public(folder)
    if not isinstance(manifest.get("files"), dict):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=folder / MANIFEST)
    faults = _file_faults(folder, manifest["files"])
    faults += _statement_faults(public)
    name = str(manifest.get("release", folder.name))
    earlier = _earlier(home, folder, name, public) if home else {}
    faults += public_faults(public, earlier) + leak_faults(folder) + download_faults(public)
    proved = []
    if home is not None and home.confidential(name).is_dir() and _is_of(home, folder, name):
        need_hub("AUDIT_NEEDS_HUB", release=name, home=home.root)
        for system in public.systems:
            faults += record_faults(home.confidential(name) / system, public, system)
            proved.append(system)
    sums = sum(relations_checked(public).values())
    return AuditResult(name, tuple(sorted(faults)), len(manifest["files"]), len(public.tables), sums, tuple(proved))


def _file_faults(folder: Path, promised: dict[str, str]) -> list[Fault]:
    """Every file is there, unchanged, and none besides."""
    there = file_digests(folder)
    found = [Fault("FILE_MISSING", name) for name in promised if name not in there]
    found += [Fault("FILE_CHANGED", name) for name, digest in there.items() if promised.get(name, digest) != digest]
    return found + [Fault("FILE_UNKNOWN", name) for name in there if name not in promised]


def _statement_faults(public: PublicRelease) -> list[Fault]:
    """What ``audit.json`` says of the numbers of cells is so."""
    said = read_json(public.folder / AUDIT).get("cells")
    found = []
    for name, table in public.tables.items():
        counted: dict[str, dict[str, int]] = {}
        for measure, status, number in table.frame.group_by("measure", "status").len().rows():
            counted.setdefault(measure, {})[status] = number
        if not isinstance(said, dict) or said.get(name) != counted:
            found.append(Fault("STATEMENT_WRONG", name))
    return found


def _earlier(home: Home, folder: Path, name: str, public: PublicRelease) -> dict[str, pl.DataFrame]:
    """By system what the home's releases before this one showed; a cell of theirs that this one cannot place is left out."""
    if not _is_of(home, folder, name):
        return {}
    all_releases = ledger.releases(home)
    found: dict[str, pl.DataFrame] = {}
    for system, names in public.systems.items():
        parts = [
            shown_cells(before, system).select(*names, "count")
            for release in all_releases[: all_releases.index(name)]
            if system in (before := read_public(home.release(release))).systems and before.systems[system] == names
        ]
        if parts:
            found[system] = pl.concat(parts).unique(names, keep="first", maintain_order=True)
    return found


def _is_of(home: Home, folder: Path, name: str) -> bool:
    """Whether ``folder`` is the home's own release ``name``, not a copy or another one of that name."""
    return name in ledger.releases(home) and home.release(name).resolve() == folder.resolve()
