"""Contract files read into models, every mistake of every file collected. What fits together is ``consistency``'s."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from avbrott.contract_folder import read_yaml
from avbrott.errors import BadInput
from avbrott.mistakes import Mistake, raise_mistakes
from avbrott.yaml_text import NAMES

T = TypeVar("T")

TOLD = {
    "missing": "MISTAKE_MISSING",
    "extra_forbidden": "MISTAKE_UNKNOWN_KEY",
    "literal_error": "MISTAKE_NOT_ALLOWED",
    "enum": "MISTAKE_NOT_ALLOWED",
    "string_type": "MISTAKE_NOT_TEXT",
    "int_type": "MISTAKE_NOT_INTEGER",
    "int_parsing": "MISTAKE_NOT_INTEGER",
    "int_from_float": "MISTAKE_NOT_INTEGER",
    "float_type": "MISTAKE_NOT_NUMBER",
    "float_parsing": "MISTAKE_NOT_NUMBER",
    "bool_type": "MISTAKE_NOT_BOOLEAN",
    "bool_parsing": "MISTAKE_NOT_BOOLEAN",
    "date_type": "MISTAKE_NOT_DATE",
    "date_parsing": "MISTAKE_NOT_DATE",
    "date_from_datetime_parsing": "MISTAKE_NOT_DATE",
    "tuple_type": "MISTAKE_NOT_LIST",
    "list_type": "MISTAKE_NOT_LIST",
    "dict_type": "MISTAKE_NOT_MAPPING",
    "model_type": "MISTAKE_NOT_MAPPING",
}


_UNREAD = object()
"""What stands in a file that cannot be read."""


class ContractFiles:
    """The files under one folder. Reading goes on after a mistake; ``raise_mistakes`` tells them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mistakes: list[Mistake] = []
        self._unread: list[tuple[str, BadInput]] = []

    def one(self, name: str, kind: type[T]) -> T | None:
        """The file ``name`` as one ``kind``; None where it has mistakes."""
        content = self._content(name)
        return None if content is _UNREAD else self._validated(name, kind, content, ())

    def part(self, name: str, key: str, kind: type[T]) -> T | None:
        """What stands under ``key`` of the file ``name``; None where nothing does, or where it has mistakes."""
        content = self._content(name)
        if not isinstance(content, dict) or key not in content:
            return None
        return self._validated(name, kind, content[key], (key,))

    def listed(self, name: str, key: str, kind: type[T]) -> list[T]:
        """The items under ``key`` of the file ``name``, without those that have mistakes."""
        content = self._content(name)
        if content is _UNREAD:
            return []
        items = content.get(key) if isinstance(content, dict) else None
        if not isinstance(items, list):
            self.mistakes.append(Mistake(name, key, "MISTAKE_NOT_LIST"))
            return []
        found = (self._validated(name, kind, item, (key, _named(item, index))) for index, item in enumerate(items))
        return [item for item in found if item is not None]

    def names(self, folder: str) -> list[str]:
        """The YAML files of a sub-folder, by their path under the contracts, sorted."""
        files = sorted((self.folder / folder).glob("*.yaml"))
        if not files:
            self._unread.append((f"{folder}/*.yaml", BadInput("CONTRACT_FILE_MISSING", file=self.folder / folder / "*.yaml")))
        return [f"{folder}/{file.name}" for file in files]

    def has(self, name: str) -> bool:
        """Whether an optional file is there."""
        return (self.folder / name).is_file()

    def has_yaml(self, folder: str) -> bool:
        """Whether an optional sub-folder holds YAML."""
        return any((self.folder / folder).glob("*.yaml"))

    def raise_mistakes(self) -> None:
        """``BadInput`` with every mistake found so far; one file that cannot be read at all is told by its own words."""
        unread = dict(self._unread)
        if len(unread) == 1 and not self.mistakes:
            raise next(iter(unread.values()))
        lost = [
            Mistake(name, "-", one.code, one.parameters, int(one.parameters.get("line", 0))) for name, one in unread.items()
        ]
        raise_mistakes([*self.mistakes, *lost], self.folder)

    def _content(self, name: str) -> Any:
        """What stands in a file; ``_UNREAD`` where it cannot be read, which is kept to be told."""
        try:
            return read_yaml(self.folder / name)
        except BadInput as problem:
            self._unread.append((name, problem))
            return _UNREAD

    def _validated(self, name: str, kind: type[T], content: Any, within: tuple[str, ...]) -> T | None:
        try:
            return TypeAdapter(kind).validate_python(content)
        except ValidationError as error:
            self.mistakes += [
                Mistake(
                    name,
                    ".".join((*within, *_way(content, found["loc"]))) or "-",
                    TOLD.get(found["type"], "MISTAKE_UNREADABLE"),
                    {"expected": listed_values(found.get("ctx", {}).get("expected", "")), "kind": found["type"]},
                )
                for found in error.errors(include_input=False, include_url=False)
            ]
            return None


def read_contract(file: Path, kind: type[T]) -> T:
    """Read one contract file as ``kind``; ``BadInput`` names the file and the key of what cannot be used."""
    files = ContractFiles(file.parent)
    found = files.one(file.name, kind)
    files.raise_mistakes()
    assert found is not None
    return found


def _way(content: Any, steps: tuple[int | str, ...]) -> list[str]:
    """The way to a mistake in words: an item of a list is called by its own name."""
    way: list[str] = []
    for step in steps:
        inside = content[step] if _has(content, step) else None
        way.append(_named(inside, step) if isinstance(step, int) else step)
        content = inside
    return way


def listed_values(expected: str) -> str:
    """The values that pydantic names in quotes, without the quotes and its English "or"."""
    return ", ".join(re.findall("'([^']*)'", expected))


def _has(content: Any, step: int | str) -> bool:
    if isinstance(content, dict):
        return step in content
    return isinstance(content, list) and isinstance(step, int) and step < len(content)


def _named(item: Any, index: int) -> str:
    if isinstance(item, dict):
        for name in NAMES:
            if isinstance(item.get(name), str):
                return str(item[name])
    return str(index + 1)
