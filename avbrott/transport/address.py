"""What a TARGET says. Nothing is opened here.

A folder's path, ``sftp://user@host[:port]/path``, ``s3://bucket/prefix`` or ``https://host/path``.

A password has no place in an address: what stands there is seen by others on the machine, and kept in histories.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from avbrott.errors import BadInput

_SCHEME = re.compile("([A-Za-z][A-Za-z0-9+.-]+)://")
"""Two signs at least, so that a drive of Windows is none."""
_BUCKET = re.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_HOME = "/~/"
SFTP_PORT = 22


@dataclass(frozen=True, slots=True)
class FolderAddress:
    """A folder of this machine or of a network drive."""

    folder: Path

    def __str__(self) -> str:
        return str(self.folder)


@dataclass(frozen=True, slots=True)
class SftpAddress:
    """A folder at an SFTP server; a path that begins with ``/~/`` is counted from where one comes in."""

    user: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        port = "" if self.port == SFTP_PORT else f":{self.port}"
        return f"sftp://{self.user}@{self.host}{port}{self.path}"

    @property
    def root(self) -> str:
        """The path as the server is asked for it."""
        if self.path.startswith(_HOME):
            return self.path.removeprefix(_HOME).rstrip("/") or "."
        return self.path.rstrip("/") or "/"


@dataclass(frozen=True, slots=True)
class S3Address:
    """The objects of a bucket whose keys begin with a prefix."""

    bucket: str
    prefix: str
    """Empty, or ends with a slash."""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class HttpsAddress:
    """A folder that a web server shows the content of; files are fetched from it, and none are laid there."""

    url: str
    """Ends with a slash."""

    def __str__(self) -> str:
        return self.url


Address = FolderAddress | SftpAddress | S3Address | HttpsAddress


def read_address(text: str) -> Address:
    """The address that ``text`` says; ``BadInput`` where it says none, without repeating a password that stands in it."""
    found = _SCHEME.match(text)
    if found is None:
        return FolderAddress(Path(text))
    match found[1].lower():
        case "sftp":
            return _sftp(text)
        case "s3":
            return _s3(text)
        case "https":
            return _https(text)
        case scheme:
            raise BadInput("TARGET_SCHEME_UNKNOWN", scheme=scheme)


def must_take_files(text: str) -> None:
    """``BadInput`` (TARGET_SCHEME_UNKNOWN) where ``text`` is a place that files are only fetched from."""
    if isinstance(read_address(text), HttpsAddress):
        raise BadInput("TARGET_SCHEME_UNKNOWN", scheme="https")


def _sftp(text: str) -> SftpAddress:
    try:
        parts = urlsplit(text)
        user, host, port = parts.username, parts.hostname, parts.port
    except ValueError:
        raise BadInput("TARGET_ADDRESS_SFTP") from None
    if parts.password is not None:
        raise BadInput("TARGET_PASSWORD_IN_ADDRESS")
    if not user or not host or parts.query or parts.fragment:
        raise BadInput("TARGET_ADDRESS_SFTP")
    return SftpAddress(unquote(user), host, port or SFTP_PORT, unquote(parts.path) or "/")


def _https(text: str) -> HttpsAddress:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise BadInput("TARGET_ADDRESS_HTTPS") from None
    if parts.username is not None or parts.password is not None:
        raise BadInput("TARGET_PASSWORD_IN_ADDRESS")
    if not host or parts.query or parts.fragment:
        raise BadInput("TARGET_ADDRESS_HTTPS")
    return HttpsAddress(f"{text.rstrip('/')}/")


def _s3(text: str) -> S3Address:
    bucket, _, prefix = text[len("s3://") :].partition("/")
    if "@" in bucket:
        raise BadInput("TARGET_PASSWORD_IN_ADDRESS")
    if not _BUCKET.fullmatch(bucket):
        raise BadInput("TARGET_ADDRESS_BUCKET")
    prefix = prefix.strip("/")
    return S3Address(bucket, f"{prefix}/" if prefix else "")
