"""Deliveries that are not sealed, in a provider's folder of a term: what is taken of them, and what is refused and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from avbrott.clock import lies_ahead
from avbrott.delivery.laid import files_in, read_laid
from avbrott.delivery.package import LARGEST_PLAIN_PACKAGE, PACKAGE, PackageFacts, package_facts
from avbrott.delivery.read import SUFFIXES
from avbrott.delivery.reception import SEALED, Reception, refuse_sealed
from avbrott.delivery.record import Delivery, Extract, Refused
from avbrott.delivery.strays import is_stray
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.registry import Contracts

LARGEST = 256 * 1024 * 1024
"""Bytes of an extract that is not sealed."""


def receive_plain(contracts: Contracts, known: Delivery, folder: Path, today: date) -> Reception:
    """Look through ``folder``, beside what the store has (``known``). ``BadInput``: what it says of itself cannot be read."""
    found, contents = _look_at_plain(contracts, known, folder)
    if lies_ahead(found.created, today):
        refused = (*found.refused, Refused("", "DELIVERY_FROM_THE_FUTURE", "", ""))
        return Reception(replace(known, refused=refused), {}, {})
    if not found.extracts and not found.unexpected:
        return Reception(replace(known, refused=found.refused), {}, {})
    replaced = tuple(extract for extract in known.extracts if extract not in found.extracts)
    return Reception(replace(found, history=known.history + replaced), contents, {})


def _look_at_plain(contracts: Contracts, known: Delivery, folder: Path) -> tuple[Delivery, dict[str, bytes]]:
    """What lies there as it is, with the bytes of the files that a contract knows."""
    provider, term = known.provider, known.term
    contents: dict[str, bytes] = {}
    refused: list[Refused] = []
    unexpected = 0
    facts = PackageFacts(term.last_day)
    for file in files_in(folder):
        if file.name == PACKAGE:
            facts = _facts(file)
        elif file.stem in contracts.extracts and file.suffix.lower() in SUFFIXES:
            name = f"{file.stem}{file.suffix.lower()}"
            if name in contents:  # whose names differ in capital letters
                raise _twice(known, file.stem, folder)
            try:
                contents[name] = read_laid(file, LARGEST)
            except BadInput as error:
                refused.append(Refused(file.stem, error.code, "", ""))
        elif file.name.endswith(SEALED):
            refused.append(refuse_sealed(file, known))
        elif not is_stray(file.name):
            unexpected += 1
    extracts = tuple(
        Extract(
            Path(name).stem,
            name,
            sum_of(held),
            len(held),
            facts.versions.get(Path(name).stem),
            translated=facts.translated.get(Path(name).stem),
        )
        for name, held in contents.items()
    )
    for name in {extract.name for extract in extracts}:
        if sum(extract.name == name for extract in extracts) > 1:
            raise _twice(known, name, folder)
    found = Delivery(provider, term, facts.created, extracts, unexpected, epoch=facts.epoch, fingerprint=facts.fingerprint)
    found = replace(found, refused=tuple(refused))
    return found, contents


def _twice(known: Delivery, extract: str, folder: Path) -> BadInput:
    return BadInput("SOURCE_TWICE", provider=known.provider, term=known.term, extract=extract, folder=folder)


def _facts(file: Path) -> PackageFacts:
    try:
        held = read_laid(file, LARGEST_PLAIN_PACKAGE)
    except BadInput:  # without it nobody knows when the delivery was made, nor with which key
        raise BadInput("DATAPACKAGE_INVALID", file=file) from None
    return package_facts(file, held)
