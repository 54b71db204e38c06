"""An export as a school administration system writes it, with invented persons, for tests of what becomes of it."""

from __future__ import annotations

from pathlib import Path

from avbrott.identity.keys import Key, write_key
from tests.identity_twin import luhn

COLUMNS = (
    "namn,personnummer,födelsedatum,securityMarking,sex,home_municipality,school_unit,school_type,study_path,study_year,"
    "start_date,end_date,cancelled"
)
SECRET = bytes(range(32))


def number(born: str, serial: int) -> str:
    """A personnummer of twelve digits for somebody born on ``YYYYMMDD``."""
    nine = f"{born[2:]}{serial:03d}"
    return f"{born[:8]}{serial:03d}{luhn(nine)}"


ANNA, OMAR, LIV, HIDDEN = (
    number(born, 230 + place) for place, born in enumerate(("20090127", "20090305", "20081224", "20090630"))
)
COORDINATION = number("20090187", 238)
"""Omar's number before he was registered."""


def row(
    name: str, identity: str, marking: str = "Ingen", born: str = "", end: str = ",false", start: str = "2025-08-18"
) -> str:
    return f"{name},{identity},{born},{marking},Kvinna,2482,99248201,GY,EKJUR,1,{start},{end}"


ROWS = [
    row("Anna Andersson", ANNA, born="2009-01-27"),
    row("Omar Ali", f"{OMAR[2:8]}-{OMAR[8:]}", marking=""),
    row("Liv Berg", f"{LIV}.0", end="2025-10-20,true"),
    row("Hemlig Person", HIDDEN, marking="Sekretessmarkering"),
]


def export(file: Path, rows: list[str] = ROWS, columns: str = COLUMNS) -> Path:
    """Write an export."""
    file.write_text("\n".join([columns, *rows, ""]), "utf-8")
    return file


def key_file(file: Path, epoch: str = "2025", secret: bytes = SECRET) -> Path:
    """Write a county's key."""
    write_key(file, Key("county", epoch, secret))
    return file
