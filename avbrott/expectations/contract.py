"""What is watched, and what is out of the ordinary: ``contracts/expectations.yaml`` as models. Nothing is counted here."""

from __future__ import annotations

from typing import Literal

from avbrott.model import Model, Text

Frame = Literal["coverage", "rows", "shares", "moves"]

KEYS: dict[Frame, tuple[str, ...]] = {
    "coverage": ("term", "extract"),
    "rows": ("provider", "extract", "term"),
    "shares": ("provider", "share", "term"),
    "moves": ("provider", "term"),
}
"""The columns that name a row of each frame of counts."""

COLUMNS: dict[Frame, tuple[str, ...]] = {
    "coverage": ("expected", "delivered", "accepted", "delivered_share", "accepted_share"),
    "rows": ("rows", "rows_before", "ratio"),
    "shares": ("base", "part", "base_before", "part_before", "change_points"),
    "moves": ("moved_out_reported", "moved_out_seen", "seen_per_reported"),
}
"""The columns that hold numbers, which an expectation may look at."""

BESIDE = "term_before"
"""In ``rows`` and ``shares``, the term that a row is held against; null where there is none."""


class RowsWatched(Model):
    """Rows of an extract beside those of ``terms_back`` terms before, where one of the two is at least ``minimum``.

    Where that term was not delivered, the one as many terms before it is taken, and so on.
    """

    extract: str
    terms_back: int = 1
    minimum: int = 20


class ShareWatched(Model):
    """The share of rows where ``where`` holds among those where ``of`` does, beside that of ``terms_back`` terms before.

    Values are written as in the extract (``"true"``). Both bases must be at least ``minimum``.
    """

    name: str
    title: Text
    extract: str
    where: dict[str, tuple[str, ...]]
    of: dict[str, tuple[str, ...]] = {}
    terms_back: int = 2
    minimum: int = 50


class MovesWatched(Model):
    """Moves as reported and as seen, where one of the two is at least ``minimum``."""

    minimum: int = 10


class Expectation(Model):
    """One thing that is expected of every row of a frame. A row without a value (no comparison made) keeps it."""

    code: str
    expectation: Literal["values_between", "unique_keys"]
    column: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    text: Text
    mend: Text


class Suite(Model):
    """The expectations of one frame of counts."""

    name: str
    frame: Frame
    expectations: tuple[Expectation, ...]


class Expectations(Model):
    """All that is watched; nothing where the file is not there."""

    rows: tuple[RowsWatched, ...] = ()
    shares: tuple[ShareWatched, ...] = ()
    moves: MovesWatched = MovesWatched()
    suites: tuple[Suite, ...] = ()
