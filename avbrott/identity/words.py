"""Codes that anybody makes up, cut to what is read of them where the rest is a word: it can be somebody's name.

A study path begins with its programme's code, and nobody reads what follows. No list of names has every name, so a word
there does not leave, known or not; three letters are an orientation's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from avbrott.delivery.rules import listed_beginning
from avbrott.delivery.scan import HEALTH, IDENTITY
from avbrott.findings import ROWS_KEPT, Finding, Severity
from avbrott.glossary import Glossary, Term

WORD = "CODE_WORD"
"""The code of what is told of them."""
_LETTERS = 4
"""More letters in a row than an orientation has."""
_TOLD = 5
"""Behind a known programme so many are a word, and no orientation with its variant: its owner should look."""
_PROGRAMME = 2
"""The letters of a programme that no list has."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The rows with codes in place of words."""

    frame: pl.DataFrame
    counts: Mapping[str, int] = field(default_factory=dict)
    """By term, how many values were cut."""


def without_words(frame: pl.DataFrame, terms: Iterable[Term], glossary: Glossary) -> Cut:
    """The frame with each code that has a word in it cut to its programme's, which is all that is read of it."""
    counts = {}
    for term in terms:
        if term.begins_with is None:
            continue
        text, begins = pl.col(term.id), listed_beginning(term, glossary)
        short = pl.coalesce(begins, text.str.slice(0, _PROGRAMME))
        has_word = _has_word(term, glossary, _LETTERS).fill_null(value=False) & (short != text)
        if count := frame.select(has_word.sum()).item():
            counts[term.id] = count
            frame = frame.with_columns(pl.when(has_word).then(short).otherwise(text).alias(term.id))
    return Cut(frame, counts)


def words_found(
    frame: pl.DataFrame, terms: Iterable[Term], glossary: Glossary, provider: str, delivered: str, extract: str
) -> list[Finding]:
    """That codes have words in them, with their rows: whether they are names is their owner's to say."""
    found = []
    for term in terms:
        if term.begins_with is None:
            continue
        rows = frame.filter(_has_word(term, glossary, _TOLD))["row"].sort()
        if rows.len():
            told = (provider, delivered, extract, WORD, Severity.WARNING, term.id, rows.len())
            found.append(Finding(*told, tuple(rows.head(ROWS_KEPT))))
    return found


def beside_refused(told: Iterable[Finding], found: Iterable[Finding]) -> list[Finding]:
    """``told`` without what it says of words that ``found`` refuses: they are to be removed, whatever they are."""
    refused: dict[str, set[int]] = {}
    for one in found:
        if one.code in (IDENTITY, HEALTH):
            refused.setdefault(one.field, set()).update(one.rows)
    kept = []
    for one in told:
        if one.code == WORD and one.count <= ROWS_KEPT and one.field in refused:
            rows = tuple(row for row in one.rows if row not in refused[one.field])
            kept += [replace(one, rows=rows, count=len(rows))] if rows else []
        else:
            kept.append(one)
    return kept


def _has_word(term: Term, glossary: Glossary, behind: int) -> pl.Expr:
    """Whether a value that keeps its form has a word in it: ``behind`` letters or more after a listed beginning."""
    text, begins = pl.col(term.id), listed_beginning(term, glossary)
    rest = text.str.slice(begins.str.len_chars())
    is_whole = text.str.contains(f"^(?:{term.pattern})$") if term.pattern is not None else text.is_not_null()
    in_rest = rest.str.contains(rf"\p{{L}}{{{behind}}}")
    return is_whole & pl.when(begins.is_not_null()).then(in_rest).otherwise(text.str.contains(rf"\p{{L}}{{{_LETTERS}}}"))
