"""One page an extract contract: its fields, forms, codes, and rules with what they do and how to mend."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.contract import ExtractContract
from avbrott.documentation.glossary import both
from avbrott.documentation.markdown import code, page, table
from avbrott.documentation.words import LANGUAGES, Words
from avbrott.registry import Contracts
from avbrott.texts import Language

GLOSSARY = "../../glossary.md"
"""The way to the glossary from a contract's page."""


def extract_page(contract: ExtractContract, contracts: Contracts, words: Words) -> str:
    """``docs/contracts/extracts/<name>.md``: whole in Swedish, then whole in English."""
    parts = [f"# {both(contract.title)}", words.beside("DOC_GENERATED")]
    for language in LANGUAGES:
        parts += _in_language(contract, contracts, words, language)
    return page(parts)


def _in_language(contract: ExtractContract, contracts: Contracts, words: Words, language: Language) -> Iterator[str]:
    def word(key: str, /, **parameters: object) -> str:
        return words.one(key, language, **parameters)

    yield f"## {getattr(contract.title, language)} ({'svenska' if language == 'sv' else 'English'})"
    yield getattr(contract.description, language)
    yield " ".join(
        (
            word("DOC_VERSION", version=contract.version, day=contract.valid_from),
            word("DOC_FILE", name=contract.name),
            word("DOC_PERSONS" if contract.rows_of_persons else "DOC_COUNTS"),
            word("DOC_KEY", fields=", ".join(map(code, contract.key))),
            word("DOC_DATED_BY", field=code(contract.dated_by)) if contract.dated_by else word("DOC_DATED_BY_TERM"),
        )
    )
    yield f"### {word('DOC_FIELDS')}"
    header = [word(key) for key in ("DOC_FIELD", "DOC_NAME", "DOC_FORM", "DOC_MAY_BE_EMPTY", "DOC_EXAMPLE")]
    yield table(header, (_field(name, contract, contracts, words, language) for name in contract.terms))
    yield f"### {word('DOC_RULES')}"
    header = [word(key) for key in ("DOC_CODE", "DOC_RULE", "DOC_EFFECT", "DOC_MEND")]
    yield table(
        header,
        (
            [
                code(rule.code),
                getattr(rule.text, language),
                word(f"DOC_{rule.severity.value}"),
                getattr(rule.mend, language),
            ]
            for rule in contract.rules
        ),
    )


def _field(name: str, contract: ExtractContract, contracts: Contracts, words: Words, language: Language) -> list[str]:
    term = contracts.glossary.terms[name]
    return [
        code(name),
        f"[{getattr(term.name, language)}]({GLOSSARY}#{term.id})",
        words.form(term, language),
        words.one("DOC_YES" if name in contract.optional else "DOC_NO", language),
        code(term.example or ""),
    ]
