"""Writing that is whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from avbrott import atomic


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """Neither a half file nor a temporary one remains."""
    target = tmp_path / "deep" / "file.txt"
    atomic.write_text(target, "before")

    def fail() -> None:
        with atomic.replacing(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text() == "before"
    assert [file.name for file in target.parent.iterdir()] == ["file.txt"]


def test_equal_content_is_equal_bytes(tmp_path: Path) -> None:
    """The order in which keys were given does not show."""
    atomic.write_json(tmp_path / "a.json", {"b": 1, "a": "å"})
    atomic.write_json(tmp_path / "b.json", {"a": "å", "b": 1})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
