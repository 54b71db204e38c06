"""The key of a store, and what its files are called under it.

The key is made at first and lies outside the store: in the home as ``store.key``, or in the file that the setting
``AVBROTT_STORE_KEY`` names. The store says which key it was written with, so that a wrong one is told before anything is read
or written over.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from avbrott import atomic
from avbrott.at_rest import container
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.keys import KEY_BYTES, Key, read_key, write_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

SETTING = "AVBROTT_STORE_KEY"
_ROWS = ("delivered", "accepted", "quarantine", "linked", "frozen", "kept", "persons")
"""The folders of the store that hold rows of persons, or counts that were kept of them."""
_OTHERS = (".json", ".age")
"""Beside the rows of deliveries: their records, and what came sealed and is kept as it came."""
_COUNTED = "counted/*/base.parquet"


@dataclass(frozen=True, slots=True)
class Vault:
    """A store and its key."""

    store: Path
    secret: bytes = field(repr=False)
    head: bytes
    """What every file of this store begins with."""

    @classmethod
    def under(cls, store: Path, key: Key) -> Vault:
        """A store and the key that it is, or will be, encrypted with."""
        return cls(store, key.secret, container.head(key.fingerprint))

    def cipher(self, file: Path) -> AESGCMSIV:
        """The cipher of a file by its place in the store."""
        return container.cipher(self.secret, self._place(file))

    def _place(self, file: Path) -> str:
        """Where the file lies in the store; of frozen rows without the release, whose name is the last thing about it."""
        parts = file.relative_to(self.store).parts
        return "/".join((parts[0], *parts[2:]) if parts[0] == "frozen" else parts)


def store_key_file(home: Home) -> Path:
    """Where the key of this home's store lies."""
    elsewhere = os.environ.get(SETTING)
    return Path(elsewhere) if elsewhere else home.store_key


def vault_of(home: Home) -> Vault:
    """The store of this home, with its key, made where both are new; only its owner may look into it.

    ``BadInput`` where the key is lost (STORE_KEY_MISSING) or another than the store's (STORE_KEY_OTHER), and where rows lie
    there that no key was made for (STORE_PLAIN).
    """
    file = store_key_file(home)
    known = home.sealed_by.read_text("utf-8").strip() if home.sealed_by.is_file() else None
    if known is None:
        _refuse_plain(home)
        if not file.is_file():
            atomic.remove_parts(file.parent, [file.name])
            write_key(file, Key("store", "", secrets.token_bytes(KEY_BYTES)))
    elif not file.is_file():
        raise BadInput("STORE_KEY_MISSING", file=file, store=home.store)
    key = read_key(file, "store")
    if known is None:
        atomic.private_folder(home.store)
        atomic.write_text(home.sealed_by, f"{key.fingerprint}\n")
    elif known != key.fingerprint:
        raise BadInput("STORE_KEY_OTHER", file=file, store=home.store)
    return Vault.under(home.store, key)


def row_files(home: Home) -> Iterator[Path]:
    """Every file of the store that is, or should be, encrypted."""
    for folder in _ROWS:
        files = (file for file in sorted((home.store / folder).rglob("*")) if file.is_file() and file != home.linked_from)
        yield from (file for file in files if file.suffix not in _OTHERS)
    yield from sorted(home.store.glob(_COUNTED))


def _refuse_plain(home: Home) -> None:
    """``BadInput`` where a store without a key holds rows: they were written before stores were encrypted."""
    if any(row_files(home)):
        raise BadInput("STORE_PLAIN", store=home.store)
