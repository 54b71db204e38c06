"""Identity numbers in their written forms, each with the twelve characters that it stands for."""

from __future__ import annotations

import polars as pl
import pytest

from avbrott.identity.numbers import read_numbers
from avbrott.periods import Term

HT2025 = Term("HT", 2025)


def read(value: str | None, term: Term = HT2025) -> tuple[str | None, str | None]:
    row = read_numbers(pl.Series([value], dtype=pl.String), term).row(0, named=True)
    return row["identity"], row["problem"]


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("200901272385", "200901272385"),
        ("20090127-2385", "200901272385"),
        ("20090127 2385", "200901272385"),
        ("2009-01-27-2385", "200901272385"),
        ("0901272385", "200901272385"),
        ("090127-2385", "200901272385"),
        ("090127\u20132385", "200901272385"),
        (" 090127 - 2385\u00a0", "200901272385"),
        ("'200901272385", "200901272385"),
        ('="200901272385"', "200901272385"),
        ("200901272385.0", "200901272385"),
        ("901272385.0", "200901272385"),
        ("2.00901272385E+11", "200901272385"),
        ("2,00901272385e+011", "200901272385"),
        ("901272385", "200901272385"),
        ("090127+2385", "190901272385"),
        ("19090127+2385", "190901272385"),
        ("701063-2391", "197010632391"),
        ("197010632391", "197010632391"),
        ("191503882399", "191503882399"),  # three of the numbers that Skatteverket gives for tests
        ("191500882392", "191500882392"),
        ("191500722390", "191500722390"),
        ("19970503-TF12", "19970503TF12"),
        ("970503tf12", "19970503TF12"),
        ("970503-T123", "19970503T123"),
        ("0002292381", "200002292381"),
        ("2292381", "200002292381"),
    ],
)
def test_every_written_form_means_twelve_characters(written: str, means: str) -> None:
    """Ten or twelve digits, any separator, Excel's numbers and its lost zeros are one person's number."""
    assert read(written) == (means, None)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("9713012385", "IDENTITY_DATE"),
        ("20090127238", "IDENTITY_FORM"),
        ("2.00901E+11", "IDENTITY_DIGITS_LOST"),
        ("80204243", "IDENTITY_DIGITS_LOST"),
        ("2043243", "IDENTITY_DIGITS_LOST"),
        ("200902292385", "IDENTITY_DATE"),
        ("200913272385", "IDENTITY_DATE"),
        ("20090060-2385", "IDENTITY_CHECK_DIGIT"),
        ("20090027-2385", "IDENTITY_DATE"),
        ("20090092-2385", "IDENTITY_DATE"),
        ("20090060-TF12", "IDENTITY_DATE"),
        ("20090192-2385", "IDENTITY_DATE"),
        ("200901272386", "IDENTITY_CHECK_DIGIT"),
        ("19970503-0000", "IDENTITY_CHECK_DIGIT"),
        ("20090127+2385", "IDENTITY_DATE"),
        ("20090187TF12", "IDENTITY_DATE"),
        ("19970503-R123", "IDENTITY_FORM"),
        ("21090127-2385", "IDENTITY_DATE"),
        ("Anna Andersson", "IDENTITY_FORM"),
        ("", "IDENTITY_FORM"),
    ],
)
def test_what_can_be_nobodys_number_has_a_problem(written: str, problem: str) -> None:
    """A day that no calendar has, a wrong check digit, lost digits, or another form."""
    assert read(written) == (None, problem)


def test_no_value_is_no_problem_of_the_number() -> None:
    """An empty field is the contract's to judge."""
    assert read(None) == (None, None)


def test_the_century_is_judged_at_the_term() -> None:
    """The same ten digits are one person in 2012 and another in 2025; a day after the term is nobody's."""
    assert read("2001010103", Term("HT", 2012))[0] == "192001010103"
    assert read("2001010103", HT2025)[0] == "202001010103"
    assert read("251120-2380", Term("VT", 2025)) == (None, "IDENTITY_DATE")


def test_values_keep_their_order() -> None:
    """Plain and unusual forms are read apart and come back in the order they came."""
    values = ["200901272385", "090127-2385 ", None, "x", "701063-2391"]
    found = read_numbers(pl.Series(values, dtype=pl.String), HT2025)
    assert found["identity"].to_list() == ["200901272385", "200901272385", None, None, "197010632391"]
    assert found["birth_year"].to_list() == [2009, 2009, None, None, 1970]
