"""Releases laid at a place that others read: a folder, a server of SFTP, a bucket of S3.

A release is laid file by file, its manifest last: whoever reads the place takes a release that has no manifest for none. The
lists of all releases come after that, so that they name nothing that is not whole. Nothing else that lies there is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.release import ledger
from avbrott.release.audit import audit
from avbrott.release.public import MANIFEST
from avbrott.transport.target import Target

LISTS = "index.json"
"""The list that programs read is laid last of all."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was laid: the releases that were not there, and how many files of them."""

    releases: tuple[str, ...]
    files: int


def publish(home: Home, target: Target) -> Published:
    """Lay every release of ``home`` that is not at ``target``, oldest first, and then the lists of them.

    ``BadInput``: there is none, one does not hold by its own files, or another of its name lies there.
    """
    found = ledger.releases(home)
    if not found:
        raise BadInput("PUBLISH_NOTHING", home=home.root)
    laid, files = [], 0
    for name in found:
        manifest = (home.release(name) / MANIFEST).read_bytes()
        place = f"{name}/{MANIFEST}"
        if target.size(place) is None:
            files += _lay(home.release(name), target, name)
            laid.append(name)
        elif target.read(place, len(manifest) + 1) != manifest:
            raise BadInput("PUBLISH_OTHER", release=name, target=target.where)
    for file in sorted(_files(home.releases), key=lambda file: (file.name == LISTS, file.name)):
        target.write(file.name, file.read_bytes())
    return Published(tuple(laid), files)


def _lay(release: Path, target: Target, name: str) -> int:
    if not audit(release).holds:
        raise BadInput("PUBLISH_DOES_NOT_HOLD", release=name)
    files = [file for file in sorted(release.rglob("*")) if file.is_file() and file != release / MANIFEST]
    files.append(release / MANIFEST)
    for file in files:
        if not target.lay(f"{name}/{file.relative_to(release).as_posix()}", file.read_bytes()):
            raise BadInput("PUBLISH_OTHER", release=name, target=target.where)
    return len(files)


def _files(folder: Path) -> list[Path]:
    """The lists that lie beside the releases; ``current`` is a link, and not laid: a place knows none."""
    return [file for file in folder.iterdir() if file.is_file() and not file.is_symlink() and not file.name.startswith(".")]
