"""Which numbers of an extract are taken at the receiver, and which only seem so. What is sent under one is ``send``'s.

Whoever may write in the place can lay a file there that is called as the provider's delivery of any number. So a number is
believed that is little above what was sent from here, or what the hub says in a receipt that it has; one far above them would
use up all between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from avbrott.digests import sum_of
from avbrott.receipts.read import fetch_receipts
from avbrott.receipts.receipt import ExtractReceipt, Receipt
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
    receipts: tuple[ExtractReceipt, ...] = ()
    """What the hub says of each extract of the term; empty where it was not asked, or says nothing."""
    extract: str = ""
    refused: frozenset[int] = frozenset()
    """Those of ``there`` whose very file the hub says that it did not accept: they take nobody's place."""

    @property
    def receipt(self) -> ExtractReceipt | None:
        """What the hub says of the extract; None where it says nothing."""
        return next((one for one in self.receipts if one.extract == self.extract), None)

    @property
    def received(self) -> int:
        """The number that the hub says that it has; 0 where it says none."""
        return (self.receipt.number or 0) if self.receipt is not None else 0

    def keys(self, epoch: str | None) -> set[str]:
        """The fingerprints of the county's keys of ``epoch`` that the hub says that the term's extracts were made with."""
        return {one.key_fingerprint for one in self.receipts if one.key_fingerprint and one.key_epoch == epoch}


def numbers_at(target: Target, hub: HubPublic, record: Record, statement: Statement) -> Numbers:
    """Look which numbers lie there. The hub's receipt is asked where this side remembers nothing, or not the last."""
    names = map(SealedName.parse, target.names(str(statement.term)))
    ours = (statement.provider, statement.term, statement.extract)
    lie = {name.number for name in names if name is not None and (name.provider, name.term, name.extract) == ours}
    sent = max((one.number for one in (record.sent, record.pending) if one is not None), default=0)
    is_asked = record.sent is None or any(number > sent for number in lie)
    receipt = _receipt(target, hub, statement) if is_asked else None
    numbers = Numbers(frozenset(lie), (), receipt.extracts if receipt is not None else (), statement.extract)
    far = tuple(sorted(number for number in lie if number > max(sent, numbers.received) + AHEAD))
    there = frozenset(lie.difference(far))
    refused = _refused(target, receipt, statement, {number for number in there if number > sent})
    return replace(numbers, there=there, far=far, refused=refused)


def _receipt(target: Target, hub: HubPublic, statement: Statement) -> Receipt | None:
    """The hub's receipt of the term; None where there is none that holds."""
    found = fetch_receipts(target, hub, [statement.term], statement.provider)
    return next((fetched.receipt for fetched in found.receipts), None)


def _refused(target: Target, receipt: Receipt | None, statement: Statement, numbers: set[int]) -> frozenset[int]:
    """Those of ``numbers`` that the receipt says were not accepted, where what lies there is still what was refused."""
    return frozenset(
        one.number
        for one in (receipt.refused_files if receipt is not None else ())
        if one.number in numbers and one.extract == statement.extract
        if one.sha256 and sum_of(target.read(f"{statement.term}/{one.file}")) == one.sha256
    )
