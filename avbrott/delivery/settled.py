"""Which deliveries of the store were checked to their end, so that none is missed by what is made of the store.

A check writes a mark when all else that it writes is there: which bytes it judged, what became of them, which files it left.
A delivery that has no mark for its bytes, or has lost a file of it, is not settled: the next run checks it, and no release is
made before that. What a check finds is ``check``'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from avbrott import atomic
from avbrott.delivery import unanswered
from avbrott.delivery.pull import Delivery, Offer, delivered, digest, is_recorded, stored
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.fingerprints import Naming
from avbrott.identity.rekey import naming
from avbrott.model import Model
from avbrott.periods import Term
from avbrott.retention.erased import is_erased

TOLD = 10
"""How many deliveries an error names."""


class Mark(Model):
    """The content of ``store/settled/<term>/<provider>.json``."""

    delivery: str
    """``pull.digest`` of what was judged."""
    naming: str
    """``Naming.of`` the delivery: how its persons were named then, and whether its key was refused."""
    status: str
    read: dict[str, int] = {}
    """Rows by extract, as they came; of what earlier versions judged it is not known."""
    accepted: dict[str, int]
    quarantined: dict[str, int]
    files: tuple[str, ...]
    """What the check left, by the path in the store."""


_ERASED = Mark(delivery="", naming="", status="erased", accepted={}, quarantined={}, files=())
"""Stands for a delivery that is erased: there is nothing left to check."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is to be pulled, checked or both. ``is_pulled``: the store has it as it is offered."""

    provider: str
    term: Term
    digest: str
    is_pulled: bool


def settle(home: Home, marks: Mapping[tuple[str, Term], Mark]) -> None:
    """Write the marks of deliveries whose every file is written."""
    atomic.write_jsons({home.settled(p, str(term)): mark.model_dump(mode="json") for (p, term), mark in marks.items()})


def unsettle(home: Home, term: Term, providers: Iterable[str]) -> None:
    """Take away the marks of what is about to be checked anew, whose receipts are to be made anew with it."""
    providers = list(providers)
    unanswered.note(home, [(provider, term) for provider in providers])
    marks = [home.settled(provider, str(term)) for provider in providers]
    for mark in marks:
        mark.unlink(missing_ok=True)
    atomic.remove_parts(home.settled("-", str(term)).parent, [mark.name for mark in marks])


def waiting(home: Home, offers: Iterable[Offer]) -> list[Waiting]:
    """What a run has to take up, by provider and term: ``offers`` that are new, and what an earlier run did not end.

    That is what was pulled and is not settled, and what was checked and has not been answered. ``BadInput`` where a record
    of the store is damaged.
    """
    found = {(one.provider, one.term): one for one in offers}
    new = {place for place, offer in found.items() if offer.is_new}
    pulled = {(one.provider, one.term): one for one in unsettled(home, besides=new)}
    for place in unanswered.noted(home) - new - pulled.keys():
        if read_mark(home, *place) is not None:
            pulled[place] = delivered(home, *place)
    return [
        Waiting(*place, _named(found.get(place), pulled.get(place)), is_pulled=place not in new)
        for place in sorted(new | pulled.keys())
    ]


def unsettled(home: Home, besides: Container[tuple[str, Term]] = ()) -> list[Delivery]:
    """The deliveries in the store that are not settled, ``besides`` left out.

    ``BadInput`` (DELIVERY_UNREADABLE) where files of a delivery have no record: it cannot be said what was delivered.
    """
    came = _deliveries(home, besides)
    now = naming(home, came)
    return [one for one in came if (one.provider, one.term) not in besides and _mark(home, one, now) is None]


def taken_in(home: Home) -> str:
    """A sum over all deliveries and what was left of each: it changes when the store takes in anything.

    ``BadInput`` (DELIVERIES_UNSETTLED) where one is not settled: what is made of the store would miss it.
    """
    came = _deliveries(home)
    now = naming(home, came)
    marks = {f"{one.provider} {one.term}": _mark(home, one, now) for one in came}
    missed = [name for name, mark in marks.items() if mark is None]
    if missed:
        listed = ", ".join(missed[:TOLD]) + (", ..." if len(missed) > TOLD else "")
        raise BadInput("DELIVERIES_UNSETTLED", count=len(missed), deliveries=listed, home=home.root)
    whole = {name: mark.model_dump(mode="json") for name, mark in marks.items() if mark}
    return hashlib.sha256(atomic.json_bytes(whole)).hexdigest()


def _deliveries(home: Home, besides: Container[tuple[str, Term]] = ()) -> list[Delivery]:
    """All deliveries of the store; of those ``besides`` none needs to be whole."""
    places = stored(home)
    for provider, term in places:
        if (provider, term) not in besides and not is_recorded(home, provider, term):
            raise BadInput("DELIVERY_UNREADABLE", file=home.delivered(provider, str(term)) / "delivery.json")
    return [delivered(home, provider, term) for provider, term in places]


def without(home: Home, provider: str, term: Term, files: Iterable[Path]) -> None:
    """Say in the mark of a delivery that these files of it are erased, and not lost; its counts stay."""
    place, gone = home.settled(provider, str(term)), {file.relative_to(home.store).as_posix() for file in files}
    if not gone or not place.is_file():
        return
    mark = Mark.model_validate_json(place.read_bytes())
    left = tuple(name for name in mark.files if name not in gone)
    atomic.write_json(place, mark.model_copy(update={"files": left}).model_dump(mode="json"))


def read_mark(home: Home, provider: str, term: Term) -> Mark | None:
    """What the last check left of a delivery; None where there was none to its end. A mark that cannot be read is none."""
    try:
        return Mark.model_validate_json(home.settled(provider, str(term)).read_bytes())
    except (OSError, ValueError):
        return None


def _mark(home: Home, delivery: Delivery, now: Naming) -> Mark | None:
    """The mark of a delivery that is settled."""
    if is_erased(home, delivery.provider, delivery.term):
        return _ERASED
    mark = read_mark(home, delivery.provider, delivery.term)
    if mark is None:
        return None
    whole = (mark.delivery, mark.naming) == (digest(delivery), now.of(delivery)) and all(
        (home.store / Path(name)).is_file() for name in mark.files
    )
    return mark if whole else None


def _named(offer: Offer | None, delivery: Delivery | None) -> str:
    """What to call this content by: as it is offered, else as it was pulled."""
    if offer is not None:
        return offer.digest
    assert delivery is not None
    return digest(delivery)
