"""One page a published table: what it counts, its columns and levels, its share, and the breaks in its series."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.documentation.extracts import GLOSSARY
from avbrott.documentation.glossary import both
from avbrott.documentation.markdown import code, page, table
from avbrott.documentation.words import LANGUAGES, Words
from avbrott.registry import Contracts
from avbrott.table import TableContract, TableDimension
from avbrott.texts import Language


def table_page(contract: TableContract, contracts: Contracts, words: Words) -> str:
    """``docs/contracts/releases/<name>.md``: whole in Swedish, then whole in English."""
    parts = [f"# {both(contract.title)}", words.beside("DOC_GENERATED")]
    for language in LANGUAGES:
        parts += _in_language(contract, contracts, words, language)
    return page(parts)


def _in_language(contract: TableContract, contracts: Contracts, words: Words, language: Language) -> Iterator[str]:
    def word(key: str, /, **parameters: object) -> str:
        return words.one(key, language, **parameters)

    yield f"## {getattr(contract.title, language)} ({'svenska' if language == 'sv' else 'English'})"
    yield getattr(contract.description, language)
    if contract.system is None:
        yield word("DOC_NO_PERSONS")
        return
    system = contracts.systems[contract.system]
    said = [word("DOC_PERSONS_SHOWN", unit=getattr(system.unit, language), system=system.name, policy=system.policy)]
    if contract.where:
        conditions = (f"{code(name)} = {code(value)}" for name, value in contract.where.items())
        said.append(word("DOC_WHERE", conditions=", ".join(conditions)))
    if contract.share is not None:
        said.append(word("DOC_SHARE", dimension=code(contract.share.dimension)))
    yield " ".join(said)
    yield f"### {word('DOC_COLUMNS')}"
    header = [word(key) for key in ("DOC_COLUMN", "DOC_NAME", "DOC_LEVELS", "DOC_TOTAL")]
    yield table(header, (_column(used, contracts, words, language) for used in contract.dimensions))
    for note in contract.notes:
        yield getattr(note, language)
    breaks = [
        f"- {found.school_year}: {getattr(found.title, language)}. {getattr(found.text, language)}"
        for found in contracts.breaks
        if found.concerns(contract)
    ]
    known = contracts.first_known
    if known is not None and known.concerns(contract):
        breaks.append(f"- {getattr(known.title, language)}. {getattr(known.text, language)}")
    if breaks:
        yield f"### {word('DOC_BREAKS')}"
        yield "\n".join(breaks)


def _column(used: TableDimension, contracts: Contracts, words: Words, language: Language) -> list[str]:
    dimension = contracts.dimensions[used.dimension]
    term = contracts.glossary.terms[dimension.term]
    levels = ", ".join(map(code, used.levels or dimension.every_level))
    if used.windows != "no":
        levels += ". " + words.one(f"DOC_WINDOWS_{used.windows}", language, years=dimension.window)
    return [
        code(used.dimension),
        f"[{getattr(term.name, language)}]({GLOSSARY}#{term.id})",
        levels,
        getattr(dimension.total, language) if dimension.total is not None else "",
    ]
