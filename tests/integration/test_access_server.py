"""The server as a process: heads and bodies that are slow or too large, certificates, and how it begins and ends."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from avbrott.registry import packaged_contracts
from tests import access_case
from tests.access_case import NEWEST
from tests.benchmarks.bench_serve import ask
from tests.integration.running import avbrott
from tests.servers.hub import HubServer, answer
from tests.servers.sshd import free_port

SECONDS = 2
QUICK = {"header_seconds": SECONDS, "form_seconds": SECONDS, "header_bytes": 4096, "answer_seconds": SECONDS}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return access_case.write_home(tmp_path_factory.mktemp("served") / "home").root


@pytest.fixture(scope="module")
def contracts_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged contracts, with less patience."""
    import shutil

    folder = tmp_path_factory.mktemp("contracts") / "own"
    shutil.copytree(packaged_contracts(), folder)
    content = yaml.safe_load((folder / "access.yaml").read_text("utf-8"))
    content["limits"] |= QUICK
    (folder / "access.yaml").write_text(yaml.safe_dump(content), "utf-8")
    return folder


@pytest.fixture(scope="module")
def hub(home: Path, contracts_of_ones_own: Path) -> Iterator[HubServer]:
    server = HubServer(home, "--contracts", contracts_of_ones_own)
    server.start()
    yield server
    server.stop()


def get(port: int, path: str) -> int:
    asked = HTTPConnection("127.0.0.1", port, timeout=30)
    asked.request("GET", path)
    status = asked.getresponse().status
    asked.close()
    return status


def test_pages_are_served(hub: HubServer) -> None:
    """By the process that a person starts."""
    assert get(hub.port, f"/releases/{NEWEST}/site/") == 200
    assert get(hub.port, "/sign-in") == 200
    assert get(hub.port, "/mine") == 303


def test_nothing_fails_at_two_hundred_connections(hub: HubServer) -> None:
    """As ``make bench`` asks, in small."""
    asked = asyncio.run(ask(hub.port, 600))
    assert (len(asked.waited), asked.errors) == (600, 0)


@pytest.mark.parametrize("begun", [b"", b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_head_that_does_not_come_is_not_waited_for(hub: HubServer, begun: bytes) -> None:
    """Nor one that comes a sign at a time: the connection ends, and others are served meanwhile."""
    since = time.monotonic()
    with hub.connected() as connection:
        connection.sendall(begun)
        connection.settimeout(0.2)
        while not _has_ended(connection) and time.monotonic() - since < 10 * SECONDS:
            with suppress(OSError):
                connection.sendall(b"x" if begun else b"")
    assert SECONDS - 0.5 < time.monotonic() - since < 8 * SECONDS
    assert get(hub.port, "/") == 302


def _has_ended(connection: socket.socket) -> bool:
    """Whether the other side has closed, which is waited for a moment."""
    try:
        return not connection.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_head_that_is_too_large_is_not_taken(hub: HubServer) -> None:
    """However it comes: at once, or in many lines."""
    with hub.connected() as connection:
        with suppress(ConnectionError):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            for number in range(2000):
                connection.sendall(b"X-%d: %s\r\n" % (number, b"y" * 100))
            connection.sendall(b"\r\n")
        assert answer(connection) == b""
    assert get(hub.port, "/") == 302


def test_a_head_that_is_too_large_is_not_taken_in_one_piece(hub: HubServer) -> None:
    """What comes with it is not looked at; one that is just small enough is."""
    for size, status in ((3900, b" 200 "), (4200, b" 400 ")):
        with hub.connected() as connection:
            connection.sendall(b"GET /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: " + b"y" * size + b"\r\n\r\n")
            assert status in answer(connection)[:16]


def test_a_reader_that_does_not_read_is_not_waited_for(hub: HubServer, home: Path) -> None:
    """One that reads slowly is: it gets the whole of the file. It is larger than what the system keeps of a connection."""
    size = 12_000_000
    (home / "releases" / NEWEST / "downloads" / "large.csv").write_bytes(b"x" * size)
    asked = f"GET /releases/{NEWEST}/downloads/large.csv HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    with hub.connected() as slow, hub.connected() as silent:
        read, since = 0, time.monotonic()
        for reader in (slow, silent):
            reader.sendall(asked)
        while piece := slow.recv(size // 20):
            read += len(piece)
            time.sleep(0.2)
        assert read > size
        time.sleep(max(0.0, since + 4 * SECONDS - time.monotonic()))
        assert len(answer(silent)) < size


def test_a_body_that_does_not_come_is_not_waited_for(hub: HubServer) -> None:
    """The answer is 408, and the connection ends."""
    page = access_case.csrf_of(_page(hub.port))
    head = (
        "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: 500\r\n\r\ncsrf={page}"
    )
    with hub.connected() as connection:
        connection.sendall(head.encode())
        since = time.monotonic()
        told = connection.recv(65536)
        assert told.startswith(b"HTTP/1.1 408")
        assert time.monotonic() - since < 5 * SECONDS


def _page(port: int) -> str:
    asked = HTTPConnection("127.0.0.1", port, timeout=30)
    asked.request("GET", "/sign-in")
    text = asked.getresponse().read().decode()
    asked.close()
    return text


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 200,
    ],
)
def test_what_is_no_plain_request_is_refused(hub: HubServer, request_bytes: bytes) -> None:
    """Two lengths, a length below nothing, signs that have no place, TLS where there is none."""
    with hub.connected() as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        told = answer(connection)
    assert told == b"" or told.startswith(b"HTTP/1.1 400"), told[:80]
    assert get(hub.port, "/") == 302


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_when_it_is_told_to(home: Path, how: signal.Signals) -> None:
    """Ctrl-C is how it ends: no error is told of it. A termination ends it too, also with a connection open."""
    server = HubServer(home)
    server.start()
    with server.connected():
        code, printed = server.stop(how)
    assert code == 0
    assert f"Öppna http://127.0.0.1:{server.port}/" in printed
    assert "Traceback" not in printed
    assert "Warning" not in printed


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for ``localhost`` of a day, signed by itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    (folder / "key.pem").write_bytes(pem)
    return folder / "cert.pem", folder / "key.pem"


def test_with_a_certificate_it_speaks_tls(home: Path, tmp_path: Path) -> None:
    """That the certificate vouches for."""
    cert, key = certificate(tmp_path)
    server = HubServer(home, "--certificate", cert, "--private-key", key)
    server.start()
    context = ssl.create_default_context(cafile=str(cert))
    with server.connected() as plain, context.wrap_socket(plain, server_hostname="localhost") as connection:
        connection.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 200")
    assert server.stop()[0] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--host", "0.0.0.0"), "okrypterade"),  # noqa: S104  it is refused
        (("--host", "example.invalid"), "okrypterade"),
        (("--certificate", "missing.pem"), "--private-key"),
        (("--certificate", "missing.pem", "--private-key", "missing.pem"), "missing.pem"),
    ],
)
def test_where_it_may_not_serve_it_says_so(home: Path, options: tuple[str, ...], said: str) -> None:
    """Exit code 2, and nothing is served."""
    ended = avbrott("serve", "--home", home, *options)
    assert ended.code == 2, ended.output
    assert said in ended.output


def test_a_port_that_is_taken_and_a_home_that_is_not_there_are_told(home: Path, tmp_path: Path) -> None:
    """Exit code 2."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        assert avbrott("serve", "--home", home, "--port", port).code == 2
    assert avbrott("serve", "--home", tmp_path / "nowhere").code == 2
