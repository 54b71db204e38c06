"""What ``avbrott keys signing``, ``hub`` and ``show`` do and say: fingerprints and where things lie, and never a key."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from avbrott.errors import BadInput, ExitCode
from avbrott.home import Home
from avbrott.identity.keys import read_key
from avbrott.identity.keys_command import say, warn_if_open
from avbrott.key_files import kind_of
from avbrott.registry import Contracts
from avbrott.sealing.keys import (
    new_signing_key,
    public_file,
    read_hub_public,
    read_provider_public,
    read_reception_key,
    read_signing_key,
    reception_key,
)
from avbrott.texts import load_messages

_Said = tuple[str, dict[str, str]]
"""A text and its parameters, but the file."""


def signing_command(file: Path, provider: str, contracts: Contracts, console: Console) -> ExitCode:
    """Make a provider's key and tell its fingerprint, and where nobody is called so: a newcomer is not in the list yet."""
    key, texts = new_signing_key(file, provider), load_messages()
    public = {"public": public_file(file), "fingerprint": key.public.fingerprint}
    say(console, texts, "KEY_SIGNING_MADE", file=file, provider=provider, **public)
    say(console, texts, "KEY_SIGNING_WINDOWS" if os.name == "nt" else "KEY_SIGNING_MODE", file=file, **public)
    if provider not in contracts.suppliers.by_id:
        listed = contracts.folder / "suppliers.yaml"
        say(console, texts, "KEY_SIGNING_UNKNOWN", file=file, provider=provider, listed=listed, **public)
    return ExitCode.DONE


def hub_command(home: Home, console: Console) -> ExitCode:
    """Make the hub's key where there is none, and tell where its public half lies."""
    key = reception_key(home)
    told = {"public": home.hub_public, "fingerprint": key.public.fingerprint}
    say(console, load_messages(), "KEY_HUB_MADE", file=home.reception_key, providers=home.provider_key("ID"), **told)
    warn_if_open(home.reception_key, console, load_messages())
    return ExitCode.DONE


def show_command(file: Path, console: Console) -> ExitCode:
    """Tell what a key is and its fingerprint, whichever kind it is of."""
    kind, texts = kind_of(file), load_messages()
    if kind not in _SHOWN:
        raise BadInput("KEY_FILE_UNREADABLE", file=file)
    code, told = _SHOWN[kind](file)
    say(console, texts, code, file=file, **told)
    if not kind.endswith("_public"):
        warn_if_open(file, console, texts)
    return ExitCode.DONE


def _county(file: Path) -> _Said:
    key = read_key(file, "county")
    return "KEY_SHOWN", {"epoch": key.epoch, "fingerprint": key.fingerprint}


def _hub(file: Path) -> _Said:
    return "KEY_SHOWN_HUB", {"fingerprint": read_key(file, "hub").fingerprint}


def _signing(file: Path) -> _Said:
    key = read_signing_key(file)
    return "KEY_SHOWN_SIGNING", {"provider": key.provider, "fingerprint": key.public.fingerprint}


def _provider_public(file: Path) -> _Said:
    key = read_provider_public(file)
    return "KEY_SHOWN_PROVIDER_PUBLIC", {"provider": key.provider, "fingerprint": key.fingerprint}


def _reception(file: Path) -> _Said:
    return "KEY_SHOWN_RECEPTION", {"fingerprint": read_reception_key(file).public.fingerprint}


def _hub_public(file: Path) -> _Said:
    return "KEY_SHOWN_HUB_PUBLIC", {"fingerprint": read_hub_public(file).fingerprint}


_SHOWN: dict[str, Callable[[Path], _Said]] = {
    "county": _county,
    "hub": _hub,
    "provider": _signing,
    "provider_public": _provider_public,
    "reception": _reception,
    "hub_public": _hub_public,
}
