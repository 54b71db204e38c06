"""Names of persons and free text among values, also a name alone or joined to another inside what looks like a code.

Which names and words there are is data (``contracts/scanner.yaml``). Which fields are looked at is ``scan``'s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import polars as pl

from avbrott.delivery.signs import folded, plain_signs
from avbrott.model import Model

LETTERS_ALONE = 4
"""A name inside a code with digits has at least so many letters: three letters and a figure are too often something else."""

LETTERS_JOINED = 7
"""Two names that are one word have at least so many letters."""

LETTERS_OF_GIVEN, LETTERS_OF_SURNAME = 4, 5
"""A name that a code of letters begins or ends with has at least so many."""

_CAPITALISED = r"^\p{Lu}[\p{Ll}'’]+(?:[ ,-]+\p{Lu}\.?[\p{Ll}'’]*){1,3}$"
_SURNAME_FIRST = r"^\p{Lu}[\p{Lu}'’-]+, ?\p{Lu}[\p{Lu}'’-]+$"
_WORD = r"\p{L}[\p{L}'’-]+"
_PART = r"\p{L}{2,}"
_CODE = r"^[\p{Lu}0-9_-]{2,40}$"
_IN_CODES = "[0-9_-]"


class NameWords(Model):
    """What is taken for a person's name, and what is not."""

    given_names: tuple[str, ...]
    surnames: tuple[str, ...]
    surname_endings: tuple[str, ...]
    """A word that ends so is a surname, listed or not."""
    not_alone: tuple[str, ...]
    """Surnames that are also places or words: a person's only beside another name."""
    not_in_codes: tuple[str, ...] = ()
    """Parts of codes that begin or end as a name does, and are none."""
    not_names: tuple[str, ...]
    """Words that make the words beside them the name of something else than a person."""


def readable(values: pl.Series) -> pl.DataFrame:
    """Each value with its ``text`` (of ``signs.plain_signs``), the text ``folded``, its ``words`` and their ``parts``."""
    text = plain_signs(values)
    frame = pl.DataFrame({"value": values, "text": text, "folded": folded(text)})
    return frame.with_columns(words=pl.col("folded").str.extract_all(_WORD), parts=pl.col("folded").str.extract_all(_PART))


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Small letters of a listed word without their marks, so that ``SJÖBERG`` and ``sjoberg`` are one; kept for each scan."""
    return "".join(part for part in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(part))


def names(known: NameWords) -> pl.Expr:
    """Whether a row of ``readable`` is or holds a person's name."""
    given, surnames = [fold(name) for name in known.given_names], [fold(name) for name in known.surnames]
    text, words = pl.col("text"), pl.col("words")
    parts, ending = pl.col("parts"), f"{_ending(known)}$"
    named = parts.list.eval(pl.element().is_in([*given, *surnames]) | pl.element().str.contains(ending)).list.any()
    several = (words.list.len() > 1) & named
    listed = (several | parts.list.eval(pl.element().is_in(given)).list.any()) & ~text.str.contains("[0-9]")
    other = words.list.eval(pl.element().is_in([fold(word) for word in known.not_names])).list.any()
    shaped = text.str.contains(_CAPITALISED) | text.str.contains(_SURNAME_FIRST)
    return ((listed | shaped) & ~other) | _alone(known)


def in_free_codes(known: NameWords, beginnings: Iterable[str]) -> pl.Expr:
    """Whether a row of ``readable`` is a code of letters that begins or ends with a name: for codes that anybody makes up.

    Three or four letters after one of ``beginnings`` (a programme's code) are an orientation and no name.
    """
    listed = {fold(name) for name in known.given_names if len(name) >= LETTERS_OF_GIVEN}
    surnames = {fold(name) for name in known.surnames if len(name) >= LETTERS_OF_SURNAME}
    edge = _one_of(listed | (surnames - {fold(name) for name in known.not_alone}))
    rest = pl.col("folded").str.replace_all(_one_of(map(fold, known.not_in_codes)) or "^$", "-")
    official = rf"^(?:{_one_of(beginnings)})\p{{Lu}}{{3,4}}$"
    letters = pl.col("text").str.contains(r"^\p{Lu}+$") & ~pl.col("text").str.contains(official)
    return letters & rest.str.contains(f"^(?:{edge})|(?:{edge})$")


def is_code_like() -> pl.Expr:
    """Whether a row of ``readable`` is one word of capital letters and digits, with a letter in it."""
    return pl.col("text").str.contains(_CODE) & pl.col("text").str.contains(r"\p{Lu}")


def free_text(least_words: int) -> pl.Expr:
    """Whether a row of ``readable`` is written in one's own words."""
    return pl.col("words").list.len() >= least_words


def _alone(known: NameWords) -> pl.Expr:
    """Whether the whole value is one name, or in capitals a name with figures or two names without a space."""
    listed = [fold(name) for name in (*known.given_names, *known.surnames)]
    ambiguous = {fold(name) for name in known.not_alone}
    ending = rf"^{_ending(known)}$"
    joined = f"^(?:{_one_of(name for name in listed if len(name) > 2)}){{2,4}}$"
    letters = pl.col("folded").str.replace_all(_IN_CODES, "")
    one = letters.is_in([name for name in listed if name not in ambiguous]) | letters.str.contains(ending)
    in_code = one & (letters.str.len_chars() >= LETTERS_ALONE)
    joined_in_code = letters.str.contains(joined) & (letters.str.len_chars() >= LETTERS_JOINED)
    return (one & pl.col("text").str.contains(r"^\p{L}+$")) | (is_code_like() & (in_code | joined_in_code))


def _ending(known: NameWords) -> str:
    """A word that ends as surnames do."""
    return rf"\p{{L}}{{3,}}(?:{_one_of(fold(ending) for ending in known.surname_endings)})"


def _one_of(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, set(words))))
