"""A server that lets in whoever has the right password, and does no more: OpenSSH knows only passwords of the machine's."""

from __future__ import annotations

import socket
import threading

import paramiko


class Door(paramiko.ServerInterface):
    """Listens on a port of loopback, for one who comes in."""

    def __init__(self, password: str) -> None:
        self._password, self._key = password, paramiko.ECDSAKey.generate()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port, self.fingerprint = int(self._listening.getsockname()[1]), self._key.fingerprint
        self._transport: paramiko.Transport | None = None
        threading.Thread(target=self._open, daemon=True).start()

    def close(self) -> None:
        """Let nobody in any more."""
        self._listening.close()
        if self._transport is not None:
            self._transport.close()

    def check_auth_password(self, username: str, password: str) -> int:
        is_right = (username, password) == ("k2482", self._password)
        return paramiko.AUTH_SUCCESSFUL if is_right else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002  paramiko's form
        return "password"

    def _open(self) -> None:
        near, _ = self._listening.accept()
        self._transport = paramiko.Transport(near)
        self._transport.add_server_key(self._key)
        self._transport.start_server(server=self)
