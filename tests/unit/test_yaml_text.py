"""YAML written by hand is plain data, or an error that names its line; nothing in it ends the program."""

from __future__ import annotations

import time

import pytest

from avbrott.yaml_text import NotYaml, read_yaml


def test_what_is_written_is_read() -> None:
    """Lists, mappings, an anchor that is used again elsewhere."""
    assert read_yaml("a: &a [1, 2]\nb: *a\nc: {d: å}\n") == {"a": [1, 2], "b": [1, 2], "c": {"d": "å"}}
    assert read_yaml("") is None


def test_each_reader_has_a_content_of_its_own() -> None:
    """What one reader does with it, the next does not see, though the text is parsed once."""
    read_yaml("a: [1, {b: 2}]\n")["a"][1]["b"] = 3
    assert read_yaml("a: [1, {b: 2}]\n") == {"a": [1, {"b": 2}]}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [", 3),
        ("a: 1\nb: &b [*b]\n", 2),
        ("a: 1\nb: &b\n  c:\n    - d: *b\n", 4),
        ("a: 1\nb: *unknown\n", 2),
        ("a: 1\nb: " + "[" * 200_000, 2),
        ("a: 1\nb: " + "[" * 20_000 + "]" * 20_000, 2),
        ("a: 1\nb: " + "{a: " * 20_000, 2),
        ("- " * 20_000, 1),
        ("a: 2012-13-45\n", 1),
        ("a: \x07\n", 1),
    ],
)
def test_what_cannot_be_used_is_told_by_line(text: str, line: int) -> None:
    """Unfinished, holding itself, nested without an end (which would end the process), a day that is none."""
    started = time.monotonic()
    with pytest.raises(NotYaml) as caught:
        read_yaml(text)
    assert caught.value.line == line
    assert time.monotonic() - started < 20
