"""Terms of the glossary: definitions in both languages, code lists that hang together, disputes that are shown whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import polars as pl

from avbrott.glossary import Code, Glossary, Term, line, parts_of
from avbrott.headers import normal_header, shared_headers
from avbrott.mistakes import Mistake
from avbrott.model import Text
from avbrott.table import TOTAL


def term_mistakes(glossary: Glossary, files: Mapping[str, str]) -> Iterator[Mistake]:
    """Mistakes of every term, each with the file it stands in."""
    for term in glossary.terms.values():
        for key, code, parameters in (
            *_words(term),
            *_form(term, glossary),
            *_codes(term),
            *_sums(term),
            *_dispute(term),
        ):
            yield Mistake(files[term.id], f"{term.id}.{key}", code, parameters)
    for header, other, identifier in shared_headers(glossary):
        yield Mistake(files[identifier], f"{identifier}.synonyms.{header}", "MISTAKE_HEADER", {"name": header, "term": other})


def is_pattern(text: str) -> bool:
    """Whether it is a regular expression, also to polars, which looks neither around nor back."""
    try:
        re.compile(text)
        pl.Series([""]).str.contains(text)
    except (re.error, pl.exceptions.ComputeError):
        return False
    return True


_Found = tuple[str, str, dict[str, str]]


def _words(term: Term) -> Iterator[_Found]:
    for key, text in (("name", term.name), ("definition", term.definition)):
        if is_empty(text):
            yield key, "MISTAKE_EMPTY_TEXT", {}
    for synonym in term.synonyms:
        if not normal_header(synonym):
            yield "synonyms", "MISTAKE_EMPTY_TEXT", {}
    if not term.source.strip():
        yield "source", "MISTAKE_EMPTY_TEXT", {}
    for code in term.codes:
        if not code.sv.strip() or not code.en.strip():
            yield f"codes.{code.code}", "MISTAKE_EMPTY_TEXT", {}


def _form(term: Term, glossary: Glossary) -> Iterator[_Found]:
    if term.pattern is not None and not is_pattern(term.pattern):
        yield "pattern", "MISTAKE_PATTERN", {}
    if term.minimum is not None and term.maximum is not None and term.minimum > term.maximum:
        yield "minimum", "MISTAKE_ORDER", {}
    if term.codes_of is not None:
        if term.codes_of not in glossary.terms:
            yield "codes_of", "MISTAKE_NO_TERM", {"name": term.codes_of}
        elif not glossary.terms[term.codes_of].codes:
            yield "codes_of", "MISTAKE_NO_CODES", {"name": term.codes_of}
    elif term.type == "code" and not term.codes:
        yield "codes", "MISTAKE_NO_CODES", {"name": term.id}
    if term.known_beside is not None:
        if term.known_beside not in glossary.terms:
            yield "known_beside", "MISTAKE_NO_TERM", {"name": term.known_beside}
        elif not glossary.codes(term.known_beside):
            yield "known_beside", "MISTAKE_NO_CODES", {"name": term.known_beside}
    if term.begins_with is not None:
        if term.begins_with not in glossary.terms:
            yield "begins_with", "MISTAKE_NO_TERM", {"name": term.begins_with}
        elif not glossary.codes(term.begins_with):
            yield "begins_with", "MISTAKE_NO_CODES", {"name": term.begins_with}
    if term.valid_from and term.valid_to and term.valid_from > term.valid_to:
        yield "valid_to", "MISTAKE_ORDER", {}
    if term.replaces is not None:
        if term.replaces not in glossary.terms:
            yield "replaces", "MISTAKE_NO_TERM", {"name": term.replaces}
        elif not glossary.terms[term.replaces].sensitive:
            yield "replaces", "MISTAKE_REPLACES", {"name": term.replaces}


def _codes(term: Term) -> Iterator[_Found]:
    listed: dict[str, Code] = {}
    for code in term.codes:
        key = f"codes.{code.code}"
        if code.code in listed:
            yield key, "MISTAKE_TWICE", {"name": code.code}
        if code.code == TOTAL:
            yield key, "MISTAKE_RESERVED", {"name": TOTAL}
        if code.valid_from and code.valid_to and code.valid_from > code.valid_to:
            yield f"{key}.valid_to", "MISTAKE_ORDER", {}
        listed[code.code] = code
    yield from _synonyms(term)
    for code in term.codes:
        for attribute, other in (("replaced_by", code.replaced_by), ("counts_as", code.counts_as)):
            if other is not None and other not in listed:
                yield f"codes.{code.code}.{attribute}", "MISTAKE_NO_CODE", {"name": other, "term": term.id}
        if code.parent is not None:
            parent = listed.get(code.parent)
            if parent is None or parent.level == code.level:
                yield f"codes.{code.code}.parent", "MISTAKE_PARENT", {"name": code.parent}


def _synonyms(term: Term) -> Iterator[_Found]:
    """A synonym is one code's, and no code itself."""
    taken = {code.code.lower() for code in term.codes}
    for code in term.codes:
        for synonym in (word.lower() for word in code.synonyms):
            if synonym in taken:
                yield f"codes.{code.code}.synonyms", "MISTAKE_TWICE", {"name": synonym}
            taken.add(synonym)


def _sums(term: Term) -> Iterator[_Found]:
    """A sum's codes stand before it, have nobody in common, and are known when it is; nor have two sums of one level."""
    if not any(code.sum_of for code in term.codes):
        return
    listed = {code.code: code for code in term.codes}
    held: dict[str, list[str]] = {}
    beside: dict[str, list[str]] = {}
    horizon = {code.code: max(one.horizon or 0 for one in line(listed, code)) for code in term.codes}
    for code in term.codes:
        if not code.sum_of:
            held[code.code] = [part.code for part in parts_of(listed, code)]
            continue
        parts = [part for name in code.sum_of for part in held.get(name, [])]
        level = beside.setdefault(code.level, [])
        level += parts
        late = any(horizon[part] > horizon[code.code] for part in parts)
        if len(set(level)) < len(level) or late or code.parent or not held.keys() >= set(code.sum_of):
            yield f"codes.{code.code}.sum_of", "MISTAKE_SUM", {}
        else:
            held[code.code] = parts


def _dispute(term: Term) -> Iterator[_Found]:
    readings = [reading.id for reading in term.readings]
    if term.status == "agreed":
        if readings or term.used:
            yield "status", "MISTAKE_AGREED", {}
        return
    if len(set(readings)) < 2:
        yield "readings", "MISTAKE_READINGS", {}
    if term.used not in readings:
        yield "used", "MISTAKE_USED", {}


def is_empty(text: Text) -> bool:
    """Whether a text lacks one of its languages."""
    return not text.sv.strip() or not text.en.strip()
