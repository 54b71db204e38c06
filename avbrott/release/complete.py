"""Whether every release that this home knows of is there, whole: what was shown is known for good, and must be reckoned with.

A release made beside a forgotten one could show a figure that differs from a published one by a single pupil. What knows of a
release: its confidential record, its frozen rows, the link to the newest, and the manifest of the one after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.release import ledger
from avbrott.release.public import MANIFEST, SITE, read_json
from avbrott.release.schools import FIGURES, SCHOOLS

PENDING = ".pending"
"""In a release's record and rows until it is visible: what a killed run leaves behind can be told from what is kept."""

TOLD = "told.json"
"""In a release's confidential folder: what schools' pages were made of, with sums."""


def refuse_incomplete(home: Home) -> None:
    """Let nothing be made where an earlier release cannot be reckoned with.

    ``BadInput`` where a release is known and not there (RELEASE_MISSING), is there without its record (RECORD_MISSING) or
    without what schools were told (PRIVATE_MISSING), or is not what was published (RELEASE_CHANGED). Pages may be built anew
    and are not looked at.
    """
    there = ledger.releases(home)
    for release, known_by in _known(home, there):
        if release not in there:
            raise BadInput("RELEASE_MISSING", release=release, folder=home.release(release), known_by=known_by)
    for release in there:
        if not home.confidential(release).is_dir():
            raise BadInput("RECORD_MISSING", release=release, folder=home.confidential(release))
        for file, expected in _promised(home.release(release)):
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != expected:
                raise BadInput("RELEASE_CHANGED", release=release, file=file)
        _refuse_forgotten_pages(home, release)


def told_schools(private: Path) -> dict[str, str]:
    """The files under ``private`` that schools' pages are made of, by their path there, with their sums."""
    files = sorted((private / SCHOOLS).glob(f"*/{FIGURES}"))
    return {file.relative_to(private).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _refuse_forgotten_pages(home: Home, release: str) -> None:
    record, private = home.confidential(release), home.private(release)
    if (record / TOLD).is_file():
        for name, expected in sorted(read_json(record / TOLD).items()):
            file = private / name
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != expected:
                raise BadInput("PRIVATE_MISSING", release=release, file=file)
    elif any(_has_pages(system) for system in record.glob("*/system.json")) and not (private / SCHOOLS).is_dir():
        raise BadInput("PRIVATE_MISSING", release=release, file=private / SCHOOLS)


def _has_pages(system: Path) -> bool:
    """Whether the policy of a record gives anybody a page; releases of earlier versions do not list them."""
    policy = read_json(system).get("policy")
    return isinstance(policy, dict) and policy.get("pages") is not None


def _known(home: Home, there: list[str]) -> Iterator[tuple[str, Path]]:
    """Releases that were published, each with the place that tells so."""
    for record in sorted([*home.confidential("").glob("*"), *home.frozen("").glob("*")]):
        if ledger.is_identifier(record.name) and record.is_dir() and not (record / PENDING).exists():
            yield record.name, record
    if home.current.is_symlink():
        yield home.current.readlink().name, home.current
    for release in there:
        manifest = home.release(release) / MANIFEST
        previous = read_json(manifest).get("previous")
        if previous is not None:
            yield str(previous), manifest


def _promised(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of a release that figures are read from, with their sums."""
    files = read_json(folder / MANIFEST).get("files")
    if not isinstance(files, dict):
        raise BadInput("RELEASE_FILE_UNREADABLE", file=folder / MANIFEST)
    for name, expected in sorted(files.items()):
        if Path(name).parts[:1] != (SITE,):
            yield folder / name, str(expected)
