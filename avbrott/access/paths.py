"""Files by an address: what it may say, and that no file is found beside the folder it is of. Nothing is served here."""

from __future__ import annotations

import re
from pathlib import Path

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_MOST_PARTS = 12
INDEX = "index.html"

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".xml": "application/xml",
    ".atom": "application/atom+xml",
    ".ttl": "text/turtle; charset=utf-8",
    ".rdf": "application/rdf+xml",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".px": "text/plain",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By the end of a name, what a file is; anything else is handed over to be kept."""


def parts_of(path: str) -> tuple[str, ...] | None:
    """The parts of a path in plain letters; None where one is none of ours: hidden, ``..``, or with any other sign."""
    parts = tuple(path.split("/"))
    return parts if len(parts) <= _MOST_PARTS and all(map(_PART.fullmatch, parts)) else None


def file_in(root: Path, path: str) -> Path | None:
    """The file of ``path`` in ``root``, the index of a folder; None where it is none, or a link leads out of ``root``."""
    inside = path.rstrip("/")
    parts = parts_of(inside) if inside else ()
    if parts is None:
        return None
    file = root.joinpath(*parts)
    if not path or path.endswith("/"):
        file /= INDEX
    return file if file.is_file() and file.resolve().is_relative_to(root.resolve()) else None


def type_of(file: Path) -> str:
    """The media type of a file by its name."""
    return TYPES.get(file.suffix, "application/octet-stream")
