"""Which key an epoch's pseudonyms are made with, as deliveries name it by its fingerprint: another key is not the county's.

Two keys of one epoch's name give a person two pseudonyms, and everybody would seem to have left. The fingerprint that most
providers of the store name is the epoch's, among as many the one of the earlier term, then of the earlier day. A delivery
that names none tells nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from avbrott.delivery.record import Delivery
from avbrott.periods import Term


@dataclass(frozen=True, slots=True)
class Naming:
    """How persons are named: what names them, and which key each epoch's pseudonyms are of."""

    digest: str
    fingerprints: Mapping[str, str]
    """By epoch, the fingerprint of its key; an epoch that no delivery names one of is not there."""

    def others(self, delivery: Delivery) -> list[str]:
        """The extracts of a delivery whose pseudonyms are made with another key than their epoch's."""
        named = _named(delivery)
        return [extract for extract, epoch, key in named if self.fingerprints.get(epoch, key) != key]

    def of(self, delivery: Delivery) -> str:
        """A sum that changes with anything that could name a delivery's persons otherwise, or refuse its key."""
        told = "\n".join([self.digest, *self.others(delivery)])
        return hashlib.sha256(told.encode()).hexdigest() if told != self.digest else self.digest


def fingerprints_of(deliveries: Iterable[Delivery]) -> dict[str, str]:
    """By epoch, the fingerprint of its key."""
    providers: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    first: dict[tuple[str, str], tuple[Term, date]] = {}
    for delivery in deliveries:
        when = delivery.term, delivery.created
        for _, epoch, key in _named(delivery):
            providers[epoch, key].add(delivery.provider)
            first[epoch, key] = min(first.get((epoch, key), when), when)
    best_last = sorted(providers, key=lambda named: (-len(providers[named]), first[named], named), reverse=True)
    return dict(best_last)


def _named(delivery: Delivery) -> list[tuple[str, str, str]]:
    """Extract, epoch and fingerprint of each extract that names one."""
    found = ((one.name, delivery.epoch_of(one), delivery.fingerprint_of(one)) for one in delivery.extracts)
    return [(name, epoch, key) for name, epoch, key in found if key]
