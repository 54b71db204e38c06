"""The texts a person reads: one catalogue under ``contracts/texts``, Swedish and English. No text stands in code.

A text is found by its key and filled with named parameters (``{file}``). Keys of ``messages.yaml`` are the codes of errors
and findings; those of ``site.yaml`` belong to the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from avbrott.contract_folder import own_or_packaged, packaged_contracts, read_yaml
from avbrott.errors import BadInput

Language = Literal["sv", "en"]


class Texts:
    """Texts by key and language."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def get(self, key: str, language: Language, /, **parameters: object) -> str:
        """The text ``key`` in ``language`` with its parameters filled in; ``BadInput`` names one that cannot be used."""
        try:
            return self._texts[key][language].format(**parameters)
        except (KeyError, IndexError, ValueError):
            raise BadInput("TEXT_UNUSABLE", key=key, language=language) from None

    def mend(self, key: str, language: Language, /, **parameters: object) -> str:
        """How to mend what ``key`` is about; empty where nothing is said of it."""
        return self._texts[key].get(f"mend_{language}", "").format(**parameters)

    def place(self, key: str) -> int:
        """Where ``key`` stands among all keys in their files; after all of them where it does not."""
        return next((place for place, found in enumerate(self._texts) if found == key), len(self._texts))

    def put(self, texts: Mapping[str, Mapping[str, str]]) -> Texts:
        """The same catalogue with ``texts`` in place of its own."""
        return Texts({**self._texts, **texts})

    def keys(self) -> list[str]:
        """All keys, sorted."""
        return sorted(self._texts)


def grouped(parameters: Mapping[str, object], language: Language) -> dict[str, object]:
    """``parameters`` with a sign between the thousands of counts: a no-break space in Swedish, a comma in English."""
    sign = "\N{NO-BREAK SPACE}" if language == "sv" else ","
    return {
        name: f"{value:,}".replace(",", sign) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in parameters.items()
    }


def one_or(key: str, count: int) -> str:
    """The text of ``key`` for a count: that of one alone is another."""
    return f"{key}_ONE" if count == 1 else key


def load_texts(folder: Path, *names: str) -> Texts:
    """Read ``texts/<name>.yaml`` for each name into one catalogue: the file of ``folder``, else the packaged one.

    ``BadInput`` where a text stands in two files. Whether a file of your own is whole is ``consistency``'s to say.
    """
    texts: dict[str, Mapping[str, str]] = {}
    for name in names:
        read = read_yaml(own_or_packaged(folder, f"texts/{name}.yaml"))
        if twice := sorted(texts.keys() & read.keys()):
            raise BadInput("TEXT_TWICE", keys=", ".join(twice), file=f"texts/{name}.yaml")
        texts |= read
    return Texts(texts)


def load_messages(folder: Path | None = None) -> Texts:
    """Every text but the pages': errors, findings, what commands print; those of ``folder`` where it has its own."""
    packaged = packaged_contracts()
    folders = {packaged, folder or packaged}
    names = {file.stem for where in folders for file in (where / "texts").glob("*.yaml")}
    return load_texts(folder or packaged, *sorted(names - {"site"}))
