"""Contracts to break: a change of a file, and what loading says of it. Not a test itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from avbrott.errors import BadInput
from avbrott.registry import load_contracts

Change = Callable[[dict], None]


def change(folder: Path, file: str, do: Change) -> None:
    content = yaml.load((folder / file).read_text("utf-8"), Loader=yaml.CSafeLoader)
    do(content)
    text = yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    (folder / file).write_text(text, "utf-8")


def mistakes(folder: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        load_contracts(folder)
    assert caught.value.code == "CONTRACT_INVALID"
    return caught.value


def term(identifier: str, do: Change) -> Change:
    """A change of one term of a glossary file."""

    def changed(content: dict) -> None:
        do(next(found for found in content["terms"] if found["id"] == identifier))

    return changed


def code(identifier: str, name: str, do: Change) -> Change:
    """A change of one code of one term."""
    return term(identifier, lambda content: do(next(found for found in content["codes"] if found["code"] == name)))


def dimension(content: dict, name: str) -> dict:
    return next(found for found in content["dimensions"] if found["name"] == name)


def is_named(folder: Path, file: str, do: Change, place: str) -> None:
    """Break ``file``, and see that the mistake is told at its place in both languages."""
    change(folder, file, do)
    error = mistakes(folder)
    assert place in error.parameters["places_sv"]
    assert place in error.parameters["places_en"]
    assert error.parameters["places_sv"] != error.parameters["places_en"]
