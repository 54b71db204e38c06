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
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.identity.places import places_name
from avbrott.sealing.keys import HubPublic, SigningKey
from avbrott.sealing.package import Statement
from avbrott.sealing.seal import data_bytes, must_have_room, seal
from avbrott.sending.doubts import Doubts, must_be_the_key, must_not_empty
from avbrott.sending.former import former
from avbrott.sending.numbers import Numbers, numbers_at
from avbrott.sending.prepared import Prepared
from avbrott.sending.record import Delivered, Record, TakenBack
from avbrott.sending.rows import ROWS_SCHEMA, Changes, Memory, compared
from avbrott.transport.target import Target

_ATTEMPTS = 5
"""So many numbers are tried that another takes while this one is sealed."""


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
    places: str | None = None
    """What tells which row of the export became which of it, as ``avbrott prepare`` called it."""


def to_send(prepared: Prepared) -> list[ToSend]:
    """Each extract of what was prepared, as a delivery of its own; ``BadInput`` where one is larger than the hub reads."""
    for contract, rows in prepared.extracts:
        must_have_room(rows, contract)

    def statement(extract: str, version: str, rows: int) -> Statement:
        who = (prepared.provider, prepared.term, extract, version)
        said = prepared.translated.get(extract)
        key = prepared.epoch, said, prepared.fingerprint
        return Statement("data", *who, 1, rows, prepared.created, *key)

    def places(extract: str) -> str:
        return places_name(prepared.provider, prepared.term, extract, prepared.digests[extract])

    return [
        ToSend(statement(contract.name, contract.version, rows.height), contract, rows, places(contract.name))
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
    far: tuple[int, ...] = ()
    """Numbers that lie at the receiver and are not counted, rising (``numbers``)."""
    withdrawal: Delivered | None = None
    """The one before, where that is a withdrawal, as far as it is remembered here."""


class _NumberTaken(Exception):
    """Another delivery was laid under the number, after it had been seen to be free."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, to whom, and where it is remembered."""

    key: SigningKey
    hub: HubPublic
    target: Target
    folder: Path
    doubts: Doubts | None = None
    """What is asked about first; None: nothing is."""

    def consider(self, wanted: ToSend) -> None:
        """``BadInput`` where ``wanted`` takes back nothing, or is to be asked about first.

        For each of several, before the first is sent.
        """
        statement, record = wanted.statement, Record(self.folder, wanted.statement.name)
        numbers = self._numbers(record, statement)
        if statement.kind == "withdrawal" and not _latest(record, numbers):
            raise BadInput("DELIVER_NOTHING_TO_WITHDRAW", extract=statement.extract, term=statement.term)
        if self.doubts is None:
            return
        if not self.doubts.is_new_key:
            must_be_the_key(self.folder, record, statement, numbers)
        replaced = former(record, numbers)
        if replaced is None or self.doubts.may_replace:
            return
        if not statement.rows:
            must_not_empty(replaced, statement)
        elif wanted.rows is not None:
            memory = Memory.of(self.key, statement)
            self.doubts.must_be_alike(replaced, record, statement, wanted.rows, wanted.contract, memory)

    def lies_already(self, wanted: ToSend) -> Delivered | None:
        """The last delivery, where ``wanted`` is the same and it lies at the receiver: nothing would be sent."""
        statement, record = wanted.statement, Record(self.folder, wanted.statement.name)
        numbers, last = self._numbers(record, statement), record.pending or record.sent
        if last is None or (last.number, last.hub) != (_latest(record, numbers), self.hub.age):
            return None
        _, content = self._content(wanted)
        return last if last.content == content and self._lies(statement, last, numbers.there) else None

    def _content(self, wanted: ToSend) -> tuple[bytes | None, str]:
        """The bytes of the rows, None where there are none, and what the content of the delivery is known by."""
        data = data_bytes(wanted.rows, wanted.contract) if wanted.rows is not None else None
        return data, Memory.of(self.key, wanted.statement).content(wanted.statement, data)

    def send(self, wanted: ToSend) -> Sent:
        """Deliver ``wanted``, unless the last delivery was the same.

        ``BadInput``: another machine that takes each number, or the target's.
        """
        taken = 0
        for _ in range(_ATTEMPTS):
            try:
                return self._send(wanted, taken)
            except _NumberTaken as error:
                taken = error.number
        raise BadInput("DELIVER_NUMBER_TAKEN", extract=wanted.statement.extract, number=taken, target=self.target.where)

    def _send(self, wanted: ToSend, taken: int) -> Sent:
        """Deliver ``wanted`` under a number above ``taken``; ``_NumberTaken`` where another is laid there meanwhile."""
        statement = wanted.statement
        memory, record = Memory.of(self.key, statement), Record(self.folder, statement.name)
        data, content = self._content(wanted)
        numbers = self._numbers(record, statement)
        there = numbers.there
        if record.pending is not None and self._lies(statement, record.pending, there):
            self.target.give_up(path_of(statement, record.pending), record.pending.sealed)
            record.end()  # its sender ended before it could say so
        last, newest = record.sent, record.pending or record.sent
        latest = max(_latest(record, numbers), taken)
        is_ours = newest is not None and (newest is last or newest.number not in there or newest.number == _number(last))
        if newest is not None and is_ours and taken < latest and (newest.number, newest.content) == (latest, content):
            if newest is last and last.hub == self.hub.age and self._lies(statement, last, there):
                record.tidy()
                return Sent(Went.THERE, last, far=numbers.far)
            statement = replace(statement, number=newest.number, created=newest.created)
        else:
            self._give_up(record, statement, there)
            statement = replace(statement, number=latest + 1)
        rows = memory.rows(wanted.rows, wanted.contract) if wanted.rows is not None else pl.DataFrame(schema=ROWS_SCHEMA)
        takes_back = _taken_back(statement, last)
        sealed = self._sealed(record, statement, content, wanted, data, rows, takes_back)
        sent = record.pending
        assert sent is not None
        is_again = sent.number == _number(last)
        before = (*(there - numbers.refused), _number(last), numbers.received)
        former = max((number for number in before if number < sent.number), default=0)
        changes = None if is_again else self._changes(record, last, former, rows)
        if is_again and sent.number in there:  # what lies there is a damaged one, or sealed to another key
            self.target.write(path_of(statement, sent), sealed)
        elif not self.target.lay(path_of(statement, sent), sealed):
            raise _NumberTaken(sent.number)
        record.end()
        if is_again:
            return Sent(Went.AGAIN, sent, far=numbers.far)
        withdrawal = last if last is not None and (last.number, last.kind) == (former, "withdrawal") else None
        return Sent(Went.SENT, sent, former, changes, numbers.far, withdrawal)

    def _lies(self, statement: Statement, delivery: Delivered, there: frozenset[int]) -> bool:
        """Whether a delivery lies at the receiver as it was sent: not gone, not damaged and not another's of its number."""
        return delivery.number in there and sum_of(self.target.read(path_of(statement, delivery))) == delivery.sealed

    def _give_up(self, record: Record, statement: Statement, there: frozenset[int]) -> None:
        """Take away what an upload left at the receiver that will not go on.

        Its number is not used again: it may have been whole, and taken in.
        """
        pending = record.pending
        if pending is not None and pending.number not in there:
            self.target.give_up(path_of(statement, pending), pending.sealed)

    def _numbers(self, record: Record, statement: Statement) -> Numbers:
        return numbers_at(self.target, self.hub, record, statement)

    def _sealed(
        self,
        record: Record,
        statement: Statement,
        content: str,
        wanted: ToSend,
        data: bytes | None,
        rows: pl.DataFrame,
        takes_back: TakenBack | None,
    ) -> bytes:
        """The sealed file: the one that was on its way where it is of this content, so that its upload goes on."""
        pending, waiting = record.pending, record.waiting()
        if pending is not None and waiting is not None:
            known = (pending.number, pending.content, pending.hub, pending.key)
            if known == (statement.number, content, self.hub.age, self._public):
                return waiting
        sealed = seal(statement, wanted.contract, data, self.key, self.hub)
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
            key_epoch=statement.key_epoch,
            key_fingerprint=statement.key_fingerprint,
            places=wanted.places,
            takes_back=takes_back,
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


def path_of(statement: Statement, delivery: Delivered) -> str:
    """Where a delivery lies at its target: in the term's folder."""
    return f"{statement.term}/{delivery.file}"


def _taken_back(statement: Statement, last: Delivered | None) -> TakenBack | None:
    """Of a withdrawal what it takes back; the same where it is sent again."""
    if statement.kind != "withdrawal" or last is None:
        return None
    if last.kind == "withdrawal":
        return last.takes_back
    return TakenBack(number=last.number, rows=last.rows, content=last.content) if last.number < statement.number else None


def _latest(record: Record, numbers: Numbers) -> int:
    """The highest number that is taken, here or at the receiver; 0 where nothing was delivered."""
    return max(_number(record.pending or record.sent), numbers.received, *numbers.there, 0)


def _number(delivery: Delivered | None) -> int:
    """The number of a delivery; 0 where there is none."""
    return delivery.number if delivery is not None else 0
