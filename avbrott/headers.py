"""Headers of columns, and the terms of the glossary that they name. Reading a file is not here.

A column is known by the term's id (``study_path``), its Swedish or English name (``Studievägskod``), or a synonym of the
glossary (``Stkod``). Capitals, spaces, points, strokes and underscores do not count: ``Start datum`` is ``STARTDATUM``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from avbrott.glossary import Glossary, Term


def normal_header(header: str) -> str:
    """A header as it is compared: its letters and digits alone, in lower case."""
    composed = unicodedata.normalize("NFKC", header).casefold()
    return "".join(letter for letter in composed if letter.isalnum())


def header_terms(glossary: Glossary, names: Iterable[str] | None = None) -> dict[str, str]:
    """The id of a term by each normal header that names it: of the terms ``names``, else of all that can be a column.

    What must never be delivered (``sensitive``) is among them, so that a column of it can be told by its name.
    """
    wanted = glossary.terms if names is None else names
    terms = [glossary.terms[name] for name in wanted if glossary.terms[name].type != "concept"]
    return {header: term.id for term in terms for header in headers_of(term)}


def term_of_header(header: str, known: Mapping[str, str]) -> str | None:
    """The id of the term that a header names, among those of ``header_terms``; None where it names none."""
    return known.get(normal_header(header))


def headers_of(term: Term) -> list[str]:
    """Every normal header of a term, once: its id, its names, its synonyms."""
    return list(_normal((term.id, term.name.sv, term.name.en, *term.synonyms)))


@lru_cache(maxsize=1024)
def _normal(said: tuple[str, ...]) -> tuple[str, ...]:
    """Each name as it is compared, once. Every file of every delivery is held against the same names."""
    return tuple(header for header in dict.fromkeys(map(normal_header, said)) if header)


def shared_headers(glossary: Glossary) -> Iterator[tuple[str, str, str]]:
    """Headers that name two terms: a header, the term that had it first, and the other one."""
    first: dict[str, str] = {}
    for term in glossary.terms.values():
        for header in headers_of(term) if term.type != "concept" else ():
            if header in first:
                yield header, first[header], term.id
            first.setdefault(header, term.id)
