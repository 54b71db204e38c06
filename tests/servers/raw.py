"""A server on loopback that answers each request with the bytes that a test wants, as no web server of others would."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from socket import socket


class RawServer(socketserver.ThreadingTCPServer):
    """``answer`` gets the connection and the request's method, or is the bytes themselves."""

    daemon_threads = True

    def __init__(self, answer: Callable[[socket, str], object] | bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[str] = []
        """The first line of every request."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def stop(self) -> None:
        """End it."""
        self.shutdown()
        self.server_close()


class _Handler(socketserver.StreamRequestHandler):
    server: RawServer

    def handle(self) -> None:
        line = self.rfile.readline().decode()
        self.server.asked.append(line.strip())
        length = 0
        while field := self.rfile.readline().strip():
            if field.lower().startswith(b"content-length:"):
                length = int(field.partition(b":")[2])
        self.rfile.read(length)
        answer = self.server.answer
        with suppress(OSError):  # who asked has had enough
            if isinstance(answer, bytes):
                self.request.sendall(answer)
            else:
                answer(self.request, line.partition(" ")[0])


def page(body: bytes) -> bytes:
    """A whole answer with this body."""
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer's head."""
    return b"\r\n".join([b"HTTP/1.1 " + status, b"Connection: close", *lines, b"", b""])
