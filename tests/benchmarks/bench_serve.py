"""Requests a second and the slowest of a hundred, of ``avbrott serve`` beside Starlette's bare files, at 200 connections.

``AVBROTT_SERVE_REQUESTS=1000000`` asks so often of ours, and prints what its process has taken of memory on the way.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.access_case import write_home
from tests.servers.sshd import free_port, wait_for

CONNECTIONS = 200
REQUESTS = int(os.environ.get("AVBROTT_SERVE_REQUESTS", "20000"))
PATHS = ("/releases/current/site/", "/releases/current/site/en/", "/releases/current/downloads/all.csv")
BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of many requests."""

    seconds: float
    waited: list[float]
    errors: int

    def told(self) -> str:
        rising = sorted(self.waited)
        middle, slow = rising[len(rising) // 2], rising[len(rising) * 99 // 100]
        rate = len(rising) / self.seconds
        return f"{rate:7.0f} requests/s   p50 {1000 * middle:6.1f} ms   p99 {1000 * slow:6.1f} ms   errors {self.errors}"


async def ask(port: int, requests: int) -> Asked:
    """Ask so often over all connections, each asking again when it is answered."""
    left = iter(range(requests))
    waited: list[float] = []
    errors = 0

    async def one() -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in left:
            since = time.perf_counter()
            writer.write(f"GET {PATHS[number % len(PATHS)]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            errors += not head.startswith(b"HTTP/1.1 200")
            waited.append(time.perf_counter() - since)
        writer.close()

    since = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return Asked(time.perf_counter() - since, waited, errors)


def memory_of(process: int) -> int:
    """Megabytes that a process has in memory."""
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def worked_by(process: int) -> float:
    """Processor seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print a line a kind."""
    with tempfile.TemporaryDirectory() as folder:
        home = write_home(Path(folder) / "home")
        for file in home.releases.rglob("*.*"):
            if file.suffix in (".html", ".csv") and file.is_file():
                file.write_text("x" * BYTES, "utf-8")
        for kind in ("bare", "ours"):
            port = free_port()
            command = [sys.executable, "-m", "tests.benchmarks.served", kind, str(home.root), str(port)]
            process = subprocess.Popen(command)
            try:
                wait_for(port, process)
                asyncio.run(ask(port, 2000))
                before, worked = memory_of(process.pid), worked_by(process.pid)
                found = asyncio.run(ask(port, REQUESTS if kind == "ours" else min(REQUESTS, 20_000)))
                cost = 1000 * (worked_by(process.pid) - worked) / len(found.waited)
                print(
                    f"{kind:6} {found.told()}   {cost:5.2f} ms of a processor each   {before} -> {memory_of(process.pid)} MB"
                )
            finally:
                process.terminate()
                process.wait(timeout=30)
