"""One delivery sealed and laid at the receiver: which number it has, whether it is there already, what it changes.

Killed at any instant it can be run again: what is to be sent is recorded before, that it has arrived after, and at the
receiver a file has its name when it is whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import polars as pl

from avbrott.contract import ExtractContract
from avbrott.errors import BadInput
from avbrott.sealing.keys import HubPublic, SigningKey
from avbrott.sealing.package import SealedName, Statement
from avbrott.sealing.seal import data_bytes, seal
from avbrott.sending.doubts import must_not_empty
from avbrott.sending.prepared import Prepared
from avbrott.sending.record import Delivered, Record, sum_of
from avbrott.sending.rows import ROWS_SCHEMA, Changes, Memory, compared
from avbrott.transport.target import Target


class Went(Enum):
    """What became of a delivery."""

    SENT = "sent"
    THERE = "there"
    """It is the last one, and lies at the receiver."""
    AGAIN = "again"
    """It is the last one, and did not lie whole at the receiver or was sealed to another key."""


@dataclass(frozen=True, slots=True)
class ToSend:
    """What is to be delivered; the number of its statement is not settled yet. ``rows`` None: nil or withdrawal."""

    statement: Statement
    contract: ExtractContract
    rows: pl.DataFrame | None = None


def to_send(prepared: Prepared) -> list[ToSend]:
    """Each extract of what was prepared, as a delivery of its own."""

    def statement(extract: str, version: str, rows: int) -> Statement:
        who = (prepared.provider, prepared.term, extract, version)
        said = prepared.translated.get(extract)
        key = prepared.epoch, said, prepared.fingerprint
        return Statement("data", *who, 1, rows, prepared.created, *key)

    return [
        ToSend(statement(contract.name, contract.version, rows.height), contract, rows)
        for contract, rows in prepared.extracts
    ]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it."""

    went: Went
    delivery: Delivered
    former: int = 0
    """The number before; 0 where there is none."""
    changes: Changes | None = None
    """Against the one before; None where there is none, or where it is not remembered."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, to whom, and where it is remembered."""

    key: SigningKey
    hub: HubPublic
    target: Target
    folder: Path
    may_empty: bool = False
    """Whether a delivery without rows may take the place of one with rows."""

    def consider(self, wanted: ToSend) -> None:
        """``BadInput`` where ``wanted`` is to be asked about first; for each of several, before the first is sent."""
        if not self.may_empty and not wanted.statement.rows:
            must_not_empty(self.folder, wanted.statement, self._there(wanted.statement))

    def send(self, wanted: ToSend) -> Sent:
        """Deliver ``wanted``, unless the last delivery was the same. ``BadInput``: nothing to withdraw, or the target's."""
        statement = wanted.statement
        memory, record = Memory.of(self.key, statement), Record(self.folder, statement.name)
        data = data_bytes(wanted.rows, wanted.contract) if wanted.rows is not None else None
        content = memory.content(statement, data)
        there = self._there(statement)
        if record.pending is not None and self._lies(statement, record.pending, there):
            record.end()  # its sender ended before it could say so
        last, newest = record.sent, record.pending or record.sent
        latest = max((_number(newest), *there))
        if statement.kind == "withdrawal" and latest == 0:
            raise BadInput("DELIVER_NOTHING_TO_WITHDRAW", extract=statement.extract, term=statement.term)
        is_ours = newest is not None and (newest is last or newest.number not in there or newest.number == _number(last))
        if newest is not None and is_ours and (newest.number, newest.content) == (latest, content):
            if newest is last and last.hub == self.hub.age and self._lies(statement, last, there):
                record.tidy()
                return Sent(Went.THERE, last)
            statement = replace(statement, number=newest.number, created=newest.created)
        else:
            self._give_up(record, statement, there)
            statement = replace(statement, number=latest + 1)
        rows = memory.rows(wanted.rows, wanted.contract) if wanted.rows is not None else pl.DataFrame(schema=ROWS_SCHEMA)
        sealed = self._sealed(record, statement, content, wanted.contract, data, rows)
        sent = record.pending
        assert sent is not None
        is_again = sent.number == _number(last)
        former = max((number for number in (*there, _number(last)) if number < sent.number), default=0)
        changes = None if is_again else self._changes(record, last, former, rows)
        self.target.write(_path(statement, sent), sealed)
        record.end()
        return Sent(Went.AGAIN, sent) if is_again else Sent(Went.SENT, sent, former, changes)

    def _lies(self, statement: Statement, delivery: Delivered, there: set[int]) -> bool:
        """Whether a delivery lies at the receiver as it was sent: not gone, not damaged and not another's of its number."""
        return delivery.number in there and sum_of(self.target.read(_path(statement, delivery))) == delivery.sealed

    def _give_up(self, record: Record, statement: Statement, there: set[int]) -> None:
        """Take away what an upload left at the receiver that will not go on.

        Its number is not used again: it may have been whole, and taken in.
        """
        pending = record.pending
        if pending is not None and pending.number not in there:
            self.target.remove(_path(statement, pending))

    def _there(self, statement: Statement) -> set[int]:
        """The numbers of the extract's deliveries that lie at the receiver."""
        names = map(SealedName.parse, self.target.names(str(statement.term)))
        ours = (statement.provider, statement.term, statement.extract)
        return {name.number for name in names if name is not None and (name.provider, name.term, name.extract) == ours}

    def _sealed(
        self,
        record: Record,
        statement: Statement,
        content: str,
        contract: ExtractContract,
        data: bytes | None,
        rows: pl.DataFrame,
    ) -> bytes:
        """The sealed file: the one that was on its way where it is of this content, so that its upload goes on."""
        pending, waiting = record.pending, record.waiting()
        if pending is not None and waiting is not None:
            known = (pending.number, pending.content, pending.hub, pending.key)
            if known == (statement.number, content, self.hub.age, self._public):
                return waiting
        sealed = seal(statement, contract, data, self.key, self.hub)
        delivery = Delivered(
            number=statement.number,
            kind=statement.kind,
            created=statement.created,
            content=content,
            key=self._public,
            hub=self.hub.age,
            rows=statement.rows,
            file=sealed.name,
            sealed=sum_of(sealed.content),
        )
        record.begin(delivery, sealed.content, rows)
        return sealed.content

    def _changes(self, record: Record, last: Delivered | None, former: int, rows: pl.DataFrame) -> Changes | None:
        """What changed against the one before, where that is remembered and was signed with the same key."""
        if last is None or last.number != former or last.key != self._public:
            return None
        known = record.rows(last)
        return compared(known, rows) if known is not None else None

    @property
    def _public(self) -> str:
        return self.key.public.public.hex()


def _path(statement: Statement, delivery: Delivered) -> str:
    return f"{statement.term}/{delivery.file}"


def _number(delivery: Delivered | None) -> int:
    """The number of a delivery; 0 where there is none."""
    return delivery.number if delivery is not None else 0
