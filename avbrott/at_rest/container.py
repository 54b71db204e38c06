"""An encrypted file: a head that names the key, then pieces of AES-256-GCM-SIV, each bound to its place and the last marked.

Equal bytes in an equal place are equal files, so that what is unchanged can be told; who has two versions of a file, and not
the key, learns which pieces of it are equal and nothing else (RFC 8452). A piece that was changed, moved, left out or added
does not open, nor does a file under another file's name. Not here: where files lie (``files``).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

MAGIC = b"AVBREST1"
KEY_NAME = 8
"""So many bytes of the key's fingerprint are in the head."""
HEAD = len(MAGIC) + KEY_NAME
PIECE = 2**20
"""So many bytes of content are encrypted together."""
_TAG = 16


class Damaged(Exception):
    """A file that was not written by the key that it names, in the place where it lies, or not as it is."""


def cipher(secret: bytes, place: str) -> AESGCMSIV:
    """The cipher of one file: its key is derived from the store's and from where the file lies."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return AESGCMSIV(HKDF(SHA256(), 32, None, f"avbrott1-at-rest|{place}".encode()).derive(secret))


def head(fingerprint: str) -> bytes:
    """What a file begins with: what it is, and the fingerprint of the key that it was written with."""
    return MAGIC + bytes.fromhex(fingerprint.replace(" ", ""))[:KEY_NAME]


class Sealing(io.RawIOBase):
    """A stream to write content to; what is encrypted goes to ``sink``. Whole once ``close`` has returned."""

    def __init__(self, sink: BinaryIO, key: AESGCMSIV, begins: bytes) -> None:
        self._sink, self._key, self._head = sink, key, begins
        self._held = bytearray()
        self._written = self._pieces = 0
        sink.write(begins)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, content: ReadableBuffer, /) -> int:
        """Take content; a piece is encrypted once another one is known to follow."""
        given = memoryview(content).cast("B")
        self._held += given
        self._written += given.nbytes
        while len(self._held) > PIECE:
            self._piece(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return given.nbytes

    def close(self) -> None:
        """Encrypt what is left, be it nothing, as the last piece."""
        if not self.closed:
            self._piece(bytes(self._held), last=True)
            self._held.clear()
        super().close()

    def _piece(self, content: bytes, *, last: bool) -> None:
        self._sink.write(self._key.encrypt(_number(self._pieces, last=last), content, self._head))
        self._pieces += 1


def opened(content: bytes, key: AESGCMSIV) -> bytes:
    """The content of an encrypted file; ``Damaged`` where any byte of it is not as it was written."""
    return b"".join(_pieces(memoryview(content), key))


def _pieces(content: memoryview, key: AESGCMSIV) -> Iterator[bytes]:
    from cryptography.exceptions import InvalidTag

    begins, place, number = bytes(content[:HEAD]), HEAD, 0
    while True:
        piece = content[place : place + PIECE + _TAG]
        place += len(piece)
        last = place >= len(content)
        if len(piece) < _TAG:
            raise Damaged
        try:
            yield key.decrypt(_number(number, last=last), piece, begins)
        except InvalidTag:
            raise Damaged from None
        if last:
            return
        number += 1


def _number(piece: int, *, last: bool) -> bytes:
    """The nonce of a piece: its place in the file, and whether it is the last."""
    return bytes([int(last)]) + piece.to_bytes(11, "big")
