"""Sealed deliveries in a provider's folder of a term: which count, and which are refused and why. Copying is ``pull``'s.

Of each extract the newest number that can be accepted counts. What cannot be is refused alone, with a code: other extracts go
on, and what was accepted before stays. ``<home>/store/received`` keeps the highest number that was accepted of each
extract, also when the delivery itself is erased, so that an old delivery that is laid there again is told from a new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from avbrott.delivery.acceptance import Desk, refused_file, unread_file
from avbrott.delivery.laid import files_in
from avbrott.delivery.package import PACKAGE
from avbrott.delivery.read import SUFFIXES
from avbrott.delivery.received import Received, read_ledger
from avbrott.delivery.record import Delivery, Extract, Refused
from avbrott.delivery.strays import is_stray
from avbrott.home import Home
from avbrott.registry import Contracts
from avbrott.sealing.keys import ProviderPublic, read_reception_key
from avbrott.sealing.package import SealedName

SEALED = ".zip.age"
"""How the name of a sealed delivery ends."""
_BEGUN = ".part"
"""How the name of a file ends that is still being laid there."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What lies in a folder by now: the delivery that it makes, and what is to be written for it."""

    delivery: Delivery
    contents: Mapping[str, bytes]
    """By name the files of ``delivery.extracts`` that were read."""
    ledger: Mapping[str, Received]
    """By extract, what is new in it."""
    unopened: tuple[str, ...] = ()
    """The sums of files that were only looked at."""


def receive(
    home: Home,
    contracts: Contracts,
    known: Delivery,
    folder: Path,
    sender: ProviderPublic | None,
    today: date,
    *,
    opening: bool = True,
) -> Reception:
    """Look through ``folder`` with the key that its provider is registered with, beside what the store has (``known``).

    Without a key everything is refused. Without ``opening`` a file that is seen for the first time stays closed: it is enough
    to know that it is new. ``BadInput`` where the folder or a key of the hub cannot be read. Writes nothing.
    """
    by_extract, refused = _sorted(contracts, known, folder)
    held = {extract.name: extract for extract in known.extracts}
    withdrawn: list[Extract] = []
    between: list[Extract] = []
    contents: dict[str, bytes] = {}
    new: dict[str, Received] = {}
    unopened: list[str] = []
    if by_extract and sender is not None:
        hub = read_reception_key(home.reception_key)
        desk = Desk(home, contracts, known, hub, sender, read_ledger(home, known), today, None if opening else unopened)
        for name, files in by_extract.items():
            found, turned_away = desk.newest(name, files)
            refused += turned_away
            if found is None:
                continue
            new |= {name: found.entry} if desk.ledger.get(name) != found.entry else {}
            if found.content is not None:
                contents[found.extract.file] = found.content
            if found.extract.kind == "withdrawal":
                withdrawn += [found.extract] if found.is_new else []
                held.pop(name, None)
            else:
                held[name] = found.extract
                if found.is_new and (one := desk.withdrawal_between(found, files)) is not None:
                    between.append(one)
    elif by_extract:
        refused += [unread_file(file, "SEALED_NO_KEY") for files in by_extract.values() for file in files]
    extracts = tuple(held[name] for name in sorted(held))
    days = [extract.created for extract in (*extracts, *withdrawn) if extract.created is not None]
    if any(extract.kind is None for extract in extracts) or not days:
        days.append(known.created)
    history = known.history + tuple(one for one in known.extracts if one not in extracts)
    history += (*withdrawn, *between)
    delivery = replace(
        known, created=max(days), extracts=extracts, unexpected=0, history=history, refused=tuple(_in_order(refused))
    )
    return Reception(delivery, contents, new, tuple(unopened))


def refuse_sealed(file: Path, known: Delivery) -> Refused:
    """What is said of a sealed file from a provider that has no registered key."""
    name = _name(file, known)
    return unread_file(file, "SEALED_NO_KEY" if name is not None else "SEALED_NAME", is_called_so=name is not None)


def _sorted(contracts: Contracts, known: Delivery, folder: Path) -> tuple[dict[str, list[Path]], list[Refused]]:
    """The sealed files by extract, newest first, and what else lies there."""
    by_extract: dict[str, list[Path]] = {}
    refused: list[Refused] = []
    held = {extract.sha256 for extract in known.extracts}
    for file in files_in(folder):
        if is_stray(file.name) or file.name.endswith(_BEGUN):
            continue
        name = _name(file, known)
        if name is not None:
            by_extract.setdefault(name.extract, []).insert(0, file)
        elif file.name == PACKAGE or (file.stem in contracts.extracts and file.suffix.lower() in SUFFIXES):
            refused += _unsealed(file, held)
        else:
            refused.append(unread_file(file, "SEALED_NAME", is_called_so=False))
    return by_extract, refused


def _unsealed(file: Path, held: set[str]) -> Iterator[Refused]:
    """A plain extract is refused, unless it is one that was accepted before its provider delivered sealed."""
    if file.name != PACKAGE:
        one = refused_file(file, "DELIVERY_UNSEALED", is_called_so=False)
        if one.sha256 not in held:
            yield replace(one, extract=file.stem)


def _name(file: Path, known: Delivery) -> SealedName | None:
    """What the name of a sealed file of this place says; None of any other."""
    found = SealedName.parse(file.name)
    is_own = found is not None and (found.provider, found.term) == (known.provider, known.term)
    return found if is_own else None


def _in_order(refused: list[Refused]) -> list[Refused]:
    return sorted(refused, key=lambda one: (one.extract, one.file, one.code, one.sha256))
