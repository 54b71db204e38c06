"""A place that files are laid at and fetched from. What carries them there is in ``folder``, ``sftp`` and ``s3``.

Names are relative to the place and have ``/`` between folders. A file is there whole or not at all; what is on its way has a
name of its own that ends in ``.part`` and is listed nowhere, so that two who write at once do not write into one file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from avbrott.errors import BadInput
from avbrott.progress import report
from avbrott.transport.address import FolderAddress, HttpsAddress, S3Address, SftpAddress, read_address

if TYPE_CHECKING:
    from avbrott.transport.s3 import S3Target

PART = ".part"
_SIGNS = 16
"""So much of a sum stands in the name of a part."""
_BETWEEN = re.compile("(?:[.][0-9a-f]{16}(?:[.][0-9a-f]+)?)?")
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
    key: Path | None = None
    """The private key to come in with at an SFTP server; None: the environment says."""
    profile: str | None = None
    """The profile of AWS' own files to use for S3; None: the environment says."""
    token: Path | None = None
    """The file whose content a web server is shown as a bearer's token."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies whole in a folder of a place, without paths."""

    folders: tuple[str, ...]
    files: Mapping[str, str]
    """By name, what the place says of it that changes when its content does."""


class Target(Protocol):
    """An open place. Every method raises ``BadInput`` where the place cannot be used, and says why."""

    @property
    def where(self) -> str:
        """What the place is called in messages."""

    def names(self, folder: str) -> list[str]:
        """The files that lie whole in ``folder``, sorted, without its path; none where it is not there."""

    def listing(self, folder: str, most: int | None = None) -> Listing:
        """The folders and files that lie in ``folder``, sorted by name.

        Where it has more than ``most`` names nothing more is asked of it (``LAID_TOO_MANY``).
        """

    def size(self, name: str) -> int | None:
        """How many bytes a file has; None where it is not there."""

    def read(self, name: str, most: int | None = None) -> bytes:
        """A file's content, of which at most the first ``most`` bytes are fetched."""

    def write(self, name: str, content: bytes) -> None:
        """Lay ``content`` as ``name``, in place of what was called so: whole, or not at all."""

    def lay(self, name: str, content: bytes) -> bool:
        """Lay ``content`` as ``name`` where nothing is called so; whether it lies there then, and not something else."""

    def give_up(self, name: str, content_sum: str) -> None:
        """Take away what an interrupted upload left of the content with this sum (``digests.sum_of``)."""


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
    elif isinstance(address, HttpsAddress):
        with _needing("hub", "requests"):
            from avbrott.transport.https import HttpsTarget
        yield HttpsTarget(address, access)
    else:
        with _needing("s3", "boto3"):
            from avbrott.transport.s3 import S3Target
        yield S3Target(address, access)


def look_at(text: str, access: Access) -> None:
    """``BadInput`` where what one would come in with at a TARGET cannot be used. Nothing is asked of the place itself."""
    address = read_address(text)
    if isinstance(address, SftpAddress):
        with _needing("sftp", "paramiko"):
            from avbrott.transport import sftp_login
        sftp_login.look_at(address, access)
    elif isinstance(address, HttpsAddress):
        with _needing("hub", "requests"):
            from avbrott.transport.https import HttpsTarget
        HttpsTarget(address, access)
    elif not isinstance(address, FolderAddress):
        with _needing("s3", "boto3"):
            from avbrott.transport.s3 import S3Target
        S3Target(address, access)


def bucket(text: str) -> S3Target | None:
    """The bucket that a TARGET says, for as long as the program runs; None where it says another place."""
    address = read_address(text)
    if not isinstance(address, S3Address):
        return None
    with _needing("s3", "boto3"):
        from avbrott.transport.s3 import S3Target
    return S3Target(address, Access())


@contextmanager
def _needing(extra: str, library: str) -> Iterator[None]:
    """Say what to install where the library of an address is missing."""
    try:
        yield
    except ModuleNotFoundError:
        raise BadInput("TARGET_NEEDS_EXTRA", extra=extra, library=library) from None


def refuse_many(found: int, most: int | None, where: str, folder: str) -> None:
    """``BadInput`` where so many names were found in a folder of a place, and fewer are looked at."""
    if most is not None and found > most:
        raise BadInput("LAID_TOO_MANY", folder=f"{where.rstrip('/')}/{folder}", most=most)


def told_in_pieces(content: bytes, size: int, write: Callable[[bytes], object], begin: int = 0) -> None:
    """Write ``content`` from ``begin`` in pieces of ``size``, and tell how far it has come."""
    whole = memoryview(content)
    for place in range(begin, len(content), size):
        report(STAGE_SENT, place, len(content))
        write(bytes(whole[place : place + size]))
    report(STAGE_SENT, len(content), len(content))


def part_begins(name: str, content_sum: str) -> str:
    """How the name begins under which a content is on its way to be called ``name``."""
    return f"{name}.{content_sum[:_SIGNS]}"


def is_part_of(name: str, file: str) -> bool:
    """Whether ``file`` is called as what is on its way, or was left on its way, to be called ``name``."""
    between = file.removeprefix(name).removesuffix(PART)
    return file == f"{name}{between}{PART}" and _BETWEEN.fullmatch(between) is not None


def is_there_as(target: Target, name: str, content: bytes) -> bool | None:
    """Whether ``name`` has this content; None where nothing is called so."""
    size = target.size(name)
    return None if size is None else size == len(content) and target.read(name, size + 1) == content


def is_whole(name: str) -> bool:
    """Whether a file of this name is one that was laid: not the rest of one, nor what a server makes up to lead elsewhere.

    Nor what a screen or a log would obey: signs of control, or bytes that are no text.
    """
    return name.isprintable() and not name.endswith(PART) and not name.startswith(".") and not {"/", "\\"} & set(name)
