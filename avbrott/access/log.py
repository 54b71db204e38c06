"""The log of what was done with what is not public: a line of JSON each, chained, only ever added to.

Every line holds the hash of the one before it, so that a line that is changed, taken out or put in breaks the chain there.
Where the chain ends is kept beside the accounts, and before a line is written, that line: lines cut off at the end are missed
too, also once others follow, and where a run was killed in between that very line may stand there and no other.
Whoever may write all files of the hub can write both anew: a copy elsewhere (``docs/access.md``) is what holds against that.

No field takes a row's value: an event is of a few kinds, and what it is about is a code of the contracts.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from avbrott import atomic
from avbrott.access.log_lines import BEGIN, End, following, is_begun, written
from avbrott.errors import BadInput, DoesNotHold
from avbrott.home import Home
from avbrott.lock import hold, let_go
from avbrott.rights import user

Event = Literal["sign_in", "sign_out", "view", "upload", "approval", "erasure", "account"]
Result = Literal["done", "refused", "locked", "limited"]

_WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.005
_LONGEST_LINE = 4096


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did, or tried to."""

    event: Event
    result: Result
    who: str = ""
    """The account; empty where it is none that is known, for what was typed may be a password."""
    role: str = ""
    what: str = ""
    """Codes of the contracts and names of releases: ``2026-05-09/schools/99248001``."""
    address: str = ""
    """Where from: an address of a network, or ``terminal:`` and the system's name of who ran a command."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a log that holds has."""

    lines: int
    torn: int
    """Beginnings of lines that were never written whole."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where the chain ends, as it is kept beside the accounts."""

    end: End
    pending: bytes | None = None
    """The line that is being written after it."""
    is_old: bool = False
    """By a version that did not say which line it was writing."""

    def lets(self, line: bytes, after: End) -> bool:
        """Whether the chain may be as long as it is with ``line``."""
        if after.number > self.end.number:
            return line == self.pending or (self.is_old and after.number == self.end.number + 1)
        return after.number < self.end.number or after == self.end


def at_terminal() -> str:
    """The address of who runs a command."""
    return f"terminal:{user()}"


def add(home: Home, done: Done) -> None:
    """Write a line, on the disk when this returns. ``BadInput`` (ACCESS_LOG_UNWRITABLE) where it cannot be."""
    try:
        with _alone(home):
            before, is_torn = _end_of_chain(home)
            at = datetime.now(UTC).isoformat(timespec="seconds")
            line = written({"number": before.number + 1, "at": at, **asdict(done), "before": before.hash})
            after = following(line, before)
            assert after is not None
            _keep(home, before, line)
            _append(home.access_log, (b"\n" if is_torn else b"") + line)
            _keep(home, after, None)
    except OSError:
        raise BadInput("ACCESS_LOG_UNWRITABLE", file=home.access_log) from None


def verify(home: Home) -> Held:
    """How many lines the log has, all of them in their place; ``DoesNotHold`` names the first that is not."""
    kept, size = _as_it_is(home)
    if kept is None and (home.accounts.exists() or home.access_log.exists()):
        raise DoesNotHold("ACCESS_LOG_END_MISSING", file=_end_file(home), log=home.access_log)
    kept = kept or _Kept(BEGIN)
    end, torn, place, is_torn = BEGIN, 0, 0, False
    try:
        with home.access_log.open("rb") as stream:
            for place, line in enumerate(_until(stream, size), start=1):
                whole = line if line + b"\n" != kept.pending else kept.pending
                after = following(whole, end)
                if after is not None and kept.lets(whole, after):
                    end, is_torn = after, False
                elif not is_torn and is_begun(line, end.number + 1):
                    torn, is_torn = torn + 1, True
                else:
                    raise DoesNotHold("ACCESS_LOG_BROKEN", file=home.access_log, line=place)
    except FileNotFoundError:
        pass
    except OSError:
        raise BadInput("ACCESS_LOG_UNREADABLE", file=home.access_log) from None
    if end.number < kept.end.number:
        raise DoesNotHold("ACCESS_LOG_CUT", file=home.access_log, line=end.number, wanted=kept.end.number)
    if is_torn and kept.pending is None and not kept.is_old:  # nothing was being written
        raise DoesNotHold("ACCESS_LOG_BROKEN", file=home.access_log, line=place)
    return Held(end.number, torn)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold the log, which the server and commands write to."""
    atomic.private_folder(home.accounts.parent)
    atomic.make_folder(home.access_log.parent)
    lock = home.accounts.with_name("log.lock")
    until = time.monotonic() + _WAIT_SECONDS
    while (descriptor := hold(lock)) is None:
        if time.monotonic() > until:
            raise BadInput("ACCESS_LOG_UNWRITABLE", file=home.access_log)
        time.sleep(_PAUSE_SECONDS)
    try:
        yield
    finally:
        let_go(lock, descriptor)


def _as_it_is(home: Home) -> tuple[_Kept | None, int]:
    """What is kept, and how long the log is with it, while others may be writing."""
    while True:
        kept = _kept(home)
        size = home.access_log.stat().st_size if home.access_log.exists() else 0
        if _kept(home) == kept:
            return kept, size


def _until(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """The lines of the first ``size`` bytes; what comes after is being written."""
    while size > 0 and (line := stream.readline(size)):
        size -= len(line)
        yield line


def _end_of_chain(home: Home) -> tuple[End, bool]:
    """What the next line follows on, and whether the last one was torn.

    It follows on what is kept, unless a run was killed after its line: where lines were cut off, the chain shows it for good.
    """
    kept = _kept(home) or _Kept(BEGIN)
    if not home.access_log.exists():
        return kept.end, False
    with home.access_log.open("rb") as stream:
        stream.seek(max(0, home.access_log.stat().st_size - max(_LONGEST_LINE, len(kept.pending or b"") + 1)))
        tail = stream.read()
    is_torn = bool(tail) and not tail.endswith(b"\n")
    last = tail.removesuffix(b"\n").rpartition(b"\n")[2] + b"\n"
    after = following(last, kept.end)
    return (after if after is not None and kept.lets(last, after) else kept.end), is_torn


def _append(file: Path, content: bytes) -> None:
    """Add to a file, on the disk when this returns; where that fails, what was added is taken back if it can be."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size, left = os.fstat(descriptor).st_size, memoryview(content)
        try:
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


def _end_file(home: Home) -> Path:
    return home.accounts.with_name("log.end")


def _keep(home: Home, end: End, pending: bytes | None) -> None:
    line = pending.decode() if pending is not None else None
    atomic.write_json(_end_file(home), {"number": end.number, "hash": end.hash, "pending": line})


def _kept(home: Home) -> _Kept | None:
    if not _end_file(home).exists():
        return None
    try:
        kept = json.loads(_end_file(home).read_bytes())
        pending = kept.get("pending")
        end = End(int(kept["number"]), str(kept["hash"]))
        return _Kept(end, pending.encode() if pending is not None else None, "pending" not in kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise BadInput("ACCESS_LOG_UNREADABLE", file=_end_file(home)) from None
