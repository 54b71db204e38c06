"""Values written otherwise than the contract says are read as they are meant, and told; what can be a mistake is left."""

from __future__ import annotations

import polars as pl
import pytest

from avbrott.delivery.forms import with_forms
from avbrott.findings import ROWS_KEPT
from avbrott.registry import Contracts

NBSP = "\u00a0"


def read(contracts: Contracts, term: str, *values: str | None) -> tuple[list[str | None], list[tuple[str, tuple[int, ...]]]]:
    """The values as they are read, and by code the rows (from 2) that were read otherwise than written."""
    frame = pl.DataFrame({term: list(values), "row": range(2, len(values) + 2)}, schema={term: pl.String, "row": pl.Int64})
    found, assumed = with_forms(frame, [contracts.glossary.terms[term]])
    assert all(one.field == term and min(one.count, ROWS_KEPT) == len(one.rows) for one in assumed)
    return found[term].to_list(), [(one.code, one.rows) for one in assumed]


@pytest.mark.parametrize(
    ("term", "written", "meant", "code"),
    [
        ("start_date", "20131015", "2013-10-15", "READ_DATE_COMPACT"),
        ("start_date", "15/10/2013", "2013-10-15", "READ_DATE_DAY_FIRST"),
        ("start_date", "15.10.2013", "2013-10-15", "READ_DATE_DAY_FIRST"),
        ("start_date", "10/15/2013", "2013-10-15", "READ_DATE_MONTH_FIRST"),
        ("start_date", "4/4/2013", "2013-04-04", "READ_DATE_DAY_FIRST"),
        ("start_date", "2013/10/5", "2013-10-05", "READ_DATE_OTHER"),
        ("start_date", "2013-10-15T00:00:00", "2013-10-15", "READ_DATE_TIME"),
        ("month", "201310", "2013-10", "READ_MONTH"),
        ("month", "2013/9", "2013-09", "READ_MONTH"),
        ("month", "2013-10-01 00:00:00", "2013-10", "READ_MONTH"),
        ("offered_minutes", "5 400", "5400", "READ_THOUSANDS"),
        ("offered_minutes", f"5{NBSP}400,00", "5400", "READ_THOUSANDS"),
        ("offered_minutes", "5400,0", "5400", "READ_DECIMAL"),
        ("offered_minutes", "0.0", "0", "READ_DECIMAL"),
        ("birth_year", "1997,0", "1997", "READ_DECIMAL"),
        ("cancelled", "SANT", "true", "READ_BOOLEAN"),
        ("cancelled", "False", "false", "READ_BOOLEAN"),
        ("cancelled", "nej", "false", "READ_BOOLEAN"),
        ("cancelled", "J", "true", "READ_BOOLEAN"),
        ("cancelled", "0", "false", "READ_BOOLEAN"),
        ("home_municipality", "684", "0684", "READ_LEADING_ZERO"),
    ],
)
def test_a_form_is_read_as_it_is_meant(term: str, written: str, meant: str, code: str, contracts: Contracts) -> None:
    """With the rows that were; an empty value stays empty."""
    assert read(contracts, term, written, None) == ([meant, None], [(code, (2,))])


@pytest.mark.parametrize(
    ("term", "written"),
    [
        ("start_date", "13-10-15"),
        ("start_date", "20130231"),
        ("start_date", "31/02/2013"),
        ("start_date", "2013-10-15 08:30:00"),
        ("start_date", "41562"),
        ("month", "2013-10-02"),
        ("month", "201313"),
        ("month", "10/2013"),
        ("offered_minutes", "1,000"),
        ("offered_minutes", "1.000"),
        ("offered_minutes", "5400,5"),
        ("offered_minutes", "12 34"),
        ("birth_year", "1 997"),
        ("birth_year", "97"),
        ("cancelled", "inte"),
        ("home_municipality", "24"),
        ("home_municipality", "68A"),
        ("school_unit", "9924800"),
        ("sex", "man"),
        ("pseudonym", "A" * 64),
        ("study_path", "ekjur"),
    ],
)
def test_what_can_be_a_mistake_is_left(term: str, written: str, contracts: Contracts) -> None:
    """For the checks to find."""
    assert read(contracts, term, written) == ([written], [])


def test_one_day_tells_the_order_of_its_column(contracts: Contracts) -> None:
    """Where one date can only be read one way, the others are read so too."""
    assert read(contracts, "start_date", "15/10/2013", "03/04/2013")[0] == ["2013-10-15", "2013-04-03"]
    assert read(contracts, "start_date", "10/15/2013", "03/04/2013")[0] == ["2013-10-15", "2013-03-04"]


def test_days_that_nothing_tells_apart_are_told_for_a_look(contracts: Contracts) -> None:
    """They are read as Swedes write them."""
    found, told = read(contracts, "start_date", "03/04/2013", "2013-05-01")
    assert found == ["2013-04-03", "2013-05-01"]
    assert told == [("READ_DATE_AMBIGUOUS", (2,))]


def test_a_column_of_both_orders_is_left_as_it_is(contracts: Contracts) -> None:
    """Nobody can say which of the rest is which."""
    both = ["15/10/2013", "10/15/2013", "03/04/2013"]
    assert read(contracts, "start_date", *both) == (both, [])


def test_many_values_are_read_as_few_are(contracts: Contracts) -> None:
    """A column of thousands of values goes another way to the same end."""
    days = [f"2013{month:02d}{day:02d}" for month in range(1, 13) for day in range(1, 29)]
    minutes = [f"{number},0" for number in range(3000)]
    found, told = read(contracts, "offered_minutes", *minutes)
    assert found == [str(number) for number in range(3000)]
    assert [code for code, _ in told] == ["READ_DECIMAL"]
    assert read(contracts, "start_date", *days)[0][0] == "2013-01-01"
