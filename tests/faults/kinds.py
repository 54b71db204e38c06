"""The faults, one function each: do it to a copy of the county, run again, and tell what was said and what does not hold."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from avbrott.home import Home
from tests.faults.county import County, faults_of, told, unfinished
from tests.integration.running import Ended, begun, ended
from tests.servers.cutting import CuttingProxy

_SET_BACK = """
from avbrott import clock

class Day(clock.date):
    @classmethod
    def today(cls):
        return cls(1990, 1, 1)

clock.date = Day
from avbrott.cli import main
main()
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fault."""

    said: str
    """The code of the error that was told, ``killed``, or ``done``: the run came to its end all the same."""
    faults: tuple[str, ...]
    """What does not hold, while the fault lasted or after the next run."""


Fault = Callable[[County, Path, random.Random], Outcome]


def killed(county: County, folder: Path, lots: random.Random, *, seconds: float) -> Outcome:
    """Kill a run at an instant of the ``seconds`` that it takes; where it had ended by then, begin it again and draw anew."""
    while True:
        home = county.copied(folder)
        process = begun("run", "--home", home.root, **county.environment)
        with suppress(subprocess.TimeoutExpired):
            process.wait(lots.uniform(0, seconds))
        process.send_signal(signal.SIGKILL)
        stopped = ended(process)
        if stopped.code != 0:
            assert stopped.code == -signal.SIGKILL, stopped.output
            return _again(county, home, "killed")
        shutil.rmtree(folder)


def disk_full(county: County, folder: Path, lots: random.Random) -> Outcome:
    """Run on a disk that has room for a part of what a run writes."""
    offers, whole = _bytes(county.offers), _bytes(county.undisturbed)
    room = int(offers + lots.uniform(0.02, 0.95) * (whole - offers))
    small, home = folder / "small", Home(folder / "home")
    with _disk(small, room + (2 << 20)) as disk:
        if disk is None:
            return Outcome("no disk can be made here", ())
        there = county.copied(disk / "home")
        stopped = county.run(there)
        said = "done" if stopped.code in (0, 4) else told(stopped)
        faults = unfinished(county, there)
        shutil.copytree(there.root, home.root, symlinks=True)
    after = _again(county, home, said)
    return Outcome(after.said, (*faults, *after.faults))


def two_at_once(county: County, folder: Path, lots: random.Random) -> Outcome:
    """Start a second run while the first is somewhere."""
    home = county.copied(folder)
    first = begun("run", "--home", home.root, **county.environment)
    time.sleep(lots.uniform(0, 8))
    second = begun("run", "--home", home.root, **county.environment)
    both = [ended(first), ended(second)]
    said = sorted({"done" if one.code == 0 else told(one) for one in both})
    return _again(county, home, " and ".join(said))


def clock_set_back(county: County, folder: Path, lots: random.Random) -> Outcome:  # noqa: ARG001  a fault's form
    """Run on a machine whose clock stands in 1990."""
    home = county.copied(folder)
    process = subprocess.Popen(
        [sys.executable, "-c", _SET_BACK, "run", "--home", str(home.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "400", **county.environment},
    )
    return _again(county, home, _said(ended(process)))


def database_locked(county: County, folder: Path, lots: random.Random) -> Outcome:  # noqa: ARG001  a fault's form
    """Run with Dagster's own instance while another holds its databases."""
    home = county.copied(folder)
    first = county.run(home, "--record")
    assert first.code == 0, first.output
    home = county.copied(folder / "again")
    shutil.copytree(folder / "dagster", home.dagster)
    held = [sqlite3.connect(file, isolation_level=None) for file in sorted(home.dagster.rglob("*.db"))]
    for one in held:
        one.execute("BEGIN EXCLUSIVE")
    try:
        stopped = county.run(home, "--record")
    finally:
        for one in held:
            one.close()
    return _again(county, home, _said(stopped))


def store_corrupted(county: County, folder: Path, lots: random.Random) -> Outcome:
    """Change a byte of a file of the store after a run; the file that is named is removed, as the message says."""
    home = county.copied(folder, county.undisturbed)
    files = [file for file in sorted(home.store.rglob("*.*")) if file.is_file() and file.stat().st_size]
    layers = sorted({file.relative_to(home.store).parts[0] for file in files} - {"seed"})
    layer = lots.choice(layers)
    file = lots.choice([one for one in files if one.relative_to(home.store).parts[0] == layer])
    content = bytearray(file.read_bytes())
    at = lots.randrange(len(content))
    content[at] ^= 0xFF
    file.chmod(0o600)
    file.write_bytes(content)
    stopped = county.run(home)
    said = _said(stopped)
    faults = unfinished(county, home)
    if said != "done":
        file.unlink()
    after = _again(county, home, f"{layer}: {said}")
    return Outcome(after.said, (*faults, *after.faults))


def source_cut(county: County, folder: Path, lots: random.Random, *, is_slow: bool = False) -> Outcome:
    """Pull from a server whose connection breaks, or hangs, after some bytes."""
    from tests.servers.https import TOKEN, HttpsServer

    home = county.copied(folder)
    sources = yaml.safe_load(home.sources.read_text("utf-8"))
    provider = min(sources["sources"])
    served = folder / "served"
    (served / "HT2024").mkdir(parents=True)
    (served / "HT2024" / f"{provider}-ht2024-enrolments-0001.zip.age").write_bytes(lots.randbytes(300_000))
    server = HttpsServer(served, folder)
    token = folder / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    proxy = CuttingProxy(server.server_address[1], [lots.randrange(1, 600) for _ in range(50)], is_slow=is_slow)
    kept = dict(sources["sources"])
    sources["sources"][provider] = {"target": f"https://127.0.0.1:{proxy.port}/", "token": str(token)}
    home.sources.write_text(yaml.safe_dump(sources))
    try:
        stopped = county.run(home, REQUESTS_CA_BUNDLE=str(server.certificate))
    finally:
        proxy.close()
        server.stop()
    assert stopped.code == 4, stopped.output  # others are published, and this one is told
    said = told(stopped)
    shutil.rmtree(home.releases, ignore_errors=True)  # what the next run makes is another release, of all providers
    shutil.rmtree(home.root / "confidential", ignore_errors=True)
    shutil.rmtree(home.root / "private", ignore_errors=True)
    shutil.rmtree(home.store / "frozen", ignore_errors=True)
    home.sources.write_text(yaml.safe_dump({"sources": kept}))
    return _again(county, home, said)


def source_hangs(county: County, folder: Path, lots: random.Random) -> Outcome:
    """As ``source_cut``, where nothing more comes and the connection stays open."""
    return source_cut(county, folder, lots, is_slow=True)


def _said(stopped: Ended) -> str:
    return "done" if stopped.code == 0 else told(stopped)


def _again(county: County, home: Home, said: str) -> Outcome:
    """Run again, undisturbed; ``NOTHING_OFFERED`` is well where the disturbed run had come to its end."""
    faults = unfinished(county, home)
    again = county.run(home)
    if again.code != 0:
        faults.append(f"the next run: {told(again)}")
    return Outcome(said, (*faults, *faults_of(county, home)))


def _bytes(home: Home) -> int:
    return sum(file.lstat().st_blocks * 512 for file in home.root.rglob("*"))


@contextmanager
def _disk(place: Path, size: int) -> Iterator[Path | None]:
    """A disk of so many bytes; None where the system lets nobody here make one."""
    place.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    )
    try:
        yield place if made.returncode == 0 else None
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", str(place)], check=True)


FAULTS: dict[str, Fault] = {
    "disk full": disk_full,
    "two runs at once": two_at_once,
    "clock set back": clock_set_back,
    "database locked": database_locked,
    "store corrupted": store_corrupted,
    "source cut": source_cut,
    "source hangs": source_hangs,
}
"""Besides kills."""
