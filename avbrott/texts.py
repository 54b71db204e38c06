"""The texts a person reads: one catalogue under ``contracts/texts``, Swedish and English. No text stands in code.

A text is found by its key and filled with named parameters (``{file}``). Keys of ``messages.yaml`` are the codes of errors
and findings; those of ``site.yaml`` belong to the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["sv", "en"]


class Texts:
    """Texts by key and language. A key that is not there is an error of the program, and says which."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def get(self, key: str, language: Language, /, **parameters: object) -> str:
        """The text ``key`` in ``language`` with its parameters filled in; KeyError names a key that is missing."""
        return self._texts[key][language].format(**parameters)

    def mend(self, key: str, language: Language, /, **parameters: object) -> str:
        """How to mend what ``key`` is about; empty where nothing is said of it."""
        return self._texts[key].get(f"mend_{language}", "").format(**parameters)

    def keys(self) -> list[str]:
        """All keys, sorted."""
        return sorted(self._texts)


def load_texts(folder: Path, *names: str) -> Texts:
    """Read ``<folder>/texts/<name>.yaml`` for each name into one catalogue."""
    texts: dict[str, Mapping[str, str]] = {}
    for name in names:
        read = yaml.load((folder / "texts" / f"{name}.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
        if twice := sorted(texts.keys() & read.keys()):
            raise KeyError(f"texts that stand in two files: {', '.join(twice)}")
        texts |= read
    return Texts(texts)


def load_messages(folder: Path | None = None) -> Texts:
    """Every text but the pages': errors, findings, what commands print."""
    from avbrott.registry import packaged_contracts

    folder = folder or packaged_contracts()
    names = sorted(file.stem for file in (folder / "texts").glob("*.yaml"))
    return load_texts(folder, *(name for name in names if name != "site"))
