"""What day it is, where a clock is wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from avbrott import clock
from avbrott.errors import BadInput
from avbrott.periods import Term

TERM = Term("HT", 2026)


@pytest.mark.parametrize(("shown", "taken"), [(date(1970, 1, 1), clock._MADE), (date(2031, 5, 6), date(2031, 5, 6))])
def test_a_clock_that_was_set_back_stands_at_the_day_of_the_program(
    monkeypatch: pytest.MonkeyPatch, shown: date, taken: date
) -> None:
    """Else every delivery would be one of a day to come."""

    class Calendar(date):
        @classmethod
        def today(cls) -> date:
            return shown

    monkeypatch.setattr(clock, "date", Calendar)
    assert clock.today() == taken


def test_a_day_to_come_is_no_day_of_a_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a word; without one it is today's."""
    monkeypatch.setattr(clock, "today", lambda: date(2027, 1, 20))
    assert clock.day_of_delivery(None, TERM) == date(2027, 1, 20)
    assert clock.day_of_delivery("2027-01-19", TERM) == date(2027, 1, 19)
    for said, code in (("2027-01-21", "DATE_AHEAD"), ("i dag", "DATE_UNREADABLE")):
        with pytest.raises(BadInput, match=code):
            clock.day_of_delivery(said, TERM)
    assert not clock.lies_ahead(date(2027, 1, 21), date(2027, 1, 20))
    assert clock.lies_ahead(date(2027, 1, 20) + timedelta(days=2), date(2027, 1, 20))


def test_a_day_before_the_term_is_no_day_of_a_delivery_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would never come too late. Its first day is one, and a term that has not begun is told as that."""
    monkeypatch.setattr(clock, "today", lambda: date(2027, 1, 20))
    assert clock.day_of_delivery("2026-07-01", TERM) == date(2026, 7, 1)
    for said in ("2026-06-30", "1850-01-01"):
        with pytest.raises(BadInput, match="DATE_BEFORE_TERM"):
            clock.day_of_delivery(said, TERM)
    assert clock.day_of_delivery("2027-01-19", TERM.next(2)) == date(2027, 1, 19)
