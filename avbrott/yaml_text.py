"""YAML that a person wrote, as plain data: lists, mappings and single values. What they mean is the reader's.

A file that is written by hand may hold anything: what nests far deeper than any of ours is refused before it is put together,
since the library would end the process there; and so is what holds itself.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import yaml

DEEPEST = 50


class NotYaml(Exception):
    """The text is no YAML, or none that can be used. Carries no content but the line."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


def read_yaml(text: str) -> Any:
    """The content of ``text``; ``NotYaml`` says on which line it ends to be one."""
    return pickle.loads(_read(text))  # noqa: S301  written below, by this process


@lru_cache(maxsize=128)
def _read(text: str) -> bytes:
    """The content, pickled: contracts are read by every stage of a run, and each reader has a content of its own."""
    try:
        _look(text)
        return pickle.dumps(yaml.load(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise NotYaml(mark.line + 1 if mark else 1) from None
    except ValueError:
        raise NotYaml(1) from None


def _look(text: str) -> None:
    """``NotYaml`` where something nests too deep, or refers to what it is a part of."""
    around: list[str | None] = []
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            around.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            around.pop()
        if len(around) > DEEPEST or (isinstance(event, yaml.AliasEvent) and event.anchor in around):
            raise NotYaml(event.start_mark.line + 1 if event.start_mark else 1)


NAMES = ("id", "name", "code", "dimension")
"""The keys that name an item of a list, the first that is there."""


def line_of(text: str, way: str) -> int:
    """The line on which the key at ``way`` (steps with full stops between) stands, or the nearest one that is there.

    An item of a list is called by its name, or else by its number from 1. A way may begin below the list that it is in.
    """
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return 1
    if node is None:
        return 1
    found = _line(node, way, 1)
    if found == 1 and isinstance(node, yaml.MappingNode):
        return max((_line(child, way, 1) for _, child in node.value), default=1)
    return found


def _line(node: yaml.Node, way: str, around: int) -> int:
    """The line of the longest part of ``way`` that is there, below ``around``."""
    for name, line, inside in sorted(_inside(node), key=lambda found: -len(found[0])):
        if way == name:
            return line
        if way.startswith(f"{name}."):
            return _line(inside, way[len(name) + 1 :], line)
    return around


def _inside(node: yaml.Node) -> Iterator[tuple[str, int, yaml.Node]]:
    """What is directly in a node: what it is called, its line, itself."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value, key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value, start=1):
            keys = (
                {k.value: v for k, v in item.value if isinstance(k, yaml.ScalarNode)}
                if isinstance(item, yaml.MappingNode)
                else {}
            )
            named = next((keys[name].value for name in NAMES if isinstance(keys.get(name), yaml.ScalarNode)), str(number))
            yield named, item.start_mark.line + 1, item
