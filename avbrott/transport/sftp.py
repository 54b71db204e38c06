"""A folder at an SFTP server as a target: waited for so long, tried again so often, and an upload taken up where it broke.

How one comes in is ``sftp_login``'s. What a server answers that is neither yes, missing nor forbidden is told as a failure:
OpenSSH says no more of a disk that is full.
"""

from __future__ import annotations

import errno
import hashlib
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from posixpath import join, split
from typing import TypeVar

import paramiko

from avbrott.errors import BadInput
from avbrott.transport.address import SftpAddress
from avbrott.transport.sftp_login import logged_in
from avbrott.transport.target import PART, Access, is_whole, told_in_pieces

T = TypeVar("T")

_PIECE = 32768
"""What every server takes in one request."""
_WINDOW = 128 * _PIECE
_LOST = (EOFError, TimeoutError, ConnectionError, paramiko.SSHException)
_MISSING = errno.ENOENT
_FORBIDDEN = errno.EACCES


class SftpTarget:
    """Connects when it is first asked for something."""

    def __init__(self, address: SftpAddress, access: Access) -> None:
        self._address, self._access = address, access
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    @property
    def where(self) -> str:
        return str(self._address)

    def close(self) -> None:
        """End the session; the next question begins another."""
        client, self._client, self._sftp = self._client, None, None
        if client is not None:
            client.close()

    def names(self, folder: str) -> list[str]:
        def listed(sftp: paramiko.SFTPClient) -> list[str]:
            try:
                entries = sftp.listdir_attr(self._path(folder))
            except FileNotFoundError:
                return []
            return sorted(one.filename for one in entries if is_whole(one.filename) and _is_file(one))

        return self._tried(listed)

    def size(self, name: str) -> int | None:
        return self._tried(lambda sftp: _size(sftp, self._path(name)))

    def read(self, name: str, most: int | None = None) -> bytes:
        def fetched(sftp: paramiko.SFTPClient) -> bytes:
            try:
                return _content(sftp, self._path(name), most)
            except FileNotFoundError:
                raise BadInput("TARGET_FILE_MISSING", target=self.where, file=name) from None

        return self._tried(fetched)

    def write(self, name: str, content: bytes) -> None:
        path, is_up = self._path(name), False
        part = path + PART

        def laid(sftp: paramiko.SFTPClient) -> None:
            nonlocal is_up
            if is_up and _size(sftp, part) is None and _size(sftp, path) == len(content):
                return  # it was renamed, and the answer never came
            is_up = False
            self._make_folders(sftp, split(name)[0])
            _fill(sftp, part, content)
            is_up = True
            _rename(sftp, part, path)

        self._tried(laid)

    def remove(self, name: str) -> None:
        def removed(sftp: paramiko.SFTPClient) -> None:
            for path in (self._path(name), self._path(name) + PART):
                with suppress(FileNotFoundError):
                    sftp.remove(path)

        self._tried(removed)

    def _path(self, name: str) -> str:
        return join(self._address.root, name)

    def _make_folders(self, sftp: paramiko.SFTPClient, folder: str) -> None:
        """``folder`` and what is above it, within the place."""
        if not folder:
            return
        self._make_folders(sftp, split(folder)[0])
        path = self._path(folder)
        if _size(sftp, path) is None:
            try:
                sftp.mkdir(path)
            except OSError:  # made by another in between, or told as what it is
                if _size(sftp, path) is None:
                    raise

    def _tried(self, work: Callable[[paramiko.SFTPClient], T]) -> T:
        """Do ``work``, anew with a new session where the old one is lost; as often as there is patience."""
        for pause in (*self._access.patience.pauses, None):
            try:
                return work(self._session())
            except BadInput:
                self.close()
                raise
            except (OSError, EOFError, paramiko.SSHException) as error:
                is_lost = self._is_lost(error)
                self.close()
                if not is_lost:
                    raise self._told(error) from None
                if pause is None:
                    attempts = len(self._access.patience.pauses) + 1
                    raise BadInput("TARGET_LOST", target=self.where, attempts=attempts, kind=_kind(error)) from None
                time.sleep(pause)
        raise AssertionError  # the last attempt returns or raises

    def _session(self) -> paramiko.SFTPClient:
        if self._sftp is None:
            self._client = logged_in(self._address, self._access)
            sftp = self._client.open_sftp()
            channel = sftp.get_channel()
            assert channel is not None
            channel.settimeout(self._access.patience.answer_seconds)
            if _size(sftp, self._address.root) is None:
                raise BadInput("TARGET_MISSING", target=self.where)
            self._sftp = sftp
        return self._sftp

    def _is_lost(self, error: Exception) -> bool:
        transport = self._client.get_transport() if self._client is not None else None
        return isinstance(error, _LOST) or transport is None or not transport.is_active()

    def _told(self, error: Exception) -> BadInput:
        if isinstance(error, OSError) and error.errno == _FORBIDDEN:
            return BadInput("TARGET_FORBIDDEN", target=self.where)
        return BadInput("TARGET_REFUSED_WRITE", target=self.where)


def _size(sftp: paramiko.SFTPClient, path: str) -> int | None:
    try:
        return sftp.stat(path).st_size or 0
    except FileNotFoundError:
        return None


def _is_file(entry: paramiko.SFTPAttributes) -> bool:
    """Whether a name is a file's; a server that does not tell lists files."""
    return entry.st_mode is None or stat.S_ISREG(entry.st_mode)


def _content(sftp: paramiko.SFTPClient, path: str, most: int | None) -> bytes:
    with sftp.open(path, "rb") as stream:
        there = stream.stat().st_size or 0
        wanted = there if most is None else min(there, most)
        pieces: list[bytes] = []
        for begin in range(0, wanted, _WINDOW):  # asked for together; paramiko's time for more grows with their square
            end = min(begin + _WINDOW, wanted)
            pieces += stream.readv([(place, min(_PIECE, end - place)) for place in range(begin, end, _PIECE)])
        return b"".join(pieces)


def _fill(sftp: paramiko.SFTPClient, part: str, content: bytes) -> None:
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
    if _size(sftp, part) != len(content):
        raise OSError("short")


def _agreed(sftp: paramiko.SFTPClient, part: str, content: bytes) -> int:
    """How many bytes of ``content`` lie in ``part`` already; 0 where something else does, or what does may not be seen."""
    try:
        there = _size(sftp, part)
        if not there or there > len(content):
            return 0
        found = _content(sftp, part, None)
    except PermissionError:
        return 0
    same = hashlib.sha256(found).digest() == hashlib.sha256(memoryview(content)[: len(found)]).digest()
    return len(found) if same else 0


def _rename(sftp: paramiko.SFTPClient, part: str, path: str) -> None:
    try:
        sftp.posix_rename(part, path)
    except (FileNotFoundError, PermissionError):
        raise
    except OSError:  # a server that renames onto nothing that is there
        with suppress(FileNotFoundError):
            sftp.remove(path)
        sftp.rename(part, path)


def _kind(error: Exception) -> str:
    return type(error).__name__
