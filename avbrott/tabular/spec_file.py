"""SPEC read from its file: every mistake at once, each with file, line and key. What the keys mean is ``spec``'s."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from avbrott.contract_files import TOLD, listed_values
from avbrott.contract_folder import packaged_contracts
from avbrott.errors import BadInput
from avbrott.tabular.spec import Misfit, Spec, misfits
from avbrott.texts import Language, load_texts
from avbrott.yaml_text import NotYaml, read_yaml

LONGEST_NAME = 255
"""Bytes that a file system has for a name."""
_NAMES = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"}
"""What YAML may take a key for."""
Way = tuple[str | int, ...]


class Lines:
    """The line of every key of a YAML file, the keys that stand twice beside each other, and those that are no text."""

    def __init__(self, node: Any) -> None:
        self._lines: dict[Way, int] = {(): 1}
        self.mistakes: list[Misfit] = []
        self._walk((), node)

    def of(self, way: Way) -> int:
        """The line of a key, or of the nearest one above it that is there."""
        while way not in self._lines:
            way = way[:-1]
        return self._lines[way]

    def _walk(self, way: Way, node: Any) -> None:
        if isinstance(node, yaml.MappingNode):
            steps: list[tuple[str | int, Any, Any]] = [(str(key.value), key, value) for key, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            steps = [(place, item, item) for place, item in enumerate(node.value)]
        else:
            return
        for step, mark, value in steps:
            inner = (*way, step)
            if inner in self._lines:
                self.mistakes.append(Misfit(inner, "MISTAKE_TWICE", {"name": str(step)}))
            if isinstance(node, yaml.MappingNode) and mark.tag not in _NAMES:  # as no, 1 and 2024-01-01
                self.mistakes.append(Misfit(inner, TOLD["string_type"]))
            self._lines[inner] = mark.start_mark.line + 1
            self._walk(inner, value)


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A SPEC, where it was read, and its bytes."""

    spec: Spec
    path: Path
    content: bytes
    lines: Lines

    def line(self, *way: str | int) -> int:
        """The line of a key."""
        return self.lines.of(way)

    def beside(self, name: str) -> Path:
        """A file that SPEC names: relative to its folder."""
        if "\0" in name or any(len(part.encode()) > LONGEST_NAME for part in Path(name).parts):
            raise BadInput("SPEC_PATH", file=self.path)
        return self.path.parent / name


def read_spec(path: Path) -> SpecFile:
    """Read SPEC. ``BadInput`` names the file, and the line and key of every mistake."""
    try:
        content = path.read_bytes()
    except OSError:
        raise BadInput("SPEC_MISSING", file=path) from None
    try:
        text = content.decode("utf-8-sig")
        found = read_yaml(text)
    except NotYaml as error:
        raise BadInput("SPEC_NOT_YAML", file=path, line=error.line) from None
    except UnicodeDecodeError:
        raise BadInput("SPEC_NOT_YAML", file=path, line=1) from None
    if not isinstance(found, dict):
        raise BadInput("SPEC_WITHOUT_KEYS", file=path)
    lines = Lines(yaml.compose(text, Loader=yaml.CSafeLoader))
    mistakes = list(lines.mistakes)
    try:
        spec = Spec.model_validate(found)
    except ValidationError as error:
        mistakes += _misfits_told(error.errors(include_input=False, include_url=False))
        _refuse(path, lines, mistakes)
        raise
    _refuse(path, lines, [*mistakes, *misfits(spec)])
    return SpecFile(spec, path, content, lines)


def _misfits_told(errors: list[Any]) -> list[Misfit]:
    """A list whose items are wrong is no empty one, though the library counts it as that too.

    Keys that are no text are ``Lines``'s to tell, as they stand in the file.
    """
    ways = [error["loc"] for error in errors]
    told = [
        error
        for error in errors
        if error["type"] != "too_short" or not any(way[: len(error["loc"])] == error["loc"] != way for way in ways)
    ]
    return [_misfit(one) for one in told if one["type"] != "invalid_key" and one["loc"][-1:] != ("[key]",)]


def _misfit(error: Any) -> Misfit:
    context = {name: str(value) for name, value in error.get("ctx", {}).items() if name in {"ge", "le", "min_length"}}
    code = {
        "greater_than_equal": "MISTAKE_TOO_SMALL",
        "less_than_equal": "MISTAKE_TOO_LARGE",
        "too_short": "MISTAKE_EMPTY",
        "string_too_short": "MISTAKE_EMPTY",
    }
    told = code.get(error["type"]) or TOLD.get(error["type"], "MISTAKE_UNREADABLE")
    expected = listed_values(str(error.get("ctx", {}).get("expected", "")))
    return Misfit(tuple(error["loc"]), told, {"expected": expected, "kind": error["type"], **context})


def _refuse(path: Path, lines: Lines, mistakes: list[Misfit]) -> None:
    if not mistakes:
        return
    texts = load_texts(packaged_contracts(), "messages_contracts", "messages_protect")

    def told(language: Language) -> str:
        rows = [
            f"{path}:{lines.of(way)}: {'.'.join(str(s + 1) if isinstance(s, int) else s for s in way) or '-'}: "
            f"{texts.get(code, language, **parameters)}"
            for way, code, parameters in sorted(mistakes, key=lambda one: (lines.of(one.way), str(one.way)))
        ]
        return "\n  ".join(dict.fromkeys(rows))

    raise BadInput("SPEC_INVALID", file=path, places_sv=told("sv"), places_en=told("en"))
