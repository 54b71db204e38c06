"""Mistakes in contracts: where each is, and all of them told at once. What is one is said elsewhere.

A mistake has a file, a key and the code of a text in ``contracts/texts/messages_contracts.yaml``. The texts are always those
that come with the program, so that a broken set of contracts can still be told about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.texts import Language, Texts, load_messages
from avbrott.yaml_text import line_of


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: ``key`` is the way to it in ``file``, items of lists named by their id."""

    file: str
    key: str
    code: str
    parameters: dict[str, str] = field(default_factory=dict)
    line: int = 0
    """0: not looked up yet, or there is none."""


class ContractInvalid(BadInput):
    """The mistakes of a folder of contracts, each with its line."""

    mistakes: tuple[Mistake, ...] = ()
    folder: Path = Path()


def raise_mistakes(mistakes: Iterable[Mistake], folder: Path) -> None:
    """``ContractInvalid`` with every mistake in the files of ``folder``; nothing where there is none."""
    found = sorted(mistakes, key=lambda mistake: (mistake.file, mistake.key, mistake.code))
    if not found:
        return
    found = [replace(one, line=one.line or _line(folder / one.file, one.key)) for one in found]
    texts = load_messages()
    error = ContractInvalid(
        "CONTRACT_INVALID",
        file=", ".join(dict.fromkeys(mistake.file for mistake in found)),
        places_sv=_told(found, texts, "sv"),
        places_en=_told(found, texts, "en"),
    )
    error.mistakes, error.folder = tuple(found), folder
    raise error


def _line(file: Path, key: str) -> int:
    try:
        return line_of(file.read_text("utf-8"), key)
    except (OSError, UnicodeDecodeError):
        return 0


def _told(mistakes: list[Mistake], texts: Texts, language: Language) -> str:
    lines = (
        f"{one.file}: {one.key}: {texts.get(one.code, language, **one.parameters)}"
        + (texts.get("MISTAKE_LINE", language, line=one.line) if one.line else "")
        for one in mistakes
    )
    return "\n  ".join(dict.fromkeys(lines))
