"""The only writer of public files: ``open_release`` -> ``write_tables`` -> the caller builds ``site/`` -> ``seal``.

A release is made in a hidden folder, refused if anything about it does not hold, and becomes visible whole, by one rename.
Killed anywhere, nothing partial is visible; what is left over is cleared the next time. Not here: what the files say
(``tables``, ``package``, ``manifest``).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from avbrott import atomic
from avbrott.at_rest.files import copy
from avbrott.at_rest.vault import vault_of
from avbrott.disclosure.files import write_record
from avbrott.errors import BadInput, DoesNotHold
from avbrott.home import Home
from avbrott.lock import take
from avbrott.registry import Contracts
from avbrott.release import ledger
from avbrott.release.checks import public_faults
from avbrott.release.codes import code_lists, plain_list
from avbrott.release.complete import PENDING, refuse_incomplete
from avbrott.release.deliveries import MEASURES as DELIVERY_MEASURES
from avbrott.release.deliveries import coverage_lists, coverage_table
from avbrott.release.leaks import leak_faults
from avbrott.release.manifest import audit_statement, manifest
from avbrott.release.package import data_package
from avbrott.release.public import AUDIT, CODELISTS, MANIFEST, PACKAGE, TABLES, read_public
from avbrott.release.record import record_faults
from avbrott.release.tables import PERSONS, SHARE, STATUSES, Protected, released_table
from avbrott.texts import Texts, load_messages

_STAGING = ".staging"
_LOCK = ".lock"


@dataclass
class Draft:
    """A release in the making, for a ``with`` block: ``folder`` becomes public, ``confidential`` and ``frozen`` the hub's."""

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
    """A release that is there. ``new`` is False where the same content was released before, and nothing was written."""

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
    for kept in (draft.confidential, draft.frozen):
        atomic.private_folder(kept.parent)
        atomic.private_folder(kept)
    return draft


def write_tables(
    draft: Draft, contracts: Contracts, systems: Mapping[str, Protected], deliveries: pl.DataFrame, linked: Mapping[str, Path]
) -> None:
    """Write tables, code lists, ``datapackage.json``, ``audit.json`` and the confidential record into ``draft``.

    ``systems``: by name what the engine left; ``deliveries``: a frame of ``delivery.coverage.COVERAGE``; ``linked``: the
    linked tables that were counted, frozen in the store with the release. ``DoesNotHold`` (FIGURE_CHANGED) where a cell that
    an earlier release showed has another count now.
    """
    texts = load_messages(contracts.folder)
    lists = code_lists(contracts, [system.spec for system in systems.values()])
    lists |= coverage_lists(contracts, deliveries)
    for column, codes in {"measure": (PERSONS, SHARE, *DELIVERY_MEASURES), "status": STATUSES}.items():
        rows = [(code, "", column, *_labels(texts, f"LABEL_{code.upper()}")) for code in codes]
        lists[column] = plain_list(column, rows)
    for listed in lists.values():
        _csv(draft.folder / CODELISTS / f"{listed.dimension}.csv", listed.frame)
    for table in contracts.tables.values():
        if table.system is None:
            _csv(draft.folder / TABLES / f"{table.name}.csv", coverage_table(deliveries, lists))
        elif table.system in systems:
            _csv(draft.folder / TABLES / f"{table.name}.csv", released_table(table, systems[table.system], lists))
    atomic.write_json(draft.folder / PACKAGE, data_package(contracts, texts, systems, lists, deliveries, draft.day))
    atomic.write_json(draft.folder / AUDIT, audit_statement(read_public(draft.folder), texts))
    for name, system in sorted(systems.items()):
        earlier = ledger.earlier_shown(draft.home, system.spec, system.protection.cells)
        ledger.refuse_changed(system.spec, system.protection.cells, earlier)
        write_record(draft.confidential / name, system.spec, system.policy, system.protection, earlier)
        draft.earlier[name] = earlier
    vault = vault_of(draft.home)
    for name, file in sorted(linked.items()):
        copy(vault, file, draft.frozen / f"{name}.parquet")
    draft.deliveries = deliveries


def seal(draft: Draft, contracts: Contracts) -> Sealed:
    """Prove the draft, hold every file against the record, and make it visible as the newest release.

    ``DoesNotHold`` (RELEASE_REFUSED, with the faults' codes) where anything does not hold; nothing is then visible.
    ``BadInput`` (RELEASE_OLDER) where a newer release is there already and this is none of them.
    """
    _refuse_faults(draft)
    taken = ledger.releases(draft.home)
    same_day = [name for name in taken if ledger.day_of(name) == draft.day]
    for name in same_day:
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
    faults = public_faults(public, draft.earlier) + leak_faults(draft.folder)
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


def _kept(home: Home, name: str) -> tuple[Path, Path]:
    """What is kept of a release and not shown: its rows of persons, in the store, and its record."""
    return home.frozen(name), home.confidential(name)


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
            shutil.rmtree(folder)


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


def _csv(file: Path, frame: pl.DataFrame) -> None:
    atomic.write_bytes(file, frame.write_csv(line_terminator="\n").encode())


def _labels(texts: Texts, key: str) -> tuple[str, str]:
    return texts.get(key, "sv"), texts.get(key, "en")
