"""The questionnaire of a provider that joins, as a spreadsheet or as Markdown. What is asked is ``questions``'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from avbrott.documentation.markdown import page, table
from avbrott.forms.questions import Section, sections
from avbrott.forms.workbook import (
    drop_down,
    is_answer,
    new_workbook,
    workbook_bytes,
    write_heading,
    write_paragraph,
    write_rows,
    write_title,
)
from avbrott.help_texts import LANGUAGES
from avbrott.registry import Contracts
from avbrott.texts import Texts, load_messages

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Format = Literal["xlsx", "md"]
_WIDTHS = (40, 60, 60)
_LONGEST_LIST = 250
"""A spreadsheet program takes a list of choices of no more letters than this where it stands in the cell's own rule."""


def questionnaire_bytes(contracts: Contracts, form: Format) -> bytes:
    """The bytes of an empty questionnaire; the same contracts give the same."""
    texts = load_messages(contracts.folder)
    asked = sections(contracts, texts)
    return _markdown(asked, texts).encode("utf-8") if form == "md" else _xlsx(asked, texts)


def sheet_name(section: Section, texts: Texts) -> str:
    """What its sheet, or its heading in Markdown, is called."""
    return texts.get(f"FORM_SHEET_{section.name}", "sv")


def heading(section: Section, texts: Texts) -> list[str]:
    """The first row of a section."""
    return [texts.get("FORM_KEY", "sv"), *section.told, *section.answers]


def _markdown(asked: Sequence[Section], texts: Texts) -> str:
    parts = [f"# {texts.get('FORM_TITLE', 'sv')} / {texts.get('FORM_TITLE', 'en')}"]
    parts += [texts.get(key, language) for language in LANGUAGES for key in ("FORM_INTRODUCTION", "FORM_SEND_BACK_MD")]
    for section in asked:
        parts += [f"## {sheet_name(section, texts)}", *(texts.get(f"FORM_ABOUT_{section.name}", one) for one in LANGUAGES)]
        empty = [""] * len(section.answers)
        parts.append(table(heading(section, texts), ([one.key, *one.told, *empty] for one in section.questions)))
    return page(parts)


def _xlsx(asked: Sequence[Section], texts: Texts) -> bytes:
    book = new_workbook(texts.get("FORM_TITLE", "sv"))
    first = book.create_sheet(texts.get("FORM_SHEET_READ_FIRST", "sv"))
    first.column_dimensions["A"].width = 110
    first.sheet_view.showGridLines = False
    row = 1
    for language in LANGUAGES:
        row = write_title(first, row, texts.get("FORM_TITLE", language))
        for key in ("FORM_INTRODUCTION", "FORM_SEND_BACK"):
            row = write_paragraph(first, row, texts.get(key, language), 1)
        for section in asked:
            name = sheet_name(section, texts)
            row = write_paragraph(first, row, f"{name}: {texts.get(f'FORM_ABOUT_{section.name}', language)}", 1)
        row += 1
    for section in asked:
        _sheet(book.create_sheet(sheet_name(section, texts)), section, texts)
    return workbook_bytes(book)


def _sheet(sheet: Worksheet, section: Section, texts: Texts) -> None:
    names = heading(section, texts)
    write_heading(sheet, 1, names)
    sheet.freeze_panes = "A2"
    told = 1 + len(section.told)
    widths = (34, *_WIDTHS[: len(section.told)], *(30 for _ in section.answers))
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[chr(64 + place)].width = width
    write_rows(sheet, 2, ([question.key, *question.told] for question in section.questions))
    for row, question in enumerate(section.questions, start=2):
        for column in range(told + 1, len(names) + 1):
            is_answer(sheet, row, column)
        if question.choices and len(",".join(question.choices)) <= _LONGEST_LIST:
            cell = f"{chr(65 + told)}{row}"
            listed = f'"{",".join(question.choices)}"'
            drop_down(sheet, cell, listed, title=question.key, said=texts.get("FORM_CHOOSE", "sv"))
