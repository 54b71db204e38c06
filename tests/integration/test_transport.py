"""Folders, a real OpenSSH server and S3 carry files alike: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.progress import listening
from avbrott.transport.target import Access, Target, opened
from tests.servers.case import LARGE, refused
from tests.servers.s3 import BUCKET


@pytest.fixture(params=["folder", "sftp", "s3"])
def target(request: pytest.FixtureRequest, place: Path) -> Iterator[Target]:
    """An open target of each kind."""
    if request.param == "folder":
        text, access = str(place), Access()
    elif request.param == "sftp":
        server = request.getfixturevalue("by_sftp")
        text, access = server.target(place), Access(server.known_hosts)
    else:
        request.getfixturevalue("by_s3")
        text, access = f"s3://{BUCKET}/{place.parent.name}", Access()
    with opened(text, access) as found:
        yield found


def test_a_file_is_laid_listed_read_replaced_and_removed(target: Target) -> None:
    """And what is not there has no size, no name and no content."""
    assert target.names("HT2025") == []
    assert target.size("HT2025/å 1.age") is None
    target.write("HT2025/å 1.age", b"one")
    target.write("HT2025/b.age", b"two")
    target.write("HT2025/deeper/c.age", b"three")
    assert target.names("HT2025") == ["b.age", "å 1.age"]
    assert (target.size("HT2025/å 1.age"), target.read("HT2025/å 1.age")) == (3, b"one")
    assert target.read("HT2025/deeper/c.age", 2) == b"th"
    target.write("HT2025/b.age", b"replaced")
    assert target.read("HT2025/b.age") == b"replaced"
    target.remove("HT2025/b.age")
    target.remove("HT2025/b.age")
    assert target.names("HT2025") == ["å 1.age"]
    refused(lambda: target.read("HT2025/b.age"), "TARGET_FILE_MISSING")


def test_what_is_large_or_empty_arrives_as_it_was(target: Target) -> None:
    """And how far it has come is told to whoever listens, from nothing to all."""
    heard: list[tuple[int, int]] = []
    with listening(lambda _, done, of: heard.append((done, of))):
        target.write("large.bin", LARGE + b"end")
    assert heard[0] == (0, len(LARGE) + 3)
    assert heard[-1] == (len(LARGE) + 3, len(LARGE) + 3)
    assert heard == sorted(heard)
    assert target.read("large.bin") == LARGE + b"end"
    target.write("empty.bin", b"")
    assert (target.size("empty.bin"), target.read("empty.bin")) == (0, b"")


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A network drive that is not connected would become a folder of this machine."""
    with pytest.raises(BadInput, match="TARGET_MISSING"), opened(str(tmp_path / "nowhere")):
        pass
    assert not (tmp_path / "nowhere").exists()


def test_what_a_killed_write_left_in_a_folder_counts_for_nothing(place: Path) -> None:
    """It is not listed, and the next write takes its place."""
    (place / "a.age.part").write_bytes(b"half")
    with opened(str(place)) as target:
        assert target.names("") == []
        target.write("a.age", b"whole")
    assert [file.name for file in place.iterdir()] == ["a.age"]


def test_a_full_disk_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has the file's name then."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with opened(str(place)) as target:
        monkeypatch.setattr(os, "fsync", full)
        refused(lambda: target.write("a.age", b"content"), "TARGET_FULL")
        assert target.names("") == []


def test_a_folder_without_rights_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As every file that may not be used is; as root a system that says so stands in for it."""

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with opened(str(place)) as target:
        monkeypatch.setattr(Path, "mkdir", forbidden)
        refused(lambda: target.write("HT2025/a.age", b"content"), "FILE_FORBIDDEN")
