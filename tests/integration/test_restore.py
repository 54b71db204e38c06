"""A home that is lost is restored from its copy: what is published is as it was, and the next run goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avbrott.home import Home
from avbrott.release import ledger
from tests.integration.running import avbrott

pytestmark = pytest.mark.xdist_group("demonstration")

KEYS = ("hub.key", "store.key", "keys", "store/seed")
"""``docs/operations.md`` puts these in a copy of their own."""


def test_a_home_is_restored_from_its_two_copies(demonstration: Home, tmp_path: Path) -> None:
    """The release holds, nothing is new, and a release of it anew has the same bytes; without its keys no row is read."""
    kept, locked, lost = tmp_path / "copy", tmp_path / "locked", Home(tmp_path / "home")
    shutil.copytree(demonstration.root, kept, symlinks=True, ignore=shutil.ignore_patterns("fetched"))
    locked.mkdir()
    for name in KEYS:
        if (kept / name).exists():
            (locked / name).parent.mkdir(exist_ok=True)
            (kept / name).rename(locked / name)
    shutil.copytree(kept, lost.root, symlinks=True)
    refused = avbrott("run", "--home", lost.root)
    assert refused.code != 0, refused.output
    shutil.rmtree(lost.root)
    shutil.copytree(kept, lost.root, symlinks=True)
    shutil.copytree(locked, lost.root, dirs_exist_ok=True)
    audited = avbrott("audit", "current", "--home", lost.root)
    assert audited.code == 0, audited.output
    before = ledger.releases(lost)
    released = avbrott("release", "--home", lost.root)
    assert released.code == 0, released.output
    assert ledger.releases(lost) == before
    assert (lost.current / "manifest.json").read_bytes() == (demonstration.current / "manifest.json").read_bytes()
