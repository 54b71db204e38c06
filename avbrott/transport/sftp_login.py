"""Coming in at an SFTP server: it shows the key that it is known by, and the user a key or password of the environment.

A server whose key is not known, or is another than it was, is refused before anything is said to it. No password, and nothing
of a key file but its name, is in any message.
"""

from __future__ import annotations

import hmac
import logging
import os
from pathlib import Path

import paramiko

from avbrott.errors import BadInput
from avbrott.transport.address import SFTP_PORT, SftpAddress
from avbrott.transport.target import Access

PASSWORD = "AVBROTT_SFTP_PASSWORD"  # noqa: S105  the setting's name
PASSWORD_FILE = "AVBROTT_SFTP_PASSWORD_FILE"  # noqa: S105  the setting's name
KEY_FILE = "AVBROTT_SFTP_KEY"
KEY_PASSWORD = "AVBROTT_SFTP_KEY_PASSWORD"  # noqa: S105  the setting's name

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # which would else print tracebacks on the screen


class _Pinned(paramiko.MissingHostKeyPolicy):
    """Lets in no server but one whose key has the fingerprint that was given."""

    def __init__(self, address: SftpAddress, fingerprint: str | None) -> None:
        self._address, self._fingerprint = address, fingerprint

    def missing_host_key(self, client: object, hostname: object, key: paramiko.PKey) -> None:  # noqa: ARG002  paramiko's form
        shown = {"target": self._address, "fingerprint": key.fingerprint, "kind": key.get_name()}
        if self._fingerprint is None:
            raise BadInput("SFTP_HOST_UNKNOWN", **shown)
        if not hmac.compare_digest(key.fingerprint.encode(), self._fingerprint.rstrip("=").encode()):
            raise BadInput("SFTP_HOST_CHANGED", **shown)


def logged_in(address: SftpAddress, access: Access) -> paramiko.SSHClient:
    """A session with the server; where it is not reached, what paramiko raises.

    ``BadInput``: its key is not the one it should be, or what it was shown is not accepted.
    """
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_Pinned(address, access.host_key))
    if access.host_key is None:
        _know_hosts(client, access.known_hosts)
    key, password = _key(access.key), _password()
    given = key is not None or password is not None
    try:
        client.connect(
            address.host,
            address.port,
            address.user,
            password=password,
            pkey=key,
            allow_agent=not given,
            look_for_keys=not given,
            timeout=access.patience.connect_seconds,
            banner_timeout=access.patience.connect_seconds,
            auth_timeout=access.patience.answer_seconds,
            channel_timeout=access.patience.answer_seconds,
        )
    except paramiko.BadHostKeyException as error:
        client.close()
        shown = {"fingerprint": error.key.fingerprint, "kind": error.key.get_name()}
        raise BadInput("SFTP_HOST_CHANGED", target=address, **shown) from None
    except paramiko.AuthenticationException:
        client.close()
        raise BadInput("SFTP_REFUSED", target=address) from None
    except paramiko.SSHException:
        transport = client.get_transport()
        asked = transport is not None and transport.is_active() and transport.initial_kex_done
        client.close()
        if asked and not given:  # nothing was there to show
            raise BadInput("SFTP_REFUSED", target=address) from None
        raise
    except BaseException:  # nothing is swallowed: the connection is closed, and the error goes on
        client.close()
        raise
    return client


def look_at(address: SftpAddress, access: Access) -> None:
    """``BadInput`` where a key or password cannot be read, or nothing says which key the server has."""
    _key(access.key)
    _password()
    if access.host_key is None:
        with paramiko.SSHClient() as client:
            file = _know_hosts(client, access.known_hosts)
            name = address.host if address.port == SFTP_PORT else f"[{address.host}]:{address.port}"
            if client.get_host_keys().lookup(name) is None:
                raise BadInput("SFTP_HOST_UNPINNED", target=address, file=file)


def _know_hosts(client: paramiko.SSHClient, given: Path | None) -> Path:
    """Let ``client`` know the servers of a file: the one that is told."""
    file = given or Path.home() / ".ssh" / "known_hosts"
    if given is None and not file.is_file():
        return file
    try:
        client.load_host_keys(str(file))
    except (OSError, ValueError, paramiko.SSHException):
        raise BadInput("SFTP_KNOWN_HOSTS_UNREADABLE", file=file) from None
    return file


def _key(given: Path | None) -> paramiko.PKey | None:
    named = given or os.environ.get(KEY_FILE)
    if not named:
        return None
    try:
        return paramiko.PKey.from_path(named, os.environ.get(KEY_PASSWORD) or None)
    except (OSError, ValueError, TypeError, paramiko.SSHException, paramiko.UnknownKeyType):
        raise BadInput("SFTP_KEY_UNREADABLE", file=named, setting=KEY_PASSWORD) from None


def _password() -> str | None:
    named = os.environ.get(PASSWORD_FILE)
    if not named:
        return os.environ.get(PASSWORD) or None
    try:
        return Path(named).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise BadInput("SFTP_PASSWORD_FILE_UNREADABLE", file=named) from None
