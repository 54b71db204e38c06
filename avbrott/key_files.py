"""Files of keys: written whole, for their owner alone, and never over one that is there. What a key is, is not here."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from avbrott.atomic import json_bytes, write_new
from avbrott.errors import BadInput
from avbrott.model import Model

_LARGEST = 65_536
"""No key file comes near; what is larger is something else."""

_NOT_THIS = {"county": "KEY_NOT_COUNTY", "provider": "KEY_NOT_PROVIDER", "hub_public": "KEY_NOT_HUB_PUBLIC"}
"""What is said of another kind of key where one that people name is asked for."""

M = TypeVar("M", bound=Model)


class AnyKeyFile(Model, extra="ignore"):
    """What every key file says: of which kind it is."""

    avbrott_key: str


def write_key_file(file: Path, content: Mapping[str, str], *, public: bool = False) -> bool:
    """Write a file that only its owner may read, unless it is ``public``; False where ``file`` is there, which stays."""
    try:
        return write_new(file, json_bytes(content), public=public)
    except OSError:
        raise BadInput("KEY_FILE_UNWRITABLE", file=file) from None


def read_key_file(file: Path, kind: str, form: type[M]) -> M:
    """Read a key file of a kind; ``BadInput`` says what is wrong with it, and nothing of what stands in it."""
    if kind_of(file) != kind:
        raise BadInput(_NOT_THIS.get(kind, "KEY_OTHER_KIND"), file=file)
    return _read(file, form)


def kind_of(file: Path) -> str:
    """Of which kind a key file says that it is."""
    return _read(file, AnyKeyFile).avbrott_key


def unreadable(file: Path) -> BadInput:
    """The error to raise for a file that is no whole key."""
    return BadInput("KEY_FILE_UNREADABLE", file=file)


def in_fours(digits: str) -> str:
    """The first sixteen hexadecimal digits in fours: how a key is told by people from another."""
    return " ".join(digits[place : place + 4] for place in range(0, 16, 4))


def is_open_to_others(file: Path) -> bool:
    """Whether somebody else may read the file, as far as the system knows modes (Windows does not)."""
    return os.name == "posix" and bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _read(file: Path, form: type[M]) -> M:
    if file.is_dir():
        raise BadInput("KEY_FILE_IS_FOLDER", file=file)
    if not file.is_file():
        raise BadInput("KEY_FILE_MISSING", file=file)
    try:
        with file.open("rb") as stream:
            return form.model_validate_json(stream.read(_LARGEST))
    except (OSError, ValidationError, ValueError):
        raise unreadable(file) from None
