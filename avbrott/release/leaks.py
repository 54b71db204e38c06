"""What no file of a release may hold, whatever its format. The tables' own rules are in ``checks``.

Names of the confidential record, a value beside a reason for having none, a pseudonym.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avbrott.release.checks import Fault
from avbrott.release.public import AUDIT, MANIFEST
from avbrott.release.tables import SHOWN, STATUSES

CONFIDENTIAL_NAMES = frozenset({"count", "unsafe", "complementary", "rule", "witness", "delta", "pseudonym"})
"""Columns and keys of the confidential record."""

_PSEUDONYM = re.compile(rb"(?<![0-9a-fA-F])[0-9a-f]{64}(?![0-9a-fA-F])")
_ASSIGNED = re.compile(r"^\s*(?:const |var |let )?[\w.\[\]\"']+\s*=\s*(.*?);?\s*$", re.DOTALL)
_ABSENT = re.compile(r"<(\w+)\b[^>]*\bclass=\"(?:[^\"]*[\s-])?absent(?:\s[^\"]*)?\"[^>]*>(.*?)</\1>", re.DOTALL)
"""An element of a page that says why there is no figure: a class of its own, or one that ends so, is ``absent``."""
_TAG = re.compile(r"<[^>]*>")
_BINARY = frozenset({".png", ".jpg", ".woff2", ".ico", ".pdf"})
_LIBRARY = ".min.js"
"""A library's script, the same in every release: constants of its own look like pseudonyms."""
_NOT_SHOWN = frozenset(STATUSES) - {SHOWN}


def leak_faults(folder: Path) -> list[Fault]:
    """Every such fault in the files under ``folder``, sorted."""
    found: list[Fault] = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        where = file.relative_to(folder).as_posix()
        content = b"" if file.suffix in _BINARY else file.read_bytes()
        pseudonyms = 0 if where in {MANIFEST, AUDIT} or where.endswith(_LIBRARY) else len(_PSEUDONYM.findall(content))
        if pseudonyms:
            found.append(Fault("PSEUDONYM_FOUND", where, pseudonyms))
        found += _file_faults(file.suffix, content.decode("utf-8", "replace"), where)
    return sorted(found)


def _file_faults(suffix: str, text: str, where: str) -> Iterator[Fault]:
    if suffix == ".csv":
        names = CONFIDENTIAL_NAMES.intersection(next(csv.reader(text.splitlines()), []))
        if names:
            yield Fault("CONFIDENTIAL_NAME", where, len(names))
    elif suffix in {".json", ".js"}:
        content = _data(text)
        keys, values = _searched(content)
        if keys:
            yield Fault("CONFIDENTIAL_NAME", where, keys)
        if values:
            yield Fault("VALUE_NOT_EMPTY", where, values)
    elif suffix == ".html":
        told = sum(_figure(inside) for _, inside in _ABSENT.findall(text))
        if told:
            yield Fault("VALUE_NOT_EMPTY", where, told)


def _figure(inside: str) -> bool:
    """Whether an element's text begins with a figure."""
    return _TAG.sub("", inside).strip()[:1].isdigit()


def _data(text: str) -> Any:
    """What a JSON file holds, or what a script assigns; None for a script that does more than that."""
    found = _ASSIGNED.match(text)
    for candidate in (text, found[1] if found else ""):
        try:
            return json.loads(candidate)
        except (ValueError, RecursionError):
            continue
    return None


def _searched(content: Any) -> tuple[int, int]:
    """How many confidential names are keys in ``content``, and how many values stand beside a status that has none."""
    names = values = 0
    left = [content]
    while left:  # not by recursion: a file that has been about may nest as deep as it likes
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            names += len(CONFIDENTIAL_NAMES.intersection(one))
            values += _beside(one.get("status"), one.get("value"))
            left += one.values()
    return names, values


def _beside(status: Any, value: Any) -> int:
    """Values that are there though their status says that they are not: one beside one, or a list beside a list."""
    if isinstance(status, str):
        return int(status in _NOT_SHOWN and value not in (None, ""))
    if isinstance(status, list) and isinstance(value, list):
        return sum(_beside(one, other) for one, other in zip(status, value, strict=False) if isinstance(one, str))
    if isinstance(status, dict) and isinstance(value, list):
        return sum(_beside(one, value[int(at)]) for at, one in status.items() if at.isdigit() and int(at) < len(value))
    return 0
