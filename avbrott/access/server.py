"""The server itself: where it listens, with which certificate."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from rich.console import Console

from avbrott import logs
from avbrott.access.addresses import behind
from avbrott.access.app import application
from avbrott.access.hall import TEMPLATES, Hall
from avbrott.access.openid import read_provider
from avbrott.access.patience import patient_for
from avbrott.access.settings import Access
from avbrott.errors import BadInput
from avbrott.home import Home
from avbrott.identity.keys_command import say
from avbrott.registry import Contracts
from avbrott.texts import Texts

_OWN_STYLE = "access.css"


@dataclass(frozen=True, slots=True)
class Door:
    """Where the server listens."""

    host: str
    port: int
    certificate: Path | None = None
    private_key: Path | None = None

    @property
    def is_of_this_machine(self) -> bool:
        """Whether nobody else can come to it."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def serve_home(
    home: Home, contracts: Contracts, access: Access, door: Door, style: Path, screen: Console, texts: Texts
) -> None:
    """Serve until the process is told to end; ``BadInput`` where it may not, or the port is taken."""
    hall = Hall(home, contracts, access, texts, _styles(style), read_provider(home))
    config = configured(hall, door)
    with _listening(door) as listening:
        shown = f"[{door.host}]" if ":" in door.host else door.host
        scheme = "https" if door.certificate else "http"
        address = f"{scheme}://{shown}:{listening.getsockname()[1]}/"
        say(screen, texts, "SERVING", address=address)
        screen.file.flush()
        logs.write("info", "SERVING", about={"address": address})
        with suppress(KeyboardInterrupt):  # the way in which a server ends
            uvicorn.Server(config).run(sockets=[listening])
        logs.write("info", "SERVED")


def configured(hall: Hall, door: Door) -> uvicorn.Config:
    """How uvicorn is to run; ``BadInput`` where passwords would go over a network in clear."""
    if not door.is_of_this_machine and door.certificate is None:
        raise BadInput("SERVE_IN_CLEAR", host=door.host)
    if (door.certificate is None) != (door.private_key is None):
        raise BadInput("SERVE_CERTIFICATE_OPTIONS")
    if door.certificate is not None and door.private_key is not None:
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(door.certificate, door.private_key, password="")
        except (OSError, ssl.SSLError):
            raise BadInput("SERVE_CERTIFICATE", file=door.certificate, key=door.private_key) from None
    limits = hall.access.limits
    proxies = hall.access.proxies
    return uvicorn.Config(
        behind(application(hall), proxies) if proxies else application(hall),
        http=patient_for(limits),
        ws="none",
        lifespan="off",
        log_level="warning",
        log_config=None if logs.is_json() else uvicorn.config.LOGGING_CONFIG,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=10,
        ssl_certfile=door.certificate,
        ssl_keyfile=door.private_key,
    )


def _listening(door: Door) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
        return socket.create_server((door.host, door.port), family=family, backlog=1024)
    except OSError:
        raise BadInput("SERVE_PORT", host=door.host, port=door.port) from None


def _styles(style: Path) -> bytes:
    return style.read_bytes() + (TEMPLATES / _OWN_STYLE).read_bytes()
