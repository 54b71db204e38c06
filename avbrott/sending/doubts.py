"""What is not sent before somebody has said that it is meant: nothing in place of rows, and to another hub than last time.

A slip is cheap here and dear at the receiver: an empty delivery takes the place of a whole one, and what is sealed to a wrong
key can be opened by nobody. How a delivery is sent is ``send``'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.sealing.keys import HubPublic
from avbrott.sealing.package import Statement
from avbrott.sending.record import Record, known_hubs


def must_be_the_hub(folder: Path, statements: Iterable[Statement], hub: HubPublic, file: Path) -> None:
    """``BadInput`` where what is remembered in ``folder`` was sealed to another hub than that of ``file``.

    What was delivered before is held against the hub that it was sealed to; what is new, against all that are known.
    """
    known = known_hubs(folder)
    for statement in statements:
        last = Record(folder, statement.name).sent
        if (last.hub != hub.age) if last is not None else (bool(known) and hub.age not in known):
            raise BadInput("DELIVER_OTHER_HUB", file=file, fingerprint=hub.fingerprint)


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
