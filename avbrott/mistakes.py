"""Mistakes in contracts: where each is, and all of them told at once. What is one is said elsewhere.

A mistake has a file, a key and the code of a text in ``contracts/texts/messages_contracts.yaml``. The texts are always those
that come with the program, so that a broken set of contracts can still be told about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from avbrott.contract_folder import packaged_contracts
from avbrott.errors import BadInput
from avbrott.texts import Language, Texts, load_texts


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: ``key`` is the way to it in ``file``, items of lists named by their id."""

    file: str
    key: str
    code: str
    parameters: dict[str, str] = field(default_factory=dict)


def raise_mistakes(mistakes: Iterable[Mistake]) -> None:
    """``BadInput`` with the code ``CONTRACT_INVALID`` and every mistake in it; nothing where there is none."""
    found = sorted(mistakes, key=lambda mistake: (mistake.file, mistake.key, mistake.code))
    if not found:
        return
    texts = load_texts(packaged_contracts(), "messages_contracts")
    raise BadInput(
        "CONTRACT_INVALID",
        file=", ".join(dict.fromkeys(mistake.file for mistake in found)),
        places_sv=_told(found, texts, "sv"),
        places_en=_told(found, texts, "en"),
    )


def _told(mistakes: list[Mistake], texts: Texts, language: Language) -> str:
    lines = (
        f"{mistake.file}: {mistake.key}: {texts.get(mistake.code, language, **mistake.parameters)}" for mistake in mistakes
    )
    return "\n  ".join(dict.fromkeys(lines))
