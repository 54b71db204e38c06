"""A web server asked over HTTP that may be slow or mean ill: it leads nowhere else, and is waited for so long in all.

``requests`` by itself reads the whole body of an answer that leads elsewhere, and waits anew for every byte.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from avbrott.transport.target import Patience
from avbrott.transport.watch import Watch

LOST = (requests.RequestException, HTTPError, OSError)
"""What a server that is not reached, breaks off or is too slow ends with."""
_PIECE = 1 << 16


class WebSession(requests.Session):
    """Answers of a server, as they are: no other place's, and packed in no way."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["Accept-Encoding"] = "identity"
        self._adapter = _Watched()
        for scheme in ("https://", "http://"):
            self.mount(scheme, self._adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, so that the place is not looked at, nor the rest of the answer read."""

    @contextmanager
    def asked(self, method: str, url: str, patience: Patience, **given: Any) -> Iterator[tuple[requests.Response, Watch]]:
        """An answer whose body is not read yet, and what ends it in time; else one of ``LOST``."""
        self._adapter.watch = watch = Watch(patience.answer_seconds)
        waits = (patience.connect_seconds, patience.answer_seconds)
        try:
            with self.request(method, url, timeout=waits, stream=True, allow_redirects=False, **given) as answer:
                yield answer, watch
            if watch.is_late:  # a body without a length only seems to be whole
                raise requests.Timeout
        except LOST:
            if watch.is_late:
                raise requests.Timeout from None
            raise
        finally:
            watch.end()


def body(answer: requests.Response, watch: Watch, most: int | None) -> bytes:
    """What an answer holds, of which at most the first ``most`` bytes are fetched."""
    got = bytearray()
    while most is None or len(got) < most:
        piece = answer.raw.read1(_PIECE if most is None else min(_PIECE, most - len(got)), decode_content=False)
        if not piece:
            break
        got += piece
        watch.allow(len(piece))
    return bytes(got)


class _Watched(HTTPAdapter):
    """Lets ``watch`` know the connection that an answer is waited for on."""

    watch: Watch

    def get_connection_with_tls_context(self, *args: Any, **given: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **given)
        pool.ConnectionCls = partial(self._connection, type(pool).ConnectionCls)  # type: ignore[assignment]  # a class is asked for
        return pool

    def _connection(self, kind: type[Any], **given: Any) -> Any:
        connection = kind(**given)
        waits = connection.getresponse

        def watched() -> Any:
            self.watch.begin(partial(_shut, connection.sock))
            return waits()

        connection.getresponse = watched
        return connection


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):  # it has ended meanwhile
        socket.socket.shutdown(connected, socket.SHUT_RDWR)  # not TLS' own, which another thread is reading by
