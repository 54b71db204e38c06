"""Folders, a real OpenSSH server and S3 carry files alike: whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.progress import listening
from avbrott.transport.target import Access, Target, opened
from tests.servers.case import LARGE, refused


@pytest.fixture
def target(reached: tuple[str, Access]) -> Iterator[Target]:
    """An open target of each kind."""
    with opened(*reached) as found:
        yield found


def test_a_file_is_written_listed_read_and_replaced(target: Target) -> None:
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
    refused(lambda: target.read("HT2025/c.age"), "TARGET_FILE_MISSING")


def test_a_folder_with_more_names_than_are_looked_at_is_refused(target: Target) -> None:
    """Folders among them; as many as are looked at are listed."""
    for name in ("HT2025/a.age", "HT2025/b.age", "HT2025/deeper/c.age"):
        target.write(name, b"x")
    refused(lambda: target.listing("HT2025", 2), "LAID_TOO_MANY")
    assert target.listing("HT2025", 3).folders == ("deeper",)


@pytest.mark.parametrize("size", [5, len(LARGE)], ids=["small", "in parts"])
def test_what_is_laid_takes_no_others_place(target: Target, size: int) -> None:
    """It is said that something else lies there, which stays; the same once more is the same."""
    first, second = LARGE[:size], LARGE[1:size] + b"x"
    assert target.lay("HT2025/a.age", first)
    assert target.lay("HT2025/a.age", first)
    assert not target.lay("HT2025/a.age", second)
    assert not target.lay("HT2025/a.age", first + b"longer")
    assert target.read("HT2025/a.age") == first
    assert target.names("HT2025") == ["a.age"]


@pytest.mark.parametrize("size", [5, len(LARGE)], ids=["small", "in parts"])
def test_of_many_who_lay_at_once_one_does(reached: tuple[str, Access], place: Path, target: Target, size: int) -> None:
    """Each with a session of its own; what lies there is one of them, whole, and nothing is left of the others."""
    if size > 5 and "s3" in target.where:
        pytest.skip("moto makes parts an object whatever is there; see test_transport_s3")
    contents = [bytes([number]) * size for number in range(4)]
    together = threading.Barrier(len(contents))

    def lay(content: bytes) -> bool:
        with opened(*reached) as mine:
            mine.names("")
            together.wait()
            return mine.lay("a.age", content)

    with ThreadPoolExecutor(len(contents)) as threads:
        laid = list(threads.map(lay, contents))
    assert laid.count(True) == 1, laid
    assert target.read("a.age") == contents[laid.index(True)]
    assert [file.name for file in place.iterdir()] in ([], ["a.age"])


def test_what_will_not_go_on_is_taken_away(target: Target, place: Path) -> None:
    """Of that content alone: another may be on its way to the same name."""
    for content in (b"one", b"two"):
        (place / f"a.age.{sum_of(content)[:16]}.part").write_bytes(content[:1])
    target.give_up("a.age", sum_of(b"one"))
    target.give_up("nowhere/a.age", sum_of(b"one"))
    left = {file.name for file in place.iterdir()} & {f"a.age.{sum_of(content)[:16]}.part" for content in (b"one", b"two")}
    assert f"a.age.{sum_of(b'two')[:16]}.part" in left
    assert len(left) == (2 if "s3" in target.where else 1)


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
        monkeypatch.setattr(os, "mkdir", forbidden)
        refused(lambda: target.write("HT2025/a.age", b"content"), "FILE_FORBIDDEN")
