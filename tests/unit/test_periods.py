"""Terms and school years."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avbrott.errors import BadInput
from avbrott.periods import SchoolYear, Term, terms_between


@given(st.integers(2000, 2100), st.sampled_from(["VT", "HT"]))
def test_a_term_is_what_it_says(year: int, season: str) -> None:
    """Its text reads back, and terms follow each other without a gap."""
    term = Term(season, year)
    assert Term.parse(str(term)) == term
    assert term.last_day + timedelta(days=1) == term.next().first_day
    assert Term.holding(term.first_day) == Term.holding(term.last_day) == term
    assert term < term.next()


@pytest.mark.parametrize(
    "text", ["", "HT25", "ht2025", "HT2025 ", "HT2025\n", "XT2025", "2025HT", "HT0000", "VT9999", "HT٢٠٢٥"]
)
def test_an_unreadable_term_is_the_users_mistake(text: str) -> None:
    """It has a code of its own."""
    with pytest.raises(BadInput) as error:
        Term.parse(text)
    assert error.value.code == "TERM_UNREADABLE"


def test_a_school_year_is_read_in_october() -> None:
    """From 15 October to 15 October, out of three terms' deliveries."""
    year = SchoolYear.parse("2012/13")
    assert (str(year), year.path) == ("2012/13", "2012-13")
    assert (year.reference_date, year.outcome_date) == (date(2012, 10, 15), date(2013, 10, 15))
    assert list(year.needed_terms) == terms_between(Term("HT", 2012), Term("HT", 2013))
    assert SchoolYear.parse("1999-00") == SchoolYear(1999)


@pytest.mark.parametrize("text", ["2012/14", "2012", "12/13", "2012/2013"])
def test_an_unreadable_school_year_is_the_users_mistake(text: str) -> None:
    """It has a code of its own."""
    with pytest.raises(BadInput) as error:
        SchoolYear.parse(text)
    assert error.value.code == "SCHOOL_YEAR_UNREADABLE"
