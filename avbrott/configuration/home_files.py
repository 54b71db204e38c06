"""What is wrong with a home: its settings, the secrets that they name, keys and their modes, bridges, accounts.

Nothing is made or changed here, and no secret is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from avbrott.access.accounts import look_at_accounts
from avbrott.access.openid_settings import read_openid
from avbrott.access.settings import Access
from avbrott.at_rest.vault import store_key_file
from avbrott.delivery.sources import Place, read_sources, source_problems, told_at
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.bridge import bridges_in, joined, read_bridge
from avbrott.identity.keys import read_key
from avbrott.key_files import is_open_to_others
from avbrott.registry import Contracts
from avbrott.sealing.keys import read_hub_public, read_provider_public, read_reception_key
from avbrott.suppliers import Suppliers
from avbrott.transport.target import look_at
from avbrott.upkeep.alerts import read_alerts


def settings(home: Home, suppliers: Suppliers | None) -> Iterator[BadInput]:
    """What is wrong with ``sources.yaml``, ``alerts.yaml`` and ``openid.yaml``, and with the secrets that they name."""
    wrong = source_problems(home, suppliers)
    yield from wrong
    if not wrong and suppliers is not None:
        for provider, place in read_sources(home, suppliers).items():
            secret = [wrong for file in (place.access.key, place.access.token) for wrong in _secret(file)]
            yield from secret or _way_in(home, provider, place)
    for read in (read_alerts, read_openid):
        try:
            found = read(home)
        except BadInput as problem:
            yield problem
        else:
            yield from _secret(found.secret(home) if found is not None else None)


def keys(home: Home, suppliers: Suppliers | None) -> Iterator[BadInput]:
    """What is wrong with keys: missing though they were made, damaged, others', or open to others' eyes."""
    yield from _own(home.hub_key, home.named_by, lambda: read_key(home.hub_key, "hub").fingerprint, "HUB_KEY", home)
    store = store_key_file(home)
    yield from _own(store, home.sealed_by, lambda: read_key(store, "store").fingerprint, "STORE_KEY", home)
    yield from _reception(home)
    if home.seed.is_file():
        if is_open_to_others(home.seed):
            yield BadInput("KEY_OPEN_TO_OTHERS", file=home.seed)
    elif any(home.releases.glob("*/manifest.json")):
        yield BadInput("SEED_MISSING", file=home.seed)
    for file in sorted(home.provider_key("-").parent.glob("*.pub")):
        try:
            there = read_provider_public(file).provider
        except BadInput as problem:
            yield problem
            continue
        if there != file.stem:
            yield BadInput("KEY_OTHER_PROVIDER", file=file, provider=file.stem, there=there)
        elif suppliers is not None and there not in suppliers.by_id:
            yield BadInput("KEY_PROVIDER_UNKNOWN", file=file, provider=there)


def bridges(home: Home) -> Iterator[BadInput]:
    """Bridges that cannot be used, each with its line; and whether they contradict each other."""
    wrong = [problem for file in sorted(home.bridges.glob("*.csv")) for problem in _problems(partial(read_bridge, file))]
    yield from wrong or _problems(lambda: joined(bridges_in(home.bridges)))


def accounts(home: Home, contracts: Contracts, access: Access) -> Iterator[BadInput]:
    """What is wrong with the file of accounts, and with whom they are for."""
    if home.accounts.exists():
        if is_open_to_others(home.accounts):
            yield BadInput("KEY_OPEN_TO_OTHERS", file=home.accounts)
        yield from look_at_accounts(home, contracts, access)


def _own(file: Path, known_by: Path, fingerprint: Callable[[], str], code: str, home: Home) -> Iterator[BadInput]:
    """A key of the hub's own, which the store knows by its fingerprint."""
    if not file.is_file():
        if known_by.is_file():
            yield BadInput(f"{code}_MISSING", file=file, store=home.store)
        return
    if is_open_to_others(file):
        yield BadInput("KEY_OPEN_TO_OTHERS", file=file)
    try:
        if known_by.is_file() and known_by.read_text("utf-8").strip() != fingerprint():
            yield BadInput(f"{code}_OTHER", file=file, store=home.store)
        fingerprint()
    except BadInput as problem:
        yield problem


def _reception(home: Home) -> Iterator[BadInput]:
    file = home.reception_key
    if not file.is_file():
        if home.hub_public.exists():
            yield BadInput("KEY_FILE_MISSING", file=file)
        return
    if is_open_to_others(file):
        yield BadInput("KEY_OPEN_TO_OTHERS", file=file)
    try:
        public = read_reception_key(file).public
        if home.hub_public.exists() and read_hub_public(home.hub_public) != public:
            yield BadInput("KEY_PUBLIC_OTHER", file=home.hub_public, key=file)
    except BadInput as problem:
        yield problem


def _secret(file: Path | None) -> Iterator[BadInput]:
    """A file that a setting names and that holds a secret."""
    if file is None:
        return
    if not file.is_file():
        yield BadInput("SECRET_MISSING", file=file)
    elif is_open_to_others(file):
        yield BadInput("KEY_OPEN_TO_OTHERS", file=file)


def _way_in(home: Home, provider: str, place: Place) -> Iterator[BadInput]:
    """What is wrong with what a provider's distant place is come in at with, told where the place is named."""
    if place.target is None:
        return
    try:
        look_at(place.target, place.access)
    except BadInput as problem:
        yield told_at(home, provider, problem)


def _problems(read: Callable[[], object]) -> list[BadInput]:
    try:
        read()
    except BadInput as problem:
        return [problem]
    return []
