"""A filled-in questionnaire as rows of text, from a spreadsheet or from Markdown. What the answers mean is ``answers``'.

The file comes from outside: what is no questionnaire, or far larger than any, is ``BadInput``, never an error of a library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from avbrott.errors import BadInput
from avbrott.sheets import Limits, NotAWorkbook, TooLarge, read_book

LIMITS = Limits(unpacked_bytes=30_000_000, rows=5000, columns=20)
"""An empty questionnaire unpacks to half a million bytes."""


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row with its number: of the sheet, or of the line in a Markdown file."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """The text of a column, from 0; empty where the row is shorter."""
        return self.cells[column] if column < len(self.cells) else ""


def read_filled(file: Path) -> dict[str, list[FilledRow]]:
    """The rows below the heading of every sheet, by its name; ``BadInput`` where the file cannot be read."""
    if not file.is_file():
        raise BadInput("ANSWERS_MISSING", file=file)
    try:
        return _markdown(file.read_text("utf-8-sig")) if file.suffix.lower() == ".md" else _xlsx(file.read_bytes())
    except (OSError, UnicodeDecodeError, NotAWorkbook, TooLarge):
        raise BadInput("ANSWERS_UNREADABLE", file=file) from None


def _xlsx(content: bytes) -> dict[str, list[FilledRow]]:
    return {
        sheet.title: [FilledRow(number, tuple(map(_text, row))) for number, row in enumerate(sheet.rows[1:], start=2)]
        for sheet in read_book(content, LIMITS).sheets
    }


def _text(value: object) -> str:
    """A cell as it is read: a number that a program made of a code is the code again."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return " ".join(str(value).split())


def _markdown(text: str) -> dict[str, list[FilledRow]]:
    """The rows of the table below each heading of the second level."""
    found: dict[str, list[FilledRow]] = {}
    rows: list[FilledRow] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("## "):
            rows = found.setdefault(line[3:].strip(), [])
        elif line.lstrip().startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
            rows.append(FilledRow(number, tuple(" ".join(cell.replace("\\|", "|").split()) for cell in cells)))
    return {name: rows[2:] for name, rows in found.items()}
