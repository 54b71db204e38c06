"""A folder at an SFTP server as a target: waited for so long, tried again so often, and an upload taken up where it broke.

How one comes in is ``sftp_login``'s. What a server answers that is neither yes, missing nor forbidden is told as a failure:
OpenSSH says no more of a disk that is full.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from contextlib import suppress
from posixpath import join, split
from typing import TypeVar

import paramiko

from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.transport.address import SftpAddress
from avbrott.transport.sftp_files import Session, TooMany, content_of, fill, is_file, is_folder, rename, size_of
from avbrott.transport.sftp_login import logged_in
from avbrott.transport.target import PART, Access, Listing, is_part_of, is_there_as, is_whole, part_begins
from avbrott.transport.watch import Watch, watched

T = TypeVar("T")

_LOST = (EOFError, TimeoutError, ConnectionError, paramiko.SSHException)
_MISSING = errno.ENOENT
_FORBIDDEN = errno.EACCES


class SftpTarget:
    """Connects when it is first asked for something."""

    def __init__(self, address: SftpAddress, access: Access) -> None:
        self._address, self._access = address, access
        self._client: paramiko.SSHClient | None = None
        self._sftp: Session | None = None

    @property
    def where(self) -> str:
        return str(self._address)

    def close(self) -> None:
        """End the session; the next question begins another."""
        client, self._client, self._sftp = self._client, None, None
        if client is not None:
            client.close()

    def names(self, folder: str) -> list[str]:
        return list(self.listing(folder).files)

    def listing(self, folder: str, most: int | None = None) -> Listing:
        def listed(sftp: Session, watch: Watch) -> Listing:  # noqa: ARG001  every question's form
            try:
                entries = sftp.entries(self._path(folder), most)
            except FileNotFoundError:
                return Listing((), {})
            except TooMany:
                raise BadInput("LAID_TOO_MANY", folder=f"{self.where.rstrip('/')}/{folder}", most=most) from None
            entries = sorted((one for one in entries if is_whole(one.filename)), key=lambda one: one.filename)
            files = {one.filename: f"{one.st_size} {one.st_mtime}" for one in entries if is_file(one)}
            return Listing(tuple(one.filename for one in entries if is_folder(one)), files)

        return self._asked(listed)

    def size(self, name: str) -> int | None:
        return self._asked(lambda sftp, _: size_of(sftp, self._path(name)))

    def read(self, name: str, most: int | None = None) -> bytes:
        def fetched(sftp: Session, watch: Watch) -> bytes:
            try:
                return content_of(sftp, self._path(name), most, watch)
            except FileNotFoundError:
                raise BadInput("TARGET_FILE_MISSING", target=self.where, file=name) from None

        return self._asked(fetched)

    def write(self, name: str, content: bytes) -> None:
        path, is_up = self._path(name), False

        def written(sftp: paramiko.SFTPClient) -> None:
            nonlocal is_up
            if is_up and size_of(sftp, part) is None and size_of(sftp, path) == len(content):
                return  # it was renamed, and the answer never came
            is_up = False
            self._make_folders(sftp, split(name)[0])
            fill(sftp, part, content)
            is_up = True
            rename(sftp, part, path)

        part = self._part(path, content)
        self._tried(written)
        self._sweep(name)

    def lay(self, name: str, content: bytes) -> bool:
        path = self._path(name)
        part = self._part(path, content)

        def laid(sftp: paramiko.SFTPClient) -> bool:
            self._make_folders(sftp, split(name)[0])
            if size_of(sftp, path) is not None:  # another's, or this one, and the answer never came
                return False
            try:
                fill(sftp, part, content)
                sftp.rename(part, path)  # by the protocol onto nothing that is there
            except OSError:
                if size_of(sftp, path) is None:
                    raise
                return False
            return True

        is_ours = self._tried(laid) or is_there_as(self, name, content) is True
        self._sweep(name)
        return is_ours

    def give_up(self, name: str, content_sum: str) -> None:
        def given_up(sftp: paramiko.SFTPClient) -> None:
            with suppress(FileNotFoundError):
                sftp.remove(part_begins(self._path(name), content_sum) + PART)

        self._tried(given_up)

    def _sweep(self, name: str) -> None:
        """Take away what was on its way to be called ``name``: now that something is, it is of no use."""
        folder, file = split(name)

        def swept(sftp: paramiko.SFTPClient) -> None:
            for left in sftp.listdir(self._path(folder)):
                if is_part_of(file, left):
                    with suppress(OSError):
                        sftp.remove(join(self._path(folder), left))

        with suppress(BadInput):  # what was asked for is done
            self._tried(swept)

    @staticmethod
    def _part(path: str, content: bytes) -> str:
        return part_begins(path, sum_of(content)) + PART

    def _path(self, name: str) -> str:
        return join(self._address.root, name)

    def _make_folders(self, sftp: paramiko.SFTPClient, folder: str) -> None:
        """``folder`` and what is above it, within the place."""
        if not folder:
            return
        self._make_folders(sftp, split(folder)[0])
        path = self._path(folder)
        if size_of(sftp, path) is None:
            try:
                sftp.mkdir(path)
            except OSError:  # made by another in between, or told as what it is
                if size_of(sftp, path) is None:
                    raise

    def _asked(self, work: Callable[[Session, Watch], T]) -> T:
        """Do ``work``, which only reads, in a time for all of it."""

        def in_time(sftp: Session) -> T:
            with watched(self._access.patience.answer_seconds, sftp.get_channel().get_transport().close) as watch:
                return work(sftp, watch)

        return self._tried(in_time)

    def _tried(self, work: Callable[[Session], T]) -> T:
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

    def _session(self) -> Session:
        if self._sftp is None:
            self._client = logged_in(self._address, self._access)
            transport = self._client.get_transport()
            assert transport is not None
            with watched(self._access.patience.answer_seconds, transport.close):
                sftp = Session.from_transport(transport)
                sftp.get_channel().settimeout(self._access.patience.answer_seconds)
                if size_of(sftp, self._address.root) is None:
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


def _kind(error: Exception) -> str:
    return type(error).__name__
