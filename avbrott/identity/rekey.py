"""The hub's own names for persons: every pseudonym is keyed anew on receipt, so that the store matches no delivery.

The key is made at first and lies in the home outside the store. Deliveries of another epoch are joined by the bridges in
``<home>/bridges``; where none leads to the epoch that the store began with, they are refused, or everybody in them would
seem to have left and somebody else to have begun.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from avbrott import atomic
from avbrott.delivery.pull import Delivery, delivered, stored
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.bridge import Place, bridges_in, joined, reachable
from avbrott.identity.fingerprints import Naming, fingerprints_of
from avbrott.identity.keys import KEY_BYTES, Key, read_key, write_key
from avbrott.identity.pseudonym import at_hub
from avbrott.registry import Contracts

PSEUDONYM = "pseudonym"
"""The term that is keyed anew."""


@dataclass(frozen=True)
class HubNames:
    """How the hub names persons: its key, and which pseudonym of which epoch is another's."""

    secret: bytes = field(repr=False)
    epochs: frozenset[str] | None
    """The epochs that are joined with the one that the store began with, an empty one for none; None: nothing came yet."""
    former: Mapping[Place, Place] = field(repr=False)
    naming: Naming

    def takes(self, epoch: str | None) -> bool:
        """Whether deliveries of the epoch can be joined with those that are there."""
        return self.epochs is None or (epoch or "") in self.epochs

    def of(self, received: pl.Series, epoch: str | None) -> pl.Series:
        """The hub's name for each received pseudonym (String) of an epoch; null stays null."""
        own = {place[1]: first[1] for place, first in self.former.items() if place[0] == (epoch or "")}
        return at_hub(self.secret, received.replace(own) if own else received)


class RememberedNames:
    """The names of persons that one term is about: they stand in several extracts, and each is reckoned once."""

    def __init__(self, names: HubNames) -> None:
        self._names = names
        self._known: dict[str, pl.DataFrame] = {}

    def of(self, received: pl.Series, epoch: str) -> pl.Series:
        """``HubNames.of``."""
        known = self._known.get(epoch, pl.DataFrame(schema={"received": pl.String, "named": pl.String}))
        distinct = received.unique().drop_nulls()
        new = distinct.filter(~distinct.is_in(known["received"].implode()))
        if len(new):
            known = pl.concat([known, pl.DataFrame({"received": new, "named": self._names.of(new, epoch)})])
            self._known[epoch] = known
        return pl.DataFrame({"received": received}).join(known, on="received", how="left", maintain_order="left")["named"]


def hub_names(home: Home, contracts: Contracts) -> HubNames:
    """How the hub of this home names persons; its key is made where there is none.

    ``BadInput``: the store was made with another key, or a bridge cannot be used.
    """
    key, bridges = hub_key(home), bridges_in(home.bridges)
    came = [delivered(home, provider, term) for provider, term in stored(home)]
    base = _base(came, contracts)
    former = joined(bridges)
    epochs = reachable(bridges, base) if base is not None else None
    return HubNames(key.secret, epochs, former, Naming(_digest(key, former), fingerprints_of(came)))


def naming(home: Home, came: Iterable[Delivery]) -> Naming:
    """``HubNames.naming`` without the rest; ``came`` are all deliveries of the store.

    Its digest is empty where the hub has no key yet; none is made.
    """
    is_begun = home.hub_key.is_file()
    digest = _digest(read_key(home.hub_key, "hub"), joined(bridges_in(home.bridges))) if is_begun else ""
    return Naming(digest, fingerprints_of(came))


def names_persons(delivery: Delivery, contracts: Contracts) -> bool:
    """Whether a delivery has pseudonyms; counts have none, and no epoch."""
    return bool(epochs_of(delivery, contracts))


def epochs_of(delivery: Delivery, contracts: Contracts) -> set[str]:
    """The epochs of a delivery's pseudonyms, an empty one for none that is named: extracts that come sealed have one each."""
    named = (one for one in delivery.extracts if one.name in contracts.extracts and one.kind != "nil")
    return {delivery.epoch_of(one) for one in named if PSEUDONYM in contracts.extracts[one.name].terms}


def place_key(home: Home, secret: bytes) -> None:
    """Give a home that has no key this one (the demonstration's, which is no secret)."""
    write_key(home.hub_key, Key("hub", "", secret))


def hub_key(home: Home) -> Key:
    """The hub's key, made where there is none; ``BadInput`` where the store was made with another."""
    is_begun = home.frozen("").is_dir() or home.named_by.is_file()
    if not home.hub_key.is_file():
        if is_begun:
            raise BadInput("HUB_KEY_MISSING", file=home.hub_key)
        atomic.remove_parts(home.root, [home.hub_key.name])
        write_key(home.hub_key, Key("hub", "", secrets.token_bytes(KEY_BYTES)))
    key = read_key(home.hub_key, "hub")
    if not home.named_by.is_file():
        if is_begun:
            raise BadInput("HUB_KEY_OTHER", file=home.hub_key, store=home.store)
        atomic.write_text(home.named_by, f"{key.fingerprint}\n")
    elif home.named_by.read_text("utf-8").strip() != key.fingerprint:
        raise BadInput("HUB_KEY_OTHER", file=home.hub_key, store=home.store)
    return key


def _base(deliveries: Iterable[Delivery], contracts: Contracts) -> str | None:
    """The epoch that most deliveries of the first term name, so that one which is delivered anew changes nothing."""
    came = [delivery for delivery in deliveries if names_persons(delivery, contracts)]
    first = min((delivery.term for delivery in came), default=None)
    named = Counter(epoch for delivery in came if delivery.term == first for epoch in epochs_of(delivery, contracts))
    return min(named, key=lambda epoch: (-named[epoch], epoch)) if named else None


def _digest(key: Key, former: Mapping[Place, Place]) -> str:
    told = [key.fingerprint, *sorted(f"{place} {first}" for place, first in former.items())]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
