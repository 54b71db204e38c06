"""One page an extract contract: its fields, forms, codes, and rules with what they do and how to mend."""

from __future__ import annotations

from collections.abc import Iterator

from avbrott.contract import ExtractContract
from avbrott.delivery.report import told
from avbrott.documentation.fields import codes_of_field, general_rules, own_rules
from avbrott.documentation.glossary import both, remark
from avbrott.documentation.markdown import code, page, table
from avbrott.documentation.words import LANGUAGES, Words
from avbrott.findings import Finding
from avbrott.glossary import Glossary
from avbrott.registry import Contracts
from avbrott.texts import Language, Texts, load_messages

GLOSSARY = "../../glossary.md"
"""The way to the glossary from a contract's page."""


def extract_page(contract: ExtractContract, contracts: Contracts, words: Words) -> str:
    """``docs/contracts/extracts/<name>.md``: whole in Swedish, then whole in English."""
    texts = load_messages(contracts.folder)
    parts = [f"# {both(contract.title)}", words.beside("DOC_GENERATED")]
    for language in LANGUAGES:
        parts += _in_language(contract, contracts, words, texts, language)
    return page(parts)


def _in_language(
    contract: ExtractContract, contracts: Contracts, words: Words, texts: Texts, language: Language
) -> Iterator[str]:
    def word(key: str, /, **parameters: object) -> str:
        return words.one(key, language, **parameters)

    yield f"## {getattr(contract.title, language)} ({'svenska' if language == 'sv' else 'English'})"
    yield getattr(contract.description, language)
    yield " ".join(
        (
            word("DOC_VERSION", version=contract.version, day=contract.valid_from),
            *_earlier(contract, contracts, words, language),
            word("DOC_FILE", name=contract.name),
            word("DOC_PERSONS" if contract.rows_of_persons else "DOC_COUNTS"),
            word("DOC_KEY", fields=", ".join(map(code, contract.key))),
            word("DOC_DATED_BY", field=code(contract.dated_by)) if contract.dated_by else word("DOC_DATED_BY_TERM"),
        )
    )
    yield f"### {word('DOC_FIELDS')}"
    header = [word(key) for key in ("DOC_FIELD", "DOC_NAME", "DOC_FORM", "DOC_MAY_BE_EMPTY", "DOC_EXAMPLE")]
    yield table(header, (_field(name, contract, contracts, words, language) for name in contract.terms))
    for name in contract.terms:
        yield from _details(name, contract, contracts, words, texts, language)
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
    if contract.disputed:
        yield f"### {word('DOC_DISPUTED_LIST')}"
        yield word("DOC_DISPUTED_HERE")
        yield "\n".join(_reading(name, contracts.glossary, language) for name in contract.disputed)


def _earlier(contract: ExtractContract, contracts: Contracts, words: Words, language: Language) -> Iterator[str]:
    """That the version before this one is accepted too, and until when."""
    for one in contracts.versions(contract.name)[1:2]:
        if one.valid_to is not None:
            yield words.one("DOC_ACCEPTED_TO", language, version=one.version, day=one.valid_to)
        else:
            yield words.one("DOC_EARLIER", language, version=one.version)


def _details(
    name: str, contract: ExtractContract, contracts: Contracts, words: Words, texts: Texts, language: Language
) -> Iterator[str]:
    """All that holds for one field: what it means, how it is written, its codes, its rules."""
    term = contracts.glossary.terms[name]
    yield f"#### {getattr(term.name, language)} ({code(name)})"
    yield str(getattr(term.definition, language))
    said = [words.one("DOC_WRITTEN", language, form=words.form(term, language))]
    said.append(words.one("DOC_EMPTY_YES" if name in contract.optional else "DOC_EMPTY_NO", language))
    if term.example:
        said.append(f"{words.one('DOC_EXAMPLE', language)}: {code(term.example)}.")
    if term.known_beside is not None:
        beside = contracts.glossary.terms[term.known_beside]
        link = f"[{getattr(beside.name, language)}]({GLOSSARY}#{beside.id})"
        said.append(words.one("DOC_KNOWN_BESIDE", language, name=link))
    if term.open_list:
        said.append(words.one("DOC_OPEN_LIST", language))
    if term.begins_with is not None:
        other = contracts.glossary.terms[term.begins_with]
        link = f"[{getattr(other.name, language)}]({GLOSSARY}#{other.id})"
        said.append(words.one("DOC_BEGINS_WITH_SAID", language, name=link))
    yield " ".join(said)
    if codes := codes_of_field(name, contracts.glossary):
        header = [words.one("DOC_CODE", language), words.one("DOC_MEANING", language)]
        yield table(header, ([code(one.code), getattr(one, language) + remark(one, words, language)] for one in codes))
    rules = list(general_rules(name, contract, contracts.glossary))
    if rules:
        found = told((Finding("", "", contract.name, rule, severity, name) for rule, severity in rules), contracts, texts)
        header = [words.one(key, language) for key in ("DOC_CODE", "DOC_RULE", "DOC_EFFECT", "DOC_MEND")]
        yield table(
            header,
            (
                [
                    code(one.finding.code),
                    one.rule[language],
                    words.one(f"DOC_{one.finding.severity}", language),
                    one.mend[language],
                ]
                for one in found
            ),
        )
    if own := own_rules(name, contract):
        yield words.one("DOC_RULES_BELOW", language, codes=", ".join(code(rule.code) for rule in own))


def _reading(name: str, glossary: Glossary, language: Language) -> str:
    """The reading of a disputed term that the statistics use."""
    term = glossary.terms[name]
    used = next(reading for reading in term.readings if reading.id == term.used)
    return f"- [{getattr(term.name, language)}]({GLOSSARY}#{term.id}): {getattr(used, language)} ({used.source})"


def _field(name: str, contract: ExtractContract, contracts: Contracts, words: Words, language: Language) -> list[str]:
    term = contracts.glossary.terms[name]
    return [
        code(name),
        f"[{getattr(term.name, language)}]({GLOSSARY}#{term.id})",
        words.form(term, language),
        words.one("DOC_YES" if name in contract.optional else "DOC_NO", language),
        code(term.example or ""),
    ]
