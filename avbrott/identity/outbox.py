"""A prepared extract put in a provider's outbox in the form that the hub pulls: ``<extract>.csv`` and ``datapackage.json``.

The folder is filled beside its place and exchanged whole: a hub that pulls meets the old delivery, the new or none.
It is its owner's alone, as it has rows of persons.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from avbrott.atomic import make_folder, private_folder, sync_folder, write_bytes
from avbrott.delivery.package import PACKAGE, of_prepared, package, package_name, read_package, sums_of, translated_of
from avbrott.delivery.strays import is_stray
from avbrott.digests import sum_of
from avbrott.errors import BadInput
from avbrott.identity.keys import Key
from avbrott.lock import holding
from avbrott.mapping import Translated
from avbrott.periods import Term
from avbrott.registry import Contracts


@dataclass(frozen=True, slots=True)
class Put:
    """What was put, and what it took the place of."""

    digest: str
    """The sum of its file."""
    former: int | None
    """The rows of the same extract that were there; None where there was none."""
    gone: int
    """How many of them it does not have."""


def put(
    folder: Path,
    contracts: Contracts,
    provider: str,
    term: Term,
    extract: str,
    frame: pl.DataFrame,
    created: date,
    key: Key | None,
    translated: Translated | None = None,
    *,
    is_new_key: bool = False,
) -> Put:
    """Make ``frame`` the extract of the delivery in ``folder``, beside the other extracts that are there.

    ``key``: what its pseudonyms are made with; None of counts. ``translated``: what of it stood in the provider's own words.
    ``is_new_key``: the extract that is there may have been made with another; two keys are mixed nowhere.

    ``BadInput`` where ``folder`` holds something else: another provider's, term's or key's delivery, or other files; and
    where another process is putting an extract there: each would take the other's away.
    """
    folder = _resolved(folder)
    with _alone(folder):
        staging, old = (folder.parent / f".{folder.name}.{kind}" for kind in ("part", "old"))
        try:
            _recover(folder, staging, old)
            others, known = _there(folder, contracts, provider, term, extract)
            epoch, fingerprint = known.get("key_epoch"), known.get("key_fingerprint")
            if key is not None:
                if _of_persons(others, contracts):
                    _refuse_other(folder, key, epoch, fingerprint, "PREPARE_OTHER")
                elif (folder / f"{extract}.csv").exists() and not is_new_key:
                    _refuse_other(folder, key, epoch, fingerprint, "PREPARE_OVER_OTHER", extract)
                epoch, fingerprint = key.epoch, key.fingerprint
            former = _rows(folder / f"{extract}.csv")
            private_folder(staging)
            for name in others:
                write_bytes(staging / f"{name}.csv", (folder / f"{name}.csv").read_bytes(), lasting=False)
            written = frame.write_csv().encode()
            write_bytes(staging / f"{extract}.csv", written, lasting=False)
            listed = [f"{name}.csv" for name in contracts.extracts if name == extract or name in others]
            told = {name: said for name, said in translated_of(known).items() if name in others}
            told |= {extract: translated} if translated is not None else {}
            sums = {name: said for name, said in sums_of(known).items() if name in others} | {extract: sum_of(written)}
            content = package(contracts, provider, term, listed, created, epoch, told, fingerprint, sums)
            write_bytes(staging / PACKAGE, content)
            if folder.exists():
                folder.rename(old)
            staging.rename(folder)
            sync_folder(folder.parent)
        except OSError:
            _recover(folder, staging, old)
            raise BadInput("PREPARE_OUT_UNWRITABLE", folder=folder) from None
        except BaseException:  # Ctrl-C, above all: no rows of persons stay beside the folder
            _recover(folder, staging, old)
            raise
        shutil.rmtree(old, ignore_errors=True)
    kept = set(written.splitlines())
    gone = sum(row not in kept for row in former or ())
    return Put(sum_of(written), len(former) if former is not None else None, gone)


def _rows(file: Path) -> list[bytes] | None:
    """The rows of an extract that was put before; None where there is none."""
    return file.read_bytes().splitlines()[1:] if file.exists() else None


def _resolved(folder: Path) -> Path:
    """Where a link leads: the folder there is exchanged, and the link stays."""
    try:
        return folder.resolve() if folder.is_symlink() else folder
    except (OSError, RuntimeError):
        raise BadInput("PREPARE_OUT_UNWRITABLE", folder=folder) from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process put anything in ``folder`` meanwhile."""
    with ExitStack() as held:
        try:
            make_folder(folder.parent)
            is_alone = held.enter_context(holding(folder.parent / f".{folder.name}.lock"))
        except OSError:
            raise BadInput("PREPARE_OUT_UNWRITABLE", folder=folder) from None
        if not is_alone:
            raise BadInput("PREPARE_BUSY", folder=folder)
        yield


def _recover(folder: Path, staging: Path, old: Path) -> None:
    """Undo what a killed run left: its new folder goes, and an old one that lost its place gets it back."""
    shutil.rmtree(staging, ignore_errors=True)
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _there(folder: Path, contracts: Contracts, provider: str, term: Term, extract: str) -> tuple[list[str], dict[str, Any]]:
    """The other extracts of the delivery in ``folder``, and its package."""
    if not folder.exists():
        return [], {}
    if not folder.is_dir():
        raise BadInput("PREPARE_OUT_TAKEN", folder=folder)
    found = [file for file in sorted(folder.iterdir()) if file.name != PACKAGE and not is_stray(file.name)]
    names = {f"{name}.csv": name for name in contracts.extracts}
    foreign = [file.name for file in found if file.name not in names or not file.is_file()]
    if foreign:
        raise BadInput("PREPARE_OUT_FOREIGN", folder=folder, file=foreign[0], count=len(foreign))
    with of_prepared(folder):
        known = read_package(folder / PACKAGE, (folder / PACKAGE).read_bytes()) if (folder / PACKAGE).is_file() else {}
    if found and known.get("name") != package_name(provider, term):
        raise BadInput("PREPARE_OUT_OTHER", folder=folder)
    return [names[file.name] for file in found if names[file.name] != extract], known


def _refuse_other(folder: Path, key: Key, epoch: Any, fingerprint: Any, code: str, extract: str = "") -> None:
    """``BadInput`` where the pseudonyms in ``folder`` were made with another key, as far as it says with which."""
    told = {"folder": folder, "extract": extract, "epoch": key.epoch}
    if epoch is not None and epoch != key.epoch:
        raise BadInput(f"{code}_EPOCH", **told, there=epoch)
    if fingerprint is not None and fingerprint != key.fingerprint:
        raise BadInput(f"{code}_KEY", **told, there=fingerprint, fingerprint=key.fingerprint)


def _of_persons(extracts: list[str], contracts: Contracts) -> bool:
    return any(contracts.extracts[name].rows_of_persons for name in extracts)
