"""The form of a term in an extract: what its text looks like, and what it is once read. Which values are allowed is not here.

A frame under check has each term twice where the text stands for something else: ``start_date`` as it came (String) and
``start_date:typed`` (Date; null where it cannot be read). Text that stands for itself has no second column.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from avbrott.glossary import Term, TermType

_FORMS: dict[TermType, str] = {
    "pseudonym": "[0-9a-f]{64}",
    "integer": "-?[0-9]{1,15}",
    "boolean": "true|false",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "month": "[0-9]{4}-(?:0[1-9]|1[0-2])",
    "year": "[0-9]{4}",
}

DAYS: tuple[TermType, ...] = ("date", "month")
"""What a spreadsheet keeps as a day, and shows as a number where the column is not formatted as one."""
DAY_NUMBER = "^[2-6][0-9]{4}$"
"""Excel's number of a day, of the years 1954 to 2091."""
_FIRST_YEAR = 1000
NO_DAY = (
    r"^(?:(?:1[89]|20)[0-9]{2}-[0-9]{2}-[0-9]{2}|(?:19|20)[0-9]{6}"
    r"|(?:3[2-9]|[4-9][0-9])[-/.][0-9]{1,2}[-/.][0-9]{4}|(?:1[3-9]|2[0-9]|3[01])[-/.](?:1[3-9]|[2-9][0-9])[-/.][0-9]{4}"
    r"|3[01][-/.]0?2[-/.][0-9]{4}|31[-/.](?:0?[469]|11)[-/.][0-9]{4})$"
)
"""Written as a day; where it is read as none, no calendar has it, whichever of its parts is the month."""
SHORT_YEAR = "^(?:[0-9]{6}|[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2})$"
"""A day whose year has two digits: nobody can tell which part is the year."""

_DTYPES: dict[TermType, pl.DataType] = {
    "integer": pl.Int64(),
    "year": pl.Int64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
}


def form(term: Term) -> str | None:
    """The regular expression that the whole text of a value keeps; None where the code list alone decides."""
    return _FORMS.get(term.type, term.pattern)


def dtype(term: Term) -> pl.DataType:
    """What an accepted value is in Parquet; months stay text (``2013-10``), as they are no days."""
    return _DTYPES.get(term.type, pl.String())


def value(term: Term) -> pl.Expr:
    """The value of a term in a frame that ``with_typed`` made."""
    return pl.col(f"{term.id}:typed" if term.type in _DTYPES else term.id)


def with_typed(frame: pl.DataFrame, terms: Iterable[Term]) -> pl.DataFrame:
    """Add ``<term>:typed`` for every term whose text stands for something else."""
    return frame.with_columns(_read(term).alias(f"{term.id}:typed") for term in terms if term.type in _DTYPES)


def accepted_schema(terms: Iterable[Term]) -> dict[str, pl.DataType]:
    """The columns of accepted Parquet, the same for every provider and term and also without rows."""
    schema = {term.id: dtype(term) for term in terms}
    return schema | {"provider": pl.String(), "term": pl.String(), "row": pl.Int64()}


def _read(term: Term) -> pl.Expr:
    text = pl.col(term.id)
    match term.type:
        case "date":
            day = text.str.to_date("%Y-%m-%d", strict=False)
            return pl.when(day.dt.year() >= _FIRST_YEAR).then(day)  # 13-10-15 is read as a day of the year 13
        case "boolean":
            return pl.when(text == "true").then(True).when(text == "false").then(False).otherwise(None)
        case _:
            return text.cast(pl.Int64, strict=False)
