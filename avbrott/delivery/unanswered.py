"""Whose receipts are to be made anew: noted before a check changes what they are made of, crossed out when they are written.

A run that is killed in between leaves the note, and the next run takes the delivery up again.
"""

from __future__ import annotations

from collections.abc import Iterable

from avbrott import atomic
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term

Place = tuple[str, Term]
"""A provider and a term."""


def note(home: Home, places: Iterable[Place]) -> None:
    """Note that these deliveries' receipts are to be made anew; it outlives a power cut."""
    files = [home.unanswered(provider, str(term)) for provider, term in places]
    for folder in {file.parent for file in files}:
        atomic.make_folder(folder)
    for file in files:
        file.touch(mode=0o600)
    for folder in {file.parent for file in files}:
        atomic.sync_folder(folder)


def noted(home: Home) -> set[Place]:
    """The deliveries that are noted."""
    found = set[Place]()
    for file in home.unanswered("-", "-").parent.parent.glob("*/*"):
        try:
            found.add((file.name, Term.parse(file.parent.name)))
        except BadInput:  # a folder of something else
            continue
    return found


def cross_out(home: Home, places: Iterable[Place]) -> None:
    """Their receipts are written."""
    for provider, term in places:
        home.unanswered(provider, str(term)).unlink(missing_ok=True)
