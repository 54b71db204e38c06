"""What whoever collects logs is told: a line of JSON a record on standard error, where ``AVBROTT_LOG_FORMAT`` is ``json``.

A line has the time, a level, a code, the run that it belongs to, counts, and names that tell what the code is about: stages,
providers, terms, files, codes. Never a row's value. Where the setting is ``text``, or is not made, nothing is written, and a
person reads what the command prints; with ``json`` commands that go on for long print nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

from avbrott.errors import BadInput

SETTING = "AVBROTT_LOG_FORMAT"
Level = Literal["info", "warning", "error"]

_FORMATS = ("text", "json")
_run: ContextVar[str] = ContextVar("run", default="")


def is_json() -> bool:
    """Whether lines are written."""
    return os.environ.get(SETTING) == "json"


def refuse_unknown() -> None:
    """``BadInput`` where the setting is none that there is."""
    said = os.environ.get(SETTING) or _FORMATS[0]
    if said not in _FORMATS:
        raise BadInput("LOG_FORMAT", setting=SETTING, said=said, formats=", ".join(_FORMATS))


def begin() -> str:
    """Give the command that begins here a name, which its lines have; what libraries log becomes lines too."""
    run = str(uuid.uuid4())
    _run.set(run)
    if is_json():
        logging.basicConfig(handlers=[_Others()], level=logging.WARNING, force=True)
    return run


def write(
    level: Level,
    code: str,
    *,
    run: str = "",
    counts: Mapping[str, int] | None = None,
    about: Mapping[str, object] | None = None,
) -> None:
    """Write a line, where lines are written; ``run`` is the command's own unless it is said."""
    if not is_json():
        return
    told: dict[str, object] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "code": code,
        "run": run or _run.get(),
        "counts": dict(counts or {}),
        "about": {name: _told(value) for name, value in (about or {}).items()},
    }
    sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")
    sys.stderr.flush()


def _told(value: object) -> str | list[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else str(value)


class _Others(logging.Handler):
    """Lines of what libraries log: which one, and the kind of an error. Their words may hold anything, and are not told."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        write(level, "LIBRARY", about={"logger": record.name, "kind": kind})
