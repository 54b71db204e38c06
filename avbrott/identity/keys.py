"""Key files: made, read and named by their fingerprint. A key is never shown, and no file that is there is written over.

The county's key is shared by the providers and never held by the hub; the hub has one of its own. A file says which it is,
and a county's key which epoch it is for.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from avbrott.atomic import json_bytes, sync_folder
from avbrott.delivery.package import EPOCH
from avbrott.errors import BadInput
from avbrott.model import Model

KEY_BYTES = 32

KeyKind = Literal["county", "hub"]


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
        told = hmac.digest(self.secret, f"avbrott1-fingerprint|{self.kind}|{self.epoch}".encode("ascii"), "sha256").hex()
        return " ".join(told[place : place + 4] for place in range(0, 16, 4))


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
    content = json_bytes({"avbrott_key": key.kind, "epoch": key.epoch, "key": key.secret.hex()})
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=file.parent)
    except OSError:
        raise BadInput("KEY_FILE_UNWRITABLE", file=file) from None
    whole = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if not _named(whole, file):
            return False
        sync_folder(file.parent)
    except OSError:
        raise BadInput("KEY_FILE_UNWRITABLE", file=file) from None
    finally:
        whole.unlink(missing_ok=True)
    return True


def _named(whole: Path, file: Path) -> bool:
    """Give a whole file its name unless something has it: by a second name, or where a disk has none, by moving."""
    try:
        os.link(whole, file)
    except FileExistsError:
        return False
    except OSError:  # exFAT and some network drives
        if file.exists():
            return False
        whole.rename(file)
    return True


def read_key(file: Path, kind: KeyKind) -> Key:
    """Read a key file; ``BadInput`` says what is wrong with it, and nothing of what stands in it."""
    if not file.is_file():
        raise BadInput("KEY_FILE_MISSING", file=file)
    try:
        found = _KeyFile.model_validate_json(file.read_bytes())
        secret = bytes.fromhex(found.key)
    except (OSError, ValidationError, ValueError):
        raise BadInput("KEY_FILE_UNREADABLE", file=file) from None
    if found.avbrott_key != kind:
        raise BadInput("KEY_OTHER_KIND", file=file)
    if len(secret) != KEY_BYTES or (kind == "county" and not EPOCH.fullmatch(found.epoch)):
        raise BadInput("KEY_FILE_UNREADABLE", file=file)
    return Key(found.avbrott_key, found.epoch, secret)


def is_open_to_others(file: Path) -> bool:
    """Whether somebody else may read the file, as far as the system knows modes (Windows does not)."""
    return os.name == "posix" and bool(file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
