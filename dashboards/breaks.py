"""Where a series of school years breaks: which breaks in definition a figure crosses, and between which of its rows.

Lines are not drawn across a break: what stands on either side is not the same thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from avbrott.registry import Contracts
from avbrott.table import WINDOW_SEPARATOR, SeriesBreak, TableContract


def crossed(
    contracts: Contracts, table: TableContract, divided: Iterable[str | None], codes: Iterable[str]
) -> list[SeriesBreak]:
    """The breaks in figures of ``table``, oldest first.

    A break in the codes of some dimensions is none for a figure that is ``divided`` by no such dimension, or that holds none
    of the ``codes`` that it names.
    """
    dimensions, told = set(divided), set(codes)
    return [
        one
        for one in contracts.breaks
        if one.concerns(table)
        and (not one.dimensions or not dimensions.isdisjoint(one.dimensions))
        and (not one.codes or not told.isdisjoint(one.codes))
    ]


def cuts(rows: Sequence[str], breaks: Iterable[str]) -> list[int]:
    """The places of those of ``rows`` (school years or windows) that lie otherwise to one of ``breaks`` than the row before.

    A window that reaches over a break is comparable with neither side, so there is a cut on both sides of it.
    """
    years = set(breaks)
    return [
        place
        for place in range(1, len(rows))
        if any(_reached(rows[place - 1], year) != _reached(rows[place], year) for year in years)
    ]


def runs(places: Iterable[int], cut: Iterable[int]) -> list[list[int]]:
    """``places`` as runs of those that follow each other without a cut between them: what a line may join."""
    found: list[list[int]] = []
    before = set(cut)
    for place in sorted(places):
        if found and found[-1][-1] == place - 1 and place not in before:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _reached(row: str, year: str) -> int:
    """How many ends of ``row`` lie on the later side of the break before ``year``."""
    first, _, last = row.partition(WINDOW_SEPARATOR)
    return (first >= year) + ((last or first) >= year)
