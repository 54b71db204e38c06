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
from avbrott.sending.former import Former
from avbrott.sending.numbers import Numbers
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


def must_be_the_key(folder: Path, record: Record, statement: Statement, numbers: Numbers) -> None:
    """``BadInput`` where pseudonyms are of another county key than those delivered before, under the same epoch.

    Two keys of one epoch give everybody two pseudonyms. An extract and term is held against its last delivery where that
    names a key, else against all that are remembered, else against what the hub's receipt names.
    """
    epoch, fingerprint, last = statement.key_epoch, statement.key_fingerprint, record.sent
    names_one = last is not None and last.key_fingerprint is not None and last.key_epoch == epoch
    known = {last.key_fingerprint} if last is not None and names_one else known_keys(folder, epoch) or numbers.keys(epoch)
    if fingerprint is not None and known and fingerprint not in known:
        about = {"extract": statement.extract, "term": statement.term, "epoch": epoch, "fingerprint": fingerprint}
        raise BadInput("DELIVER_OTHER_KEY", **about, former=", ".join(sorted(filter(None, known))))


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is asked about before a delivery takes the last one's place."""

    replacing: Replacing | None
    """Which delivery with rows takes none unasked."""
    may_replace: bool = False
    """Whether nothing, far less or others' rows were said to be meant."""
    is_new_key: bool = False
    """Whether another county key was."""

    def must_be_alike(
        self,
        replaced: Former,
        record: Record,
        statement: Statement,
        rows: pl.DataFrame,
        contract: ExtractContract,
        memory: Memory,
    ) -> None:
        """``BadInput`` where ``rows`` are far fewer than those of the last delivery, or about nobody whom those are about.

        Also where it is not known what the last one has. Under another county key everybody has another pseudonym, and that
        is asked about apart.
        """
        bounds, last = self.replacing, replaced.delivered
        about = {"extract": statement.extract, "term": statement.term, "number": replaced.number, "rows": statement.rows}
        if bounds is not None and replaced.kind is None:
            raise BadInput("DELIVER_PLACE_UNKNOWN", **about)
        if bounds is None or replaced.kind != "data" or replaced.rows < bounds.rows:
            return
        if statement.rows < bounds.share * replaced.rows:
            raise BadInput("DELIVER_SHRINKS", **about, former=replaced.rows)
        if last is None:  # the receipt tells of no persons
            return
        before = (last.key_epoch or statement.key_epoch, last.key_fingerprint or statement.key_fingerprint)
        known = record.rows(last) if last.key == memory.key else None
        if known is None or before != (statement.key_epoch, statement.key_fingerprint):
            return
        if not memory.has_any(rows, contract, known["person"]):
            raise BadInput("DELIVER_NOBODY_IN_COMMON", **about, former=replaced.rows)


def must_not_empty(replaced: Former, statement: Statement) -> None:
    """``BadInput`` where a delivery without rows would take the place of one with rows, or of one that is not known.

    A withdrawal says itself what it takes away.
    """
    if statement.kind == "withdrawal":
        return
    about = {"extract": statement.extract, "term": statement.term, "number": replaced.number}
    if replaced.kind is None:
        raise BadInput("DELIVER_EMPTIES_UNKNOWN", **about)
    if replaced.kind == "data" and replaced.rows:
        raise BadInput("DELIVER_EMPTIES", **about, rows=replaced.rows)
