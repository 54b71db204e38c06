"""The delivery whose place another would take, as far as this side knows it: from its memory, else from the hub's receipt.

A memory can be lost, and another machine has another: what lies at the receiver is then known by what the hub has signed, or
not at all. What is to be asked about first is ``doubts``'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from avbrott.sending.numbers import Numbers
from avbrott.sending.record import Delivered, Record


@dataclass(frozen=True, slots=True)
class Former:
    """The last delivery of an extract and term."""

    number: int
    kind: str | None = None
    """None where it is not known what it was."""
    rows: int = 0
    delivered: Delivered | None = None
    """What is remembered of it; None where that is nothing."""


def former(record: Record, numbers: Numbers) -> Former | None:
    """The last delivery, here or at the receiver; None where there is none. What the hub refused is none."""
    arrived = record.pending if record.pending is not None and record.pending.number in numbers.there else None
    known = {one.number: one for one in (record.sent, arrived) if one is not None}
    latest = max((*known, *(numbers.there - numbers.refused), numbers.received))
    if latest in known:
        return Former(latest, known[latest].kind, known[latest].rows, known[latest])
    if numbers.receipt is not None and numbers.received == latest:
        return Former(latest, numbers.receipt.kind, numbers.receipt.rows.delivered)
    return Former(latest) if latest else None
