"""What a provider remembers of its receipts, beside what it sent: whoever can write in its place can lay an old one back.

An old receipt is the hub's as much as the newest. It is told by a number that has been higher, by a newer one that was seen
after it, and by what was sent since. No value of a row is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from avbrott import atomic
from avbrott.digests import sum_of
from avbrott.errors import BadInput, DoesNotHold
from avbrott.model import Model
from avbrott.periods import Term
from avbrott.receipts.read import Fetched
from avbrott.receipts.receipt import Receipt, receipt_names
from avbrott.sealing.package import SealedName
from avbrott.sending.record import records_of


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a provider should know of a receipt that holds."""

    code: str
    """The key of its text."""
    extract: str = ""
    number: int = 0
    sent: int = 0


class _Kept(Model):
    """The content of a memory of one delivery's receipts."""

    format: Literal[1] = 1
    receipts: tuple[str, ...] = ()
    """The sums of those seen, the last seen last, each once."""
    numbers: dict[str, int] = {}
    """By extract, the highest number that one of them said was received."""


def looked_at(folder: Path, fetched: Fetched, where: str) -> list[Doubt]:
    """Hold a receipt against what is remembered in ``folder``, and remember it; what its provider should know.

    ``DoesNotHold`` where it is older than one that was seen. ``BadInput`` where the memory cannot be used.
    """
    receipt = fetched.receipt
    itself = receipt_names(receipt.provider.id, Term.parse(receipt.term))[-1]
    file = folder / f"{receipt.provider.id}-{receipt.term.lower()}.receipt"
    kept = _read(file)
    numbers = {one.extract: one.number for one in receipt.extracts if one.number is not None}
    for extract, number in numbers.items():
        if number < kept.numbers.get(extract, 0):
            told = {"extract": extract, "number": number, "seen": kept.numbers[extract]}
            raise DoesNotHold("RECEIPT_OLDER", file=f"{where}/{itself}", **told)
    sum_now = sum_of(fetched.files[itself])
    doubts = [Doubt("RECEIPT_SEEN_BEFORE")] if sum_now in kept.receipts[:-1] else []
    others = tuple(one for one in kept.receipts if one != sum_now)
    _write(file, _Kept(receipts=(*others, sum_now), numbers=kept.numbers | numbers))
    return [*doubts, *_sent_since(folder, receipt)]


def providers_of(folder: Path) -> set[str]:
    """Whose deliveries are remembered in ``folder``."""
    sent = (record.sent for record in records_of(folder).values())
    names = (SealedName.parse(one.file) for one in sent if one is not None)
    return {name.provider for name in names if name is not None}


def _sent_since(folder: Path, receipt: Receipt) -> Iterator[Doubt]:
    """By extract, the number that was sent and that the receipt does not speak of."""
    begins = f"{receipt.provider.id}-{receipt.term.lower()}-"
    for name, record in records_of(folder).items():
        if not name.startswith(begins):
            continue
        sent, extract = record.sent, name.removeprefix(begins)
        received = max((one.number or 0 for one in receipt.extracts if one.extract == extract), default=0)
        refused = {one.number for one in receipt.refused_files if one.extract == extract}
        if sent is not None and received < sent.number and sent.number not in refused:
            yield Doubt("RECEIPT_BEFORE_SENT" if received else "RECEIPT_BEFORE_ANY", extract, received, sent.number)


def _read(file: Path) -> _Kept:
    try:
        return _Kept.model_validate_json(file.read_bytes()) if file.is_file() else _Kept()
    except (OSError, ValidationError, ValueError):
        raise BadInput("RECEIPT_MEMORY_UNREADABLE", file=file) from None


def _write(file: Path, kept: _Kept) -> None:
    try:
        atomic.write_json(file, kept.model_dump(mode="json"))
    except OSError:
        raise BadInput("RECEIPT_MEMORY_UNWRITABLE", folder=file.parent) from None
