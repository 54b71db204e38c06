"""What a provider is asked when it joins: sections of questions, made from the glossary and the contracts.

A question is known by the key in its first column, so that answers are found wherever rows have been moved to. Which form the
questions get is ``questionnaire``'s, what answers mean ``answers``'.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from avbrott.contract import ExtractContract
from avbrott.contract_files import read_contract
from avbrott.contract_folder import own_or_packaged
from avbrott.documentation.fields import codes_of_field
from avbrott.documentation.glossary import both
from avbrott.glossary import Term
from avbrott.model import Model
from avbrott.registry import Contracts
from avbrott.suppliers import SupplierKind
from avbrott.texts import Texts

YES = "ja"
NO = "nej"
ASKED_OF_PROVIDER = ("id", "name", "kind", "municipality", "first", "may_deliver")
UNIT_COLUMNS = ("code", "name", "municipality", "valid_from", "valid_to")
UNIT_ROWS = 20
"""School units that there is room for; rows may be added."""
PLACES = "municipality"
"""The term whose codes providers and units lie in."""


@dataclass(frozen=True, slots=True)
class Question:
    """One row: its key, what is told beside it, and the values that an answer is chosen from (empty: any)."""

    key: str
    told: tuple[str, ...]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A sheet of questions. ``answers``: the headings of the columns to fill in, after the key and what is told."""

    name: str
    """The key of its name and its introduction in the texts, after ``FORM_SHEET_`` and ``FORM_ABOUT_``."""
    told: tuple[str, ...]
    answers: tuple[str, ...]
    questions: tuple[Question, ...] = field(default=())


def sections(contracts: Contracts, texts: Texts) -> list[Section]:
    """Every section, in the order in which a provider can answer."""

    def heading(*keys: str) -> tuple[str, ...]:
        return tuple(f"{texts.get(key, 'sv')} / {texts.get(key, 'en')}" for key in keys)

    about = heading("FORM_QUESTION", "FORM_HOW")
    units = heading(*(f"FORM_UNIT_{name.upper()}" for name in UNIT_COLUMNS))
    extracts = list(contracts.extracts.values())
    return [
        Section("PROVIDER", about, heading("FORM_ANSWER"), tuple(_of_provider(contracts, texts))),
        Section("UNITS", (), units, tuple(Question(str(number), ()) for number in range(1, UNIT_ROWS + 1))),
        Section(
            "EXTRACTS",
            heading("FORM_EXTRACT", "FORM_MEANING"),
            heading("FORM_DELIVERS", "FORM_SYSTEM"),
            tuple(Question(one.name, (both(one.title), _both(one.description)), (YES, NO)) for one in extracts),
        ),
        Section(
            "HEADERS",
            heading("FORM_EXTRACT", "FORM_LABEL", "FORM_MEANING"),
            heading("FORM_OWN_HEADER"),
            tuple(question for one in extracts for question in _headers(one, contracts)),
        ),
        Section(
            "OWN_CODES",
            heading("FORM_LABEL", "FORM_CODE", "FORM_MEANING"),
            heading("FORM_OWN_CODES"),
            tuple(_codes(contracts)),
        ),
        Section(
            "READINGS",
            heading("FORM_TERM", "FORM_READING", "FORM_IN_USE"),
            heading("FORM_OUR_READING"),
            tuple(_readings(contracts, texts)),
        ),
    ]


class QuestionnaireContract(Model):
    """File: ``contracts/questionnaire.yaml``."""

    kinds: dict[SupplierKind, tuple[str, ...]]
    """By kind, the words for it; the first is the one that is offered."""


def words_of_kinds(contracts: Contracts) -> dict[SupplierKind, tuple[str, ...]]:
    """The kinds of provider, each with the words that answer so."""
    return read_contract(own_or_packaged(contracts.folder, "questionnaire.yaml"), QuestionnaireContract).kinds


def disputed_terms(contracts: Contracts) -> list[Term]:
    """The disputed terms that some extract is read by, in the order of the contracts."""
    names = dict.fromkeys(name for contract in contracts.extracts.values() for name in contract.disputed)
    return [contracts.glossary.terms[name] for name in names]


def coded_terms(contracts: Contracts) -> list[Term]:
    """The terms of extracts whose values come from a list."""
    names = dict.fromkeys(name for contract in contracts.extracts.values() for name in contract.terms)
    return [contracts.glossary.terms[name] for name in names if codes_of_field(name, contracts.glossary)]


def source_term(name: str, contracts: Contracts) -> Term:
    """The term of a column at the provider: the sensitive one where the contract's takes its place."""
    term = contracts.glossary.terms[name]
    return contracts.glossary.terms[term.replaces] if term.replaces else term


def _of_provider(contracts: Contracts, texts: Texts) -> Iterator[Question]:
    places = tuple(code.code for code in codes_of_field(PLACES, contracts.glossary))
    choices = {"kind": tuple(words[0] for words in words_of_kinds(contracts).values()), "municipality": places}
    for name in ASKED_OF_PROVIDER:
        keys = (f"FORM_ASK_{name.upper()}", f"FORM_ASK_{name.upper()}_HOW")
        yield Question(name, tuple(f"{texts.get(key, 'sv')} / {texts.get(key, 'en')}" for key in keys), choices.get(name, ()))


def _headers(contract: ExtractContract, contracts: Contracts) -> Iterator[Question]:
    for name in contract.terms:
        term = source_term(name, contracts)
        yield Question(f"{contract.name}.{term.id}", (contract.title.sv, both(term.name), _both(term.definition)))


def _codes(contracts: Contracts) -> Iterator[Question]:
    for term in coded_terms(contracts):
        for code in codes_of_field(term.id, contracts.glossary):
            told = (both(term.name), code.code, code.sv if code.sv == code.en else f"{code.sv} / {code.en}")
            yield Question(f"{term.id}.{code.code}", told)


def _readings(contracts: Contracts, texts: Texts) -> Iterator[Question]:
    for term in disputed_terms(contracts):
        for reading in term.readings:
            used = texts.get("FORM_USED", "sv") if reading.id == term.used else ""
            said = f"{reading.sv} / {reading.en} ({reading.source})"
            yield Question(f"{term.id}.{reading.id}", (both(term.name), said, used), (YES,))


def _both(text: object) -> str:
    return f"{getattr(text, 'sv', '')} / {getattr(text, 'en', '')}"
