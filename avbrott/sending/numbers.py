"""Which numbers of an extract are taken at the receiver, and which only seem so. What is sent under one is ``send``'s.

Whoever may write in the place can lay a file there that is called as the provider's delivery of any number. So a number is
believed that is little above what was sent from here, or what the hub says in a receipt that it has; one far above them would
use up all between.
"""

from __future__ import annotations

from dataclasses import dataclass

from avbrott.receipts.read import fetch_receipts
from avbrott.sealing.keys import HubPublic
from avbrott.sealing.package import SealedName, Statement
from avbrott.sending.record import Record
from avbrott.transport.target import Target

AHEAD = 20
"""So far above what is known a number may be another machine's of the same provider."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What lies at the receiver of an extract and term."""

    there: frozenset[int]
    """The numbers that count as taken."""
    far: tuple[int, ...]
    """Those that do not, rising."""
    received: int = 0
    """The number that the hub says that it has; 0 where it was not asked, or says none."""


def numbers_at(target: Target, hub: HubPublic, record: Record, statement: Statement) -> Numbers:
    """Look which numbers lie there. The hub's receipt is asked where this side remembers nothing, or some lie far ahead."""
    names = map(SealedName.parse, target.names(str(statement.term)))
    ours = (statement.provider, statement.term, statement.extract)
    lie = {name.number for name in names if name is not None and (name.provider, name.term, name.extract) == ours}
    sent = max((one.number for one in (record.sent, record.pending) if one is not None), default=0)
    is_asked = record.sent is None or any(number > sent + AHEAD for number in lie)
    received = _of_receipt(target, hub, statement) if is_asked else 0
    far = tuple(sorted(number for number in lie if number > max(sent, received) + AHEAD))
    return Numbers(frozenset(lie.difference(far)), far, received)


def _of_receipt(target: Target, hub: HubPublic, statement: Statement) -> int:
    """The number that the hub's receipt says that it has of the extract; 0 where there is none that holds."""
    found = fetch_receipts(target, hub, [statement.term], statement.provider)
    extracts = (extract for fetched in found.receipts for extract in fetched.receipt.extracts)
    return max((one.number or 0 for one in extracts if one.extract == statement.extract), default=0)
