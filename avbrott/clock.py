"""What day it is. Read here alone, so that what depends on it can be tried on any day; a run asks once and passes it on."""

from __future__ import annotations

from datetime import date, timedelta

from avbrott.errors import BadInput
from avbrott.periods import Term

_SLACK = timedelta(days=1)
"""By so much a clock that is right may be ahead of another: calendars differ around the earth."""


_MADE = date(2026, 11, 28)
"""The day of this version: a clock that stands before it was set back, or never set."""


def today() -> date:
    """The day by this machine's own calendar, and never one before the program was."""
    return max(date.today(), _MADE)  # noqa: DTZ011  whoever asks means the calendar on the wall


def lies_ahead(day: date, today: date) -> bool:
    """Whether a delivery that says it was made on ``day`` cannot have been, whichever clock is wrong."""
    return day - today > _SLACK


def day_of_delivery(said: str | None, term: Term) -> date:
    """The day that a delivery of ``term`` is to have, as its maker gave it, or today.

    ``BadInput``: it is none, has yet to come, or was before the term began. A term that has not begun is others' to tell.
    """
    now = today()
    try:
        day = date.fromisoformat(said) if said else now
    except ValueError:
        raise BadInput("DATE_UNREADABLE", date=said) from None
    if day > now:
        raise BadInput("DATE_AHEAD", date=said, today=now)
    if day < term.first_day <= now:
        raise BadInput("DATE_BEFORE_TERM", date=said, term=term, first=term.first_day)
    return day
