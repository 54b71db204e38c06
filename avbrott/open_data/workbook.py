"""A workbook a table, for who reads with a spreadsheet: about the table, its figures, its codes; all in both languages.

Time and measure stand at the head. A figure that is not shown is a sign, and the first sheet says what each sign means. The
rows of figures are put together as the text that they are in the file: a cell at a time would take longer than all else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import polars as pl

from avbrott.catalogue import Catalogue
from avbrott.forms.workbook import new_workbook, workbook_bytes, write_heading, write_rows, write_title
from avbrott.model import Text
from avbrott.open_data.cube import REASONS, Cube
from avbrott.release.tables import SHARE, SHOWN
from avbrott.texts import Texts

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FIGURES = "Data"
HEADS = 3
"""Rows above the figures: Swedish words, English words, and the names that a program reads."""
_FORMATS = {"count": "#,##0", SHARE: "0.0%"}


def workbook(cube: Cube, catalogue: Catalogue, texts: Texts) -> bytes:
    """The bytes of the workbook; the same cube gives the same."""
    from openpyxl.utils import get_column_letter

    book = new_workbook(cube.title.sv)
    _about(book, cube, catalogue, texts)
    sheet = book.create_sheet(FIGURES)
    heads = _heads(cube, texts)
    for row, words in enumerate(zip(*heads, strict=True), start=1):
        write_heading(sheet, row, words)
    for column in range(1, len(heads) + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 14 if "_" not in heads[column - 1][2] else 26
    sheet.freeze_panes = f"{get_column_letter(3 * len(cube.across()[0]) + 1)}{HEADS + 1}"
    styles = _styles(sheet)
    _codes(book, cube, texts)
    return workbook_bytes(book, {FIGURES: _rows(cube, catalogue, styles)})


def columns(cube: Cube) -> list[str]:
    """What the columns of figures are called in the third row: measure, and after a space the code of the time."""
    times = cube.axes[cube.time].codes if cube.time else ("",)
    return [f"{measure} {time}".strip() for measure in cube.measures.codes for time in times]


def _heads(cube: Cube, texts: Texts) -> list[tuple[str, str, str]]:
    """Of each column the Swedish word, the English one and the name."""
    found = []
    for name in cube.across()[0]:
        title = cube.axes[name].title
        code = (texts.get("OPEN_DATA_CODE_OF", "sv", name=title.sv), texts.get("OPEN_DATA_CODE_OF", "en", name=title.en))
        found += [(*code, name), (title.sv, title.en, f"{name}_sv"), (title.sv, title.en, f"{name}_en")]
    times = list(cube.axes[cube.time].labels.values()) if cube.time else [Text(sv="", en="")]
    labels = [(label, time) for label in cube.measures.labels.values() for time in times]
    found += [
        (f"{label.sv} {time.sv}".strip(), f"{label.en} {time.en}".strip(), name)
        for (label, time), name in zip(labels, columns(cube), strict=True)
    ]
    return found


def _styles(sheet: Worksheet) -> dict[str, int]:
    """The numbers that the workbook knows its formats of figures by."""
    from openpyxl.cell import Cell

    found = {}
    for name, form in _FORMATS.items():
        cell = Cell(sheet, row=1, column=1)  # of no sheet: it lends its format a number, and is gone
        cell.number_format = form
        found[name] = int(cell.style_id)
    return found


def _rows(cube: Cube, catalogue: Catalogue, styles: dict[str, int]) -> str:
    """The rows of figures as they stand in the sheet's XML."""
    rows, across = cube.across()
    cells = cube.arranged([*rows, *across])
    sign = pl.col("status").replace_strict(
        {reason: _text(getattr(catalogue.symbols, reason)) for reason in REASONS}, default=None, return_dtype=pl.String
    )
    share = pl.col("value").str.contains(".", literal=True)
    style = pl.when(share).then(pl.lit(str(styles[SHARE]))).otherwise(pl.lit(str(styles["count"])))
    figure = pl.concat_str(pl.lit('<c s="'), style, pl.lit('"><v>'), pl.col("value"), pl.lit("</v></c>"))
    written = cells.select(pl.when(pl.col("status") == SHOWN).then(figure).otherwise(sign)).to_series()
    width = len(columns(cube))
    frame = pl.DataFrame({"cells": written}).with_row_index("at")
    lines = frame.group_by(pl.col("at") // width, maintain_order=True).agg(pl.col("cells").str.join("")).get_column("cells")
    begun = zip(_stubs(cube, rows), lines, strict=True)
    return "".join(f'<row r="{number}">{stub}{line}</row>' for number, (stub, line) in enumerate(begun, start=HEADS + 1))


def _stubs(cube: Cube, rows: tuple[str, ...]) -> Iterator[str]:
    """Of each row its codes with their labels."""
    found = [""]
    for name in rows:
        parts = [_text(code) + _text(label.sv) + _text(label.en) for code, label in cube.axes[name].labels.items()]
        found = [before + part for before in found for part in parts]
    return iter(found)


def _text(text: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _about(book: Workbook, cube: Cube, catalogue: Catalogue, texts: Texts) -> None:
    """The first sheet: what the table is, from whom, what its signs mean, how its words are defined."""
    sheet = book.create_sheet(texts.get("OPEN_DATA_SHEET_ABOUT", "sv"))
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width, sheet.column_dimensions["C"].width = 28, 70, 70
    languages = [texts.get("OPEN_DATA_LANGUAGE", language) for language in ("sv", "en")]
    row = write_title(sheet, 1, cube.title.sv)
    row = write_title(sheet, row, cube.title.en, size=12)
    day = Text(sv=cube.day.isoformat(), en=cube.day.isoformat())
    facts = [
        ("DESCRIPTION", cube.description),
        ("PUBLISHER", catalogue.publisher.name),
        ("RELEASED", day),
        ("UNIT", cube.unit),
    ]
    facts += [("NOTE", note) for note in cube.notes]
    facts.append(("CONTACT", Text(sv=catalogue.contact.email, en=catalogue.contact.email)))
    facts.append(("LICENCE", catalogue.licence.title))
    rows = [(_pair(texts, f"OPEN_DATA_{key}"), text.sv, text.en) for key, text in facts]
    row = write_rows(sheet, row + 1, rows) + 1
    write_heading(sheet, row, [_pair(texts, "OPEN_DATA_SIGN"), *languages, "status"])
    signs = [(getattr(catalogue.symbols, reason), text.sv, text.en, reason) for reason, text in cube.reasons.items()]
    row = write_rows(sheet, row + 1, signs) + 1
    write_heading(sheet, row, [_pair(texts, "OPEN_DATA_COLUMN"), *languages])
    terms = [
        (name, f"{axis.title.sv}: {axis.definition.sv}", f"{axis.title.en}: {axis.definition.en}")
        for name, axis in cube.axes.items()
    ]
    row = write_rows(sheet, row + 1, terms) + 1
    broken = [(code, note.sv, note.en) for axis in cube.axes.values() for code, notes in axis.notes.items() for note in notes]
    if broken:
        write_heading(sheet, row, [_pair(texts, "OPEN_DATA_BREAK"), *languages])
        write_rows(sheet, row + 1, broken)


def _codes(book: Workbook, cube: Cube, texts: Texts) -> None:
    """The last sheet: every code of every dimension."""
    sheet = book.create_sheet(texts.get("OPEN_DATA_SHEET_CODES", "sv"))
    for column, width in zip("ABCDE", (24, 24, 40, 40, 24), strict=True):
        sheet.column_dimensions[column].width = width
    names = ("COLUMN", "CODE", "LABEL_SV", "LABEL_EN", "PARENT")
    write_heading(sheet, 1, [_pair(texts, f"FIELD_{name}" if name != "COLUMN" else "OPEN_DATA_COLUMN") for name in names])
    rows = [
        (name, code, label.sv, label.en, axis.parents.get(code, ""))
        for name, axis in cube.axes.items()
        for code, label in axis.labels.items()
    ]
    write_rows(sheet, 2, rows)


def _pair(texts: Texts, key: str) -> str:
    return f"{texts.get(key, 'sv')} / {texts.get(key, 'en')}"
