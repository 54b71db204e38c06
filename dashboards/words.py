"""How figures and names read in each language: decimal comma, no-break spaces, percent, å ä ö last.

The texts themselves are ``contracts/texts/site.yaml`` and the code lists; no text stands here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts, load_texts

NO_BREAK = "\u00a0"
LANGUAGES: tuple[Language, ...] = ("sv", "en")

_WITHIN = re.compile(r"(?<=\d) (?=%|\d{3}(?!\d))")
"""The space within a number: before its percent sign, or between its thousands."""
_LAST = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "é": "e", "è": "e", "ü": "y"})


def sort_key(label: str) -> str:
    """The order of the Swedish alphabet: å, ä and ö come after z, capitals are no different from small letters."""
    return label.casefold().translate(_LAST)


def site_texts(contracts: Contracts) -> Texts:
    """The texts of pages. The site is called what the catalogue says, where there is one, as are the index and the feed."""
    texts = load_texts(contracts.folder, "site")
    if contracts.catalogue is None:
        return texts
    name = contracts.catalogue.title.model_dump()
    return texts.put(dict.fromkeys(("site.title", "page.start.title"), name))


@dataclass(frozen=True, slots=True)
class Words:
    """One language's texts and number formats."""

    language: Language
    texts: Texts

    def __call__(self, key: str, /, **parameters: object) -> str:
        """The text ``key``, its numbers unbroken; ``BadInput`` names one that cannot be used."""
        return _WITHIN.sub(NO_BREAK, self.texts.get(key, self.language, **parameters))

    def maybe(self, key: str) -> str:
        """The text ``key``, empty where there is none."""
        return self(key) if key in self.texts else ""

    def paragraphs(self, key: str) -> list[str]:
        """The text ``key`` divided at its empty lines."""
        return [part.strip() for part in self(key).split("\n\n") if part.strip()]

    def term(self, term: Term) -> str:
        """A term as its readers call it: ``HT2025`` in Swedish, ``Autumn 2025`` in English."""
        return self("term.HT" if term.season == "HT" else "term.VT", year=term.year)

    @property
    def separators(self) -> str:
        """Decimal sign and thousands sign, as Plotly's layout wants them."""
        return f",{NO_BREAK}" if self.language == "sv" else ".,"

    @property
    def percent(self) -> str:
        """What follows the number of a percentage."""
        return f"{NO_BREAK}%" if self.language == "sv" else "%"

    def whole(self, value: str | int) -> str:
        """A count: ``12 345`` or ``12,345``."""
        return f"{int(Decimal(value)):,}".replace(",", self.separators[1])

    def decimal(self, value: Decimal, places: int = 1) -> str:
        """A number with ``places`` decimals, halves rounded away from zero; minus is the true minus sign."""
        rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        return f"{rounded:f}".replace(".", self.separators[0]).replace("-", "\u2212")

    def share(self, value: str) -> str:
        """A fraction as a percentage: ``12,3 %`` or ``12.3%``."""
        return self.decimal(Decimal(value) * 100) + self.percent
