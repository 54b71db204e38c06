"""Files that the commands of ``avbrott contracts`` write, whole or not at all. What stands in them is made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from avbrott.atomic import write_bytes
from avbrott.errors import BadInput

Form = TypeVar("Form", bound=str)


def write_pages(folder: Path, made: Mapping[str, str]) -> None:
    """Write generated pages by their path under ``folder``, over what they were; ``BadInput`` names one that cannot be."""
    for name, text in made.items():
        _write(folder / name, text.encode("utf-8"))


def write_new(target: Path, content: bytes) -> None:
    """Write a file that a person fills in; ``BadInput`` where something is there already, or it cannot be written."""
    if target.exists():
        raise BadInput("FORM_THERE_ALREADY", file=target)
    _write(target, content)


def form_of(target: Path, forms: Sequence[Form]) -> Form:
    """Which of ``forms`` a file's name ends as; ``BadInput`` where it ends otherwise."""
    for form in forms:
        if target.suffix.lower() == f".{form}":
            return form
    raise BadInput("FORM_OTHER_KIND", file=target, endings=", ".join(f".{form}" for form in forms))


def _write(target: Path, content: bytes) -> None:
    try:
        write_bytes(target, content, public=True)
    except OSError:
        raise BadInput("FORM_UNWRITABLE", file=target) from None
