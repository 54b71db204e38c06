"""Personnummer, samordningsnummer and TF-numbers in every form that registers write, read to twelve characters.

Twelve characters are ``ÅÅÅÅMMDDNNNC``, or ``ÅÅÅÅMMDDTFNN`` and ``ÅÅÅÅMMDDTNNN`` for a temporary number. The century of a
number that is written without one is judged at the delivery's term and never today: the same export gives the same persons
in every year. What cannot be anybody's number has a problem, and no value of it leaves this module in a message.
"""

from __future__ import annotations

from functools import reduce
from operator import add

import polars as pl

from avbrott.periods import Term

FORM, LOST, DATE, CHECK = "IDENTITY_FORM", "IDENTITY_DIGITS_LOST", "IDENTITY_DATE", "IDENTITY_CHECK_DIGIT"
"""What can be wrong: no form of a number, digits lost in a spreadsheet, no day of birth by the term, a wrong check digit."""

SCHEMA = {"identity": pl.String, "birth_year": pl.Int64, "problem": pl.String, "zeros": pl.Int64}
"""One value a row. ``identity`` and ``birth_year`` are null where ``problem`` is not; all three where there is no value.
``zeros``: how many a spreadsheet took from the beginning of the value, and were put back."""

_IGNORED = r"[\s\p{Cf}'’]"
_DASHES = r"[\x{2010}-\x{2015}\x{2212}\x{FE63}\x{FF0D}]"
_SHOWN_DAY = "^([0-9]{4})-([0-9]{2})-([0-9]{2})-?([0-9A-Z]{4})$"
_FLOAT = "^([0-9]{7,12})[.,]0+$"
_EXPONENT = r"^([0-9])[.,]([0-9]+)E\+?0*([0-9]{1,2})$"
_SHORT = "^[0-9]{7,9}$"
"""Ten digits that began with zeros, up to three, and were taken for a whole number."""
_NUMBER = "^([0-9]{2})??([0-9]{6})([-+]?)([0-9]{4}|TF[0-9]{2}|T[0-9]{3})$"
_COORDINATION = 60
"""What a samordningsnummer adds to the day; of one whose day or month is not known that is 00 (Skatteverket's test data)."""
_PARTS = {
    "century": pl.Int64,  # 18 to 20; null where none is written
    "day": pl.Int64,  # YYMMDD as it is written
    "plus": pl.Boolean,  # written with a plus sign
    "last": pl.Int64,  # the last four digits; null for a temporary number
    "temporary": pl.String,  # its last four characters; null for any other
    "lost": pl.Boolean,
    "zeros": pl.Int64,  # how many were put back that a spreadsheet took
}


def read_numbers(values: pl.Series, term: Term) -> pl.DataFrame:
    """Read each of ``values`` (String): a frame of ``SCHEMA``, in their order."""
    frame = pl.DataFrame({"value": values}).with_row_index("place")
    plain = pl.col("value").str.contains("^(?:[0-9]{2})?[0-9]{6}-?[0-9]{4}$").fill_null(False)
    most = frame.lazy().filter(plain).select("place", "value", *_parts_of_plain()).with_columns(is_value=True)
    others = frame.filter(~plain)
    read = pl.concat([most, _parts_of_others(others)]) if others.height else most
    return (
        read.with_columns(birth_year=_birth_year(term.year))
        .with_columns(problem=_problem(term))
        .select(
            "place",
            "problem",
            "zeros",
            birth_year=pl.when(pl.col("problem").is_null()).then("birth_year"),
            identity=pl.when(pl.col("problem").is_null()).then(_identity()),
        )
        .sort("place")
        .select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
        .collect()
    )


def have_form(values: pl.Series) -> pl.Series:
    """Whether each of ``values`` (String) is written as a number is, somebody's or nobody's."""
    return pl.DataFrame({"value": values}).select(_shown().str.contains(_NUMBER))["value"]


def _parts_of_plain() -> list[pl.Expr]:
    """The parts of ten or twelve digits with or without a hyphen: nearly every number, so it is reckoned and not searched."""
    digits = pl.col("value").str.replace("-", "", literal=True).cast(pl.Int64)
    century = pl.when(pl.col("value").str.len_bytes() >= 12).then(digits // 10**10)
    nothing = {"plus": False, "temporary": None, "lost": False, "zeros": 0}
    found = {"century": century, "day": digits // 10**4 % 10**6, "last": digits % 10**4}
    return [found.get(name, pl.lit(nothing.get(name))).cast(kind).alias(name) for name, kind in _PARTS.items()]


def _parts_of_others(frame: pl.DataFrame) -> pl.LazyFrame:
    """The parts of each value in any other form; without ``day`` where it has none."""
    text = pl.col("text")
    groups = [text.str.extract(_NUMBER, place) for place in range(1, 5)]
    distinct = (
        frame.lazy()
        .select(pl.col("value").unique().drop_nulls())
        .with_columns(text=_shown())
        .with_columns(text=_whole(text), lost=_is_lost(text))
        .with_columns(
            text=pl.when(text.str.contains(_SHORT)).then(text.str.zfill(10)).otherwise(text),
            zeros=pl.when(text.str.contains(_SHORT)).then(10 - text.str.len_bytes().cast(pl.Int64)).otherwise(0),
        )
        .with_columns(century=groups[0], day=groups[1], plus=groups[2] == "+", last=groups[3], is_value=True)
        .with_columns(temporary=pl.when(pl.col("last").str.starts_with("T")).then("last"))
        .with_columns(last=pl.when(pl.col("temporary").is_null()).then("last"))
        .select("value", *(pl.col(name).cast(kind) for name, kind in _PARTS.items()), "is_value")
    )
    return (
        frame.lazy()
        .join(distinct, on="value", how="left")
        .select("place", "value", *_PARTS, pl.col("is_value").fill_null(False))
    )


def _shown() -> pl.Expr:
    """Without blanks, signs that no one sees and what a spreadsheet puts around text; capitals; one kind of dash."""
    text = pl.col("value").str.normalize("NFKC").str.replace_all(_IGNORED, "").str.to_uppercase()
    text = text.str.replace_all(_DASHES, "-").str.replace('^="?([^"]*)"?$', "$1")
    return text.str.replace(_SHOWN_DAY, "$1$2$3-$4")


def _whole(text: pl.Expr) -> pl.Expr:
    """A number that a spreadsheet took for one: ``199705031234.0`` and ``1,99705031234E+11``."""
    decimals, power = text.str.extract(_EXPONENT, 2), text.str.extract(_EXPONENT, 3).cast(pl.Int64)
    exact = decimals.str.len_bytes() == power
    return pl.when(exact).then(text.str.extract(_EXPONENT, 1) + decimals).otherwise(text.str.replace(_FLOAT, "$1"))


def _is_lost(text: pl.Expr) -> pl.Expr:
    """Whether only the first digits are left: ``1.99705E+11``."""
    decimals, power = text.str.extract(_EXPONENT, 2), text.str.extract(_EXPONENT, 3).cast(pl.Int64)
    return text.str.contains(_EXPONENT) & (decimals.str.len_bytes() != power)


def _birth_year(at: int) -> pl.Expr:
    """The latest year, ``at`` the latest, that ends so; with a plus sign a hundred years before."""
    century, year = pl.col("century"), pl.col("day") // 10**4
    latest = at - (at + 100 - year) % 100
    return pl.when(century.is_null()).then(latest - 100 * pl.col("plus").cast(pl.Int64)).otherwise(century * 100 + year)


def _identity() -> pl.Expr:
    day = pl.col("birth_year") * 10**4 + pl.col("day") % 10**4
    whole = (day * 10**4 + pl.col("last")).cast(pl.String)
    return pl.when(pl.col("temporary").is_null()).then(whole).otherwise(day.cast(pl.String) + pl.col("temporary"))


def _born(term: Term) -> pl.Expr:
    """Whether the calendar has the day, as far as it is known, and it came before the term's end."""
    year, month, day = pl.col("birth_year"), pl.col("day") // 100 % 100, pl.col("day") % 100
    coordination = (day >= _COORDINATION) & pl.col("temporary").is_null()
    day -= _COORDINATION * coordination.cast(pl.Int64)
    least = 1 - coordination.cast(pl.Int64)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    length = pl.when(month == 2).then(28 + leap.cast(pl.Int64)).otherwise(31 - (month - 1) % 7 % 2)
    length = pl.when(month == 0).then(31).otherwise(length)
    last = term.last_day.year * 10**4 + term.last_day.month * 100 + term.last_day.day
    before = year * 10**4 + month * 100 + day <= last
    return month.is_between(least, 12) & (day >= least) & (day <= length) & before & year.is_between(1800, 2099)


def _check_digit_holds() -> pl.Expr:
    """Luhn over the last ten digits; a temporary number has no check digit, and nobody has the number 000."""
    number = pl.col("day") * 10**4 + pl.col("last")
    digits = [number // 10**place % 10 for place in range(10)]
    doubled = [2 * digit - 9 * (digit > 4).cast(pl.Int64) if place % 2 else digit for place, digit in enumerate(digits)]
    luhn: pl.Expr = reduce(add, doubled) % 10 == 0
    return pl.col("temporary").is_not_null() | (luhn & (pl.col("last") >= 10))


def _problem(term: Term) -> pl.Expr:
    not_so_old = pl.col("plus") & (pl.col("birth_year") > term.year - 100)
    return (
        pl.when(~pl.col("is_value"))
        .then(pl.lit(None, pl.String))
        .when("lost")
        .then(pl.lit(LOST))
        .when(pl.col("day").is_null())
        .then(pl.lit(FORM))
        # Few have lost two zeros or three: where such a number is nobody's, other digits are lost.
        .when((pl.col("zeros") > 1) & (~_born(term) | ~_check_digit_holds()))
        .then(pl.lit(LOST))
        .when(~_born(term) | not_so_old)
        .then(pl.lit(DATE))
        .when(~_check_digit_holds())
        .then(pl.lit(CHECK))
    )
