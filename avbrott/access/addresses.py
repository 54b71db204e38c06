"""Where a request came from: the address that is believed, and the network that one reader has."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_PEER = "avbrott.peer"
_ONE_READERS_BITS = 64


def network_of(address: str) -> str:
    """What limits count by: an address of IPv4, and of IPv6 the network that one reader has all addresses of."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), _ONE_READERS_BITS), strict=False))


def behind(app: ASGIApp, proxies: Sequence[str]) -> ASGIApp:
    """An application behind proxies whose ``X-Forwarded-For`` is believed, unless what it says is no address."""

    async def believed(scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is not None and not _is_address(client[0]):
            scope["client"] = scope[_PEER]
        await app(scope, receive, send)

    forwarded: Any = ProxyHeadersMiddleware(believed, list(proxies))  # type: ignore[arg-type]  # uvicorn types of its own

    async def come(scope: Scope, receive: Receive, send: Send) -> None:
        scope[_PEER] = scope.get("client")
        await forwarded(scope, receive, send)

    return come


def _is_address(text: str) -> bool:
    try:
        return "%" not in text and bool(ipaddress.ip_address(text))  # what follows a % can be anything
    except ValueError:
        return False
