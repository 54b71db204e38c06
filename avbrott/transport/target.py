"""A place that files are laid at and fetched from. What carries them there is in ``folder``, ``sftp`` and ``s3``.

Names are relative to the place and have ``/`` between folders. A file is there whole or not at all; what an interrupted
upload left is called ``.part``, is taken up by the next one, and is listed nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from avbrott.errors import BadInput
from avbrott.progress import report
from avbrott.transport.address import FolderAddress, SftpAddress, read_address

PART = ".part"
STAGE_SENT = "sent"
"""What ``progress`` hears of an upload, in bytes."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a network is waited for, and how often it is tried again."""

    connect_seconds: float = 15.0
    answer_seconds: float = 60.0
    pauses: tuple[float, ...] = (1.0, 3.0, 9.0)
    """Before each further attempt."""


@dataclass(frozen=True, slots=True)
class Access:
    """How one comes in, but for passwords and keys: those are of the environment."""

    known_hosts: Path | None = None
    """OpenSSH's file of servers' keys; None: the user's own."""
    host_key: str | None = None
    """The fingerprint (``SHA256:...``) of the key that the server must have, in place of a file."""
    patience: Patience = Patience()


class Target(Protocol):
    """An open place. Every method raises ``BadInput`` where the place cannot be used, and says why."""

    @property
    def where(self) -> str:
        """What the place is called in messages."""

    def names(self, folder: str) -> list[str]:
        """The files that lie whole in ``folder``, sorted, without its path; none where it is not there."""

    def size(self, name: str) -> int | None:
        """How many bytes a file has; None where it is not there."""

    def read(self, name: str, most: int | None = None) -> bytes:
        """A file's content, of which at most the first ``most`` bytes are fetched."""

    def write(self, name: str, content: bytes) -> None:
        """Lay ``content`` as ``name``, in place of what was called so: whole, or not at all."""

    def remove(self, name: str) -> None:
        """Take a file away, and what an interrupted upload left of it; nothing where it is not there."""


@contextmanager
def opened(text: str, access: Access | None = None) -> Iterator[Target]:
    """The place that a TARGET says, for as long as the block runs."""
    address, access = read_address(text), access or Access()
    if isinstance(address, FolderAddress):
        from avbrott.transport.folder import FolderTarget

        yield FolderTarget(address.folder)
    elif isinstance(address, SftpAddress):
        with _needing("sftp", "paramiko"):
            from avbrott.transport.sftp import SftpTarget
        target = SftpTarget(address, access)
        try:
            yield target
        finally:
            target.close()
    else:
        with _needing("s3", "boto3"):
            from avbrott.transport.s3 import S3Target
        yield S3Target(address, access.patience)


@contextmanager
def _needing(extra: str, library: str) -> Iterator[None]:
    """Say what to install where the library of an address is missing."""
    try:
        yield
    except ModuleNotFoundError:
        raise BadInput("TARGET_NEEDS_EXTRA", extra=extra, library=library) from None


def told_in_pieces(content: bytes, size: int, write: Callable[[bytes], object], begin: int = 0) -> None:
    """Write ``content`` from ``begin`` in pieces of ``size``, and tell how far it has come."""
    whole = memoryview(content)
    for place in range(begin, len(content), size):
        report(STAGE_SENT, place, len(content))
        write(bytes(whole[place : place + size]))
    report(STAGE_SENT, len(content), len(content))


def is_whole(name: str) -> bool:
    """Whether a file of this name is one that was laid: not the rest of one, nor what a server makes up to lead elsewhere."""
    return not name.endswith(PART) and not name.startswith(".") and not {"/", "\\"} & set(name)
