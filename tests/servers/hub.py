"""``avbrott serve`` as it is started: a process of its own, on a free port of loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.servers.sshd import free_port, wait_for

_START = "from avbrott.entry import main; main()"


class HubServer:
    """The process, from ``start`` to ``stop``."""

    def __init__(self, home: Path, *options: object, start: str = _START) -> None:
        self.port = free_port()
        self._command = [sys.executable, "-c", start, "serve", "--home", home, "--port", self.port, *options]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            [*map(str, self._command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ)
        )
        wait_for(self.port, self._process)
        with self.connected() as connection:  # it listens before it answers
            connection.sendall(b"GET /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer(connection)

    def stop(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """End it, as a terminal does: its exit code, and what it printed."""
        assert self._process is not None
        self._process.send_signal(how)
        printed, _ = self._process.communicate(timeout=30)
        return self._process.returncode, printed

    def connected(self) -> socket.socket:
        """A connection that says nothing yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)


def answer(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; what it has said where it breaks off."""
    told = b""
    try:
        while piece := connection.recv(65536):
            told += piece
    except ConnectionError:
        pass
    return told
