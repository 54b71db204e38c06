"""The page of the providers: who delivers what and since when, by the id that commands ask for, and whose each unit is."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.documentation.glossary import both, swedish
from avbrott.documentation.markdown import code, page, table
from avbrott.documentation.words import LANGUAGES, Words
from avbrott.registry import Contracts
from avbrott.suppliers import Membership, SchoolUnit, Supplier

PAGE = "providers.md"
"""Where it lies under the folder of the contracts' pages."""


def providers_page(contracts: Contracts, words: Words) -> str:
    """``docs/contracts/providers.md``: providers by name, then school units by code."""
    suppliers = sorted(contracts.suppliers.suppliers, key=lambda one: (swedish(one.name), one.id))
    units = sorted(((unit, one) for one in suppliers for unit in one.units), key=lambda pair: (pair[0].code, pair[1].id))
    return page(
        [
            f"# {words.both('DOC_PROVIDERS_TITLE')}",
            words.beside("DOC_GENERATED"),
            words.beside("DOC_PROVIDERS_INTRO"),
            table(
                [words.both(key) for key in ("DOC_PROVIDER_ID", "DOC_NAME", "DOC_EXTRACTS", "DOC_MEMBER")],
                (_provider(one, contracts) for one in suppliers),
            ),
            f"## {words.both('DOC_UNITS_TITLE')}",
            words.beside("DOC_UNITS_INTRO"),
            table(
                [words.both(key) for key in ("DOC_CODE", "DOC_NAME", "DOC_PROVIDER_ID", "DOC_VALID")],
                (_unit(unit, one, words) for unit, one in units),
            ),
        ]
    )


def _provider(supplier: Supplier, contracts: Contracts) -> list[str]:
    extracts = (f"[{both(contracts.extracts[name].title)}](extracts/{name}.md)" for name in supplier.extracts)
    return [code(supplier.id), supplier.name, ", ".join(extracts), ", ".join(map(_period, supplier.member))]


def _period(period: Membership) -> str:
    return f"{period.first}–{period.last or ''}"


def _unit(unit: SchoolUnit, supplier: Supplier, words: Words) -> list[str]:
    return [code(unit.code), unit.name, code(supplier.id), "; ".join(_valid(unit, words))]


def _valid(unit: SchoolUnit, words: Words) -> Iterator[str]:
    """In both languages; nothing where the unit always was and still is."""
    if unit.valid_from is not None:
        yield " / ".join(words.one("DOC_VALID_FROM", language, day=unit.valid_from) for language in LANGUAGES)
    if unit.valid_to is not None:
        yield " / ".join(words.one("DOC_VALID_UNTIL", language, day=unit.valid_to) for language in LANGUAGES)
