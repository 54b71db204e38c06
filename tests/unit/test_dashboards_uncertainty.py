"""Intervals of shares, differences and changes per year, held against published examples and against chance itself."""

import random

import pytest

from dashboards.intervals import wilson
from dashboards.uncertainty import Counted, difference, number_difference, yearly_change


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_that_of_newcombes_table(part, whole, low, high):
    """Newcombe, Statistics in Medicine 17, 857-872 (1998), table I, method 3."""
    assert wilson(part / whole, whole) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((10, 10), (0, 20), 0.6791, 1.0)],
)
def test_a_difference_is_that_of_newcombes_table(now, before, low, high):
    """Newcombe, Statistics in Medicine 17, 873-890 (1998), table II, method 10."""
    found = difference(Counted(*now), Counted(*before))
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_change_that_chance_explains_has_no_way():
    """283 of 8 500 after 318 is a fall that chance explains; half as many is one that it does not."""
    assert difference(Counted(283, 8500), Counted(318, 8400)).way == 0
    assert difference(Counted(150, 8500), Counted(318, 8400)).way == -1
    assert (number_difference(920, 902).way, number_difference(1100, 902).way) == (0, 1)


def test_the_yearly_change_of_a_line_is_its_slope():
    """Shares of 2, 3, 4, 5, 6 and 7 % rise by one point a year, surely where persons are many and not where they are few."""
    many = yearly_change([(year, Counted(1000 * (year - 2008), 100_000)) for year in range(2010, 2016)])
    few = yearly_change([(year, Counted(year - 2008, 100)) for year in range(2010, 2016)])
    assert many is not None
    assert few is not None
    assert many.estimate == few.estimate == pytest.approx(0.01)
    assert (many.way, few.way) == (1, 0)
    assert many.low == pytest.approx(0.01 - 2.776 * (0.045 * 0.955 / 1_750_000) ** 0.5)


def test_years_that_differ_more_than_chance_make_the_change_less_sure():
    """The same rise with years that lie far off the line has a wider interval."""
    shares = [2, 9, 1, 8, 3, 9]
    wild = yearly_change(
        [(year, Counted(1000 * share, 100_000)) for year, share in zip(range(2010, 2016), shares, strict=True)]
    )
    assert wild is not None
    assert wild.way == 0


def test_no_trend_is_said_of_few_years_or_of_nobody():
    """Four years are too few; five without a single dropout have nothing to vary."""
    assert yearly_change([(year, Counted(5, 100)) for year in range(4)]) is None
    assert yearly_change([(year, Counted(0, 100)) for year in range(5)]) is None
    assert yearly_change([]) is None


def test_nineteen_of_twenty_intervals_hold_the_truth():
    """Where 4 % leave every year, about 5 % of the intervals of a share and of a yearly change miss it."""
    draws = random.Random(5)  # noqa: S311  it keeps no secret
    missed = trends = 0
    for _ in range(1000):
        years = [(year, Counted(sum(draws.random() < 0.04 for _ in range(400)), 400)) for year in range(8)]
        low, high = wilson(years[0][1].share, years[0][1].whole)
        missed += not low <= 0.04 <= high
        change = yearly_change(years)
        trends += change is not None and change.way != 0
    assert 25 <= missed <= 75
    assert 10 <= trends <= 60
