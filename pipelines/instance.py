"""Dagster's instance of an installation: where it is, and what is told where that which its ``dagster.yaml`` names fails.

The history lies in files beside it, or as ``deploy/dagster.yaml`` has it in PostgreSQL.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from avbrott import atomic
from avbrott.errors import AvbrottError, BadInput
from avbrott.home import Home
from avbrott.outside import chain, from_outside

_FILE = "dagster.yaml"
_IN_FILES = "telemetry:\n  enabled: false\n"
_UNUSABLE = re.compile(r'environment variable "(\w+)" which is not set|env variable "(\w+)" cannot be')


@contextmanager
def instance_of(home: Home, *, record: bool) -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of this installation, or one in memory; ``BadInput`` where the own one cannot be used."""
    if not record:
        with dg.DagsterInstance.ephemeral(settings={"telemetry": {"enabled": False}}) as instance:
            yield instance
        return
    keep_instance(home)
    folder = home.dagster.resolve()
    with _opened(folder) as instance:
        try:
            yield instance
        except AvbrottError:
            raise
        except Exception as error:  # told where a database is at its root, raised as it is otherwise
            if (silent := _silent(error, folder / _FILE)) is not None:
                raise silent from None
            raise


def keep_instance(home: Home) -> None:
    """Make the folder of the installation's own instance, where ``dagster dev`` and ``--record`` keep runs."""
    if not (home.dagster / _FILE).exists():
        atomic.write_text(home.dagster / _FILE, _IN_FILES)


def _opened(folder: Path) -> dg.DagsterInstance:
    """The instance of ``folder``, asked once, so that a database that lets nobody in is told before anything is done."""
    with _without_attempts():
        try:
            instance = dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(folder)))
            instance.get_runs_count()
        except Exception as error:  # noqa: BLE001  Dagster has no kind of its own for what a file of settings may be
            raise _told(error, folder / _FILE) from None
    return instance


@contextmanager
def _without_attempts() -> Iterator[None]:
    """Nothing in the log of Dagster's attempts at a database: what came of them is told once."""
    log = logging.getLogger()
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _told(error: Exception, file: Path) -> BadInput:
    """What is wrong with what ``file`` names."""
    if names := sorted({first or second for first, second in _UNUSABLE.findall(str(error))}):
        return BadInput("INSTANCE_VARIABLES", file=file, names=", ".join(names))
    missing = next((one for one in chain(error) if isinstance(one, ModuleNotFoundError)), None)
    if missing is not None:
        return BadInput("INSTANCE_MODULE", file=file, module=missing.name)
    return from_outside(error) or _silent(error, file) or BadInput("INSTANCE_FILE", file=file)


def _silent(error: Exception, file: Path) -> BadInput | None:
    """``INSTANCE_SILENT``, in the database's own words where it is gone or lets nobody in (host, port, user; no password).

    Of its other errors only the kind, as their words may quote what was written. None of an error that is no database's.
    """
    for one in chain(error):
        if isinstance(one, SQLAlchemyError):
            said = str(one.orig) if isinstance(one, OperationalError) else type(one).__name__
            return BadInput("INSTANCE_SILENT", file=file, said=said.strip().partition("\n")[0])
    return None
