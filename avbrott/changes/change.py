"""A change between two sets of contracts. How it is found is the other modules', its words are ``contracts/texts``'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Party = Literal["provider", "hub", "reader"]
PARTIES: tuple[Party, ...] = ("provider", "hub", "reader")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: where it is, the code of its text, and whose work stops working by it (empty: nobody's)."""

    place: str
    code: str
    breaks: tuple[Party, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)


def gone_and_new(
    place: str, what: str, old: Iterable[str], new: Iterable[str], *, gone: tuple[Party, ...], added: tuple[Party, ...] = ()
) -> Iterator[Change]:
    """What only the old side has, and what only the new one has; the texts are ``CHANGE_<what>_GONE`` and ``..._NEW``."""
    before, after = list(old), list(new)
    yield from (Change(place, f"CHANGE_{what}_GONE", gone, {"name": name}) for name in before if name not in after)
    yield from (Change(place, f"CHANGE_{what}_NEW", added, {"name": name}) for name in after if name not in before)
