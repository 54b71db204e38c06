"""What the store holds of a provider and term: its record, ``delivery.json``, read and written. Files are not copied here."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from avbrott import atomic
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.mapping import Translated
from avbrott.model import Model
from avbrott.periods import Term

RECORD = "delivery.json"


@dataclass(frozen=True, slots=True)
class Extract:
    """One file of a delivery, by its bytes; what has a ``kind`` came sealed, and is stored as it came."""

    name: str
    file: str
    sha256: str
    bytes: int
    version: str | None = None
    """The version of the contract that the delivery names; empty: the one that was current on its day."""
    kind: Literal["data", "nil", "withdrawal"] | None = None
    number: int | None = None
    created: date | None = None
    """The day of a sealed delivery; a plain one's is that of all its extracts."""
    key_epoch: str | None = None
    """The epoch of a sealed delivery's pseudonyms; a plain one's is that of all its extracts."""
    translated: Translated | None = None
    """What of it stood in the provider's own words before it was prepared, as the delivery says."""
    key_fingerprint: str | None = None
    """The fingerprint of the key of that epoch; a plain one's is that of all its extracts."""
    rows: int | None = None
    """How many rows a sealed delivery has; of a plain one it is not known before it is checked."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not accepted, and why. Where it is called as no delivery of this place is, its name is not kept."""

    extract: str
    """Empty where its name does not say."""
    code: str
    file: str
    sha256: str
    """Empty where it was not read."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one provider delivered for one term; without extracts where nothing came."""

    provider: str
    term: Term
    created: date
    """The day of the delivery: of the newest package, else the last day of the term."""
    extracts: tuple[Extract, ...] = ()
    unexpected: int = 0
    """Files that no contract knows. They are left where they are."""
    history: tuple[Extract, ...] = ()
    """What was delivered before and has been replaced, left out or withdrawn, oldest first, and the withdrawals."""
    epoch: str | None = None
    """The epoch of the key that its pseudonyms were made with, where it names one."""
    fingerprint: str | None = None
    """The fingerprint of that key, where it names one."""
    problem: BadInput | None = None
    """Why the provider's folder could not be read this time; ``extracts`` are then those of the last time."""
    refused: tuple[Refused, ...] = ()
    """Files that were not accepted, beside what was."""
    first: tuple[tuple[str, date], ...] = ()
    """By extract the earliest day of what was accepted of it, where it has been replaced since."""

    @property
    def came(self) -> bool:
        """Whether anything was delivered, be it of the right kind or not."""
        return bool(self.extracts or self.unexpected or self.refused)

    def epoch_of(self, extract: Extract) -> str:
        """The epoch of an extract's pseudonyms; empty where none is named."""
        return (extract.key_epoch if extract.kind is not None else self.epoch) or ""

    def fingerprint_of(self, extract: Extract) -> str:
        """The fingerprint of the key that an extract's pseudonyms were made with; empty where none is named."""
        return (extract.key_fingerprint if extract.kind is not None else self.fingerprint) or ""

    def created_of(self, extract: Extract) -> date:
        """The day on which an extract was delivered."""
        return extract.created or self.created

    def came_on(self, name: str) -> date:
        """The day that an extract is late by, or not: a correction of what was accepted does not change it."""
        own = {extract.name: self.created_of(extract) for extract in self.extracts}.get(name, self.created)
        return min(own, dict(self.first).get(name, own))

    def is_late(self, last_day: date) -> bool:
        """Whether anything of it came after its last day."""
        return any(self.came_on(one.name) > last_day for one in self.extracts) if self.extracts else self.created > last_day


class _Recorded(Model):
    """The content of ``delivery.json``."""

    provider: str
    term: str
    created: date
    extracts: tuple[Extract, ...]
    unexpected: int
    history: tuple[Extract, ...]
    key_epoch: str | None = None
    key_fingerprint: str | None = None
    refused: tuple[Refused, ...] = ()
    first: dict[str, date] = {}


def delivered(home: Home, provider: str, term: Term) -> Delivery:
    """What the store holds of the provider and term; ``BadInput`` where its record is damaged."""
    record = home.delivered(provider, str(term)) / RECORD
    if not record.is_file():
        return Delivery(provider, term, term.last_day)
    try:
        found = _Recorded.model_validate_json(record.read_bytes())
    except (OSError, ValueError):
        raise BadInput("DELIVERY_UNREADABLE", file=record) from None
    return Delivery(
        provider,
        term,
        found.created,
        found.extracts,
        found.unexpected,
        found.history,
        found.key_epoch,
        found.key_fingerprint,
        refused=found.refused,
        first=tuple(sorted(found.first.items())),
    )


def write_record(folder: Path, delivery: Delivery) -> None:
    """Write the record that makes the files in ``folder`` count."""
    atomic.write_json(folder / RECORD, _record(delivery))


def stored(home: Home) -> list[tuple[str, Term]]:
    """The provider and term of everything in the store, sorted; also of what a killed run began to pull."""
    held = home.delivered("-", "-").parents[1].glob("*/*")
    named = [one for one in held if one.is_dir() and any(not file.name.startswith(".") for file in one.iterdir())]
    return sorted((folder.parent.name, Term.parse(folder.name)) for folder in named)


def is_recorded(home: Home, provider: str, term: Term) -> bool:
    """Whether the pull of the provider and term came to its end: the record is written last."""
    return (home.delivered(provider, str(term)) / RECORD).is_file()


def digest(delivery: Delivery) -> str:
    """The sum of a delivery's record: it changes with the bytes, the date and the history."""
    return sum_of(json.dumps(_record(delivery), sort_keys=True).encode())


def _record(delivery: Delivery) -> dict[str, Any]:
    def listed(extracts: tuple[Extract, ...]) -> list[dict[str, Any]]:
        entries = [{name: said for name, said in asdict(extract).items() if said is not None} for extract in extracts]
        return [entry | ({"created": str(entry["created"])} if "created" in entry else {}) for entry in entries]

    named: dict[str, Any] = {"key_epoch": delivery.epoch} if delivery.epoch is not None else {}
    named |= {"key_fingerprint": delivery.fingerprint} if delivery.fingerprint is not None else {}
    named |= {"refused": [asdict(one) for one in delivery.refused]} if delivery.refused else {}
    named |= {"first": {name: day.isoformat() for name, day in delivery.first}} if delivery.first else {}
    return named | {
        "provider": delivery.provider,
        "term": str(delivery.term),
        "created": delivery.created.isoformat(),
        "extracts": listed(delivery.extracts),
        "unexpected": delivery.unexpected,
        "history": listed(delivery.history),
    }
