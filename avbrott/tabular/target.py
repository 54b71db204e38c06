"""The folder that an output is written to: what may stand there already, and its replacement by one rename.

An earlier output gives way to one of the same input, as when a SPEC is worked out; not to one of other counts, for whoever
published it needs it as it is. Not here: what an output holds (``write``).
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl

from avbrott import atomic
from avbrott.errors import BadInput
from avbrott.lock import hold, let_go
from avbrott.tabular import made, output
from avbrott.tabular.read import Base
from avbrott.tabular.spec_file import SpecFile

_OLD = "old"
"""Where an earlier output stands while the new one takes its place."""
_RANDOM = 8
"""So many signs does ``tempfile`` choose."""


@contextmanager
def holding(target: Path) -> Iterator[None]:
    """No other run writes ``target`` for as long as the block runs: ``BadInput`` where one does.

    What killed runs left there is removed first. Folders above ``target`` are made, and stay where something is in them.
    """
    lock = target.absolute().parent / f".{target.name}.lock"
    new = [folder for folder in lock.parents if not folder.exists()]
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        held = hold(lock)
    except OSError:
        raise BadInput("OUTPUT_UNWRITABLE", folder=target) from None
    if held is None:
        raise BadInput("OUTPUT_BUSY", folder=target)
    try:
        _remove_leftovers(target)
        yield
    finally:
        let_go(lock, held)
        with suppress(OSError):
            for folder in new:
                folder.rmdir()


def refuse_target(target: Path) -> None:
    """``BadInput`` where something else than an output or an empty folder is at ``target``, or nothing can be written."""
    try:
        _refuse_taken(target)
        if target.exists() and not os.access(target, os.W_OK):
            raise BadInput("OUTPUT_UNWRITABLE", folder=target)
        there = next(folder for folder in target.absolute().parents if folder.exists())
        with tempfile.TemporaryFile(dir=there):  # which a run that is killed here does not leave behind
            pass
    except OSError:
        raise BadInput("OUTPUT_UNWRITABLE", folder=target) from None


def refuse_other_counts(target: Path, spec: SpecFile, base: Base) -> None:
    """``BadInput`` where an output of another input is at ``target`` that SPEC does not build on, or one without its record.

    The input is the same where the file is, or where the rows are that the dimensions of SPEC divide.
    """
    builds_on = [spec.beside(name).resolve() for name in spec.spec.previous]
    if not made.is_output(target) or target.resolve() in builds_on:
        return
    found = output.read_output(target)
    if not found.has_record:
        raise BadInput("OUTPUT_WITHOUT_RECORD", folder=target)
    try:
        last = json.loads((target / output.CONFIDENTIAL / output.RUN).read_text("utf-8"))
        same_file = last["input"] == base.digest
    except (OSError, ValueError, KeyError, TypeError):
        same_file = False
    if not same_file and found.sealed.get("input") != input_seal(base, found.record().salt):
        raise BadInput("OUTPUT_OF_OTHER_COUNTS", folder=target, name=target.name)


def input_seal(base: Base, salt: str) -> str:
    """What the certificate binds the input by: the rows as counted, in whatever order and form they came."""
    return output.sealed(base.frame.write_csv().encode("utf-8"), salt)


@contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """A hidden folder beside ``target`` (``holding``) that takes its place when the block ends well; removed otherwise.

    ``BadInput`` where the disk is full or something may not be written.
    """
    begins, ends = _staging(target)
    try:
        staging = Path(tempfile.mkdtemp(prefix=begins, suffix=ends, dir=target.parent))
        try:
            new, old = staging / "new", staging / _OLD
            new.mkdir(mode=0o755)
            yield new
            for folder in (new / output.CONFIDENTIAL, new):
                atomic.sync_folder(folder)
            _refuse_taken(target)
            try:
                if target.exists():
                    target.rename(old)
                new.rename(target)
            except BaseException:  # Ctrl-C as well: what was moved aside would be removed below
                if old.exists() and not target.exists():
                    old.rename(target)
                raise
            atomic.sync_folder(target.parent)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except (OSError, pl.exceptions.ComputeError):  # a full disk is Polars' ComputeError
        raise BadInput("OUTPUT_UNWRITABLE", folder=target) from None


def _remove_leftovers(target: Path) -> None:
    """Remove what killed runs left beside ``target``, true counts among it; an output that one had moved aside comes back."""
    try:
        for left in _left_behind(target):
            if (left / _OLD).is_dir() and not target.exists():
                (left / _OLD).rename(target)
            shutil.rmtree(left, ignore_errors=True)
    except OSError:
        raise BadInput("OUTPUT_UNWRITABLE", folder=target) from None


def _left_behind(target: Path) -> list[Path]:
    """The hidden folders that runs into ``target`` made; whoever holds its lock knows that none of them lives."""
    begins, ends = _staging(target)
    names = {folder: folder.name.removeprefix(begins).removesuffix(ends) for folder in sorted(target.parent.iterdir())}
    return [
        folder
        for folder, between in names.items()
        if len(between) == _RANDOM and folder.name == f"{begins}{between}{ends}" and "." not in between and folder.is_dir()
    ]


def _staging(target: Path) -> tuple[str, str]:
    """How the name of a hidden folder beside ``target`` begins and ends."""
    return f".{target.name}.", ".part"


def _refuse_taken(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not made.is_output(target) and not _is_empty(target)):
        raise BadInput("OUTPUT_TAKEN", folder=target)
    if made.is_output(target) and (more := output.strange(target)):
        raise BadInput("OUTPUT_HAS_MORE", folder=target, file=more[0], files=len(more))


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())
