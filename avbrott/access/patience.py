"""How long a connection is waited for: for the head of a request, and for a reader to take what is sent."""

from __future__ import annotations

import asyncio
from typing import Any

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from avbrott.access.settings import Limits

_LEAST_BYTES = 16 * 1024


def patient_for(limits: Limits) -> type[asyncio.Protocol]:
    """Uvicorn's protocol, which waits so long for the head of a request, takes so many bytes of it, and then closes.

    A reader that takes too little of an answer is not waited for either.
    """

    class Patient(HttpToolsProtocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._in_work, self._head_bytes, self._unread = 0, 0, 0
            self._looks: asyncio.TimerHandle | None = None
            self._wait()

        def data_received(self, data: bytes) -> None:
            before = self._in_work
            super().data_received(data)
            self._head_bytes = 0 if self._in_work or self._in_work != before else self._head_bytes + len(data)
            if self._head_bytes > limits.header_bytes:
                self._close()

        def on_headers_complete(self) -> None:
            if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > limits.header_bytes:
                raise HttpParserError  # uvicorn answers 400 to it, and closes
            self._in_work += 1
            self._ends.cancel()
            super().on_headers_complete()

        def on_response_complete(self) -> None:
            self._in_work -= 1
            if not self._in_work:
                self._wait()
            super().on_response_complete()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._watch()

        def resume_writing(self) -> None:
            self._unwatch()
            super().resume_writing()

        def connection_lost(self, exc: Exception | None) -> None:
            self._ends.cancel()
            self._unwatch()
            super().connection_lost(exc)

        def _wait(self) -> None:
            self._head_bytes = 0
            self._ends = asyncio.get_running_loop().call_later(limits.header_seconds, self._close)

        def _close(self) -> None:
            """What is written still goes out, to a reader that takes it."""
            self.transport.close()
            self._watch()

        def _watch(self) -> None:
            self._unwatch()
            self._unread = self.transport.get_write_buffer_size()
            self._looks = asyncio.get_running_loop().call_later(limits.answer_seconds, self._look)

        def _look(self) -> None:
            if self.transport.get_write_buffer_size() > max(0, self._unread - _LEAST_BYTES):
                self.transport.abort()
            else:
                self._watch()

        def _unwatch(self) -> None:
            if self._looks is not None:
                self._looks.cancel()
                self._looks = None

    return Patient
