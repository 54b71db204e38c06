"""Files that nobody laid in a folder: what systems and spreadsheet programs leave there of themselves."""

from __future__ import annotations

_OF_WINDOWS = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
OF_EXCEL = "~$"
"""How the file begins that Excel lays beside one that is open in it."""


def is_stray(name: str) -> bool:
    """Whether a file of this name is one of them: hidden, Explorer's, or the mark that another file is open."""
    return name.startswith((".", OF_EXCEL)) or name.casefold() in _OF_WINDOWS
