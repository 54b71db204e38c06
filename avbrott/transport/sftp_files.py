"""Files at an SFTP server: read, filled from where an upload broke off, and given their names. The session is ``sftp``'s."""

from __future__ import annotations

import hashlib
import stat
from contextlib import suppress
from typing import Any

import paramiko
from paramiko.sftp import CMD_READDIR

from avbrott.transport.target import told_in_pieces
from avbrott.transport.watch import Watch

_PIECE = 32768
"""What every server takes in one request."""
_WINDOW = 128 * _PIECE


class TooMany(Exception):
    """A folder has more names than are looked at."""


class Session(paramiko.SFTPClient):  # type: ignore[misc]  # of which paramiko tells no types
    """A session that any name can be shown to: of one that is not UTF-8 the bytes stay apart from every text."""

    _left: int | None = None

    def entries(self, path: str, most: int | None) -> list[paramiko.SFTPAttributes]:
        """What a folder has; ``TooMany`` as soon as it is more than ``most``."""
        self._left = None if most is None else most + len((".", ".."))
        return list(self.listdir_attr(path))

    def _request(self, t: int, *args: Any) -> Any:
        kind, answer = super()._request(t, *args)
        if t == CMD_READDIR:
            if self._left is not None:
                self._left -= max(1, int.from_bytes(answer.get_remainder()[:4], "big"))
                if self._left < 0:
                    raise TooMany
            answer.get_text = lambda: answer.get_string().decode("utf-8", "surrogateescape")
        return kind, answer


def size_of(sftp: paramiko.SFTPClient, path: str) -> int | None:
    """How many bytes a file has; None where it is not there."""
    try:
        return sftp.stat(path).st_size or 0
    except FileNotFoundError:
        return None


def is_file(entry: paramiko.SFTPAttributes) -> bool:
    """Whether a name is a file's; a server that does not tell lists files."""
    return entry.st_mode is None or stat.S_ISREG(entry.st_mode)


def is_folder(entry: paramiko.SFTPAttributes) -> bool:
    """Whether a name is a folder's."""
    return entry.st_mode is not None and stat.S_ISDIR(entry.st_mode)


def content_of(sftp: paramiko.SFTPClient, path: str, most: int | None, watch: Watch | None = None) -> bytes:
    """What a file holds, of which at most the first ``most`` bytes are fetched."""
    with sftp.open(path, "rb") as stream:
        there = stream.stat().st_size or 0
        wanted = there if most is None else min(there, most)
        pieces: list[bytes] = []
        for begin in range(0, wanted, _WINDOW):  # asked for together; paramiko's time for more grows with their square
            end = min(begin + _WINDOW, wanted)
            if watch is not None:
                watch.allow(end - begin)
            pieces += stream.readv([(place, min(_PIECE, end - place)) for place in range(begin, end, _PIECE)])
        return b"".join(pieces)


def fill(sftp: paramiko.SFTPClient, part: str, content: bytes) -> None:
    """Make ``part`` hold ``content``, from where it breaks off if it begins as that does, and see that it is all there."""
    begin = _agreed(sftp, part, content)
    with sftp.open(part, "r+b" if begin else "wb") as stream:
        stream.seek(begin)
        stream.set_pipelined(True)  # without waiting for each answer

        def write(piece: bytes) -> None:
            if stream.tell() + len(piece) == len(content):
                stream.set_pipelined(False)  # now for all of them, a refusal among them
            stream.write(piece)

        told_in_pieces(content, _PIECE, write, begin)
    if size_of(sftp, part) != len(content):
        raise OSError("short")


def _agreed(sftp: paramiko.SFTPClient, part: str, content: bytes) -> int:
    """How many bytes of ``content`` lie in ``part`` already; 0 where something else does, or what does may not be seen."""
    try:
        there = size_of(sftp, part)
        if not there or there > len(content):
            return 0
        found = content_of(sftp, part, None)
    except PermissionError:
        return 0
    same = hashlib.sha256(found).digest() == hashlib.sha256(memoryview(content)[: len(found)]).digest()
    return len(found) if same else 0


def rename(sftp: paramiko.SFTPClient, part: str, path: str) -> None:
    """Call a part ``path``, in place of what was called so."""
    try:
        sftp.posix_rename(part, path)
    except (FileNotFoundError, PermissionError):
        raise
    except OSError:  # a server that renames onto nothing that is there
        with suppress(FileNotFoundError):
            sftp.remove(path)
        sftp.rename(part, path)
