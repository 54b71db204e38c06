"""The program's reading of identity numbers beside a plain one, on valid numbers in all forms and on anything else."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from avbrott.identity.numbers import read_numbers
from avbrott.periods import Term
from tests import identity_twin

TERMS = st.builds(Term, st.sampled_from(["HT", "VT"]), st.integers(2012, 2040))


@st.composite
def written(draw: st.DrawFn) -> str:
    """A number, mostly of somebody, in one of the forms that registers write."""
    born = draw(st.dates(date(1899, 1, 1), date(2041, 12, 31)))
    day = born.day + draw(st.sampled_from([0, 0, 0, 60, 31]))
    month = born.month
    if day > 60:
        month, day = draw(st.sampled_from([(month, day), (month, day), (0, day), (month, 60), (0, 60)]))
    nine = f"{born:%y}{month:02d}{day:02d}{draw(st.integers(0, 999)):03d}"
    last = nine[6:] + str((identity_twin.luhn(nine) + draw(st.sampled_from([0, 0, 0, 0, 1]))) % 10)
    last = draw(st.sampled_from([last, last, last, "TF" + last[:2], "T" + last[:3], "t" + last[:3], "A" + last[:3]]))
    front = draw(st.sampled_from([f"{born:%Y}", f"{born:%Y}", nine[:2], f"{born:%Y}-"])) + nine[2:4]
    front += draw(st.sampled_from(["", "", "", "-"])) + nine[4:6]
    whole = front + draw(st.sampled_from(["", "-", "+", " ", "\u2013", " - ", "--"])) + last
    shapes = [
        whole,
        whole,
        f" {whole}\u00a0",
        f"'{whole}",
        f'="{whole}"',
        f"{whole}.0",
        f"{whole},00",
        whole.lstrip("0"),
        f"{whole[:1]}.{whole[1:]}E+{len(whole) - 1}",
        f"{whole[:1]},{whole[1:]}e{len(whole) - 1:03d}",
        f"{whole[:1]}.{whole[1:6]}E+11",
        whole[:-1],
        whole + "1",
    ]
    return draw(st.sampled_from(shapes))


NUMBERLIKE = st.text("0123456789-+TF.,E \u00a0\u20131", max_size=18)


@settings(max_examples=400, deadline=None)
@given(values=st.lists(st.one_of(st.none(), written(), written(), NUMBERLIKE, st.text(max_size=14)), max_size=20), term=TERMS)
@example(values=["200901272385", None, "=200901272385"], term=Term("HT", 2025))
def test_both_readings_agree(values: list[str | None], term: Term) -> None:
    """The same twelve characters, and the same problem, for every value."""
    found = read_numbers(pl.Series(values, dtype=pl.String), term)
    assert found.select("identity", "problem").rows() == [identity_twin.read(value, term) for value in values]
    years = [int(identity[:4]) if identity else None for identity in found["identity"]]
    assert found["birth_year"].to_list() == years


@settings(max_examples=200, deadline=None)
@given(value=written())
def test_the_oracle_meets_numbers_that_are_somebodys(value: str) -> None:
    """What is read is read again from its twelve characters: the form is the program's own end of every form."""
    term = Term("HT", 2041)
    identity = read_numbers(pl.Series([value], dtype=pl.String), term)["identity"][0]
    if identity is not None:
        assert read_numbers(pl.Series([identity], dtype=pl.String), term)["identity"][0] == identity
