"""The only way to public files: ``open_release`` -> ``filled.write_tables`` -> the caller builds ``site/`` -> ``seal``.

A release is made in a hidden folder, refused if anything about it does not hold, and becomes visible whole, by one rename.
Killed anywhere, nothing partial is visible; what is left over is cleared the next time. Not here: what the files say
(``tables``, ``package``, ``manifest``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from avbrott import atomic
from avbrott.at_rest.files import remove_folder
from avbrott.errors import BadInput, DoesNotHold
from avbrott.home import Home
from avbrott.lock import take
from avbrott.open_data.permalinks import write_permalinks
from avbrott.open_data.verify import download_faults
from avbrott.registry import Contracts
from avbrott.release import ledger
from avbrott.release.checks import public_faults
from avbrott.release.complete import PENDING, refuse_incomplete
from avbrott.release.leaks import leak_faults
from avbrott.release.manifest import manifest
from avbrott.release.public import MANIFEST, read_public
from avbrott.release.record import record_faults
from avbrott.texts import load_messages

_STAGING = ".staging"
_LOCK = ".lock"


@dataclass
class Draft:
    """A release in the making, for a ``with`` block: ``folder`` becomes public, ``private`` one reader's each."""

    home: Home
    day: date
    _lock: int
    earlier: dict[str, pl.DataFrame] = field(default_factory=dict)
    """By system what releases before this one showed."""
    deliveries: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def folder(self) -> Path:
        """What will be public. The site is built in ``folder / "site"``."""
        return self.home.releases / _STAGING

    @property
    def confidential(self) -> Path:
        """What will be the release's confidential folder: the caller adds its own (``run.json``, decisions)."""
        return self.home.confidential(_STAGING)

    @property
    def private(self) -> Path:
        """What will be made for one reader each. The caller makes pages of the figures that lie there."""
        return self.home.private(_STAGING)

    @property
    def frozen(self) -> Path:
        """What will be the release's rows of persons, in the store."""
        return self.home.frozen(_STAGING)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        _clear(self.home)
        os.close(self._lock)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A release that is there. ``new`` is False where it has this content already, and nothing was written."""

    identifier: str
    folder: Path
    new: bool


def open_release(home: Home, day: date) -> Draft:
    """Begin a release of ``day``, clearing what a killed run left.

    ``BadInput`` while another one is made (RELEASE_BUSY), or where an earlier one is not all there (``complete``).
    """
    home.releases.mkdir(parents=True, exist_ok=True)
    lock = os.open(home.releases / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    if not take(lock):
        os.close(lock)
        raise BadInput("RELEASE_BUSY", folder=home.releases)
    draft = Draft(home, day, lock)
    try:
        _clear(home)
        refuse_incomplete(home)
    except BaseException:  # nothing is swallowed: the lock is let go first
        os.close(lock)
        raise
    _finish(home)
    draft.folder.mkdir()
    for kept in _kept(home, _STAGING):
        atomic.private_folder(kept.parent)
        atomic.private_folder(kept)
    return draft


def seal(draft: Draft, contracts: Contracts) -> Sealed:
    """Prove the draft, hold every file against the record, make it visible as the newest release, and tell of it.

    ``DoesNotHold`` (RELEASE_REFUSED, with the faults' codes) where anything does not hold; nothing is then visible.
    ``BadInput`` (RELEASE_OLDER) where a newer release is there already and this is none of them.
    """
    sealed = _sealed(draft, contracts)
    write_permalinks(draft.home, contracts, load_messages(contracts.folder))
    return sealed


def _sealed(draft: Draft, contracts: Contracts) -> Sealed:
    _refuse_faults(draft)
    taken = ledger.releases(draft.home)
    same_day = [name for name in taken if ledger.day_of(name) == draft.day]
    # Of the newest day the last one alone: what is again as it was before that is to be seen again.
    for name in same_day[-1:] if same_day[-1:] == taken[-1:] else same_day:
        content = _manifest(draft, contracts, name, taken[: taken.index(name)])
        if (draft.home.release(name) / MANIFEST).read_bytes() == content:
            return Sealed(name, draft.home.release(name), new=False)
    if taken and ledger.day_of(taken[-1]) > draft.day:
        raise BadInput("RELEASE_OLDER", date=draft.day, newest=taken[-1])
    number = 1
    while (name := ledger.identifier(draft.day, number)) in taken or any(kept.exists() for kept in _kept(draft.home, name)):
        number += 1
    atomic.write_bytes(draft.folder / MANIFEST, _manifest(draft, contracts, name, taken))
    _publish(draft, name)
    return Sealed(name, draft.home.release(name), new=True)


def _refuse_faults(draft: Draft) -> None:
    """Every check there is, on the files as they lie there now."""
    public = read_public(draft.folder)
    faults = public_faults(public, draft.earlier) + download_faults(public)
    faults += leak_faults(draft.folder) + leak_faults(draft.private)
    for name in public.systems:
        faults += record_faults(draft.confidential / name, public, name)
    if faults or not public.systems:
        told = "; ".join(f"{fault.code} ({fault.where}: {fault.count})" for fault in faults) or "NO_SYSTEM"
        raise DoesNotHold("RELEASE_REFUSED", faults=told)


def _manifest(draft: Draft, contracts: Contracts, identifier: str, before: list[str]) -> bytes:
    public = read_public(draft.folder)
    periods = {}
    for name in public.systems:
        published = ledger.published_periods(draft.home, name, before)
        now = ledger.periods_of(public, name)
        periods[name] = {
            "frozen": [period for period in now if period in published],
            "first_published": [period for period in now if period not in published],
        }
    content = manifest(
        public,
        contracts,
        draft.deliveries,
        identifier=identifier,
        previous=before[-1] if before else None,
        periods=periods,
    )
    return atomic.json_bytes(content)


def _publish(draft: Draft, name: str) -> None:
    """Make the draft visible: rows and record first, so that no release is without them, then it, then the link to it."""
    home = draft.home
    _make_lasting(draft.folder, 0o444)
    for made in _kept(home, _STAGING):
        _make_lasting(made, 0o400)
    for made, kept in zip(_kept(home, _STAGING), _kept(home, name), strict=True):
        (made / PENDING).touch()
        made.rename(kept)
        atomic.sync_folder(kept.parent)
    draft.folder.rename(home.release(name))
    _finish(home)


def _kept(home: Home, name: str) -> tuple[Path, Path, Path]:
    """What is kept of a release and not shown to anyone: its rows of persons, in the store, its record, and private pages."""
    return home.frozen(name), home.confidential(name), home.private(name)


def _finish(home: Home) -> None:
    """What remains once a release is visible, also for one whose run was killed there: the mark goes, the link follows."""
    for name in ledger.releases(home):
        for kept in _kept(home, name):
            (kept / PENDING).unlink(missing_ok=True)
    newest = ledger.newest(home)
    if newest is not None and (not home.current.is_symlink() or home.current.readlink() != Path(newest)):
        link = home.releases / f".{home.current.name}"
        link.unlink(missing_ok=True)
        link.symlink_to(newest, target_is_directory=True)
        link.replace(home.current)
    atomic.sync_folder(home.releases)


def _clear(home: Home) -> None:
    """Remove what no release owns: staging folders, and rows and a record whose release never became visible."""
    leftovers = [home.releases / _STAGING, *_kept(home, _STAGING)]
    pending = [mark.parent for folder in _kept(home, "") for mark in folder.glob(f"*/{PENDING}")]
    leftovers += [folder for folder in pending if not home.release(folder.name).exists()]
    for folder in leftovers:
        if folder.exists():
            remove_folder(folder)


def _make_lasting(folder: Path, mode: int) -> None:
    """Bring every file to the disk and make it read-only, and bring every folder's list of files there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as written:
                os.fsync(written.fileno())
            path.chmod(mode)
        else:
            atomic.sync_folder(path)
    atomic.sync_folder(folder)
