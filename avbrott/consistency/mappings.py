"""Mappings: what they turn into are terms, codes and readings that are there, and no word of theirs means two things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from avbrott.headers import normal_header
from avbrott.mapping import ProviderMapping
from avbrott.mistakes import Mistake

if TYPE_CHECKING:
    from avbrott.registry import Contracts

_Found = tuple[str, str, dict[str, str]]


def mapping_mistakes(contracts: Contracts) -> Iterator[Mistake]:
    """Mistakes of every mapping."""
    for mapping in contracts.mappings.values():
        for key, code, parameters in (
            *_headers(mapping, contracts),
            *_codes(mapping, contracts),
            *_readings(mapping, contracts),
        ):
            yield Mistake(f"mappings/{mapping.provider}.yaml", key, code, parameters)
        if mapping.provider not in contracts.suppliers.by_id:
            file = f"mappings/{mapping.provider}.yaml"
            yield Mistake(file, "provider", "MISTAKE_NO_SUPPLIER", {"name": mapping.provider})


def _headers(mapping: ProviderMapping, contracts: Contracts) -> Iterator[_Found]:
    for extract in {**mapping.systems, **mapping.headers}:
        if extract not in contracts.extracts:
            yield f"headers.{extract}", "MISTAKE_NO_EXTRACT", {"name": extract}
    for extract, headers in mapping.headers.items():
        if extract not in contracts.extracts:
            continue
        fields = set(contracts.extracts[extract].terms)
        fields |= {str(contracts.glossary.terms[name].replaces) for name in fields if name in contracts.glossary.terms}
        protected = _protected_headers(contracts) if headers else frozenset()
        for header, term in headers.items():
            if normal_header(header) in protected:
                yield f"headers.{extract}.{header}", "MISTAKE_OWN_HEADER", {"name": header}
            if term not in fields:
                yield f"headers.{extract}.{header}", "MISTAKE_NO_FIELD", {"name": term, "extract": extract}
        for normal, times in Counter(map(normal_header, headers)).items():
            if times > 1 or not normal:
                yield f"headers.{extract}", "MISTAKE_TWICE", {"name": normal or "-"}


def _protected_headers(contracts: Contracts) -> frozenset[str]:
    """The headers of a column that marks protected identities: called something else, it would protect nobody."""
    from avbrott.identity.source import read_source_contract

    protected = read_source_contract(contracts).protected
    return frozenset(map(normal_header, (protected.term, *protected.headers)))


def _codes(mapping: ProviderMapping, contracts: Contracts) -> Iterator[_Found]:
    for term, codes in mapping.codes.items():
        if term not in contracts.glossary.terms:
            yield f"codes.{term}", "MISTAKE_NO_TERM", {"name": term}
            continue
        listed = {code.code for code in contracts.glossary.codes(term)}
        if not listed:
            yield f"codes.{term}", "MISTAKE_NO_CODES", {"name": term}
        for own, code in codes.items():
            if listed and code not in listed:
                yield f"codes.{term}.{own}", "MISTAKE_NO_CODE", {"name": code, "term": term}
            if own.lower() in {one.lower() for one in listed - {code}}:
                yield f"codes.{term}.{own}", "MISTAKE_OWN_CODE", {"name": own}


def _readings(mapping: ProviderMapping, contracts: Contracts) -> Iterator[_Found]:
    for name, reading in mapping.readings.items():
        term = contracts.glossary.terms.get(name)
        if term is None:
            yield f"readings.{name}", "MISTAKE_NO_TERM", {"name": name}
        elif reading not in {one.id for one in term.readings}:
            yield f"readings.{name}", "MISTAKE_NO_READING", {"name": reading, "term": name}
