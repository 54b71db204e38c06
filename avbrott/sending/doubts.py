"""What is not sent before somebody has said that it is meant: nothing, far less or others' rows for rows, and another key.

A slip is cheap here and dear at the receiver: an empty delivery takes the place of a whole one, and what is sealed to a wrong
key can be opened by nobody. How a delivery is sent is ``send``'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.delivery.due import Replacing
from avbrott.errors import BadInput
from avbrott.sealing.keys import HubPublic
from avbrott.sealing.package import Statement
from avbrott.sending.record import Record, known_hubs, known_keys
from avbrott.sending.rows import Memory


def must_be_the_hub(folder: Path, statements: Iterable[Statement], hub: HubPublic, file: Path) -> None:
    """``BadInput`` where what is remembered in ``folder`` was sealed to another hub than that of ``file``.

    What was delivered before is held against the hub that it was sealed to; what is new, against all that are known.
    """
    known = known_hubs(folder)
    for statement in statements:
        last = Record(folder, statement.name).sent
        if (last.hub != hub.age) if last is not None else (bool(known) and hub.age not in known):
            raise BadInput("DELIVER_OTHER_HUB", file=file, fingerprint=hub.fingerprint)


def must_be_the_key(folder: Path, statements: Iterable[Statement]) -> None:
    """``BadInput`` where pseudonyms are of another county key than those delivered before, under the same epoch.

    Two keys of one epoch give everybody two pseudonyms. An extract and term is held against its last delivery where that
    names a key, else against all that are remembered.
    """
    for statement in statements:
        epoch, fingerprint = statement.key_epoch, statement.key_fingerprint
        last = Record(folder, statement.name).sent
        names_one = last is not None and last.key_fingerprint is not None and last.key_epoch == epoch
        known = {last.key_fingerprint} if last is not None and names_one else known_keys(folder, epoch)
        if fingerprint is not None and known and fingerprint not in known:
            about = {"extract": statement.extract, "term": statement.term, "epoch": epoch, "fingerprint": fingerprint}
            raise BadInput("DELIVER_OTHER_KEY", **about, former=", ".join(sorted(filter(None, known))))


@dataclass(frozen=True, slots=True)
class Doubts:
    """Which delivery with rows does not take the last one's place unasked."""

    replacing: Replacing | None

    def must_be_alike(
        self, record: Record, statement: Statement, rows: pl.DataFrame, contract: ExtractContract, memory: Memory
    ) -> None:
        """``BadInput`` where ``rows`` are far fewer than those that were sent last, or about nobody whom those are about.

        Under another county key everybody has another pseudonym, and that is asked about apart.
        """
        last, bounds = record.sent, self.replacing
        if last is None or bounds is None or last.kind != "data" or last.rows < bounds.rows:
            return
        about = {"extract": statement.extract, "term": statement.term, "number": last.number, "former": last.rows}
        if statement.rows < bounds.share * last.rows:
            raise BadInput("DELIVER_SHRINKS", **about, rows=statement.rows)
        before = (last.key_epoch or statement.key_epoch, last.key_fingerprint or statement.key_fingerprint)
        known = record.rows(last) if last.key == memory.key else None
        if known is None or before != (statement.key_epoch, statement.key_fingerprint):
            return
        if not memory.has_any(rows, contract, known["person"]):
            raise BadInput("DELIVER_NOBODY_IN_COMMON", **about, rows=statement.rows)


def must_not_empty(folder: Path, statement: Statement, there: Iterable[int]) -> None:
    """``BadInput`` where a delivery without rows would take the place of one with rows, or of one that is not known.

    ``there``: the numbers that lie at the receiver. A withdrawal says itself what it takes away.
    """
    if statement.rows or statement.kind == "withdrawal":
        return
    record, lie = Record(folder, statement.name), set(there)
    arrived = record.pending if record.pending is not None and record.pending.number in lie else None
    known = {one.number: one for one in (record.sent, arrived) if one is not None}
    latest = max((*known, *lie), default=0)
    about = {"extract": statement.extract, "term": statement.term, "number": latest}
    if latest in known:
        if known[latest].kind == "data" and known[latest].rows:
            raise BadInput("DELIVER_EMPTIES", **about, rows=known[latest].rows)
    elif latest:
        raise BadInput("DELIVER_EMPTIES_UNKNOWN", **about)
