"""What a person who protects a table should know of it though nothing is wrong: what was read, and what may be a slip.

A note is a text's key and its parameters; none has a row's value. Printing is ``command``'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from avbrott.counting.spec import Dimension
from avbrott.tabular.layout import Layout
from avbrott.tabular.order import is_ordered, missing
from avbrott.tabular.read import Base

MOST_NAMED = 20
"""How many columns a note names."""


class Note(NamedTuple):
    """The key of a text, and its parameters."""

    code: str
    parameters: dict[str, object]


def notes_of(source: Path, base: Base, layout: Layout) -> tuple[Note, ...]:
    """What is to be said of INPUT at ``source`` and of the windows over it."""
    return tuple(_notes(source, base, layout))


def _notes(source: Path, base: Base, layout: Layout) -> Iterator[Note]:
    persons = int(base.frame["count"].sum())
    yield Note("INPUT_READ", {"file": source, "rows": base.rows, "persons": persons})
    if base.unused:
        yield Note("INPUT_UNUSED", {"columns": _listed(base.unused)})
    if base.countlike:
        yield Note("INPUT_COUNTLIKE", {"columns": _listed(base.countlike), "rows": base.rows})
    if not persons:
        yield Note("INPUT_NOBODY", {"file": source})
    for name, dimension in layout.system.dimensions.items():
        if dimension.window is not None:
            yield from _of_windows(layout.names[name], dimension)


def _of_windows(name: str, dimension: Dimension) -> Iterator[Note]:
    codes = dimension.members[dimension.finest].to_list()
    if not is_ordered(codes):
        yield Note("WINDOW_ORDER", {"dimension": name})
    gone = missing(codes)
    if gone:
        yield Note("WINDOW_GAP", {"dimension": name, "missing": ", ".join(gone)})


def _listed(columns: tuple[str, ...]) -> str:
    more = [f"… (+{len(columns) - MOST_NAMED})"] if len(columns) > MOST_NAMED else []
    return ", ".join([*columns[:MOST_NAMED], *more])
