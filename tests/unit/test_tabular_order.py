"""The order of codes in time: what windows go over, what is said where it is not known, and what lies between."""

from __future__ import annotations

import random

import pytest

from avbrott.tabular.order import in_order, is_ordered, missing


@pytest.mark.parametrize(
    "codes",
    [
        ["9", "10", "11"],
        ["HT2018", "VT2019", "HT2019", "VT2020"],
        ["1998/99", "1999/00", "2000/01"],
        ["2018-19", "2019-20"],
        ["2018/2019", "2019/2020"],
        ["2018-12-31", "2019-01-01"],
        ["2018K3", "2018K4", "2019K1"],
    ],
)
def test_codes_of_time_are_in_its_order(codes):
    """Whatever order they come in; terms by half-years, where the letters would put every autumn before every spring."""
    shuffled = random.Random(1).sample(codes, len(codes))  # noqa: S311  an order to test with
    assert in_order(shuffled) == tuple(codes)
    assert is_ordered(shuffled)
    assert missing(shuffled) == ()


@pytest.mark.parametrize(
    "codes", [["early", "late"], ["HT2018", "2019"], ["2018", "2018/19"], ["9a", "10a"], ["2018Q1", "2018K2"]]
)
def test_other_codes_are_in_the_order_of_their_letters_and_that_is_said(codes):
    """What they mean is not guessed."""
    assert in_order(reversed(codes)) == tuple(sorted(codes))
    assert not is_ordered(codes)
    assert missing(codes) == ()


@pytest.mark.parametrize(
    ("codes", "gone"),
    [
        (["2018", "2019", "2021"], ("2020",)),
        (["HT2018", "HT2019"], ("VT2019",)),
        (["2018/19", "2021/22"], ("2019/20", "2020/21")),
        (["2018-19", "2020-21"], ("2019-20",)),
        (["1", "1000000"], ("2", "3", "4", "5", "6")),
    ],
)
def test_what_lies_between_is_named(codes, gone):
    """In the form of the codes, and never endlessly many."""
    assert missing(codes) == gone
