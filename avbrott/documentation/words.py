"""The pages' words, from ``contracts/texts/documentation.yaml``, in one language or both."""

from __future__ import annotations

from pathlib import Path

from avbrott.glossary import Term
from avbrott.texts import Language, load_texts

LANGUAGES: tuple[Language, Language] = ("sv", "en")


class Words:
    """Words by key. A set of contracts may have its own; otherwise those that come with the program."""

    def __init__(self, folder: Path) -> None:
        self._texts = load_texts(folder, "documentation")

    def one(self, key: str, language: Language, /, **parameters: object) -> str:
        """A text in one language."""
        return self._texts.get(key, language, **parameters)

    def both(self, key: str, /) -> str:
        """A short text in both languages, with a stroke between; one of them where they are the same."""
        return " / ".join(dict.fromkeys(self.one(key, language) for language in LANGUAGES))

    def beside(self, key: str, /, **parameters: object) -> str:
        """A sentence in Swedish, and below it in English."""
        return f"{self.one(key, 'sv', **parameters)}\n\n*{self.one(key, 'en', **parameters)}*"

    def form(self, term: Term, language: Language) -> str:
        """What a value of the term looks like in an extract."""
        parts = [self.one(f"DOC_TYPE_{term.type}", language)]
        if term.minimum is not None and term.maximum is not None:
            parts.append(self.one("DOC_RANGE", language, minimum=term.minimum, maximum=term.maximum))
        if term.unit is not None:
            parts.append(self.one(f"DOC_UNIT_{term.unit}", language))
        if term.shape is not None:
            parts.append(str(getattr(term.shape, language)))
        if term.pattern is not None:
            parts.append(self.one("DOC_PATTERN", language, pattern=term.pattern))
        return ", ".join(parts)
