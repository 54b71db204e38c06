"""Extracts copied from where a provider leaves them into the hub's store, byte for byte. ``check`` judges what they hold.

Nothing is lost: new bytes replace old ones and the sum of the old stays in ``delivery.json``; a folder that is gone takes
nothing back. Equal bytes are not written again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from avbrott import atomic
from avbrott.delivery.package import PACKAGE, PackageFacts, package_facts
from avbrott.delivery.read import SUFFIXES
from avbrott.delivery.sources import read_sources
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.model import Model
from avbrott.periods import Term
from avbrott.registry import Contracts

_RECORD = "delivery.json"


@dataclass(frozen=True, slots=True)
class Extract:
    """One file of a delivery, by its bytes."""

    name: str
    file: str
    sha256: str
    bytes: int
    version: str | None = None
    """The version of the contract that the delivery names; empty: the one that was current on its day."""


class _Recorded(Model):
    """The content of ``delivery.json``."""

    provider: str
    term: str
    created: date
    extracts: tuple[Extract, ...]
    unexpected: int
    history: tuple[Extract, ...]
    key_epoch: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one provider delivered for one term; without extracts where nothing came."""

    provider: str
    term: Term
    created: date
    """The day of the delivery: of ``datapackage.json``, else the last day of the term."""
    extracts: tuple[Extract, ...] = ()
    unexpected: int = 0
    """Files that no contract knows. They are left where they are."""
    history: tuple[Extract, ...] = ()
    """What was delivered before and has been replaced or left out, oldest first."""
    epoch: str | None = None
    """The epoch of the key that its pseudonyms were made with, where it names one."""
    problem: BadInput | None = None
    """Why the provider's folder could not be read this time; ``extracts`` are then those of the last time."""

    @property
    def came(self) -> bool:
        """Whether anything was delivered, be it of the right kind or not."""
        return bool(self.extracts or self.unexpected)


@dataclass(frozen=True, slots=True)
class Offer:
    """What lies at a provider for a term, and whether the store has it already."""

    provider: str
    term: Term
    digest: str
    is_new: bool


def pull(home: Home, contracts: Contracts, provider: str, term: Term) -> Delivery:
    """Copy the provider's extracts of the term into the store; ``BadInput`` says what of its folder cannot be read."""
    folder = read_sources(home, contracts.suppliers).get(provider)
    return _pull(home, contracts, provider, term, folder)


def pull_many(home: Home, contracts: Contracts, wanted: Mapping[Term, Iterable[str]]) -> list[Delivery]:
    """Pull many providers and terms. One that cannot be read has a ``problem``; the others are pulled all the same."""
    sources = read_sources(home, contracts.suppliers)

    def one(place: tuple[str, Term]) -> Delivery:
        provider, term = place
        try:
            return _pull(home, contracts, provider, term, sources.get(provider))
        except BadInput as problem:
            return replace(delivered(home, provider, term), unexpected=0, problem=problem)

    places = [(provider, term) for term, providers in wanted.items() for provider in dict.fromkeys(providers)]
    with ThreadPoolExecutor(atomic.THREADS) as threads:
        return list(threads.map(one, places))


def offered(home: Home, contracts: Contracts) -> tuple[list[Offer], list[BadInput]]:
    """What every provider offers now, by provider and term; and why a folder that cannot be read offers nothing."""
    offers, problems = [], []
    for provider, folder in sorted(read_sources(home, contracts.suppliers).items()):
        if not folder.is_dir():
            problems.append(BadInput("SOURCE_FOLDER_MISSING", provider=provider, folder=folder))
        for term in _terms(folder):
            try:
                found, _ = _look(contracts, provider, term, folder / str(term))
            except BadInput as problem:
                problems.append(problem)
                continue
            if found.came:
                known = delivered(home, provider, term)
                offers.append(Offer(provider, term, digest(found), not _same(found, known)))
    return offers, problems


def delivered(home: Home, provider: str, term: Term) -> Delivery:
    """What the store holds of the provider and term; ``BadInput`` where its record is damaged."""
    record = home.delivered(provider, str(term)) / _RECORD
    if not record.is_file():
        return Delivery(provider, term, term.last_day)
    try:
        found = _Recorded.model_validate_json(record.read_bytes())
    except (OSError, ValueError):
        raise BadInput("DELIVERY_UNREADABLE", file=record) from None
    return Delivery(provider, term, found.created, found.extracts, found.unexpected, found.history, found.key_epoch)


def stored(home: Home) -> list[tuple[str, Term]]:
    """The provider and term of everything in the store, sorted; also of what a killed run began to pull."""
    held = home.delivered("-", "-").parents[1].glob("*/*")
    named = [one for one in held if one.is_dir() and any(not file.name.startswith(".") for file in one.iterdir())]
    return sorted((folder.parent.name, Term.parse(folder.name)) for folder in named)


def is_recorded(home: Home, provider: str, term: Term) -> bool:
    """Whether the pull of the provider and term came to its end: the record is written last."""
    return (home.delivered(provider, str(term)) / _RECORD).is_file()


def digest(delivery: Delivery) -> str:
    """The sum of a delivery's record: it changes with the bytes, the date and the history."""
    return _sum(json.dumps(_record(delivery), sort_keys=True).encode())


def _pull(home: Home, contracts: Contracts, provider: str, term: Term, folder: Path | None) -> Delivery:
    known = delivered(home, provider, term)
    if folder is None:
        return known
    if not folder.is_dir():
        raise BadInput("SOURCE_FOLDER_MISSING", provider=provider, folder=folder)
    if not (folder / str(term)).exists():
        return known
    found, contents = _look(contracts, provider, term, folder / str(term))
    if not found.came or (_same(found, known) and _is_whole(home, known)):
        return known
    replaced = tuple(extract for extract in known.extracts if extract not in found.extracts)
    delivery = replace(found, history=known.history + replaced)
    _store(home.delivered(provider, str(term)), delivery, contents)
    return delivery


def _store(target: Path, delivery: Delivery, contents: Mapping[str, bytes]) -> None:
    """Write the extracts, then the record that makes them count, then remove what it no longer names."""
    for extract in delivery.extracts:
        file = target / extract.file
        if not file.is_file() or _sum(file.read_bytes()) != extract.sha256:
            atomic.write_bytes(file, contents[extract.file], lasting=False)
    if target.is_dir():
        atomic.sync_folder(target)
    atomic.write_json(target / _RECORD, _record(delivery))
    named = {_RECORD, *(extract.file for extract in delivery.extracts)}
    for file in target.iterdir():
        if file.name not in named:
            file.unlink()


def _look(contracts: Contracts, provider: str, term: Term, folder: Path) -> tuple[Delivery, dict[str, bytes]]:
    """What lies in a provider's folder of one term, with the bytes of the files that a contract knows."""
    contents: dict[str, bytes] = {}
    unexpected = 0
    facts = PackageFacts(term.last_day)
    try:
        for file in sorted(folder.iterdir()):
            if file.name == PACKAGE:
                facts = package_facts(file)
            elif file.stem in contracts.extracts and file.suffix.lower() in SUFFIXES:
                contents[f"{file.stem}{file.suffix.lower()}"] = file.read_bytes()
            elif not file.name.startswith("."):
                unexpected += 1
    except OSError:
        raise BadInput("SOURCE_UNREADABLE", provider=provider, term=term, folder=folder) from None
    extracts = tuple(
        Extract(Path(name).stem, name, _sum(held), len(held), facts.versions.get(Path(name).stem))
        for name, held in contents.items()
    )
    for name in {extract.name for extract in extracts}:
        if sum(extract.name == name for extract in extracts) > 1:
            raise BadInput("SOURCE_TWICE", provider=provider, term=term, extract=name, folder=folder)
    return Delivery(provider, term, facts.created, extracts, unexpected, epoch=facts.epoch), contents


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


def _is_whole(home: Home, known: Delivery) -> bool:
    """Whether the store still has every file that its record names, as it names it."""
    folder = home.delivered(known.provider, str(known.term))
    files = [(folder / extract.file, extract.sha256) for extract in known.extracts]
    return all(file.is_file() and _sum(file.read_bytes()) == expected for file, expected in files)


def _same(one: Delivery, other: Delivery) -> bool:
    return (one.created, one.extracts, one.unexpected, one.epoch) == (
        other.created,
        other.extracts,
        other.unexpected,
        other.epoch,
    )


def _record(delivery: Delivery) -> dict[str, Any]:
    def listed(extracts: tuple[Extract, ...]) -> list[dict[str, Any]]:
        return [{name: said for name, said in asdict(extract).items() if said is not None} for extract in extracts]

    named = {"key_epoch": delivery.epoch} if delivery.epoch is not None else {}
    return named | {
        "provider": delivery.provider,
        "term": str(delivery.term),
        "created": delivery.created.isoformat(),
        "extracts": listed(delivery.extracts),
        "unexpected": delivery.unexpected,
        "history": listed(delivery.history),
    }


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
