"""YAML that a person wrote, as plain data: lists, mappings and single values. What they mean is the reader's.

A file that is written by hand may hold anything: what nests far deeper than any of ours is refused before it is put together,
since the library would end the process there; and so is what holds itself.
"""

from __future__ import annotations

import pickle
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
