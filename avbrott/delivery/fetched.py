"""What lies at a provider's distant place (SFTP, S3, HTTPS), copied beside the store: the folder that is pulled from then.

Only sealed deliveries are copied; of another file its name is, without its content, so that it is refused as it would be in a
folder. A place that cannot be reached leaves its copy as it was. What was copied is not copied again as long as the place
says the same of it, and what is gone there goes here too: what was accepted is in the store.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from avbrott import atomic
from avbrott.delivery.laid import MOST_FILES
from avbrott.delivery.reception import SEALED
from avbrott.delivery.sources import Place
from avbrott.errors import BadInput
from avbrott.lock import holding
from avbrott.outside import from_outside
from avbrott.periods import Term
from avbrott.sealing.archive import LARGEST
from avbrott.transport.target import Target, opened

_SEEN = "seen.json"
"""By file, what the place said of it when it was copied."""
_AT_ONCE = 8
"""So many places are asked at a time."""
MOST_BYTES = 16 * LARGEST
"""So much is copied of a place: one provider does not fill the disk that all are copied to."""


def fetch_all(places: Mapping[str, Place], today: date) -> dict[str, BadInput]:
    """Copy what is new at every distant place among ``places``, by provider; why one could not be, by provider."""
    distant = {provider: place for provider, place in places.items() if place.target is not None}
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        problems = threads.map(lambda place: _fetched(place, today), distant.values())
        return {provider: problem for provider, problem in zip(distant, problems, strict=True) if problem is not None}


def _fetched(place: Place, today: date) -> BadInput | None:
    """Why a place could not be copied, by what it answers or by what its files are called; a full disk is no place's."""
    try:
        atomic.make_folder(place.folder)
        with holding(place.folder / ".lock") as is_held:
            if is_held:  # else another run is copying, and this one takes what is there
                _fetch(place, today)
    except BadInput as problem:
        return problem
    except Exception as error:  # noqa: BLE001  whatever one place does to a library or to our disk stops no other
        outside = from_outside(error)
        if outside is not None and outside.code != "PATH_TOO_LONG":  # its files are called as it likes
            raise outside from None
        return BadInput("TARGET_FAILED", target=place.where, kind=type(error).__name__)
    return None


def _fetch(place: Place, today: date) -> None:
    """What is gone at the place goes first, so that there is room for what is new."""
    seen = _read_seen(place.folder)
    with opened(place.where, place.access) as target:
        terms = {name: term for name in target.listing("", MOST_FILES).folders if (term := _term(name)) is not None}
        there = {name: target.listing(name, MOST_FILES).files for name in terms}
        for folder in list(place.folder.iterdir()):
            if folder.is_dir():
                _forget(folder, there.get(folder.name, {}), seen)
        room = _Room(MOST_BYTES - sum(file.stat().st_size for file in place.folder.glob("*/*") if file.is_file()))
        for name, term in terms.items():
            _fetch_term(target, place.folder / name, there[name], seen, room, is_begun=term.first_day <= today)
    _write_seen(place.folder, seen)


@dataclass(slots=True)
class _Room:
    """How many bytes more are copied of a place."""

    left: int

    def take(self, target: Target, more: int) -> None:
        if more > self.left:
            raise BadInput("SOURCE_TOO_LARGE", target=target.where, most=MOST_BYTES // 2**30)
        self.left -= more


def _fetch_term(
    target: Target, folder: Path, there: Mapping[str, str], seen: dict[str, str], room: _Room, *, is_begun: bool
) -> None:
    """Copy what is new in the folder of a term; of one that has not begun, as of what is not sealed, the names alone."""
    if there:
        atomic.make_folder(folder)
    for name, stamp in there.items():
        key, file = f"{folder.name}/{name}", folder / name
        if seen.get(key) == stamp and file.is_file():
            continue
        if is_begun and name.endswith(SEALED):
            content = _whole(target, key)
            room.take(target, len(content) - (file.stat().st_size if file.is_file() else 0))
            atomic.write_bytes(file, content, lasting=False)
            seen[key] = stamp
            _write_seen(folder.parent, seen)
        else:
            atomic.write_bytes(file, b"", lasting=False)


def _whole(target: Target, name: str) -> bytes:
    """A file's content, at most a byte more than a delivery may have; ``SOURCE_SHORT`` where it is not what was promised."""
    promised, content = target.size(name), target.read(name, LARGEST + 1)
    if promised is not None and len(content) != min(promised, LARGEST + 1):
        raise BadInput("SOURCE_SHORT", target=target.where, bytes=len(content), promised=promised)
    return content


def _forget(folder: Path, there: Mapping[str, str], seen: dict[str, str]) -> None:
    """Take away what the place has no more."""
    for file in list(folder.iterdir()):
        if file.name not in there:
            seen.pop(f"{folder.name}/{file.name}", None)
            file.unlink(missing_ok=True)
    if not there:
        folder.rmdir()


def _term(name: str) -> Term | None:
    """The term that a folder is called after."""
    try:
        return Term.parse(name)
    except BadInput:
        return None


def _read_seen(mirror: Path) -> dict[str, str]:
    try:
        found = json.loads((mirror / _SEEN).read_bytes())
    except (OSError, ValueError):
        return {}
    return {str(key): str(stamp) for key, stamp in found.items()} if isinstance(found, dict) else {}


def _write_seen(mirror: Path, seen: Mapping[str, str]) -> None:
    atomic.write_text(mirror / _SEEN, json.dumps(seen, sort_keys=True, indent=1))
