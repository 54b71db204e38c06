"""Opening a sealed delivery. Every step looks at no more than the step before it vouched for, and whatever fails has a code.

Decrypt, look at the archive, verify the signature of the package, read the package, hold the rows' bytes against it, hold all
of it against the name of the file. What the rows say is ``delivery``'s.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from avbrott.delivery.package import PACKAGE
from avbrott.errors import BadInput
from avbrott.sealing.archive import LARGEST, NoArchive, unpack
from avbrott.sealing.keys import SIGNATURE_BYTES, ProviderPublic, ReceptionKey
from avbrott.sealing.package import LARGEST_PACKAGE, SealedName, Statement, read_package
from avbrott.sealing.seal import SIGNATURE

_BEGINS = b"age-encryption.org/v1\n"
_LONGEST_HEADER = 8192
"""Bytes in which the header of an age file for one recipient ends: each recipient that it lists costs time to try."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A delivery whose signature holds and whose parts agree."""

    statement: Statement
    data: bytes | None
    """The Parquet file; None for nil and withdrawal."""
    digest: str
    """The sum of its package."""


def open_sealed(name: str, content: bytes, hub: ReceptionKey, sender: ProviderPublic) -> Opened:
    """Open a delivery that lies under ``name``, as from the provider that ``sender`` is the registered key of.

    ``BadInput`` with a code ``SEALED_...`` (``contracts/texts/messages_sealing.yaml``) where anything is not as it must be.
    """
    called = SealedName.parse(name)
    if called is None:
        raise BadInput("SEALED_NAME")
    members = members_of(content, hub)
    package, signature = members[PACKAGE], members[SIGNATURE]
    if not sender.verifies(signature, package):
        raise BadInput("SEALED_SIGNATURE")
    found = read_package(package)
    if found is None:
        raise BadInput("SEALED_PACKAGE")
    said = found.statement
    if said.provider != sender.provider:
        raise BadInput("SEALED_SENDER")
    if called != SealedName(said.provider, said.term, said.extract, said.number):
        raise BadInput("SEALED_DISAGREES")
    if members.keys() != {PACKAGE, SIGNATURE} | ({said.data_name} if said.kind == "data" else set()):
        raise BadInput("SEALED_ARCHIVE")
    data = members.get(said.data_name)
    if data is not None and (len(data), hashlib.sha256(data).hexdigest()) != (found.bytes, found.sha256):
        raise BadInput("SEALED_DATA")
    return Opened(said, data, hashlib.sha256(package).hexdigest())


def members_of(content: bytes, hub: ReceptionKey) -> dict[str, bytes]:
    """The members of a sealed file, package and signature among them: decrypted, and nothing of them verified.

    ``BadInput``: ``SEALED_TOO_LARGE``, ``SEALED_NOT_OPENED`` or ``SEALED_ARCHIVE``.
    """
    if len(content) > LARGEST:
        raise BadInput("SEALED_TOO_LARGE")
    try:
        members = unpack(_decrypted(content, hub))
    except NoArchive as error:
        raise BadInput("SEALED_TOO_LARGE" if error.is_too_large else "SEALED_ARCHIVE") from None
    if len(members.get(PACKAGE, b"")) > LARGEST_PACKAGE:
        raise BadInput("SEALED_PACKAGE")
    if PACKAGE not in members or len(members.get(SIGNATURE, b"")) != SIGNATURE_BYTES:
        raise BadInput("SEALED_ARCHIVE")
    return members


def _decrypted(content: bytes, hub: ReceptionKey) -> bytes:
    import pyrage

    if not content.startswith(_BEGINS) or content.find(b"\n--- ", 0, _LONGEST_HEADER) < 0:
        raise BadInput("SEALED_NOT_OPENED")
    try:
        plain: bytes = pyrage.decrypt(content, [pyrage.x25519.Identity.from_str(hub.age)])
    except pyrage.DecryptError:
        raise BadInput("SEALED_NOT_OPENED") from None
    return plain
