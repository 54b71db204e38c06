"""Extracts copied from where a provider leaves them into the hub's store, byte for byte. ``check`` judges what they hold.

They are encrypted there; the sums and sizes of ``delivery.json`` are of what came. Nothing is lost: new bytes replace old
ones and the sum of the old stays in ``delivery.json``; a folder that is gone takes nothing back. Equal bytes are not written
again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from avbrott import atomic, clock
from avbrott.at_rest.files import read_bytes, remove, write_bytes
from avbrott.at_rest.vault import Vault, vault_of
from avbrott.delivery.fetched import fetch_all
from avbrott.delivery.laid import files_in
from avbrott.delivery.plain import receive_plain
from avbrott.delivery.received import remember
from avbrott.delivery.reception import Reception, receive
from avbrott.delivery.reception_log import log_refusals
from avbrott.delivery.record import (
    RECORD,
    Delivery,
    Extract,
    Refused,
    delivered,
    digest,
    is_recorded,
    stored,
    write_record,
)
from avbrott.delivery.sources import Place, read_sources
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.periods import Term
from avbrott.registry import Contracts
from avbrott.retention.erased import is_erased, was_accepted
from avbrott.retention.reduced import rest_of
from avbrott.sealing.keys import registered_key

__all__ = [
    "Delivery",
    "Extract",
    "Offer",
    "delivered",
    "digest",
    "is_recorded",
    "offered",
    "pull",
    "pull_many",
    "stored",
]


@dataclass(frozen=True, slots=True)
class Offer:
    """What lies at a provider for a term, and whether the store has it already."""

    provider: str
    term: Term
    digest: str
    is_new: bool


def pull(home: Home, contracts: Contracts, provider: str, term: Term) -> Delivery:
    """Copy the provider's extracts of the term into the store; ``BadInput`` says what of its folder cannot be read."""
    place, today = read_sources(home, contracts.suppliers).get(provider), clock.today()
    if place is not None and (problem := fetch_all({provider: place}, today).get(provider)) is not None:
        raise problem
    return _pull(home, vault_of(home), contracts, provider, term, place, today)


def pull_many(home: Home, contracts: Contracts, wanted: Mapping[Term, Iterable[str]]) -> list[Delivery]:
    """Pull many providers and terms. One that cannot be read has a ``problem``; the others are pulled all the same."""
    sources, vault, today = read_sources(home, contracts.suppliers), vault_of(home), clock.today()
    asked = {provider for providers in wanted.values() for provider in providers}
    unreached = fetch_all({provider: place for provider, place in sources.items() if provider in asked}, today)

    def one(place: tuple[str, Term]) -> Delivery:
        provider, term = place
        try:
            pulled = _pull(home, vault, contracts, provider, term, sources.get(provider), today)
            return replace(pulled, problem=unreached[provider]) if provider in unreached else pulled
        except BadInput as problem:
            return replace(delivered(home, provider, term), unexpected=0, problem=problem)

    places = [(provider, term) for term, providers in wanted.items() for provider in dict.fromkeys(providers)]
    with ThreadPoolExecutor(atomic.THREADS) as threads:
        return list(threads.map(one, places))


def offered(home: Home, contracts: Contracts) -> tuple[list[Offer], list[BadInput]]:
    """What every provider offers now, by provider and term; and why a folder that cannot be read offers nothing."""
    offers, today = list[Offer](), clock.today()
    sources = read_sources(home, contracts.suppliers)
    problems = list(fetch_all(sources, today).values())
    for provider, place in sorted(sources.items()):
        if not os.path.isdir(place.folder):  # noqa: PTH112  which raises nothing, whatever the system says
            problems.append(BadInput("SOURCE_FOLDER_MISSING", provider=provider, folder=place.folder))
        for term in _terms(place.folder):
            known = delivered(home, provider, term)
            try:
                seen = _look(home, contracts, known, place, today, opening=False)
            except BadInput as problem:
                problems.append(problem)
                continue
            is_new = (bool(seen.unopened) or seen.delivery != known) and not is_erased(home, provider, term)
            if seen.delivery.came or is_new:
                offers.append(Offer(provider, term, _offered_as(seen), is_new))
    return offers, problems


def _pull(
    home: Home, vault: Vault, contracts: Contracts, provider: str, term: Term, place: Place | None, today: date
) -> Delivery:
    known = delivered(home, provider, term)
    if place is None or is_erased(home, provider, term):
        return known
    if not os.path.isdir(place.folder):  # noqa: PTH112  which raises nothing, whatever the system says
        raise BadInput("SOURCE_FOLDER_MISSING", provider=provider, folder=place.folder)
    if not os.path.lexists(place.folder / str(term)):
        return known
    found = _look(home, contracts, known, place, today)
    remember(home, known, found.ledger)
    if found.delivery == known and _is_whole(home, vault, known):
        return known
    new = replace(found.delivery, first=_first(home, known)) if found.delivery != known else known
    _store(vault, home.delivered(provider, str(term)), new, found.contents)
    log_refusals(home, known, new)
    return new


def _first(home: Home, known: Delivery) -> tuple[tuple[str, date], ...]:
    """``Delivery.first`` of what takes the place of ``known``: the days of what was accepted of it, or before it."""
    days = {
        extract.name: known.came_on(extract.name)
        for extract in known.extracts
        if was_accepted(home, extract.name, known.provider, known.term)
    }
    return tuple(sorted((dict(known.first) | days).items()))


def _store(vault: Vault, target: Path, delivery: Delivery, contents: Mapping[str, bytes]) -> None:
    """Write the extracts, then the record that makes them count, then remove what it no longer names."""
    for extract in delivery.extracts:
        file = target / extract.file
        if extract.file not in contents:  # what was accepted before and lies at its provider no more
            continue
        if not _holds(vault, file, extract):
            if extract.kind is not None:
                atomic.write_bytes(file, contents[extract.file], lasting=False)
            else:
                write_bytes(vault, file, contents[extract.file], lasting=False)
    if target.is_dir():
        atomic.sync_folder(target)
    write_record(target, delivery)
    named = {RECORD, *(extract.file for extract in delivery.extracts)}
    named |= {rest_of(target, extract).name for extract in delivery.extracts}
    for file in target.iterdir():
        if file.name not in named:
            remove(file)


def _look(home: Home, contracts: Contracts, known: Delivery, place: Place, today: date, *, opening: bool = True) -> Reception:
    """What lies in a provider's folder of one term: sealed, unless its provider has no key and may deliver plain.

    Whatever goes wrong in there is a ``BadInput`` of this provider, and no other one's.
    """
    folder = place.folder / str(known.term)
    try:
        found = _looked_at(folder, home, contracts, known, place, today, opening=opening)
    except (OSError, MemoryError):
        raise BadInput("SOURCE_UNREADABLE", provider=known.provider, term=known.term, folder=folder) from None
    return replace(found, delivery=replace(found.delivery, first=known.first))


def _looked_at(
    folder: Path, home: Home, contracts: Contracts, known: Delivery, place: Place, today: date, *, opening: bool
) -> Reception:
    if known.term.first_day > today:
        return _too_early(known, folder)
    sender = registered_key(home, known.provider)
    if sender is not None or not place.plain:
        return receive(home, contracts, known, folder, sender, today, opening=opening)
    return receive_plain(contracts, known, folder, today)


def _too_early(known: Delivery, folder: Path) -> Reception:
    """Of a term that has not begun nothing is looked at, and it is told once that something lies there."""
    refused = (Refused("", "TERM_NOT_BEGUN", "", ""),) if files_in(folder) else ()
    return Reception(replace(known, refused=refused), {}, {})


def _terms(folder: Path) -> list[Term]:
    terms = []
    try:
        names = [entry.name for entry in folder.iterdir() if entry.is_dir()]
    except OSError:
        return []
    for name in names:
        try:
            terms.append(Term.parse(name))
        except BadInput:
            continue
    return sorted(terms)


def _is_whole(home: Home, vault: Vault, known: Delivery) -> bool:
    """Whether the store still has every file that its record names, as it names it."""
    folder = home.delivered(known.provider, str(known.term))
    return all(_holds(vault, folder / extract.file, extract) for extract in known.extracts)


def _holds(vault: Vault, file: Path, extract: Extract) -> bool:
    """Whether the store has the file with the bytes that came: what came sealed as it came, the rest encrypted.

    Where persons were taken out of it, whether it has what is left.
    """
    if rest_of(file.parent, extract).is_file():
        return True
    try:
        held = file.read_bytes() if extract.kind is not None else read_bytes(vault, file)
    except (OSError, BadInput):
        return False
    return sum_of(held) == extract.sha256


def _offered_as(seen: Reception) -> str:
    """What to call what lies in a folder: by its record, and the files that are not opened yet."""
    now = digest(seen.delivery)
    return sum_of("\n".join([now, *seen.unopened]).encode()) if seen.unopened else now
