"""A folder as a place to deliver to: links that others put there, files laid at once, and systems that lack a call."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from avbrott.errors import BadInput
from avbrott.transport import folder as folder_module
from avbrott.transport import target as target_module
from avbrott.transport.folder import FolderTarget


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "place"
    place.mkdir()
    return place


@pytest.mark.parametrize("put", [FolderTarget.write, FolderTarget.lay])
def test_nothing_is_made_behind_a_link(place: Path, tmp_path: Path, put: Callable[..., object]) -> None:
    """Neither a file nor a folder; the link may lead to a folder that is there, or not yet."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name, leads in (("receipts", elsewhere), ("later", elsewhere / "later")):
        (place / name).symlink_to(leads, target_is_directory=True)
        with pytest.raises(BadInput, match=r"TARGET_FAILED.*link"):
            put(FolderTarget(place), f"{name}/HT2025/a.json", b"content")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(os.open not in os.supports_dir_fd, reason="the system holds no folder open")
def test_a_folder_that_becomes_a_link_leads_nowhere(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may write there exchanges it in the midst of the writing."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.json").write_bytes(b"secret")
    (place / "HT2025").mkdir()
    real = target_module.told_in_pieces

    def exchanged(*more: object) -> None:
        real(*more)
        (place / "HT2025").rename(place / "was")
        (place / "HT2025").symlink_to(elsewhere, target_is_directory=True)

    monkeypatch.setattr(folder_module, "told_in_pieces", exchanged)
    FolderTarget(place).write("HT2025/a.json", b"content")
    assert [file.read_bytes() for file in elsewhere.iterdir()] == [b"secret"]
    assert [file.name for file in (place / "was").iterdir()] == ["a.json"]


def test_two_that_write_one_file_at_once_both_end_well(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one's lies there, whole; neither uses the other's part."""
    target, real = FolderTarget(place), target_module.told_in_pieces

    def meanwhile(*more: object) -> None:
        real(*more)
        monkeypatch.setattr(folder_module, "told_in_pieces", real)
        FolderTarget(place).write("a.json", b"the other's")

    monkeypatch.setattr(folder_module, "told_in_pieces", meanwhile)
    target.write("a.json", b"content")
    assert [(file.name, file.read_bytes()) for file in place.iterdir()] == [("a.json", b"the other's")]


def test_parts_of_other_files_are_left_alone(place: Path) -> None:
    """Another file's name may begin alike."""
    for name in ("a.json.sig.part", f"a.json.sig.{16 * '0'}.part", "a.json.x.part", "b.json.part"):
        (place / name).write_bytes(b"x")
    (place / f"a.json.{16 * '0'}.00.part").write_bytes(b"x")
    FolderTarget(place).write("a.json", b"content")
    left = {"a.json.sig.part", f"a.json.sig.{16 * '0'}.part", "a.json.x.part", "b.json.part"}
    assert {file.name for file in place.iterdir()} == left | {"a.json"}


def test_a_file_system_whose_files_have_one_name_is_laid_at(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAT, and some network drives: it is looked before the name is given."""

    def unable(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", unable)
    assert FolderTarget(place).lay("a.age", b"first")
    assert not FolderTarget(place).lay("a.age", b"second")
    assert [(file.name, file.read_bytes()) for file in place.iterdir()] == [("a.age", b"first")]
