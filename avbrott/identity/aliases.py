"""Alias files: which samordningsnummer became which personnummer. They stay at the provider, as they hold identities.

Two columns with a header line, the former number and the current one. Without it, who got a personnummer seems to leave
school, and somebody else to begin.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from avbrott.delivery.read import read_table
from avbrott.errors import BadInput
from avbrott.identity.numbers import FORM, read_numbers
from avbrott.periods import Term

_TOLD = 20
"""How many lines an error names."""


def read_aliases(file: Path, term: Term) -> pl.DataFrame:
    """``former`` and ``current`` of each alias, as twelve characters; ``current`` is the last where several follow.

    ``BadInput`` names the lines of what is no number, of a number that has two successors or succeeds itself, and of a
    personnummer that would have become a number of another kind; and a first line that is no header.
    """
    if not file.is_file():
        raise BadInput("ALIAS_MISSING", file=file)
    table = read_table(file)
    faults = table.faults
    if faults or len(table.header) != 2:
        raise BadInput("ALIAS_UNREADABLE", file=file)
    if _looks_like_number(pl.Series(table.header, dtype=pl.String), term).any():
        raise BadInput("ALIAS_NO_HEADER", file=file)
    read = [read_numbers(table.frame[place], term)["identity"] for place in ("0", "1")]
    pairs = pl.DataFrame({"former": read[0], "current": read[1], "row": table.frame["row"]})
    _refuse(file, "ALIAS_NO_NUMBER", pairs.filter(pl.any_horizontal(pl.all().is_null())))
    _refuse(file, "ALIAS_TURNED", pairs.filter(_is_own("former") & ~_is_own("current")))
    pairs = pairs.filter(pl.col("former") != pl.col("current")).unique(
        ["former", "current"], keep="first", maintain_order=True
    )
    _refuse(file, "ALIAS_TWICE", pairs.filter(pl.len().over("former") > 1))
    following = dict(pairs.select("former", "current").iter_rows())
    last = [_last(former, following) for former in pairs["former"]]
    found = pairs.with_columns(current=pl.Series(last, dtype=pl.String))
    _refuse(file, "ALIAS_TWICE", found.filter(pl.col("current").is_null()))
    return found.select("former", "current")


def with_aliases(identities: pl.Series, aliases: pl.DataFrame) -> pl.Series:
    """Each identity, or the one that it became."""
    return identities.replace(aliases["former"], aliases["current"])


def _looks_like_number(values: pl.Series, term: Term) -> pl.Series:
    """Which values are written as a number, be it one that nobody can have."""
    read = read_numbers(values, term)
    return read.select(pl.col("identity").is_not_null() | (pl.col("problem") != FORM).fill_null(value=False)).to_series()


def _is_own(name: str) -> pl.Expr:
    """Whether twelve characters are a personnummer: all figures, and the day of a calendar."""
    return pl.col(name).str.contains("^[0-9]{6}[0-3][0-9]{5}$")


def _last(number: str, following: dict[str, str]) -> str | None:
    """The last number that follows; None where they go round."""
    seen = {number}
    while number in following:
        number = following[number]
        if number in seen:
            return None
        seen.add(number)
    return number


def _refuse(file: Path, code: str, wrong: pl.DataFrame) -> None:
    if wrong.height:
        rows = ", ".join(map(str, wrong["row"].head(_TOLD))) + (", ..." if wrong.height > _TOLD else "")
        raise BadInput(code, file=file, rows=rows)
