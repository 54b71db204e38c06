"""Generated pages on disk: written where they differ, or compared. What they say is made in ``pages``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from avbrott import atomic

OWN = "contracts"
"""The sub-folder that holds generated pages alone: a page there that is no longer made is stale."""


def stale(docs: Path, made: Mapping[str, str]) -> list[str]:
    """The paths of pages that are missing, differ, or are no longer made, sorted."""
    differing = {name for name, text in made.items() if _read(docs / name) != text}
    return sorted(differing | _left_over(docs, made))


def write(docs: Path, made: Mapping[str, str]) -> list[str]:
    """Write what differs and remove what is no longer made; return the paths that were touched."""
    touched = stale(docs, made)
    for name in touched:
        if name in made:
            atomic.write_text(docs / name, made[name])
        else:
            (docs / name).unlink()
    return touched


def _left_over(docs: Path, made: Mapping[str, str]) -> set[str]:
    there = {file.relative_to(docs).as_posix() for file in (docs / OWN).rglob("*.md")}
    return there - set(made)


def _read(file: Path) -> str | None:
    return file.read_bytes().decode("utf-8") if file.is_file() else None
