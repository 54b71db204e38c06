"""What a file is by its first bytes, where that is another kind than its name says, or what a spreadsheet made of it.

Not here: reading it (``read``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from avbrott.delivery.text import BYTE_ORDER_MARK
from avbrott.errors import BadInput

_PARQUET = b"PAR1"
_KINDS = {_PARQUET: ("Parquet", ".parquet"), b"\x1f\x8b": ("gzip", ".csv.gz")}
_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How Excel's files begin, and those of LibreOffice: an archive, or the older form."""
_SEPARATOR_LINE = b"sep="
_SEPARATORS = (",", ";", "\t")


def is_parquet(path: Path) -> bool:
    """Whether a file is called as a Parquet file is."""
    return path.suffix.lower() == ".parquet"


def refuse_other_kind(path: Path, content: bytes) -> None:
    """``BadInput`` where ``content``, unpacked, is not of the kind that the name of the file says."""
    begins = content[:8]
    if begins.startswith(_BOOKS):
        raise BadInput("INPUT_SPREADSHEET", file=path)
    kind, ending = next((told for mark, told in _KINDS.items() if begins.startswith(mark)), ("CSV", ".csv"))
    if is_parquet(path) and kind == "CSV" and not _is_text(content):
        return
    if is_parquet(path) != (kind == "Parquet") or kind == "gzip":
        raise BadInput("INPUT_OTHER_KIND", file=path, kind=kind, ending=ending)
    if content.removeprefix(BYTE_ORDER_MARK)[:4].lower() == _SEPARATOR_LINE:
        raise BadInput("INPUT_SEPARATOR_LINE", file=path)


def refuse_quoted_rows(path: Path, header: Sequence[str]) -> None:
    """``BadInput`` where each row is one field, as a spreadsheet writes what it did not divide into columns."""
    filled = [name for name in header if name.strip()]
    if len(filled) == 1 and any(separator in filled[0] for separator in _SEPARATORS):
        raise BadInput("INPUT_ROWS_QUOTED", file=path)


def _is_text(content: bytes) -> bool:
    try:
        return bool(content.strip()) and "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False
