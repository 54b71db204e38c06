"""Values that say what the contract asks for and are written otherwise: read as they are meant, and told with their rows.

Days as 20131015 or 15/10/2013, minutes with a decimal comma or spaces in thousands, a municipality whose leading zero a
spreadsheet took away. What can be read in two ways, or in none, is left as it came, for the checks to find; a day whose day
and month could change places, with nothing in its column to tell, is read as Swedes write it and told for a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from avbrott.delivery.table import Assumed
from avbrott.delivery.typed import form
from avbrott.findings import ROWS_KEPT
from avbrott.glossary import Term

_SPACES = "[ \u00a0\u202f]"
_THOUSANDS = rf"^-?[0-9]{{1,3}}(?:{_SPACES}[0-9]{{3}})+(?:[.,](?:0{{1,2}}|0{{4,}}))?$"
_DECIMALS = "^-?[0-9]{1,15}[.,](?:0{1,2}|0{4,})$"
"""Three zeros could be thousands."""
_PARTS = r"^([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})$"
_FEW = 1000
_TYPES = ("date", "month", "integer", "year", "boolean", "code")
_DAY_FIRST, _MONTH_FIRST = "READ_DATE_DAY_FIRST", "READ_DATE_MONTH_FIRST"
_DOUBTFUL = "READ_DATE_AMBIGUOUS"
_TRUE, _FALSE = ["TRUE", "SANT", "JA", "J", "YES", "Y", "1"], ["FALSE", "FALSKT", "NEJ", "NO", "N", "0"]


def with_forms(frame: pl.DataFrame, terms: Iterable[Term]) -> tuple[pl.DataFrame, list[Assumed]]:
    """The frame of a reading with its values written as the contract says, and what was taken for granted."""
    by_name = {term.id: term for term in terms}
    columns, assumed = [], []
    for name, odd in odd_forms(frame, by_name.values()).items():
        meant = _meant(by_name[name], odd)
        if meant is None or meant.is_empty():
            continue
        columns.append(pl.col(name).replace(meant["text"], meant["meant"]))
        assumed += assumed_of(frame, name, meant)
    return (frame.with_columns(columns) if columns else frame), assumed


def odd_forms(frame: pl.DataFrame, terms: Iterable[Term]) -> dict[str, pl.Series]:
    """By term the distinct values that do not keep its form, where there are any."""
    with_a_form = {term.id: term for term in terms if form(term) is not None and term.type in _TYPES}
    distinct = frame.select(pl.col(list(with_a_form)).drop_nulls().unique().implode())
    found = {name: _odd(term, distinct[name].explode(empty_as_null=False)) for name, term in with_a_form.items()}
    return {name: odd for name, odd in found.items() if len(odd)}


def _odd(term: Term, distinct: pl.Series) -> pl.Series:
    """The values that do not keep the term's form. Few are looked at one by one, as polars takes longer to begin."""
    pattern = f"^(?:{form(term)})$"
    if len(distinct) > _FEW:
        return distinct.filter(~distinct.str.contains(pattern))
    keeps = re.compile(pattern).search
    return pl.Series([value for value in distinct if not keeps(value)], dtype=pl.String)


def _meant(term: Term, odd: pl.Series) -> pl.DataFrame | None:
    """``text`` as it stands, what is ``meant``, and the ``code`` that tells of it; None where the term has one way alone."""
    values = pl.DataFrame({"text": odd})
    text = pl.col("text")
    digits = re.fullmatch(r"\^?\[0-9\]\{([0-9]+)\}\$?", term.pattern or "") if term.type == "code" else None
    if term.type == "date":
        values, ways = _dates(values)
    elif term.type == "month":
        ways = [(_months(text), "READ_MONTH")]
    elif term.type == "integer":
        ways = [(_number(text, _THOUSANDS), "READ_THOUSANDS"), (_number(text, _DECIMALS), "READ_DECIMAL")]
    elif term.type == "year":
        ways = [(_number(text, _DECIMALS), "READ_DECIMAL")]
    elif term.type == "boolean":
        upper = text.str.to_uppercase()
        said = pl.when(upper.is_in(_TRUE)).then(pl.lit("true")).when(upper.is_in(_FALSE)).then(pl.lit("false"))
        ways = [(said, "READ_BOOLEAN")]
    elif digits is not None:
        short = text.str.contains(f"^[0-9]{{{int(digits[1]) - 1}}}$")
        ways = [(pl.when(short).then(pl.lit("0") + text), "READ_LEADING_ZERO")]
    else:
        return None
    meant = pl.coalesce(meant for meant, _ in ways)
    code = pl.coalesce(pl.when(meant.is_not_null()).then(pl.lit(code)) for meant, code in ways)
    return values.with_columns(meant=meant, code=code).filter(pl.col("meant").is_not_null() & (pl.col("meant") != text))


def _number(text: pl.Expr, pattern: str) -> pl.Expr:
    whole = text.str.replace("[.,]0+$", "").str.replace_all(_SPACES, "")
    return pl.when(text.str.contains(pattern)).then(whole)


def _months(text: pl.Expr) -> pl.Expr:
    """201310, 2013/10, and the first day of the month, as which a spreadsheet keeps one."""
    compact = text.str.extract("^((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2]))$")
    apart = text.str.extract_groups("^((?:19|20)[0-9]{2})[/.](0?[1-9]|1[0-2])$").struct
    first = text.str.extract("^([0-9]{4}-(?:0[1-9]|1[0-2]))-01(?:[ T]00:00(?::00)?)?$")
    return pl.coalesce(
        compact.str.slice(0, 4) + "-" + compact.str.slice(4), apart.field("1") + "-" + apart.field("2").str.zfill(2), first
    )


def _dates(odd: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[pl.Expr, str]]]:
    """The ways to read days that are not written YYYY-MM-DD; where the column does not say which part is the month, too."""
    text = pl.col("text")
    parts = text.str.extract_groups(_PARTS).struct
    odd = odd.with_columns(first=parts.field("1").str.zfill(2), second=parts.field("2").str.zfill(2), year=parts.field("3"))
    day_first, month_first = (_day(pl.concat_str("year", pl.lit("-"), *order)) for order in (_D_M, _M_D))
    odd = odd.with_columns(day_first=day_first, month_first=month_first)
    only_day = odd["day_first"].is_not_null() & odd["month_first"].is_null()
    only_month = odd["month_first"].is_not_null() & odd["day_first"].is_null()
    either = odd["day_first"].is_not_null() & odd["month_first"].is_not_null() & (odd["first"] != odd["second"])
    if only_day.any() and only_month.any():
        split = (pl.lit(None, pl.String), _DOUBTFUL)  # nobody can tell which of the rest is which
    elif only_month.any():
        split = (pl.col("month_first"), _MONTH_FIRST)
    else:
        split = (pl.col("day_first"), _DAY_FIRST if only_day.any() or not either.any() else _DOUBTFUL)
    compact = _day(text.str.extract("^((?:19|20)[0-9]{6})$").str.replace("^(....)(..)(..)$", "$1-$2-$3"))
    at_midnight = _day(text.str.extract(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]00:00(?::00(?:\.0+)?)?$"))
    apart = text.str.extract_groups("^([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})$").struct
    other = _day(apart.field("1") + "-" + apart.field("2").str.zfill(2) + "-" + apart.field("3").str.zfill(2))
    return odd, [(compact, "READ_DATE_COMPACT"), (at_midnight, "READ_DATE_TIME"), (other, "READ_DATE_OTHER"), split]


_D_M = (pl.col("second"), pl.lit("-"), pl.col("first"))
_M_D = (pl.col("first"), pl.lit("-"), pl.col("second"))


def _day(text: pl.Expr) -> pl.Expr:
    """The text of a day that there is; null for any other."""
    return pl.when(text.str.to_date("%Y-%m-%d", strict=False).is_not_null()).then(text)


def assumed_of(frame: pl.DataFrame, field: str, meant: pl.DataFrame) -> list[Assumed]:
    """What is told of a field whose values of ``text`` were read as they are ``meant``, by ``code``, with their rows."""
    rows = frame.select(pl.col(field).alias("text"), "row").join(
        meant.select("text", "code"), on="text", maintain_order="left"
    )
    by_code = rows.group_by("code", maintain_order=True).agg(pl.col("row").head(ROWS_KEPT), count=pl.len())
    return [
        Assumed(found["code"], field, tuple(found["row"]), found["count"], found["code"] == _DOUBTFUL)
        for found in by_code.sort("code").iter_rows(named=True)
    ]
