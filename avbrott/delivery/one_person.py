"""Rows of one provider and extract that cannot all be true of one person: each counts, and is told for a look.

The same row twice is ``across``'s (KEY_DUPLICATE). Which fields a person has one value of, and which rows say where she is,
stands in ``contracts/delivery.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from avbrott.delivery.across import mark_of
from avbrott.delivery.due import OfPerson, Spell
from avbrott.delivery.typed import value
from avbrott.findings import Severity
from avbrott.registry import Contracts
from avbrott.schema import Failure

_PERSON = "pseudonym"
_WHOSE = ("provider", _PERSON)
_MOST = 50
"""Whoever has more rows is not held against herself: a stand-in for many persons, and every pair of rows is looked at."""


def of_one_person(contracts: Contracts, extract: str, frame: pl.DataFrame, said: OfPerson) -> Iterator[Failure]:
    """What rows say otherwise of a person than others do, and two places where she is at once, each beside the other row."""
    contract, terms = contracts.extracts[extract], contracts.glossary.terms
    if _PERSON not in contract.terms:
        return
    again = frame.select(mark_of(_WHOSE).is_duplicated() & pl.col(_PERSON).is_not_null()).to_series()
    several = frame.with_row_index("position").filter(again)
    if several.is_empty():
        return
    for field in said.same:
        if field in contract.terms:
            yield from _told("PERSON_DIFFERS", field, frame.height, _differing(several, value(terms[field])))
    spell = said.spells.get(extract)
    if spell is not None and {spell.place, spell.begins, spell.ends, *spell.within} <= {*contract.terms}:
        yield from _told("SPELLS_OVERLAP", "", frame.height, _overlapping(several, spell, contracts))


def _differing(several: pl.DataFrame, of: pl.Expr) -> pl.DataFrame:
    """By ``position`` the ``other`` row: the first of the person with another value than the row has."""
    place, said = pl.col("position"), several.filter(of.is_not_null())
    told = said.with_columns(is_first=of == of.first().over(_WHOSE))
    told = told.with_columns(
        alike=place.filter("is_first").min().over(_WHOSE), otherwise=place.filter(~pl.col("is_first")).min().over(_WHOSE)
    )
    return told.select("position", other=pl.when("is_first").then("otherwise").otherwise("alike")).drop_nulls()


def _overlapping(several: pl.DataFrame, spell: Spell, contracts: Contracts) -> pl.DataFrame:
    """By ``position`` the first ``other`` row of the person that is elsewhere on more than the day of a change."""
    begins, ends = (value(contracts.glossary.terms[name]) for name in (spell.begins, spell.ends))
    rows = several.select(
        "position",
        *_WHOSE,
        *spell.within,
        place=pl.col(spell.place),
        begins=begins,
        ends=pl.when(pl.col(spell.ends).is_null()).then(pl.date(9999, 12, 31)).otherwise(ends),
    ).drop_nulls()
    whose = (*_WHOSE, *spell.within)
    rows = rows.filter((pl.col("place").n_unique().over(whose) > 1) & (pl.len().over(whose) <= _MOST))
    pairs = rows.join(rows, on=whose, suffix=":other")
    apart, first, second = pl.col("place") != pl.col("place:other"), pl.col("begins"), pl.col("begins:other")
    at_once = (first < pl.col("ends:other")) & (second < pl.col("ends"))
    return pairs.filter(apart & at_once).group_by("position").agg(other=pl.col("position:other").min()).sort("position")


def _told(code: str, field: str, height: int, pairs: pl.DataFrame) -> Iterator[Failure]:
    if pairs.is_empty():
        return
    fails = pl.repeat(False, height, eager=True).scatter(pairs["position"], True)
    beside = pl.repeat(None, height, dtype=pl.UInt32, eager=True).scatter(pairs["position"], pairs["other"])
    yield Failure(code, field, Severity.WARNING, fails, beside)
