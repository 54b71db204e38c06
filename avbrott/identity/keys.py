"""Keys of pseudonyms: made, read and named by their fingerprint. A key is never shown, and none is written over.

The county's key is shared by the providers and never held by the hub; the hub has one of its own, and one for its store. A
file says which it is, and a county's key which epoch it is for. Keys that sign and seal deliveries are ``sealing``'s.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from avbrott.delivery.package import EPOCH
from avbrott.errors import BadInput
from avbrott.key_files import in_fours, read_key_file, unreadable, write_key_file
from avbrott.model import Model

KEY_BYTES = 32

KeyKind = Literal["county", "hub", "store"]


class _KeyFile(Model):
    """The content of a key file."""

    avbrott_key: KeyKind
    epoch: str
    key: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key; its bytes are in no text of it."""

    kind: KeyKind
    epoch: str
    """What the county calls this key's time; empty for the hub's."""
    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits in fours: equal for equal keys of an epoch, and no way back to the key."""
        return in_fours(
            hmac.digest(self.secret, f"avbrott1-fingerprint|{self.kind}|{self.epoch}".encode("ascii"), "sha256").hex()
        )


def new_key(file: Path, epoch: str) -> Key:
    """Make a county's key of an epoch in a new file; ``BadInput`` where the file is there or the epoch has no such name."""
    if not EPOCH.fullmatch(epoch):
        raise BadInput("KEY_EPOCH_NAME", epoch=epoch)
    key = Key("county", epoch, secrets.token_bytes(KEY_BYTES))
    if not write_key(file, key):
        raise BadInput("KEY_FILE_EXISTS", file=file)
    return key


def write_key(file: Path, key: Key) -> bool:
    """Write a key that only its owner may read; False, and nothing is written, where ``file`` is there already."""
    return write_key_file(file, {"avbrott_key": key.kind, "epoch": key.epoch, "key": key.secret.hex()})


def read_key(file: Path, kind: KeyKind) -> Key:
    """Read a key file; ``BadInput`` says what is wrong with it, and nothing of what stands in it."""
    found = read_key_file(file, kind, _KeyFile)
    try:
        secret = bytes.fromhex(found.key)
    except ValueError:
        raise unreadable(file) from None
    if len(secret) != KEY_BYTES or (kind == "county" and not EPOCH.fullmatch(found.epoch)):
        raise unreadable(file)
    return Key(found.avbrott_key, found.epoch, secret)
