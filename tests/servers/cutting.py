"""A way to a server that breaks: a connection is passed on, and cut or held up when it has carried so many bytes there."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class CuttingProxy:
    """Listens on a port of loopback; ``cuts`` holds after how many bytes each further connection is cut, and then none is.

    With ``is_slow`` it stays open and carries nothing more.
    """

    def __init__(self, port: int, cuts: list[int], *, is_slow: bool = False) -> None:
        self._to, self.cuts, self.connections = port, cuts, 0
        self._held = threading.Event()
        if not is_slow:
            self._held.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no further connection, and end those that are held up."""
        self._held.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            far = socket.create_connection(("127.0.0.1", self._to))
            left = self.cuts.pop(0) if self.cuts else None
            for source, sink, limit in ((near, far, left), (far, near, None)):
                threading.Thread(target=self._carry, args=(source, sink, limit), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, left: int | None) -> None:
        with suppress(OSError):
            while piece := source.recv(16384):
                if left is not None and len(piece) >= left:
                    self._held.wait()
                    break
                left = None if left is None else left - len(piece)
                sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
