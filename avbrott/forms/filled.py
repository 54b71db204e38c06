"""A filled-in questionnaire as rows of text, from a spreadsheet or from Markdown. What the answers mean is ``answers``'.

The file comes from outside: what is no questionnaire, or far larger than any, is ``BadInput``, never an error of a library.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from avbrott.errors import BadInput

MOST_BYTES = 30_000_000
"""Of a spreadsheet as it is unpacked; an empty questionnaire has half a million."""
MOST_ROWS = 5000
"""Of a sheet."""
MOST_COLUMNS = 20


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
        return _markdown(file.read_text("utf-8-sig")) if file.suffix.lower() == ".md" else _xlsx(file)
    except (OSError, ValueError):
        raise BadInput("ANSWERS_UNREADABLE", file=file) from None


def _xlsx(file: Path) -> dict[str, list[FilledRow]]:
    """``ValueError`` where the file is no spreadsheet, or one that is not to be unpacked."""
    try:
        with zipfile.ZipFile(file) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from None
    if size > MOST_BYTES:
        raise ValueError(size)
    from openpyxl import load_workbook

    try:
        book = load_workbook(file, read_only=True, data_only=True)
        return {
            sheet.title: [
                FilledRow(number, tuple(map(_text, row)))
                for number, row in enumerate(
                    sheet.iter_rows(min_row=2, max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True), start=2
                )
            ]
            for sheet in book.worksheets
        }
    except Exception as error:  # noqa: BLE001  a damaged part: the library has no error of its own for all that can be
        raise ValueError(type(error).__name__) from None


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
