"""What every answer says to browsers, and how much and how long every request may send. Around the whole application."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avbrott.access.settings import Limits

UPLOADS = "/deliveries/"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""As the pages of the site say it of themselves, and what only a header can: that no other page frames them."""

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


@dataclass(slots=True)
class _Body:
    """What is left that a body may send, and until when."""

    left: int
    until: float
    receive: Receive
    is_whole: bool = False

    async def __call__(self) -> Message:
        if self.is_whole:  # what comes now is that the reader has gone
            return await self.receive()
        if self.left < 0:
            raise _too_large()
        try:
            async with asyncio.timeout_at(self.until):
                message = await self.receive()
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise _too_large()
        self.is_whole = not message.get("more_body", False)
        return message


def _too_large() -> HTTPException:
    return HTTPException(413, headers={"Connection": "close"})


def _announced(scope: Scope) -> int:
    """How many bytes a request says that it has; the server has seen to it that it is a number."""
    return int(next((value for name, value in scope["headers"] if name == b"content-length"), b"0"))


class Armour:
    """An application around another one."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def said(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in HEADERS if one[0] not in there)]
            await send(message)

        body = receive
        if scope["method"] not in ("GET", "HEAD"):
            limits, is_upload = self._limits, str(scope["path"]).startswith(UPLOADS)
            most = limits.upload_bytes if is_upload else limits.form_bytes
            seconds = limits.upload_seconds if is_upload else limits.form_seconds
            most = most if _announced(scope) <= most else -1
            body = _Body(most, asyncio.get_running_loop().time() + seconds, receive)
        await self._app(scope, body, said)
