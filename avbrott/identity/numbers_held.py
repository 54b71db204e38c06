"""What is wrong with the identity numbers of an export: they are nobody's, or of another year than their rows say.

A finding has row numbers and no value.
"""

from __future__ import annotations

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.findings import ROWS_KEPT, Finding, Severity
from avbrott.identity.source import SourceContract

_YEAR_FIRST = r"^\s*([0-9]{4})[-/.]?[0-9]{2}[-/.]?[0-9]{2}(?:[ T].*)?$"
_YEAR_LAST = r"^\s*[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4})\s*$"
_YEAR = r"^\s*((?:18|19|20)[0-9]{2})\s*$"


def impossible(
    frame: pl.DataFrame, numbers: pl.DataFrame, provider: str, term: str, extract: str, source: SourceContract
) -> list[Finding]:
    """A finding for each thing that is wrong with numbers; a row without one is missing it."""
    missing = pl.col("identity").is_null() & pl.col("problem").is_null()
    told = numbers.select(problem=pl.when(missing).then(pl.lit("VALUE_MISSING")).otherwise("problem"), row=frame["row"])
    by_problem = (
        told.drop_nulls().group_by("problem").agg(pl.col("row").sort().head(ROWS_KEPT), count=pl.len()).sort("problem")
    )
    return [
        Finding(provider, term, extract, code, Severity.BLOCKING, source.identity.term, count, tuple(rows))
        for code, rows, count in by_problem.iter_rows()
    ]


def of_other_years(
    frame: pl.DataFrame, numbers: pl.DataFrame, provider: str, term: str, contract: ExtractContract, source: SourceContract
) -> list[Finding]:
    """The rows whose number is of another year than they give beside it: one of a wrong century would be another person."""
    name, given = source.birth_date.gives, source.birth_date.term
    years = [year_of(given), *([year_of(name), pl.col(name).str.extract(_YEAR)] if name in contract.terms else [])]
    differs = pl.any_horizontal(year.cast(pl.Int64) != pl.col("#year") for year in years)
    rows = frame.with_columns(numbers["birth_year"].alias("#year")).filter(differs)["row"].sort()
    if not rows.len():
        return []
    told, first = (provider, term, contract.name), tuple(rows.head(ROWS_KEPT))
    return [Finding(*told, "IDENTITY_YEAR", Severity.BLOCKING, source.identity.term, rows.len(), first)]


def year_of(name: str) -> pl.Expr:
    """The year of a date, in whatever order it is written; null for what is no date."""
    return pl.coalesce(pl.col(name).str.extract(_YEAR_FIRST), pl.col(name).str.extract(_YEAR_LAST))
