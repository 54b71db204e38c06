"""The highest number accepted of each sealed extract, by which an old delivery that comes again is told from a new one."""

from __future__ import annotations

from collections.abc import Mapping

from avbrott import atomic
from avbrott.delivery.record import Delivery
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.model import Model


class Received(Model):
    """The newest delivery of an extract that was accepted."""

    number: int
    digest: str
    """The sum of its package, which is the same however often it was encrypted."""
    sha256: str
    """The sum of the file as it came."""
    kind: str
    also: tuple[str, ...] = ()
    """The sums of other encryptions of the same, so that each is opened once."""


class _Ledger(Model):
    """The content of ``store/received/<provider>/<term>.json``."""

    extracts: dict[str, Received] = {}


def read_ledger(home: Home, known: Delivery) -> dict[str, Received]:
    """By extract, what was accepted last of a provider and term; ``BadInput`` where the file is damaged."""
    file = home.received(known.provider, str(known.term))
    if not file.is_file():
        return {}
    try:
        return dict(_Ledger.model_validate_json(file.read_bytes()).extracts)
    except (OSError, ValueError):
        raise BadInput("DELIVERY_UNREADABLE", file=file) from None


def remember(home: Home, known: Delivery, ledger: Mapping[str, Received]) -> None:
    """Keep the numbers that are being accepted. Before they are stored: what a killed run left is then taken up again."""
    if ledger:
        whole = read_ledger(home, known) | dict(ledger)
        content = {"extracts": {name: entry.model_dump() for name, entry in whole.items()}}
        atomic.write_json(home.received(known.provider, str(known.term)), content)
